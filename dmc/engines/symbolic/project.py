"""The region of a state in terms of its cells alone, in one form for equal regions as far as may be.

What was chosen and is in no cell any more is eliminated: by substitution where a condition gives its value
with coefficient 1, and by Fourier and Motzkin's method where that is exact on integers, that is, where all
of its upper bounds or all of its lower bounds have coefficient 1. What remains stays as a variable that
is in no cell; that loses nothing, but makes it harder to see that one region is within another.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dmc.engines.symbolic.linear import Bounds, Condition, Constraint, Linear, number, variable
from dmc.engines.symbolic.region import Region, tightened
from dmc.engines.symbolic.term import Term, value

Cells = tuple["int | Term", ...]

ROUNDS = 3
"""How often bounds are drawn from conditions: enough for what occurs, and it has to end."""

MOST_PAIRS = 40
"""Elimination by pairs of bounds is given up where it would make more conditions than this."""


def project(cells: Sequence[int | Term], region: Region) -> tuple[Cells, Region]:
    """The cells and their region, with new variables."""
    if not region.bounds or not any(isinstance(cell, Term) for cell in cells):
        # Whatever was decided about values that are gone was possible, and says nothing any more.
        return tuple(cell for cell in cells), Region()
    work = _Projection(cells, region)
    work.use_equalities()
    work.claim_cells()
    work.eliminate()
    work.draw_bounds()
    return work.result()


class _Projection:
    """The cells with unknown values, and what is known of them, while it is brought into form."""

    def __init__(self, cells: Sequence[int | Term], region: Region):
        self.plain = list(cells)
        self.data = {n: cell.linear for n, cell in enumerate(cells) if isinstance(cell, Term)}
        self.bounds: list[Bounds] = list(region.bounds)
        self.point = list(region.point)
        self.conditions: dict[Condition, None] = {}
        self.claimed: list[int] = []
        for condition in region.conditions:
            self.add(condition)
        self.replace_known()

    # --- changes ------------------------------------------------------------------------------------

    def add(self, condition: Condition) -> None:
        """One more condition, unless the bounds imply it; one about a single variable becomes its bounds."""
        if isinstance(condition, Constraint):
            if not condition.linear.terms:
                return
            if condition.known(self.bounds):
                return
            normal = condition.normal()
            if normal is None:
                return
            found = tightened(normal, self.bounds)
            if found is not None:
                self.bounds[found[0]] = found[1]
                return
            if self._has_stronger(normal):
                return
            condition = normal
        self.conditions[condition] = None

    def _has_stronger(self, new: Constraint) -> bool:
        """Of two upper bounds of one expression the lower one is enough; a higher one is dropped."""
        for old in list(self.conditions):
            if isinstance(old, Constraint) and old.relation == new.relation == "<=":
                if old.linear.terms != new.linear.terms:
                    continue
                if old.linear.constant >= new.linear.constant:
                    return True
                del self.conditions[old]
        return False

    def replace(self, index: int, by: Linear) -> None:
        """Another expression in place of a variable; its bounds become conditions."""
        low, high = self.bounds[index]
        before = list(self.conditions)
        self.conditions = {}
        self.data = {n: one.replaced(index, by) for n, one in self.data.items()}
        self.bounds[index] = (self.point[index], self.point[index])
        for condition in before:
            self.add(condition.replaced(index, by))
        self.add(Constraint("<=", by.shifted(-high)))
        self.add(Constraint("<=", by.times(-1).shifted(low)))

    def replace_known(self) -> None:
        """Variables that can have one value only are that value."""
        used = self.used()
        for index in used:
            low, high = self.bounds[index]
            if low == high:
                self.replace(index, number(low))

    # --- the steps ------------------------------------------------------------------------------------

    def use_equalities(self) -> None:
        """An equation with a coefficient of 1 gives one variable by the others."""
        while True:
            found = next(((c, v) for c in self.conditions if (v := self._solvable(c)) is not None), None)
            if found is None:
                return
            condition, index = found
            assert isinstance(condition, Constraint)
            del self.conditions[condition]
            sign = condition.linear.coefficient(index)
            self.replace(index, condition.linear.without(index).times(-sign))

    def _solvable(self, condition: Condition) -> int | None:
        if not isinstance(condition, Constraint) or condition.relation != "==":
            return None
        in_cells = {v for one in self.data.values() for v, _ in one.terms}
        ones = [v for v, c in condition.linear.terms if abs(c) == 1]
        return max(ones, key=lambda v: (v not in in_cells, v), default=None)

    def claim_cells(self) -> None:
        """As far as possible each cell is a variable of its own, in the order of the cells."""
        claimed: set[int] = set()
        for cell in sorted(self.data):
            linear = self.data[cell]
            free = [(v, c) for v, c in linear.terms if v not in claimed]
            one = max((v for v, c in free if abs(c) == 1), default=None)
            if one is None:
                if len(free) == 1:
                    claimed.add(free[0][0])
                continue
            if len(linear.terms) == 1 and linear.coefficient(one) == 1 and linear.constant == 0:
                claimed.add(one)
                continue
            fresh = len(self.bounds)
            self.bounds.append(linear.interval(self.bounds))
            self.point.append(linear.at(self.point))
            sign = linear.coefficient(one)
            rest = linear.without(one)
            self.replace(one, variable(fresh).plus(rest, -1).times(sign))
            claimed.add(fresh)

    def eliminate(self) -> None:
        """Variables in no cell go, where that is exact."""
        changed = True
        while changed:
            changed = False
            in_cells = {v for one in self.data.values() for v, _ in one.terms}
            for index in self.used():
                if index not in in_cells and self._eliminated(index):
                    changed = True

    def _eliminated(self, index: int) -> bool:
        touching = [c for c in self.conditions if index in set(c.variables())]
        if not all(isinstance(c, Constraint) and c.relation == "<=" for c in touching):
            return False
        low, high = self.bounds[index]
        uppers, lowers = [(1, number(high))], [(1, number(low))]
        for condition in touching:
            assert isinstance(condition, Constraint)
            factor = condition.linear.coefficient(index)
            rest = condition.linear.without(index)
            (uppers if factor > 0 else lowers).append((abs(factor), rest.times(-1 if factor > 0 else 1)))
        exact = all(c == 1 for c, _ in uppers) or all(c == 1 for c, _ in lowers)
        if (not exact and not _always_one(uppers, lowers, self.bounds)) or len(uppers) * len(
            lowers
        ) > MOST_PAIRS:
            return False
        for condition in touching:
            del self.conditions[condition]
        if exact:
            for a, upper in uppers:
                for b, lower in lowers:
                    self.add(Constraint("<=", lower.times(a).plus(upper, -b)))
        self.bounds[index] = (self.point[index], self.point[index])
        return True

    def draw_bounds(self) -> None:
        """Bounds of variables that the conditions imply, and conditions that the bounds then imply."""
        for _ in range(ROUNDS):
            before = list(self.bounds)
            for condition in self.conditions:
                if isinstance(condition, Constraint) and condition.relation in ("<=", "=="):
                    self._draw(condition.linear)
                    if condition.relation == "==":
                        self._draw(condition.linear.times(-1))
            if before == self.bounds:
                break
        known = list(self.conditions)
        self.conditions = {}
        for condition in known:
            self.add(condition)
        self.replace_known()

    def _draw(self, linear: Linear) -> None:
        """From `linear <= 0`."""
        least = linear.interval(self.bounds)[0]
        for index, c in linear.terms:
            low, high = self.bounds[index]
            rest = least - (c * low if c > 0 else c * high)
            if c > 0:
                self.bounds[index] = (low, min(high, -rest // c))
            else:
                self.bounds[index] = (max(low, -(-rest // -c)), high)

    # --- the result -------------------------------------------------------------------------------------

    def used(self) -> list[int]:
        """Variables that occur, in the order in which the cells, then the conditions, name them."""
        found: dict[int, None] = {}
        for cell in sorted(self.data):
            found.update(dict.fromkeys(v for v, _ in self.data[cell].terms))
        for condition in self.conditions:
            found.update(dict.fromkeys(condition.variables()))
        return list(found)

    def result(self) -> tuple[Cells, Region]:
        order = self.used()
        names = {old: new for new, old in enumerate(order)}
        for cell, linear in self.data.items():
            self.plain[cell] = value(linear.renamed(names))
        return tuple(self.plain), Region(
            tuple(self.bounds[old] for old in order),
            tuple(sorted((_renamed(c, names) for c in self.conditions), key=_key)),
            tuple(self.point[old] for old in order),
        )


def _renamed(condition: Condition, names: dict[int, int]) -> Condition:
    found = condition.renamed(names)
    return found.normal() or found if isinstance(found, Constraint) else found


def _always_one(
    uppers: list[tuple[int, Linear]], lowers: list[tuple[int, Linear]], bounds: Sequence[Bounds]
) -> bool:
    """Whether there is always a number between `lower / c` and `upper / c`: `c - 1` or more apart."""
    own_upper, own_lower = uppers[1:], lowers[1:]
    if len(own_upper) != 1 or len(own_lower) != 1:
        return False
    (a, upper), (b, lower) = own_upper[0], own_lower[0]
    gap = upper.plus(lower, -1)
    if a != b or gap.terms or gap.constant < a - 1:
        return False
    least, greatest = lowers[0][1].constant, uppers[0][1].constant
    low, _ = lower.interval(bounds)
    _, high = upper.interval(bounds)
    return -(-low // a) >= least and high // a <= greatest


def _key(condition: Condition) -> tuple[object, ...]:
    if isinstance(condition, Constraint):
        return (0, condition.linear.terms, condition.relation, condition.linear.constant)
    return (1, condition.result.terms, condition.left.terms, condition.right.terms)


def key_of(cells: Iterable[int | Term], region: Region) -> tuple[object, ...]:
    """What two states with one region of points have in common, if both are in form."""
    linear = [cell if cell.__class__ is int else cell.linear for cell in cells]  # type: ignore[union-attr]
    return tuple(linear), region.bounds, region.conditions
