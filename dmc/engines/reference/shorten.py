"""A finding's run, made easier to read: fewer nuisances, fewer switches between threads, fewer steps, less
data.

Every candidate is run from the start in the unreduced system, with every promise checked, and is kept only
if it shows the same finding at the same step of the system. A candidate is a run with some choices left
out, moved or given to another thread of the same type; a choice that cannot be taken there is left out as
well. What is tried, and in which order, depends on the run alone, and how much is tried is bounded by a
number of steps: the same finding always becomes the same run.

A hang, and an obligation that cannot be met, are not searched for again: a candidate has to lead to the
same state, up to the numbering of objects.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby, pairwise

from dmc.engines.reference.collect import collector
from dmc.engines.reference.race import RaceFinder
from dmc.ir.evaluate import CompiledStep, Outcome, Record, Unchosen, compile_system
from dmc.ir.outcome import Choice, Finding, Path
from dmc.ir.statement import Fault
from dmc.ir.system import PropertyKind, System

BUDGET = 15_000
"""How many steps are executed for one finding at most."""

Choices = tuple[Choice, ...]
Nuisance = Callable[[str, int], bool]
"""Whether a step, by thread type and alternative, is one that a run should rather do without."""

_SAME_STATE = (PropertyKind.HANG, PropertyKind.CAN_REACH)


def shortened(system: System, finding: Finding, nuisance: Nuisance, budget: int = BUDGET) -> Finding:
    """The finding with an easier run; the same one if there is none, or if it does not show in this way."""
    runner = Runner(system, finding, budget)
    start = runner.follow(finding.path.choices)
    if start is None or start.choices != finding.path.choices:
        return finding
    best = _Search(runner, nuisance).best(start)
    if best.choices == finding.path.choices:
        return finding
    path = Path(finding.path.initial, best.choices)
    return replace(finding, path=path, details=best.details if finding.details else ())


@dataclass(frozen=True)
class Shown:
    """A run that shows the finding with its last choice."""

    choices: Choices
    details: tuple[tuple[str, int], ...] = ()


@dataclass
class Runner:
    """Runs candidates for one finding, until the budget is used up."""

    system: System
    finding: Finding
    left: int
    _shows: Callable[[list[int], Choice | None, Outcome | None, Record, list[tuple[str, int, str]]], bool] = (
        field(init=False)
    )

    def __post_init__(self) -> None:
        self.compiled = compile_system(self.system, checked=True, events=True)
        self.layout = self.compiled.layout
        self.collect = collector(self.layout, renumber=False)
        self._canonical = collector(self.layout, renumber=True)
        self.claim = next(claim for claim in self.system.properties if claim.id == self.finding.property)
        self.first = next(
            s for values, s in self.layout.initial_states() if values == self.finding.path.initial
        )
        self._last = self._kind_of(self.finding.path.choices[-1]) if self.finding.path.choices else None
        self._races = RaceFinder(self.compiled) if self.finding.race is not None else None
        self._wanted = self._end_of(self.finding.path.choices) if self.claim.kind in _SAME_STATE else None
        self._shows = self._test()

    def follow(self, choices: Sequence[Choice]) -> Shown | None:
        """Take what can be taken of the choices, up to where the finding shows; None if it does not."""
        state, taken = list(self.first), []
        for choice in choices:
            if self.left <= 0:
                return None
            done = self.step(state, choice)
            if done is None:
                continue
            state, outcome, record, lost = done
            taken.append(choice)
            if self._shows(state, choice, outcome, record, lost):
                details = next((d for name, d in record.violations if name == self.finding.property), ())
                return Shown(tuple(taken), tuple(details))
            if outcome is not None:
                return None
        return None

    def step(
        self, state: list[int], choice: Choice
    ) -> tuple[list[int], Outcome | None, Record, list[tuple[str, int, str]]] | None:
        """The state after a choice, with all that comes of it; None if it cannot be taken."""
        step = self.enabled(state, choice)
        if step is None:
            return None
        self.left -= 1
        thread = self.layout.threads[choice.thread - 1]
        values = list(choice.values)
        record, after = Record(choose=_given(values)), list(state)
        try:
            outcome = step.body(after, thread.base, thread.number, thread.instance, record)
        except Unchosen:
            return None
        if values:
            return None
        return after, outcome, record, [] if outcome is not None else self.collect(after)

    def enabled(self, state: Sequence[int], choice: Choice) -> CompiledStep | None:
        """The step of a choice, if its thread stands before it and its guard holds."""
        thread = self.layout.threads[choice.thread - 1]
        for step in self.compiled.steps[state[thread.base]]:
            if step.alternative == choice.alternative:
                free = step.guard is None or step.guard(state, thread.base, thread.number, thread.instance)
                return step if free else None
        return None

    def type_of(self, thread: int) -> int:
        """The number of a thread's type."""
        return self.layout.threads[thread - 1].type_index

    def _kind_of(self, choice: Choice) -> tuple[int, int]:
        return self.type_of(choice.thread), choice.alternative

    def _end_of(self, choices: Sequence[Choice]) -> tuple[int, ...]:
        state = list(self.first)
        for choice in choices:
            done = self.step(state, choice)
            if done is not None:
                state = done[0]
        return self._renumbered(state)

    def _renumbered(self, state: Sequence[int]) -> tuple[int, ...]:
        copy = list(state)
        self._canonical(copy)
        return tuple(copy)

    def _test(self) -> Callable[..., bool]:
        """Whether a step, or the state after it, shows the finding, by the kind of the property."""
        finding, claim = self.finding, self.claim
        match claim.kind:
            case PropertyKind.FAULT | PropertyKind.VIOLATION:
                return lambda _s, choice, outcome, record, _l: (
                    self._kind_of(choice) == self._last and _violates(outcome, record, finding)
                )
            case PropertyKind.INVARIANT:
                condition = self.compiled.conditions[claim.id]
                return lambda s, choice, _o, _r, _l: (
                    self._kind_of(choice) == self._last and not condition(s, 0, 0, 0)
                )
            case PropertyKind.AT_END | PropertyKind.LOST:
                return self._lost_or_at_end
            case PropertyKind.RACE:
                return lambda s, _c, _o, _r, _l: (
                    self._races is not None
                    and finding.race is not None
                    and self._races.confirms(s, finding.race)
                )
            case PropertyKind.ACYCLIC:
                return lambda _s, choice, _o, record, _l: (
                    self._kind_of(choice) == self._last
                    and any(name == claim.id and (a, b) in finding.cycle for name, a, b in record.collected)
                )
            case PropertyKind.HANG | PropertyKind.CAN_REACH:
                return lambda s, _c, _o, _r, _l: self._renumbered(s) == self._wanted
            case PropertyKind.REACHABLE:
                return lambda *_: False

    def _lost_or_at_end(
        self, s: list[int], choice: Choice, _o: Outcome | None, _r: Record, lost: list[tuple[str, int, str]]
    ) -> bool:
        if self._kind_of(choice) != self._last:
            return False
        if self.claim.kind is PropertyKind.LOST and any(self.claim.is_about(kind) for _, _, kind in lost):
            return True
        condition = self.compiled.conditions.get(self.claim.id)
        at_end = condition is not None and bool(self.compiled.ends(s, 0, 0, 0))
        return at_end and condition is not None and not condition(s, 0, 0, 0)


