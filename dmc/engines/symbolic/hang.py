"""Hangs among states with regions: points from which no run reaches an end, a fault or a cut.

An edge leads from the points of its region into the states named. A state *finishes* if each of its points
has an edge into states that finish, or one that ends the run. That is the least solution: so no cycle
helps itself. If all states finish there is no hang. A state from which no edge leads to an end, however
far one follows them, hangs with all of its points. What is left in between is doubtful, and decided by
searches from single points.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from dmc.engines.symbolic.linear import variable
from dmc.engines.symbolic.project import project
from dmc.engines.symbolic.region import Region, Way
from dmc.engines.symbolic.solver import Solver
from dmc.engines.symbolic.subsume import Group
from dmc.engines.symbolic.term import Term

MOST_REGIONS = 24
"""So many ways to an end are looked for from one state before it stays in doubt."""


@dataclass(frozen=True)
class Edge:
    """Where the points of a region lead: into these states, taken together; to an end, if there are none."""

    targets: tuple[int, ...]
    region: Way


@dataclass(frozen=True)
class Hang:
    """The points of a state that hang."""

    state: int
    way: Way


Sharing = Callable[[int, tuple[int, ...]], Way | None]
"""The points of a state that come to an end as one of them does; None if that one does not."""


class HangFinder:
    """Looks for hangs in a complete graph. `doubtful` is a state of which it cannot tell."""

    def __init__(self, solver: Solver, states: Sequence[tuple[Region, list[Edge]]], heed: Callable[[], None]):
        self._solver = solver
        self._states = states
        self._heed = heed
        self._finishes = bytearray(len(states))
        self._sources: dict[int, set[int]] = {}
        self.doubtful: int | None = None

    def find(self, sharing: Sharing) -> Hang | None:
        """The first hang that is found."""
        for number, (_, edges) in enumerate(self._states):
            for edge in edges:
                for target in edge.targets:
                    self._sources.setdefault(target, set()).add(number)
        self._spread(range(len(self._states)))
        can_end = self._backward()
        for number, finishes in enumerate(self._finishes):
            if not finishes and not can_end[number]:
                region = self._states[number][0]
                return Hang(number, Way(region.bounds, region.conditions, region.point))
        return self._decide(sharing)

    def _decide(self, sharing: Sharing) -> Hang | None:
        """Of the states that are left: whether the points that no edge answers for have runs to an end."""
        for number in range(len(self._states)):
            if self._finishes[number]:
                continue
            region = self._states[number][0]
            cover = self._cover(number)
            for _ in range(MOST_REGIONS):
                point = cover.outside(_identity(len(region.bounds)), region)
                if point is None:
                    self._finishes[number] = 1
                    self._spread(sorted(self._sources.get(number, ())))
                    break
                way = sharing(number, point)
                if way is None:
                    return Hang(number, Way(tuple((v, v) for v in point), region.conditions, point))
                cover.add(0, *project(_identity(len(region.bounds)), way))
            else:
                self.doubtful = number
        return None

    def _spread(self, numbers: Iterable[int]) -> None:
        """Mark the states that finish, beginning with these, and then what leads to them."""
        pending = list(numbers)[::-1]
        while pending:
            number = pending.pop()
            if self._finishes[number] or not self._all_finish(number):
                continue
            self._heed()
            self._finishes[number] = 1
            pending.extend(sorted(self._sources.get(number, ()), reverse=True))

    def _all_finish(self, number: int) -> bool:
        region, edges = self._states[number]
        good = [e for e in edges if all(self._finishes[t] for t in e.targets)]
        if any(not e.region.narrowed for e in good):
            return True
        if not good or not region.bounds:
            # A single point, of which an edge may depend on what is chosen next: that can be chosen.
            return bool(good)
        return bool(self._cover(number).covering(_identity(len(region.bounds)), region))

    def _cover(self, number: int) -> Group:
        """The points of a state whose edges lead to what finishes."""
        region, edges = self._states[number]
        group = Group(self._solver, range(len(region.bounds)))
        identity = _identity(len(region.bounds))
        for position, edge in enumerate(edges):
            if all(self._finishes[t] for t in edge.targets):
                cells, within = project(identity, edge.region)
                group.add(position, cells, within)
        return group

    def _backward(self) -> bytearray:
        """For each state, whether edges lead from it to an end, whatever the values."""
        can_end = bytearray(len(self._states))
        changed = True
        while changed:
            self._heed()
            changed = False
            for number in range(len(self._states) - 1, -1, -1):
                if can_end[number]:
                    continue
                _, edges = self._states[number]
                if any(not e.targets or any(can_end[t] for t in e.targets) for e in edges):
                    can_end[number] = 1
                    changed = True
        return can_end


def _identity(count: int) -> tuple[int | Term, ...]:
    return tuple(Term(variable(index)) for index in range(count))
