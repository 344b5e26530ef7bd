"""A finding, run again step by step in the unreduced system with every promise checked.

No renumbering, no clearing, no fusion: what is confirmed here does not depend on a reduction. With one
exception. A register that will never be read again can keep an object in its pool; an object that only
such registers know is lost, and does not fill the pool. So a run that does not show its finding because
of that is confirmed with such registers cleared, and the replay says so (`cleared`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from dmc.base.exceptions import InternalError
from dmc.engines.analysis.obligations import is_relied_on
from dmc.engines.analysis.stuck import stuck_threads
from dmc.engines.reference.collect import Collector, collector
from dmc.engines.reference.race import RaceFinder
from dmc.engines.reference.walk import Least, ReplayStep, Walk
from dmc.ir.evaluate import CompiledStep, CompiledSystem, Expression, Record, compile_system
from dmc.ir.outcome import Choice, Finding, StuckThread
from dmc.ir.statement import Fault
from dmc.ir.system import PropertyKind, System
from dmc.transform.dead_locals import clear_dead_locals

HANG_BUDGET = 20_000
"""How many states a hang is followed through before it is taken from the complete search."""


@dataclass(frozen=True)
class Replay:
    """A confirmed finding. `settled` is False for a hang too large to be followed again to its end.

    For a hang in which at last nothing moves, `beyond` leads from the finding to there, and `stuck` are
    the threads that then wait. The same goes for an obligation that cannot be met, and for the steps
    that it may use.
    """

    finding: Finding
    steps: tuple[ReplayStep, ...]
    first: tuple[int, ...]
    last: tuple[int, ...]
    settled: bool = True
    cleared: bool = False
    beyond: tuple[ReplayStep, ...] = ()
    stuck: tuple[StuckThread, ...] = ()


def replay(system: System, finding: Finding, hang_budget: int = HANG_BUDGET) -> Replay:
    """Run the finding's path and confirm what it claims; if it does not hold, dmc itself is wrong."""
    for cleared in (False, True):
        run = Walk(
            compile_system(clear_dead_locals(system) if cleared else system, checked=True, events=True)
        )
        first = tuple(run.start(finding.path.initial))
        if all(run.take(choice) for choice in finding.path.choices):
            settled = _confirm(system, run, finding, hang_budget)
            if settled is not False:
                told = Replay(finding, tuple(run.steps), first, tuple(run.state), settled is True, cleared)
                without = _without(system, finding)
                goes_on = finding.stuck or finding.deadlock
                return _go_on(told, run, hang_budget, without) if goes_on else told
    raise InternalError("replay", f"the finding for {finding.property} does not replay")


def _confirm(system: System, run: Walk, finding: Finding, hang_budget: int) -> bool | None:
    """Whether the run shows the finding; None if that is too much to find out."""
    claim = next((claim for claim in system.properties if claim.id == finding.property), None)
    if claim is None:
        return False
    last = run.steps[-1] if run.steps else None
    match claim.kind:
        case PropertyKind.FAULT | PropertyKind.VIOLATION:
            return last is not None and _violates(last, finding)
        case PropertyKind.INVARIANT:
            return not run.compiled.conditions[claim.id](run.state, 0, 0, 0)
        case PropertyKind.AT_END:
            return _fails_at_end(run, claim.id)
        case PropertyKind.LOST:
            lost = last is not None and any(claim.is_about(thing.kind) for thing in last.lost)
            return lost or _fails_at_end(run, claim.id)
        case PropertyKind.RACE:
            return finding.race is not None and RaceFinder(run.compiled).confirms(run.state, finding.race)
        case PropertyKind.HANG:
            return _hangs(system, run, hang_budget)
        case PropertyKind.CAN_REACH:
            return _misses(system, run, finding, hang_budget)
        case PropertyKind.ACYCLIC:
            added = [(source, target) for name, source, target in run.collected if name == claim.id]
            return any(pair in finding.cycle for pair in added)
        case PropertyKind.REACHABLE:
            return False


def _violates(last: ReplayStep, finding: Finding) -> bool:
    """A property can be violated by a fault, or by what a step does whether or not the run goes on."""
    if isinstance(last.outcome, Fault) and last.outcome.kind == finding.kind:
        return finding.property in last.outcome.properties
    return finding.property in [name for name, _ in last.violations]


def _fails_at_end(run: Walk, claim: str) -> bool:
    condition = run.compiled.conditions.get(claim)
    at_end = bool(run.compiled.ends(run.state, 0, 0, 0))
    return at_end and condition is not None and not condition(run.state, 0, 0, 0)


