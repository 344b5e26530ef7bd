"""Data races: two threads that can both make conflicting accesses next.

What goes through `NULL` or `UNSET` is a fault, and no access.
"""

from __future__ import annotations

from collections.abc import Iterator

from dmc.ir.evaluate import CompiledAccess, CompiledStep, CompiledSystem, State
from dmc.ir.layout import ThreadLayout
from dmc.ir.outcome import Choice, RacePair
from dmc.ir.system import Access

_Next = tuple[Choice, Access, int]
"""An access that can come next: by which step, and to which object."""


class RaceFinder:
    """Finds the first race of a state, in the order of threads, alternatives and accesses."""

    def __init__(self, compiled: CompiledSystem):
        self.threads = compiled.layout.threads
        conflicting = _locations(compiled)
        self.candidates = [
            [
                (step, racing)
                for step in steps
                if not step.step.spurious and (racing := _racing(step, conflicting))
            ]
            for steps in compiled.steps
        ]

    def find(self, state: State) -> RacePair | None:
        """Two enabled steps of different threads with conflicting accesses, if there are any."""
        near = [thread for thread in self.threads if self.candidates[state[thread.base]]]
        return next(self._races(state, near), None) if len(near) > 1 else None

    def confirms(self, state: State, race: RacePair) -> bool:
        """Whether it is a race of the state."""
        return race in self._races(state, list(self.threads))

    def _races(self, state: State, near: list[ThreadLayout]) -> Iterator[RacePair]:
        earlier: list[_Next] = []
        for thread in near:
            own = list(self._next_accesses(state, thread))
            for choice, access, value in own:
                for other, its_access, its_value in earlier:
                    if value == its_value and _conflict(access, its_access):
                        yield RacePair(other, choice, access.location)
            earlier += own

    def _next_accesses(self, state: State, thread: ThreadLayout) -> Iterator[_Next]:
        where = thread.base, thread.number, thread.instance
        for step, accesses in self.candidates[state[thread.base]]:
            if step.guard is None or step.guard(state, *where):
                choice = Choice(thread.number, step.alternative)
                for access in accesses:
                    value = access.object(state, *where)
                    if value > 0 or access.pool is None:
                        yield choice, access.access, value


def _conflict(a: Access, b: Access) -> bool:
    return a.location == b.location and (a.write or b.write) and not (a.atomic and b.atomic)


def _locations(compiled: CompiledSystem) -> set[str]:
    """The locations of which an access may conflict with another."""
    accesses = [a.access for steps in compiled.steps for step in steps for a in step.accesses]
    relevant = [a for a in accesses if not (a.frees or a.lifetime)]
    written = {a.location for a in relevant if a.write}
    return {a.location for a in relevant if not a.atomic} & written


def _racing(step: CompiledStep, locations: set[str]) -> list[CompiledAccess]:
    return [
        a
        for a in step.accesses
        if a.access.location in locations and not (a.access.frees or a.access.lifetime)
    ]
