"""Where it is legal to stand still for ever: the contract's legal end."""

from __future__ import annotations

from collections.abc import Iterator

from dmc.ir.builder import conj, disj, eq
from dmc.ir.expr import AtPoint, Const, Expr, Length, ListPlace
from dmc.ir.logic import among, cell
from dmc.ir.system import Step, ThreadType
from dmc.ir.walk import targets
from dmc.lower.context import Lowering
from dmc.lower.driver_threads import at_rest
from dmc.lower.processes import Instance
from dmc.lower.pure import pure
from dmc.runtime import async_jobs, port_lifecycle, processes, timer_cells


def ends(
    lowering: Lowering,
    instances: tuple[Instance, ...],
    emulator: tuple[ThreadType, ...],
    created: tuple[ThreadType, ...],
    own: tuple[ThreadType, ...],
) -> Expr:
    """The condition, over the emulator's threads, those of drivers and the model's own, in this order.

    The model's threads have ended; or they stand still, and one of the scenario's `quiescent when`
    holds. A thread that stands at a step that it can take in any case does not stand still.
    """
    world = lowering.world
    conditions: list[Expr] = [AtPoint(Const(n), _resting(t)) for n, t in _numbered(emulator, 0)]
    for instance in instances:
        status = cell(processes.STATUS, instance.number - 1)
        conditions.append(among(status, (processes.DEAD, processes.UNBORN)))
    if world.port_count:
        conditions += async_jobs.all_settled(world)
        for port in range(1, world.port_count + 1):
            settled = (port_lifecycle.UNOPENED, port_lifecycle.OPEN, port_lifecycle.DEAD)
            conditions.append(among(port_lifecycle.state(Const(port)), settled))
            if world.has_timers:
                conditions.append(
                    among(cell(timer_cells.TIMER, port - 1), (timer_cells.OFF, timer_cells.ARMED))
                )
            if port_lifecycle.has_tasks(world):
                conditions.append(eq(Length(ListPlace(port_lifecycle.TASKS, Const(port - 1))), 0))
    before = sum(t.instances for t in emulator)
    for number, thread_type in _numbered(created, before):
        conditions.append(at_rest(number, AtPoint(Const(number), _resting(thread_type))))
    threads = list(_numbered(own, before + sum(t.instances for t in created)))
    ended = [AtPoint(Const(n), _resting(t)) for n, t in threads]
    quiescent = [pure(q, lowering.weaver.env) for q in lowering.run.scenario.quiescent]
    if not quiescent:
        return conj([*conditions, *ended])
    still = [AtPoint(Const(n), _standing(t)) for n, t in threads]
    return conj([*conditions, *still, disj([conj(ended), *quiescent])])


def _numbered(types: tuple[ThreadType, ...], before: int) -> Iterator[tuple[int, ThreadType]]:
    for thread_type in types:
        for _ in range(thread_type.instances):
            before += 1
            yield before, thread_type


def _resting(thread_type: ThreadType) -> tuple[str, ...]:
    return tuple(p.name for p in thread_type.points if p.rest)


def _standing(thread_type: ThreadType) -> tuple[str, ...]:
    """The points at which a thread has ended, may have to wait, or polls: turns without ever waiting."""
    steps: dict[str, list[Step]] = {}
    for step in thread_type.steps:
        steps.setdefault(step.source, []).append(step)
    waiting = {p.name for p in thread_type.points if p.rest}
    waiting |= {name for name, own in steps.items() if all(s.blocking for s in own)}
    moving = {
        name: {t for s in own for t in targets(s.source, s.body)} - waiting
        for name, own in steps.items()
        if name not in waiting
    }
    polling = {name for name in moving if name in _reached(name, moving)}
    return tuple(p.name for p in thread_type.points if p.name in waiting | polling)


def _reached(start: str, moving: dict[str, set[str]]) -> set[str]:
    """The points that a walk from the point comes to, without passing one at which it may wait."""
    found: set[str] = set()
    pending = list(moving.get(start, ()))
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            pending += moving.get(name, ())
    return found
