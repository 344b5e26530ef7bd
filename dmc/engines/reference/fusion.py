"""Reduction `fusion`: steps of one thread that nobody can tell apart from one step are taken as one.

`dmc.engines.analysis.scheduling` decides at which points a thread is not interrupted, from which steps
are movers. Those claims hold only for protected accesses. It is assumed that all are, and watched
during the reduced search, as in optimistic reduction by Stoller and Cohen; the first that is not
stops the search (`Unprotected`), which then begins again without that assumption.

A location is protected if one of these has held at every access to it:

* a named condition of the accesses (a lock of which at most one thread can say that it has it);
* `exclusive`: the object is reached through the registers of the accessing thread alone;
* `unwritten`: the access is a read, or the object was exclusive.

That a pool is not found full is assumed and watched in the same way (`PoolWatch`).

An access with `lifetime` is protected if no conflicting one is possible at the same time.

A named condition and `exclusive` are stable: no other thread can end them, so if they hold in the order
that was searched they hold in every other. The last two are not: an access made in `post` comes
earlier here than elsewhere, so a free that was exclusive here, because the reader had finished and
forgotten the object, need not be so there. Hence the tails (`Plan.tails`): while a thread stands where
it may have come by such an access, another's write to the location counts as in conflict with it.

Obligation: from each state that an unreduced run reaches, let every thread in `post` go on to its
scheduling point and undo the steps of those in `pre`. The state so found is reached by the fused search,
with the same violations on the way. Faults and violations are events of steps, and the reordered run
has the same steps; where a step would end the run in `post`, the search stops before it for the others'
sake. A race has both threads at scheduling points; ends have all threads there. A hang stays one when
threads go on, and none is at a fused point for ever, since there steps never wait.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dmc.engines.analysis.scheduling import atomic_locations, plan
from dmc.engines.analysis.tested_pools import tested_pools
from dmc.engines.reference.collect import Heap
from dmc.engines.reference.pool_watch import PoolWatch
from dmc.ir.evaluate import CompiledAccess, CompiledStep, CompiledSystem, Expression, State
from dmc.ir.layout import Layout, ThreadLayout

EXCLUSIVE = "built in: exclusive"
UNWRITTEN = "built in: unwritten"


class Unprotected(Exception):
    """An access to the location was not protected."""

    def __init__(self, location: str):
        super().__init__(location)
        self.location = location


@dataclass(frozen=True)
class _Watched:
    """An access to be watched; `pool` is base and stride of the object's pool, if it is an object."""

    access: CompiledAccess
    location: str
    changes: bool
    pool: tuple[int, int] | None
    named: dict[str, Expression]


