"""Linear expressions over variables of a region, and constraints on them. All numbers are integers.

A variable is a number: the index of its bounds in the region. Everything here is plain data, compared by
what it says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import gcd

Bounds = tuple[int, int]


@dataclass(frozen=True)
class Linear:
    """The sum of `coefficient * variable` over `terms`, sorted by variable, and `constant`."""

    terms: tuple[tuple[int, int], ...]
    constant: int

    def plus(self, other: Linear, times: int = 1) -> Linear:
        """The sum with so many times the other."""
        if not other.terms:
            return Linear(self.terms, self.constant + times * other.constant)
        found = dict(self.terms)
        for variable, coefficient in other.terms:
            found[variable] = found.get(variable, 0) + times * coefficient
        return of(found, self.constant + times * other.constant)

    def times(self, factor: int) -> Linear:
        """A multiple."""
        if factor == 0:
            return Linear((), 0)
        return Linear(tuple((v, factor * c) for v, c in self.terms), factor * self.constant)

    def shifted(self, amount: int) -> Linear:
        """The sum with a number."""
        return Linear(self.terms, self.constant + amount)

    def coefficient(self, variable: int) -> int:
        """Of the variable; 0 if it does not occur."""
        return next((c for v, c in self.terms if v == variable), 0)

    def without(self, variable: int) -> Linear:
        """All but the variable's term."""
        return Linear(tuple((v, c) for v, c in self.terms if v != variable), self.constant)

    def replaced(self, variable: int, by: Linear) -> Linear:
        """With an expression in place of the variable."""
        factor = self.coefficient(variable)
        return self.without(variable).plus(by, factor) if factor else self

    def renamed(self, names: Mapping[int, int]) -> Linear:
        """With other numbers for the variables."""
        return of({names[v]: c for v, c in self.terms}, self.constant)

    def at(self, point: Sequence[int]) -> int:
        """The value at a point."""
        return self.constant + sum(c * point[v] for v, c in self.terms)

    def interval(self, bounds: Sequence[Bounds]) -> Bounds:
        """Bounds of the value, from those of the variables."""
        low = high = self.constant
        for variable, c in self.terms:
            least, greatest = bounds[variable]
            if c > 0:
                low, high = low + c * least, high + c * greatest
            else:
                low, high = low + c * greatest, high + c * least
        return low, high


def of(terms: Mapping[int, int], constant: int) -> Linear:
    """A linear expression from its coefficients."""
    return Linear(tuple(sorted((v, c) for v, c in terms.items() if c)), constant)


def number(value: int) -> Linear:
    """A constant."""
    return Linear((), value)


def variable(index: int) -> Linear:
    """A variable alone."""
    return Linear(((index, 1),), 0)


@dataclass(frozen=True)
class Constraint:
    """`linear <= 0`, `linear == 0` or `linear != 0`, by `relation`."""

    relation: str
    linear: Linear

    def negated(self) -> Constraint:
        """What holds where this does not."""
        match self.relation:
            case "<=":
                return Constraint("<=", self.linear.times(-1).shifted(1))
            case "==":
                return Constraint("!=", self.linear)
            case _:
                return Constraint("==", self.linear)

    def holds(self, point: Sequence[int]) -> bool:
        """Whether it is true at a point."""
        return compare(self.relation, self.linear.at(point))

    def known(self, bounds: Sequence[Bounds]) -> bool | None:
        """Whether the bounds of the variables already decide it, and how."""
        low, high = self.linear.interval(bounds)
        match self.relation:
            case "<=":
                return True if high <= 0 else False if low > 0 else None
            case "==":
                return True if low == high == 0 else False if low > 0 or high < 0 else None
            case _:
                return False if low == high == 0 else True if low > 0 or high < 0 else None

    def variables(self) -> Iterable[int]:
        """Those that occur."""
        return (v for v, _ in self.linear.terms)

    def replaced(self, index: int, by: Linear) -> Constraint:
        """With an expression in place of a variable."""
        return Constraint(self.relation, self.linear.replaced(index, by))

    def renamed(self, names: Mapping[int, int]) -> Constraint:
        """With other numbers for the variables."""
        return Constraint(self.relation, self.linear.renamed(names))

    def normal(self) -> Constraint | None:
        """The same with the least coefficients; None where divisibility alone decides a `!=` to be true."""
        terms, constant = self.linear.terms, self.linear.constant
        divisor = gcd(*(c for _, c in terms))
        if self.relation == "<=":
            if divisor > 1:
                return Constraint(
                    "<=", Linear(tuple((v, c // divisor) for v, c in terms), -(-constant // divisor))
                )
            return self
        if divisor > 1 and constant % divisor:
            return None if self.relation == "!=" else self
        sign = divisor if terms[0][1] > 0 else -divisor
        return Constraint(self.relation, Linear(tuple((v, c // sign) for v, c in terms), constant // sign))


@dataclass(frozen=True)
class Product:
    """`result == left * right`, of which neither side is known."""

    result: Linear
    left: Linear
    right: Linear

    def holds(self, point: Sequence[int]) -> bool:
        """Whether it is true at a point."""
        return self.result.at(point) == self.left.at(point) * self.right.at(point)

    def variables(self) -> Iterable[int]:
        """Those that occur."""
        return (v for part in (self.result, self.left, self.right) for v, _ in part.terms)

    def replaced(self, index: int, by: Linear) -> Product:
        """With an expression in place of a variable."""
        return Product(*(part.replaced(index, by) for part in (self.result, self.left, self.right)))

    def renamed(self, names: Mapping[int, int]) -> Product:
        """With other numbers for the variables."""
        return Product(*(part.renamed(names) for part in (self.result, self.left, self.right)))


Condition = Constraint | Product


def compare(relation: str, value: int) -> bool:
    """Whether a value is in the relation to 0."""
    match relation:
        case "<=":
            return value <= 0
        case "==":
            return value == 0
        case _:
            return value != 0
