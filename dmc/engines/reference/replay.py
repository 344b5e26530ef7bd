"""A finding, run again step by step in the unreduced system with every promise checked.

No renumbering, no clearing, no fusion: what is confirmed here does not depend on a reduction. With one
exception. A register that will never be read again can keep an object in its pool; an object that only
such registers know is lost, and does not fill the pool. So a run that does not show its finding because
of that is confirmed with such registers cleared, and the replay says so (`cleared`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from dmc.base.exceptions import InternalError
from dmc.base.source import Span
from dmc.engines.reference.collect import Collector, collector
from dmc.engines.reference.race import RaceFinder
from dmc.ir.evaluate import CompiledStep, CompiledSystem, Outcome, Record, compile_system
from dmc.ir.layout import Layout, ThreadLayout
from dmc.ir.outcome import Choice, Finding
from dmc.ir.sort import FREE
from dmc.ir.statement import Fault
from dmc.ir.system import PropertyKind, System
from dmc.transform.dead_locals import clear_dead_locals

HANG_BUDGET = 20_000
"""How many states a hang is followed through before it is taken from the complete search."""

Arguments = tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Change:
    """A cell that a step changed; the point of the thread is in the step itself."""

    cell: str
    before: int
    after: int


@dataclass(frozen=True)
class Object:
    """An object of a run: the how-many-th of its pool it is, and the step (from 1) that made it."""

    pool: str
    kind: str
    number: int
    made_at: int


@dataclass(frozen=True)
class ReplayStep:
    """A step of a run. `objects` says which object each slot (pool, slot) held when it was taken."""

    choice: Choice
    thread: str
    label: str
    source: str
    target: str
    place: Span
    events: tuple[tuple[str, Arguments], ...]
    changes: tuple[Change, ...]
    lost: tuple[Object, ...]
    violations: tuple[tuple[str, Arguments], ...]
    outcome: Outcome | None
    objects: dict[tuple[str, int], Object]


@dataclass(frozen=True)
class Replay:
    """A confirmed finding. `settled` is False for a hang too large to be followed again to its end."""

    finding: Finding
    steps: tuple[ReplayStep, ...]
    first: tuple[int, ...]
    last: tuple[int, ...]
    settled: bool = True
    cleared: bool = False


def replay(system: System, finding: Finding, hang_budget: int = HANG_BUDGET) -> Replay:
    """Run the finding's path and confirm what it claims; if it does not hold, dmc itself is wrong."""
    for cleared in (False, True):
        run = _Run(
            compile_system(clear_dead_locals(system) if cleared else system, checked=True, events=True)
        )
        first = tuple(run.start(finding.path.initial))
        if all(run.take(choice) for choice in finding.path.choices):
            settled = _confirm(system, run, finding, hang_budget)
            if settled is not False:
                return Replay(finding, tuple(run.steps), first, tuple(run.state), settled is True, cleared)
    raise InternalError("replay", f"the finding for {finding.property} does not replay")