class Fusion:
    """The fused points of a system, and the watch over what they rely on."""

    def __init__(self, compiled: CompiledSystem, unprotected: frozenset[str]):
        self.compiled = compiled
        self.unprotected = unprotected
        self.layout = compiled.layout
        self.plan = plan(compiled, unprotected)
        self.heap = Heap(self.layout)
        self.held: dict[str, frozenset[str]] = {}
        ignored = unprotected | atomic_locations(self.layout)
        self.watched: dict[tuple[int, int], list[_Watched]] = {}
        self.lifetimes: list[list[CompiledAccess]] = [[] for _ in self.layout.points]
        for point, steps in enumerate(compiled.steps):
            type_index = self.layout.points[point][0]
            for step in steps:
                relevant = [a for a in step.accesses if a.access.location not in ignored]
                plain = [_watched(self.layout, a) for a in relevant if not a.access.lifetime]
                if plain:
                    self.watched[type_index, step.alternative] = plain
                self.lifetimes[point] += [a for a in relevant if a.access.lifetime]
        self.ending = frozenset(
            n for n, all_ in enumerate(self.lifetimes) if any(a.access.write for a in all_)
        )
        self.pools = [
            (PoolWatch(self.layout, pool), name)
            for pool, name in tested_pools(compiled).items()
            if name not in unprotected
        ]
        self.other_roots = {
            thread.number: tuple(
                root
                for root in self.heap.roots
                if not thread.base <= root[0] <= thread.base + len(thread.type.registers)
            )
            for thread in self.layout.threads
        }

    def begin(self, state: State) -> None:
        """Transactions begin in the state."""
        for pool, _ in self.pools:
            pool.begin(state)

    def taken(self, state: State, thread: ThreadLayout, step: CompiledStep, after: Sequence[int]) -> None:
        """A step was taken, whether or not the run goes on."""
        for pool, name in self.pools:
            if not pool.taken(state, thread, step, after):
                raise Unprotected(name)

    def following(self, state: State, thread: ThreadLayout) -> list[CompiledStep]:
        """The steps with which the thread goes on at once; none at a scheduling point.

        A thread at a fused point without an enabled step stays there as at a scheduling point.
        """
        point = state[thread.base]
        if point not in self.plan.fused:
            return []
        return [
            step
            for step in self.compiled.steps[point]
            if step.guard is None or step.guard(state, thread.base, thread.number, thread.instance)
        ]

    def witness(self, state: State, thread: ThreadLayout, step: CompiledStep) -> None:
        """Note which protections hold at the accesses of a step that is taken in the state."""
        for watched in self.watched.get((thread.type_index, step.alternative), ()):
            value = watched.access.object(state, thread.base, thread.number, thread.instance)
            if watched.pool is not None and value <= 0:
                continue
            before = self.held.get(watched.location)
            if before is None:
                before = frozenset({EXCLUSIVE, UNWRITTEN, *watched.named})
            after = frozenset(name for name in before if self._holds(name, watched, value, state, thread))
            if not after:
                raise Unprotected(watched.location)
            self.held[watched.location] = after

    def _holds(
        self, protection: str, watched: _Watched, value: int, state: State, thread: ThreadLayout
    ) -> bool:
        if protection == UNWRITTEN and not watched.changes:
            return True
        if protection in (EXCLUSIVE, UNWRITTEN):
            return self._is_exclusive(watched, value, state, thread) and (
                protection == EXCLUSIVE or not self._in_tail(watched.location, state, thread)
            )
        condition = watched.named.get(protection)
        return condition is not None and bool(condition(state, thread.base, thread.number, thread.instance))

    def _is_exclusive(self, watched: _Watched, value: int, state: State, thread: ThreadLayout) -> bool:
        if watched.pool is None:
            return False
        base, stride = watched.pool
        return base + stride * value not in self.heap.reach(state, self.other_roots[thread.number])

    def _in_tail(self, location: str, state: State, thread: ThreadLayout) -> bool:
        tails = self.plan.tails
        return any(location in tails[state[t.base]] for t in self.layout.threads if t is not thread)

    def watch(self, state: State) -> None:
        """Look for conflicting `lifetime` accesses that are possible at the same time."""
        for thread in self.layout.threads:
            if state[thread.base] in self.ending:
                for access in self.lifetimes[state[thread.base]]:
                    if access.access.write:
                        self._watch_end(access, state, thread)

    def _watch_end(self, ending: CompiledAccess, state: State, thread: ThreadLayout) -> None:
        location = ending.access.location
        value = ending.object(state, thread.base, thread.number, thread.instance)
        if self._in_tail(location, state, thread):
            raise Unprotected(location)
        for other in self.layout.threads:
            if other is thread:
                continue
            for access in self.lifetimes[state[other.base]]:
                where = state, other.base, other.number, other.instance
                if access.access.location == location and access.object(*where) == value:
                    raise Unprotected(location)


def _watched(layout: Layout, access: CompiledAccess) -> _Watched:
    return _Watched(
        access=access,
        location=access.access.location,
        changes=access.access.write or access.access.frees,
        pool=None
        if access.pool is None
        else (layout.pools[access.pool].base, layout.pools[access.pool].stride),
        named=dict(access.protections),
    )