@dataclass
class _Search:
    """Greedy: any candidate that is better is where the search goes on from, until none is."""

    runner: Runner
    nuisance: Nuisance
    tried: set[Choices] = field(default_factory=set)

    def best(self, start: Shown) -> Shown:
        """The run that nothing here makes better."""
        found = start
        better: Shown | None = start
        while better is not None:
            found = better
            better = self._better(found)
        return found

    def _better(self, found: Shown) -> Shown | None:
        now = self._weight(found.choices)
        for candidate in self._candidates(found.choices):
            if candidate in self.tried:
                continue
            self.tried.add(candidate)
            if self.runner.left <= 0:
                return None
            shown = self.runner.follow(candidate)
            if shown is not None and self._weight(shown.choices) < now:
                return shown
        return None

    def _weight(self, choices: Choices) -> tuple[int, ...]:
        """Nuisances, threads, switches, steps, data, the numbers of the threads: the least is the best."""
        names = self.runner.system.threads
        nuisances = sum(
            self.nuisance(names[self.runner.type_of(c.thread)].name, c.alternative) for c in choices
        )
        switches = sum(a.thread != b.thread for a, b in pairwise(choices))
        values = sum(abs(value) for c in choices for value in c.values)
        order = tuple(dict.fromkeys(c.thread for c in choices))
        return (nuisances, len(order), switches, len(choices), values, *order)

    def _candidates(self, choices: Choices) -> Iterator[Choices]:
        yield from self._without_nuisances(choices)
        yield from self._by_other_threads(choices)
        yield from _joined(choices)
        yield from _left_out(choices)
        yield from _lowered(choices)

    def _without_nuisances(self, choices: Choices) -> Iterator[Choices]:
        for place, choice in enumerate(choices):
            thread_type = self.runner.system.threads[self.runner.type_of(choice.thread)]
            if not self.nuisance(thread_type.name, choice.alternative):
                continue
            source = thread_type.steps[choice.alternative].source
            for other, step in enumerate(thread_type.steps):
                if step.source == source and other != choice.alternative:
                    yield (*choices[:place], replace(choice, alternative=other), *choices[place + 1 :])

    def _by_other_threads(self, choices: Choices) -> Iterator[Choices]:
        """All that one thread does, or one block of it, done by another one of its type."""
        used = list(dict.fromkeys(c.thread for c in choices))
        for old in reversed(used):
            for new in used:
                if old != new and self.runner.type_of(old) == self.runner.type_of(new):
                    yield tuple(replace(c, thread=new) if c.thread == old else c for c in choices)
                    swap = {old: new, new: old}
                    yield tuple(replace(c, thread=swap.get(c.thread, c.thread)) for c in choices)
                    blocks = _blocks(choices)
                    for place, block in enumerate(blocks):
                        if block[0].thread == old:
                            moved = tuple(replace(c, thread=new) for c in block)
                            yield _flat((*blocks[:place], moved, *blocks[place + 1 :]))


