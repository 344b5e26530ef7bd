"""Regions: the points at which the cells of a state with data can be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from dmc.engines.symbolic.linear import Bounds, Condition, Constraint, Linear, Product, number, variable
from dmc.engines.symbolic.solver import Solver
from dmc.engines.symbolic.term import Term, Undecided, Under, value

R = TypeVar("R")

MOST_VALUES = 64
"""A value that has to be known, such as an index, is looked at one by one; not if there are more of them."""

Decision = tuple[bool, bool]
"""Which way, and whether the other one was possible, too."""


@dataclass(frozen=True)
class Region:
    """Bounds of each variable, and conditions on several; `point` is a point inside."""

    bounds: tuple[Bounds, ...] = ()
    conditions: tuple[Condition, ...] = ()
    point: tuple[int, ...] = ()


@dataclass(frozen=True)
class Way(Region):
    """A region within another one, whose variables it has, with those that came on the way.

    `narrowed` says that not every point of the other one is in it; `chosen` are the variables of the values
    that were chosen on the way, in order (or the value itself, where there was only one).
    """

    narrowed: bool = False
    chosen: tuple[Linear, ...] = ()


def ways(solver: Solver, start: Region, compute: Callable[[], R]) -> Iterator[tuple[R, Way]]:
    """What a computation gives, on each way that it can go from the points of a region.

    `compute` is called once for each way and must do the same thing each time.
    """
    pending: list[tuple[tuple[Decision, ...], tuple[int, ...] | None]] = [((), None)]
    while pending:
        prefix, point = pending.pop()
        path = Path(solver, start, prefix, point)
        result = path.run(compute)
        yield result, path.way()
        pending.extend(reversed(path.others))


class Path:
    """One way of a computation: the first decisions are given, the others are taken as they come.

    There is always a point that the way leads through. Of two possible directions the one in which a test
    holds comes first; but if the values to be chosen are `given`, the way is that of the point.
    """

    def __init__(
        self,
        solver: Solver,
        start: Region,
        prefix: tuple[Decision, ...] = (),
        point: tuple[int, ...] | None = None,
        given: list[int] | None = None,
    ) -> None:
        self.solver = solver
        self.bounds = list(start.bounds)
        self.conditions = list(start.conditions)
        self._known = set(start.conditions)
        self._hint = point
        self.point = list(start.point if point is None else point[: len(start.bounds)])
        self._prefix = prefix
        self._given = given
        self.decisions: list[Decision] = []
        self.others: list[tuple[tuple[Decision, ...], tuple[int, ...] | None]] = []
        self.narrowed = False
        self.chosen: list[Linear] = []
        self._quotients: dict[tuple[Linear, int], Linear] = {}

    @staticmethod
    def current() -> Path:
        """The path that computes now."""
        assert isinstance(Under.path, Path)
        return Under.path

    def run(self, compute: Callable[[], R]) -> R:
        """The computation, with this path deciding."""
        before, Under.path = Under.path, self
        try:
            return compute()
        finally:
            Under.path = before

    def way(self) -> Way:
        """Where it has led."""
        return Way(
            tuple(self.bounds),
            tuple(self.conditions),
            tuple(self.point),
            self.narrowed,
            tuple(self.chosen),
        )

    # --- what terms ask ---------------------------------------------------------------------------

    def decide(self, constraint: Constraint) -> bool:
        """Whether the constraint holds on this way."""
        known = self._is_known(constraint)
        if known is not None:
            return known
        number_ = len(self.decisions)
        if number_ < len(self._prefix):
            holds, narrows = self._prefix[number_]
        elif self._given is not None:
            holds, narrows = constraint.holds(self.point), True
        else:
            holds, narrows = self._choose(constraint)
        self.decisions.append((holds, narrows))
        true = constraint if holds else constraint.negated()
        if narrows:
            self._add(true)
            self.narrowed = True
        elif (normal := true.normal()) is not None:
            self._known.add(normal)
        return holds

    def value_of(self, linear: Linear) -> int:
        """The value, which becomes known."""
        for _ in range(MOST_VALUES):
            if self._given is not None:
                at_least = linear.at(self.point)
            else:
                at_least = self.solver.least(linear, self.bounds, self.conditions, self.point)[0]
            if self.decide(Constraint("==", linear.shifted(-at_least))):
                return at_least
        raise Undecided(f"more than {MOST_VALUES} values where one has to be known")

    def quotient(self, linear: Linear, divisor: int) -> Linear:
        """A new variable q with `divisor * q <= linear < divisor * (q + 1)`."""
        found = self._quotients.get((linear, divisor))
        if found is None:
            low, high = linear.interval(self.bounds)
            found = variable(self._new((low // divisor, high // divisor), linear.at(self.point) // divisor))
            rest = linear.plus(found, -divisor)
            self._add(Constraint("<=", rest.times(-1)))
            self._add(Constraint("<=", rest.shifted(1 - divisor)))
            self._quotients[linear, divisor] = found
        return found

    def product(self, left: Linear, right: Linear) -> Linear:
        """A new variable with the value of the product."""
        ends = [a * b for a in left.interval(self.bounds) for b in right.interval(self.bounds)]
        found = variable(self._new((min(ends), max(ends)), left.at(self.point) * right.at(self.point)))
        self._add(Product(found, left, right))
        return found

    def ratio(self, left: Linear, right: Linear) -> Linear:
        """New variables q and r with `left == right * q + r`, and r between 0 and `right`."""
        positive = self.decide(Constraint("<=", right.times(-1).shifted(1)))
        size = right if positive else right.times(-1)
        dividend = left if positive else left.times(-1)
        low, high = dividend.interval(self.bounds)
        most = max(abs(low), abs(high))
        at = dividend.at(self.point) // size.at(self.point)
        quotient = variable(self._new((-most - 1, most), at))
        multiple = self.product(size, quotient)
        rest = dividend.plus(multiple, -1)
        self._add(Constraint("<=", rest.times(-1)))
        self._add(Constraint("<=", rest.plus(size, -1).shifted(1)))
        return quotient

    def choose(self, low: int, high: int) -> int | Term:
        """Any value of a range: what a `Choose` of the system gives."""
        at = self._given.pop(0) if self._given is not None else min(max(0, low), high)
        found = number(low) if low == high else variable(self._new((low, high), at))
        self.chosen.append(found)
        return value(found)

    # --- how they are answered --------------------------------------------------------------------

    def _is_known(self, constraint: Constraint) -> bool | None:
        by_bounds = constraint.known(self.bounds)
        if by_bounds is not None:
            return by_bounds
        normal = constraint.normal()
        if normal is None:
            return True
        if not normal.linear.terms:
            return normal.holds(())
        if normal in self._known:
            return True
        opposite = constraint.negated().normal()
        if opposite is None or opposite in self._known:
            return False
        return None

    def _choose(self, constraint: Constraint) -> Decision:
        """True where that is possible; if both are, the other way is put off."""
        here = constraint.holds(self.point)
        other = self.solver.model(
            self.bounds, [*self.conditions, constraint.negated() if here else constraint]
        )
        if other is None:
            return here, False
        put_off = (*self.decisions, (False, True))
        if here:
            self.others.append((put_off, other))
        else:
            self.others.append((put_off, tuple(self.point)))
            self.point = list(other)
        return True, True

    def _new(self, bounds: Bounds, at: int) -> int:
        index = len(self.bounds)
        self.bounds.append(bounds)
        self.point.append(self._hint[index] if self._hint is not None and index < len(self._hint) else at)
        return index

    def _add(self, condition: Condition) -> None:
        if isinstance(condition, Constraint):
            normal = condition.normal()
            if normal is None or normal in self._known:
                return
            condition = normal
            if self._tighten(condition):
                return
        self._known.add(condition)
        self.conditions.append(condition)

    def _tighten(self, constraint: Constraint) -> bool:
        """Whether the constraint is about one variable, and has become its bounds."""
        found = tightened(constraint, self.bounds)
        if found is None:
            return False
        index, bounds = found
        self.bounds[index] = bounds
        return True


def tightened(constraint: Constraint, bounds: list[Bounds]) -> tuple[int, Bounds] | None:
    """A normal constraint on one variable as its new bounds, if they can say it."""
    if len(constraint.linear.terms) != 1:
        return None
    (index, sign), at = constraint.linear.terms[0], constraint.linear.constant
    low, high = bounds[index]
    if constraint.relation == "<=":
        return index, (low, min(high, -at)) if sign > 0 else (max(low, at), high)
    only = -at
    if constraint.relation == "==":
        return index, (max(low, only), min(high, only))
    if only == low:
        return index, (low + 1, high)
    if only == high:
        return index, (low, high - 1)
    return (index, (low, high)) if not low < only < high else None