@dataclass
class _Run:
    """A run under way."""

    compiled: CompiledSystem
    state: list[int] = field(default_factory=list)
    steps: list[ReplayStep] = field(default_factory=list)
    collected: list[tuple[str, int, int]] = field(default_factory=list)
    objects: dict[tuple[str, int], Object] = field(default_factory=dict)
    made: dict[str, int] = field(default_factory=dict)
    collect: Collector = field(init=False)

    def __post_init__(self) -> None:
        self.collect = collector(self.compiled.layout, renumber=False)

    def start(self, initial: tuple[int, ...]) -> list[int]:
        for values, state in self.compiled.layout.initial_states():
            if values == initial:
                self.state = state
                return state
        raise InternalError("replay", f"no initial state has the values {initial}")

    def take(self, choice: Choice) -> bool:
        """Take the step, if it can be taken."""
        layout = self.compiled.layout
        thread = layout.threads[choice.thread - 1]
        step = self._chosen(thread, choice)
        if step is None or (self.steps and self.steps[-1].outcome is not None):
            return False
        record, before, after = Record(), self.state, list(self.state)
        outcome = step.body(after, thread.base, thread.number, thread.instance, record)
        self._name_objects(layout, before, after)
        lost = [] if outcome is not None else self.collect(after)
        objects = dict(self.objects)
        self.state, self.collected = after, record.collected
        self.steps.append(
            ReplayStep(
                choice=choice,
                thread=thread.name,
                label=step.step.label,
                source=layout.points[before[thread.base]][1],
                target=layout.points[after[thread.base]][1],
                place=step.step.place,
                events=tuple(record.events),
                changes=tuple(_changes(layout, before, after)),
                lost=tuple(self.objects[slot] for slot in lost),
                violations=tuple(record.violations),
                outcome=outcome,
                objects=objects,
            )
        )
        self._forget_objects(layout, after)
        return True

    def _chosen(self, thread: ThreadLayout, choice: Choice) -> CompiledStep | None:
        for step in self.compiled.steps[self.state[thread.base]]:
            where = self.state, thread.base, thread.number, thread.instance
            if step.alternative == choice.alternative and (step.guard is None or step.guard(*where)):
                return step
        return None

    def _name_objects(self, layout: Layout, before: list[int], after: list[int]) -> None:
        for name, pool in layout.pools.items():
            for number, slot in enumerate(pool.slots(), 1):
                if before[slot] == FREE and after[slot] != FREE:
                    self.made[name] = self.made.get(name, 0) + 1
                    kinds = pool.pool.kinds
                    kind = kinds[max(after[slot] - 2, 0)].name
                    self.objects[name, number] = Object(name, kind, self.made[name], len(self.steps) + 1)

    def _forget_objects(self, layout: Layout, after: list[int]) -> None:
        for name, pool in layout.pools.items():
            for number, slot in enumerate(pool.slots(), 1):
                if after[slot] == FREE:
                    self.objects.pop((name, number), None)


def _changes(layout: Layout, before: Sequence[int], after: Sequence[int]) -> list[Change]:
    points = {thread.base for thread in layout.threads}
    changed = [c for c in range(layout.size) if before[c] != after[c] and c not in points]
    if not changed:
        return []
    earlier, later = layout.cell_names(before), layout.cell_names(after)
    names = [
        old if new.rpartition(".")[2].isdigit() else new for old, new in zip(earlier, later, strict=True)
    ]
    return [Change(names[cell], before[cell], after[cell]) for cell in changed]


def _confirm(system: System, run: _Run, finding: Finding, hang_budget: int) -> bool | None:
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
            return (last is not None and bool(last.lost)) or _fails_at_end(run, claim.id)
        case PropertyKind.RACE:
            return finding.race is not None and RaceFinder(run.compiled).confirms(run.state, finding.race)
        case PropertyKind.HANG:
            return _hangs(system, run, hang_budget)
        case PropertyKind.ACYCLIC:
            added = [(source, target) for name, source, target in run.collected if name == claim.id]
            return any(pair in finding.cycle for pair in added)
        case PropertyKind.REACHABLE:
            return False


def _violates(last: ReplayStep, finding: Finding) -> bool:
    """A property can be violated by a fault, or by a step after which the run goes on."""
    if isinstance(last.outcome, Fault):
        return finding.property in last.outcome.properties and last.outcome.kind == finding.kind
    return finding.property in [name for name, _ in last.violations]


def _fails_at_end(run: _Run, claim: str) -> bool:
    condition = run.compiled.conditions.get(claim)
    at_end = bool(run.compiled.ends(run.state, 0, 0, 0))
    return at_end and condition is not None and not condition(run.state, 0, 0, 0)


def _hangs(system: System, run: _Run, budget: int) -> bool | None:
    """Whether nothing that ends a run can be reached; first unreduced, then in fewer states."""
    finishes = _can_finish(run.compiled, run.state, run.collect, budget)
    if finishes is None:
        cleared = compile_system(clear_dead_locals(system))
        finishes = _can_finish(cleared, run.state, collector(cleared.layout, renumber=True), budget)
    return None if finishes is None else not finishes


def _can_finish(compiled: CompiledSystem, start: list[int], collect: Collector, budget: int) -> bool | None:
    found = [tuple(start)]
    seen = set(found)
    record = Record()
    for state in found:
        if compiled.ends(state, 0, 0, 0):
            return True
        for thread in compiled.layout.threads:
            where = thread.base, thread.number, thread.instance
            for step in compiled.steps[state[thread.base]]:
                if step.guard is not None and not step.guard(state, *where):
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
    return False