def _hangs(system: System, run: Walk, budget: int) -> bool | None:
    """Whether nothing that ends a run can be reached; first unreduced, then in fewer states."""
    return _cannot_reach(system, run, budget, lambda compiled: compiled.ends, ())


def _misses(system: System, run: Walk, finding: Finding, budget: int) -> bool | None:
    """Whether the obligation holds here and cannot be met."""
    claim, number = finding.property, finding.obligation
    when, _ = run.compiled.obligations[claim][number]
    if not when(run.state, 0, 0, 0):
        return False
    without = _without(system, finding)
    if without and _cannot_reach(system, run, budget, lambda c: c.obligations[claim][number][1], ()):
        return False
    return _cannot_reach(system, run, budget, lambda c: c.obligations[claim][number][1], without)


def _without(system: System, finding: Finding) -> tuple[str, ...]:
    """The parties that the run has to do without, if it is an obligation that cannot be met."""
    owed = next(claim.obligations for claim in system.properties if claim.id == finding.property)
    return owed[finding.obligation].without if owed else ()


def _cannot_reach(
    system: System,
    run: Walk,
    budget: int,
    wanted: Callable[[CompiledSystem], Expression],
    without: tuple[str, ...],
) -> bool | None:
    reaches = can_reach(run.compiled, wanted, run.state, run.collect, budget, without)
    if reaches is None:
        cleared = compile_system(clear_dead_locals(system))
        collect = collector(cleared.layout, renumber=True)
        reaches = can_reach(cleared, wanted, run.state, collect, budget, without)
    return None if reaches is None else not reaches


def _go_on(told: Replay, run: Walk, budget: int, without: tuple[str, ...]) -> Replay:
    """Follow a hang to where nothing moves any more, on the shortest way; if there is no such place, stay."""
    before = len(run.steps)
    found: list[tuple[tuple[int, ...], tuple[Choice, ...]]] = [(tuple(run.state), ())]
    seen = {found[0][0]}
    for state, choices in found:
        following = _steps_relied_on(run.compiled, state, run.collect, without)
        if not following:
            for choice in choices:
                run.take(choice)
            stuck = stuck_threads(run.compiled, [tuple(run.state)], without)
            return replace(told, beyond=tuple(run.steps[before:]), stuck=stuck)
        for choice, after in following:
            if after not in seen:
                seen.add(after)
                found.append((after, (*choices, choice)))
        if len(found) > budget:
            break
    return told


def _steps_relied_on(
    compiled: CompiledSystem, state: tuple[int, ...], collect: Collector, without: tuple[str, ...]
) -> list[tuple[Choice, tuple[int, ...]]]:
    """The steps that may be relied on, each with the state after it; they choose the least there is."""
    result = []
    for thread in compiled.layout.threads:
        where = thread.base, thread.number, thread.instance
        for step in compiled.steps[state[thread.base]]:
            if not is_relied_on(step, without) or not _is_enabled(step, state, where):
                continue
            after, least = list(state), Least()
            step.body(after, *where, Record(choose=least.choose))
            collect(after)
            result.append((Choice(thread.number, step.alternative, tuple(least.values)), tuple(after)))
    return result


def _is_enabled(step: CompiledStep, state: tuple[int, ...], where: tuple[int, int, int]) -> bool:
    return step.guard is None or bool(step.guard(state, *where))


def can_reach(
    compiled: CompiledSystem,
    wanted: Callable[[CompiledSystem], Expression],
    start: list[int],
    collect: Collector,
    budget: int,
    without: tuple[str, ...],
) -> bool | None:
    """Whether a run comes to where the wanted condition holds, or to an end by a fault, cut or drop.

    None if that is too much to find out, or if of what is chosen only the least was tried.
    """
    least = Least()
    holds = wanted(compiled)
    found = [tuple(start)]
    seen = set(found)
    record = Record(choose=least.choose)
    for state in found:
        if holds(state, 0, 0, 0):
            return True
        for thread in compiled.layout.threads:
            where = thread.base, thread.number, thread.instance
            for step in compiled.steps[state[thread.base]]:
                if not is_relied_on(step, without) or (
                    step.guard is not None and not step.guard(state, *where)
                ):
                    continue
                after = list(state)
                if step.body(after, *where, record) is not None:
                    return True
                collect(after)
                if (reached := tuple(after)) not in seen:
                    seen.add(reached)
                    found.append(reached)
        if len(found) > budget:
            return None
    return None if least.values else False