def _joined(choices: Choices) -> Iterator[Choices]:
    """A block of steps of one thread, moved to the one before or after it of the same thread."""
    blocks = _blocks(choices)
    for place, block in enumerate(blocks):
        later = next(
            (k for k in range(place + 1, len(blocks)) if blocks[k][0].thread == block[0].thread), None
        )
        if later is not None:
            between, rest = blocks[place + 1 : later], blocks[later + 1 :]
            yield _flat((*blocks[:place], block, blocks[later], *between, *rest))
            yield _flat((*blocks[:place], *between, block, blocks[later], *rest))


def _left_out(choices: Choices) -> Iterator[Choices]:
    """Runs without some neighbouring choices: halves first, single ones last."""
    size = len(choices) // 2
    while size:
        for start in range(0, len(choices), size):
            yield (*choices[:start], *choices[start + size :])
        size //= 2


def _lowered(choices: Choices) -> Iterator[Choices]:
    """Smaller numbers where numbers were chosen."""
    for place, choice in enumerate(choices):
        for k, value in enumerate(choice.values):
            for less in dict.fromkeys(
                (0, 1, value // 2 if value > 0 else -(-value // 2), value - (value > 0))
            ):
                if abs(less) < abs(value):
                    values = (*choice.values[:k], less, *choice.values[k + 1 :])
                    yield (*choices[:place], replace(choice, values=values), *choices[place + 1 :])


def _blocks(choices: Choices) -> tuple[Choices, ...]:
    return tuple(tuple(block) for _, block in groupby(choices, key=lambda c: c.thread))


def _flat(blocks: Sequence[Choices]) -> Choices:
    return tuple(choice for block in blocks for choice in block)


def _violates(outcome: Outcome | None, record: Record, finding: Finding) -> bool:
    if isinstance(outcome, Fault) and outcome.kind == finding.kind:
        return finding.property in outcome.properties
    return finding.property in [name for name, _ in record.violations]


def _given(values: list[int]) -> Callable[[int, int], int]:
    def choose(low: int, high: int) -> int:
        if not values or not low <= values[0] <= high:
            raise Unchosen(f"no value of {low}..{high} is given")
        return values.pop(0)

    return choose
