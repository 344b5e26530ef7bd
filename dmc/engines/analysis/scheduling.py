"""At which points a thread need not be interrupted: the static half of the reduction `fusion`.

A transaction is a chain of steps of one thread, from one scheduling point to the next: right movers,
then at most one step that is no mover, then left movers. Until that step the phase is `pre`, after it
`post`. A point inside of a transaction is *fused*. It is one only where

* its steps never wait (none is `blocking` or `spurious`), and the thread may not rest there;
* no step from it accesses what is not protected, so that races stay visible;
* if it is reached in `post`, its steps are left movers;
* the system's `ends` says that no thread is there at an end, so that ends are seen as they are;
* no cycle of fused points goes through it.

A step that changes what an INVARIANT or REACHABLE condition reads counts as no mover: then a transaction
has at most one such step, and each valuation of the condition is seen at its ends.

CAN_REACH asks more: what a state can still reach depends on the choices made since. A step that changes
what an obligation reads is no mover and begins a transaction; a step of a party that an obligation has to
do without is a transaction by itself. Then

* a state in which the target cannot be reached any more is seen: let every thread that is inside of a
  transaction, in `pre` or `post`, go on to its scheduling point. That is always possible, by steps that
  every obligation may use and that change none of its conditions, and from where it leads the target
  cannot be reached either;
* a target that a state reaches is reached in the fused search: the run from the state to the target, its
  transactions completed or undone as above, has the same steps of the same parties, and those that are
  added or taken away change no condition. The same holds for a step that ends the run;
* that a state reaches the target with others' help, and not without, is seen, too: let the threads go on as
  they do in the run that reaches it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from dmc.engines.analysis.obligations import conditions, parties
from dmc.engines.analysis.tested_pools import tested_pools
from dmc.engines.analysis.visibility import at_ends, changes_of, observed
from dmc.ir.evaluate import CompiledSystem
from dmc.ir.layout import Layout
from dmc.ir.system import Mover, Step
from dmc.ir.walk import targets

LEFT_MOVERS = frozenset({Mover.BOTH, Mover.LEFT})
RIGHT_MOVERS = frozenset({Mover.BOTH, Mover.RIGHT})


@dataclass(frozen=True)
class Plan:
    """The fused points, by number.

    `tails[n]` are the locations that a thread which has come to the point n may have accessed, since its
    last scheduling point, in `post`: accesses that in another order come later than they were made here.
    """

    fused: frozenset[int]
    tails: tuple[frozenset[str], ...]


@dataclass
class _Point:
    """A point, its steps as (mover, targets, locations), and the phases in which it is reached."""

    steps: list[tuple[Mover, tuple[int, ...], frozenset[str]]] = field(default_factory=list)
    fused: bool = False
    phases: set[str] = field(default_factory=set)


def plan(compiled: CompiledSystem, unprotected: frozenset[str]) -> Plan:
    """Decide each point, given the locations whose accesses are not all protected."""
    layout = compiled.layout
    points = [_Point() for _ in layout.points]
    candidates = set(_points_fit_for_fusion(layout, unprotected))
    changes_observed = observed(layout.system)
    changes_obliged = changes_of(layout.system, conditions(layout.system))
    excluded = parties(layout.system)
    only_atomic = atomic_locations(layout)
    unprotected_pool = not unprotected.isdisjoint(tested_pools(compiled).values())
    for number, steps in enumerate(compiled.steps):
        type_index = layout.points[number][0]
        for compiled_step in steps:
            step = compiled_step.step
            obliged = changes_obliged(type_index, step)
            stays = changes_observed(type_index, step) or (unprotected_pool and compiled_step.collects)
            mover = Mover.NONE if stays or obliged else _mover(step, unprotected)
            reached = tuple(
                layout.point_numbers[type_index, name] for name in targets(step.source, step.body)
            )
            if step.party in excluded:
                candidates -= {number, *reached}
            elif obliged:
                candidates.discard(number)
            locations = frozenset(a.location for a in step.accesses) - only_atomic
            points[number].steps.append((mover, reached, locations))
    for number in candidates:
        points[number].fused = True
    _break_cycles(points)
    _follow_phases(points)
    fused = frozenset(n for n, point in enumerate(points) if point.fused)
    return Plan(fused, _tails(points))


def atomic_locations(layout: Layout) -> frozenset[str]:
    """The locations of which every access is atomic: nothing about them is optimistic."""
    accesses = [a for t in layout.system.threads for step in t.steps for a in step.accesses]
    plain = {a.location for a in accesses if not a.atomic and not a.frees}
    return frozenset(a.location for a in accesses if a.atomic) - plain


def _points_fit_for_fusion(layout: Layout, unprotected: frozenset[str]) -> Iterable[int]:
    ends = at_ends(layout)
    exposed = unprotected - atomic_locations(layout)
    for type_index, thread_type in enumerate(layout.system.threads):
        instances = [thread.number for thread in layout.threads if thread.type_index == type_index]
        steps: dict[str, list[Step]] = {}
        for step in thread_type.steps:
            steps.setdefault(step.source, []).append(step)
        for point in thread_type.points:
            if (
                point.name in steps
                and point.name != thread_type.start
                and not point.rest
                and not any(_must_be_scheduled(step, exposed) for step in steps[point.name])
                and all(t in ends and point.name not in ends[t] for t in instances)
            ):
                yield layout.point_numbers[type_index, point.name]


def _must_be_scheduled(step: Step, exposed: frozenset[str]) -> bool:
    waits = step.blocking or step.spurious
    return waits or any(a.location in exposed and not a.frees for a in step.accesses)


def _mover(step: Step, unprotected: frozenset[str]) -> Mover:
    """The mover claimed, where the claim can be relied on."""
    exposed = any(access.atomic or access.location in unprotected for access in step.accesses)
    return Mover.NONE if exposed or step.spurious else step.mover


def _break_cycles(points: list[_Point]) -> None:
    """Unfuse each point that a walk through fused points comes back to."""
    done: set[int] = set()
    for start, point in enumerate(points):
        if not point.fused or start in done:
            continue
        under_way = {start: None}
        stack = [(start, iter(_fused_targets(points, start)))]
        while stack:
            number, following = stack[-1]
            target = next(following, None)
            if target is None:
                stack.pop()
                del under_way[number]
                done.add(number)
            elif target in under_way:
                points[target].fused = False
            elif target not in done:
                under_way[target] = None
                stack.append((target, iter(_fused_targets(points, target))))


def _fused_targets(points: list[_Point], number: int) -> list[int]:
    return [target for _, reached, _ in points[number].steps for target in reached if points[target].fused]


def _follow_phases(points: list[_Point]) -> None:
    """Find in which phases fused points are reached; unfuse those that would not move left in `post`.

    A scheduling point is left in the phase `pre`, as is a fused point that is reached in it.
    """
    pending = deque((number, "pre") for number, point in enumerate(points) if not point.fused)
    while pending:
        number, phase = pending.popleft()
        for mover, reached, _ in points[number].steps:
            after = "pre" if phase == "pre" and mover in RIGHT_MOVERS else "post"
            for target in reached:
                point = points[target]
                if not point.fused or after in point.phases:
                    continue
                if after == "post" and any(m not in LEFT_MOVERS for m, _, _ in point.steps):
                    point.fused = False
                    pending.append((target, "pre"))
                else:
                    point.phases.add(after)
                    pending.append((target, after))


def _tails(points: list[_Point]) -> tuple[frozenset[str], ...]:
    tails: list[frozenset[str]] = [frozenset() for _ in points]
    pending = deque(n for n, point in enumerate(points) if point.fused and "post" in point.phases)
    while pending:
        number = pending.popleft()
        for _, reached, locations in points[number].steps:
            tail = tails[number] | locations
            for target in reached:
                if not tail <= tails[target]:
                    tails[target] |= tail
                    if points[target].fused and "post" in points[target].phases:
                        pending.append(target)
    return tuple(tails)
