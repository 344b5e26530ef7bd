"""A run of the unreduced system, one step at a time, with every promise checked and everything told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from dmc.base.exceptions import InternalError
from dmc.base.source import Span
from dmc.engines.reference.collect import Collector, collector
from dmc.ir.evaluate import CompiledStep, CompiledSystem, Outcome, Record, Unchosen, compile_system
from dmc.ir.layout import Layout, ThreadLayout
from dmc.ir.outcome import Choice
from dmc.ir.sort import FREE
from dmc.ir.system import System

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
    """A step of a run, and the state after it.

    `objects` says which object each slot (pool, slot) held when it was taken.
    """

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
    after: tuple[int, ...] = ()


def begin(system: System, initial: tuple[int, ...]) -> Walk:
    """A run from the initial state with these values of the initial choices."""
    walk = Walk(compile_system(system, checked=True, events=True))
    walk.start(initial)
    return walk


@dataclass
class Walk:
    """A run under way: begin it with `begin`, go on with `take`."""

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
        """The initial state with these values of the initial choices, from which the run goes on."""
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
        given = _Given(choice.values)
        record, before, after = Record(choose=given.choose), self.state, list(self.state)
        try:
            outcome = step.body(after, thread.base, thread.number, thread.instance, record)
        except Unchosen:
            return False
        if given.left:
            return False
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
                after=tuple(after),
            )
        )
        self._forget_objects(layout, after)
        return True

    def possible(self) -> list[Choice]:
        """What can be taken next; nothing after a step that has ended the run.

        Of a step that chooses values there are two: with the least of each, and with the greatest.
        """
        if self.steps and self.steps[-1].outcome is not None:
            return []
        return [
            choice
            for thread in self.compiled.layout.threads
            for step in self.compiled.steps[self.state[thread.base]]
            if step.guard is None or step.guard(self.state, thread.base, thread.number, thread.instance)
            for choice in self._choices(thread, step)
        ]

    def _choices(self, thread: ThreadLayout, step: CompiledStep) -> Iterable[Choice]:
        if not step.chooses:
            return (Choice(thread.number, step.alternative),)
        found: dict[Choice, None] = {}
        for extreme in (min, max):
            values: list[int] = []

            record = Record(choose=_Extreme(extreme, values).choose)
            step.body(list(self.state), thread.base, thread.number, thread.instance, record)
            found[Choice(thread.number, step.alternative, tuple(values))] = None
        return found

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


@dataclass
class _Extreme:
    """The least or the greatest value of each choice, noted."""

    which: Callable[[int, int], int]
    values: list[int]

    def choose(self, low: int, high: int) -> int:
        self.values.append(self.which(low, high))
        return self.values[-1]


@dataclass
class Least:
    """Chooses the least value each time, and notes it."""

    values: list[int] = field(default_factory=list)

    def choose(self, low: int, high: int) -> int:
        """The least value."""
        del high
        self.values.append(low)
        return low


class _Given:
    """The values of a choice, one after the other."""

    def __init__(self, values: tuple[int, ...]):
        self.left = list(values)

    def choose(self, low: int, high: int) -> int:
        if not self.left or not low <= self.left[0] <= high:
            raise Unchosen(f"no value of {low}..{high} is given")
        return self.left.pop(0)


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
