"""Hangs among states with regions: points from which no run reaches an end, a fault or a cut.

An edge leads from the points of its region into the states named. A state *finishes* if each of its points
has an edge into states that finish, or one that ends the run. That is the least solution: so no cycle
helps itself. If all states finish there is no hang. A state from which no edge leads to an end, however
far one follows them, hangs with all of its points. What is left in between is doubtful, and decided by
searches from single points.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from dmc.engines.symbolic.linear import Constraint, variable
from dmc.engines.symbolic.project import project
from dmc.engines.symbolic.region import Region, Way
from dmc.engines.symbolic.solver import Solver
from dmc.engines.symbolic.subsume import Group
from dmc.engines.symbolic.term import Term

MOST_POINTS = 12


@dataclass(frozen=True)
class Edge:
    """Where the points of a region lead: into these states, taken together; to an end, if there are none."""

    targets: tuple[int, ...]
    region: Way


class HangFinder:
    """Looks for hangs in a complete graph. `doubtful` is the first state of which it cannot tell."""

    def __init__(self, solver: Solver, states: Sequence[tuple[Region, list[Edge]]], heed: Callable[[], None]):
        self._solver = solver
        self._states = states
        self._heed = heed
        self._finishes = bytearray(len(states))
        self.doubtful: int | None = None

    def hanging(self) -> tuple[int, Way] | None:
        """The first state that hangs with all of its points."""
        self._find_finishing()
        left = [n for n, finishes in enumerate(self._finishes) if not finishes]
        if not left:
            return None
        can_end = self._backward()
        for number in left:
            if not can_end[number]:
                region = self._states[number][0]
                return number, Way(region.bounds, region.conditions, region.point)
        self.doubtful = left[0]
        return None

    def uncovered(self, number: int) -> Iterator[tuple[int, ...]]:
        """Some points of a state for which no edge was found to lead into states that finish."""
        region = self._states[number][0]
        excluded: list[Constraint] = []
        group = self._cover(number)
        for _ in range(MOST_POINTS):
            point = self._solver.model(region.bounds, [*region.conditions, *excluded])
            if point is None:
                return
            here = Region(tuple((v, v) for v in point), region.conditions, point)
            if not group.covering(_identity(len(point)), here):
                yield point
            if not point:
                return
            excluded.append(Constraint("!=", variable(0).shifted(-point[0])))

    def _find_finishing(self) -> None:
        sources: dict[int, set[int]] = {}
        for number, (_, edges) in enumerate(self._states):
            for edge in edges:
                for target in edge.targets:
                    sources.setdefault(target, set()).add(number)
        pending = list(range(len(self._states)))[::-1]
        while pending:
            number = pending.pop()
            if self._finishes[number] or not self._all_finish(number):
                continue
            self._heed()
            self._finishes[number] = 1
            pending.extend(sorted(sources.get(number, ()), reverse=True))

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
