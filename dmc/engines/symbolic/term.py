"""Values that are not known, as the functions of a system compute with them.

The functions that `dmc.ir.evaluate` writes are the meaning of a system, and they are used as they are: a
cell holds a `Term` in place of an `int`, arithmetic on it gives a term, a comparison a `Test`, and where a
test decides what happens next, the `Path` under way decides which of the possible ways is gone. So no
operator has a second definition here.
"""

from __future__ import annotations

from typing import NoReturn, Protocol

from dmc.engines.symbolic.linear import Constraint, Linear, number


class Undecided(Exception):
    """Something that can be written but not decided; the message says what."""


class Decider(Protocol):
    """What terms ask of the path that computes with them."""

    def decide(self, constraint: Constraint) -> bool:
        """Whether the constraint holds on the way that is gone."""

    def value_of(self, linear: Linear) -> int:
        """The value on the way that is gone: one way for each."""

    def quotient(self, linear: Linear, divisor: int) -> Linear:
        """The expression divided by a positive number, rounded down."""

    def product(self, left: Linear, right: Linear) -> Linear:
        """The product of two expressions of which neither is known."""

    def ratio(self, left: Linear, right: Linear) -> Linear:
        """The quotient, rounded down, by an expression that is not 0."""


class Under:
    """The path under way; there is one at a time."""

    path: Decider | None = None


def path() -> Decider:
    """The path that computes now."""
    if Under.path is None:
        raise AssertionError("a term outside of a path")
    return Under.path


class Test:
    """A comparison of something unknown; its truth value is a decision of the path."""

    __slots__ = ("constraint",)
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, constraint: Constraint) -> None:
        self.constraint = constraint

    def __bool__(self) -> bool:
        return path().decide(self.constraint)

    def __eq__(self, other: object) -> bool:
        return bool(self) == bool(other)

    def __ne__(self, other: object) -> bool:
        return bool(self) != bool(other)


Value = "int | Term"


class Term:
    """A linear expression that stands in a cell."""

    __slots__ = ("linear",)
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, linear: Linear) -> None:
        self.linear = linear

    def __add__(self, other: int | Term) -> int | Term:
        return value(self.linear.plus(linear(other)))

    __radd__ = __add__

    def __sub__(self, other: int | Term) -> int | Term:
        return value(self.linear.plus(linear(other), -1))

    def __rsub__(self, other: int) -> int | Term:
        return value(number(other).plus(self.linear, -1))

    def __neg__(self) -> int | Term:
        return value(self.linear.times(-1))

    def __mul__(self, other: int | Term) -> int | Term:
        if isinstance(other, Term):
            return value(path().product(self.linear, other.linear))
        return value(self.linear.times(other))

    __rmul__ = __mul__

    def __floordiv__(self, other: int | Term) -> int | Term:
        if isinstance(other, Term):
            return value(path().ratio(self.linear, other.linear))
        if other < 0:
            return value(path().quotient(self.linear.times(-1), -other))
        return value(path().quotient(self.linear, other))

    def __rfloordiv__(self, other: int) -> int | Term:
        return value(path().ratio(number(other), self.linear))

    def __and__(self, other: int | Term) -> int | Term:
        if isinstance(other, Term):
            _refuse("&", self, other)
        if other < 0:  # the bits that are not in `-other - 1`
            return self - (self & ~other)
        found: int | Term = 0
        first = 0
        while other >> first:
            if not other >> first & 1:
                first += 1
                continue
            last = first
            while other >> last & 1:
                last += 1
            found = found + self._bits(first, last) * (1 << first)
            first = last
        return found

    __rand__ = __and__

    def __or__(self, other: int | Term) -> int | Term:
        if isinstance(other, Term):
            _refuse("|", self, other)
        return self + other - (self & other)

    __ror__ = __or__

    def __xor__(self, other: int | Term) -> int | Term:
        if isinstance(other, Term):
            _refuse("^", self, other)
        return self + other - (self & other) * 2

    __rxor__ = __xor__

    def __lshift__(self, other: int | Term) -> int | Term:
        return self * (1 << int(other))

    def __rlshift__(self, other: int) -> int:
        return other << int(self)

    def __rshift__(self, other: int | Term) -> int | Term:
        return self // (1 << int(other))

    def __rrshift__(self, other: int) -> int:
        return other >> int(self)

    def __eq__(self, other: object) -> Test | bool:  # type: ignore[override]
        return self._test("==", other)

    def __ne__(self, other: object) -> Test | bool:  # type: ignore[override]
        return self._test("!=", other)

    def __le__(self, other: int | Term) -> Test | bool:
        return test("<=", self.linear.plus(linear(other), -1))

    def __lt__(self, other: int | Term) -> Test | bool:
        return test("<=", self.linear.plus(linear(other), -1).shifted(1))

    def __ge__(self, other: int | Term) -> Test | bool:
        return test("<=", linear(other).plus(self.linear, -1))

    def __gt__(self, other: int | Term) -> Test | bool:
        return test("<=", linear(other).plus(self.linear, -1).shifted(1))

    def __bool__(self) -> bool:
        return bool(self != 0)

    def __index__(self) -> int:
        return path().value_of(self.linear)

    __int__ = __index__

    def _test(self, relation: str, other: object) -> Test | bool:
        if not isinstance(other, int | Term):
            return relation == "!="
        return test(relation, self.linear.plus(linear(other), -1))

    def _bits(self, first: int, last: int) -> int | Term:
        """The number that the bits from `first` up to `last` make."""
        width = 1 << (last - first)
        shifted = self >> first
        return shifted - (shifted // width) * width


def linear(one: int | Term) -> Linear:
    """A value as a linear expression."""
    return one.linear if isinstance(one, Term) else number(int(one))


def value(one: Linear) -> int | Term:
    """A linear expression as the value of a cell."""
    return Term(one) if one.terms else one.constant


def test(relation: str, one: Linear) -> Test | bool:
    """A comparison with 0."""
    constraint = Constraint(relation, one)
    return Test(constraint) if one.terms else constraint.holds(())


def _refuse(operator: str, left: Term, right: Term) -> NoReturn:
    del left, right
    raise Undecided(f"`{operator}` of two values neither of which is known")
