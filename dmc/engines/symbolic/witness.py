"""Values for a run that was found with terms: the least ones, of all that show the same.

Each part of the run is a region over variables of its own; where one part ends and the next begins the
cells are the same. All parts together are one question to the solver. The sum of what is chosen is made as
small as it can be (its distance from 0), then each value in the order of the choices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dmc.engines.symbolic.linear import Bounds, Condition, Constraint, Linear, number, variable
from dmc.engines.symbolic.project import Cells
from dmc.engines.symbolic.region import Way
from dmc.engines.symbolic.solver import Solver
from dmc.engines.symbolic.term import Term, linear
from dmc.ir.outcome import Choice


@dataclass(frozen=True)
class Taken:
    """A step: thread and alternative, and what it chose, in terms of the part's variables."""

    choice: Choice
    chosen: tuple[Linear, ...]


@dataclass(frozen=True)
class Arrival:
    """A part of a run: its steps, the region in which it is possible, and the cells after it."""

    taken: tuple[Taken, ...]
    region: Way
    cells: Cells


def concrete(solver: Solver, parts: Sequence[Arrival], entered: Sequence[Cells]) -> tuple[Choice, ...]:
    """The run's choices, with values. `entered[i]` are the cells after part i as part i + 1 knows them."""
    joined = _Joined()
    shift = 0
    for position, part in enumerate(parts):
        joined.add(part, shift)
        if position + 1 < len(parts):
            joined.link(part.cells, shift, entered[position], shift + len(part.region.bounds))
        shift += len(part.region.bounds)
    values = joined.least(solver)
    choices = []
    at = 0
    for part in parts:
        for taken in part.taken:
            end = at + len(taken.chosen)
            choices.append(Choice(taken.choice.thread, taken.choice.alternative, tuple(values[at:end])))
            at = end
    return tuple(choices)


class _Joined:
    """All parts as one region."""

    def __init__(self) -> None:
        self.bounds: list[Bounds] = []
        self.conditions: list[Condition] = []
        self.chosen: list[Linear] = []

    def add(self, part: Arrival, shift: int) -> None:
        names = _Shifted(shift)
        self.bounds.extend(part.region.bounds)
        self.conditions.extend(c.renamed(names) for c in part.region.conditions)
        self.chosen.extend(one.renamed(names) for taken in part.taken for one in taken.chosen)

    def link(self, before: Cells, shift: int, after: Cells, next_shift: int) -> None:
        for one, other in zip(before, after, strict=True):
            if isinstance(one, Term) or isinstance(other, Term):
                left = linear(one).renamed(_Shifted(shift))
                difference = left.plus(linear(other).renamed(_Shifted(next_shift)), -1)
                if difference.terms:
                    self.conditions.append(Constraint("==", difference))

    def least(self, solver: Solver) -> list[int]:
        """The values chosen."""
        if not self.chosen:
            return []
        sizes = [self._size(one) for one in self.chosen]
        point = solver.model(self.bounds, self.conditions)
        if point is None:
            raise AssertionError("a run that was found has no values")
        total = number(0)
        for size in sizes:
            total = total.plus(size)
        result: list[int] = []
        distances = [size for size, one in zip(sizes, self.chosen, strict=True) if size != one]
        for what in (total, *distances, *self.chosen):
            least, point = solver.least(what, self.bounds, self.conditions, point)
            if what.terms:
                self.conditions.append(Constraint("==", what.shifted(-least)))
            result.append(least)
        return result[1 + len(distances) :]

    def _size(self, one: Linear) -> Linear:
        """The distance from 0: the value, or a new variable that is not below it on either side."""
        low, high = one.interval(self.bounds)
        if low >= 0:
            return one
        found = variable(len(self.bounds))
        self.bounds.append((0, max(-low, high)))
        self.conditions.append(Constraint("<=", one.plus(found, -1)))
        self.conditions.append(Constraint("<=", one.times(-1).plus(found, -1)))
        return found


class _Shifted(dict[int, int]):
    """Renames each variable by the same distance."""

    def __init__(self, shift: int) -> None:
        super().__init__()
        self.shift = shift

    def __missing__(self, key: int) -> int:
        return key + self.shift
