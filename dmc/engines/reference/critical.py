"""Which decisions of a run matter: each is made otherwise, and the rest of the run goes on as it was.

An *order* is two steps of different threads, the first of which could also have come after the second, and
then the finding does not show. A *decision* is a step instead of which its thread could have taken another
one, and then it does not show either. What is tried is one change at a time, with every other step as it
is, as far as it can still be taken: what is said to matter does so for this run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from dmc.engines.reference.replay import can_reach
from dmc.engines.reference.shorten import Choices, Runner
from dmc.ir.outcome import Choice, Finding
from dmc.ir.system import PropertyKind, System

BUDGET = 400_000
"""How many steps are executed for one finding at most."""

HANG_BUDGET = 3_000
"""How many states are looked at to see whether a changed run can still end."""


@dataclass(frozen=True)
class Order:
    """Two steps, by number from 1, of which the first has to come before the second."""

    first: int
    second: int


@dataclass(frozen=True)
class Decision:
    """A step, by number from 1, and the alternative that its thread could have taken instead."""

    step: int
    other: int


@dataclass(frozen=True)
class Critical:
    """All orders and decisions that matter, in the order of the run; `tried` counts the changed runs."""

    orders: tuple[Order, ...]
    decisions: tuple[Decision, ...]
    tried: int
    complete: bool

    @property
    def steps(self) -> tuple[int, ...]:
        """The steps that some of them are about."""
        found = {s for order in self.orders for s in (order.first, order.second)}
        return tuple(sorted(found | {decision.step for decision in self.decisions}))


def critical(system: System, finding: Finding, budget: int = BUDGET) -> Critical:
    """What matters in the run of a finding."""
    runner = Runner(system, finding, budget)
    search = _Flips(runner, finding.path.choices)
    orders = tuple(_tightest(search.orders()))
    decisions = tuple(search.decisions())
    return Critical(orders, decisions, search.tried, runner.left > 0)


class _Flips:
    def __init__(self, runner: Runner, choices: Choices) -> None:
        self.runner = runner
        self.choices = choices
        self.tried = 0
        self._is_hang = runner.claim.kind is PropertyKind.HANG

    def orders(self) -> Iterator[Order]:
        """For each step and each other thread, the first of its later steps that must not come before."""
        for number, choice in enumerate(self.choices):
            for other in dict.fromkeys(c.thread for c in self.choices[number + 1 :]):
                if other != choice.thread:
                    second = self._second(number, other)
                    if second is not None:
                        yield Order(number + 1, second + 1)

    def _second(self, number: int, other: int) -> int | None:
        """More and more steps of the other thread before this one, until the finding does not show."""
        rest = range(number, len(self.choices))
        moved: list[int] = []
        for place in (p for p in rest if self.choices[p].thread == other):
            moved.append(place)
            ahead = [self.choices[p] for p in moved]
            if not self._can_go(self.choices[:number], ahead):
                return None
            behind = [self.choices[p] for p in rest if p not in moved]
            if not self._shows((*self.choices[:number], *ahead, *behind)):
                return place
        return None

    def decisions(self) -> Iterator[Decision]:
        """For each step the alternatives that its thread had there; the first one that changes the end."""
        state = list(self.runner.first)
        for number, choice in enumerate(self.choices):
            thread = self.runner.layout.threads[choice.thread - 1]
            for step in self.runner.compiled.steps[state[thread.base]]:
                other = replace(choice, alternative=step.alternative, values=())
                if step.alternative == choice.alternative or step.step.spurious or step.chooses:
                    continue
                if self.runner.enabled(state, other) is None:
                    continue
                if not self._shows((*self.choices[:number], other, *self.choices[number + 1 :])):
                    yield Decision(number + 1, step.alternative)
                    break
            done = self.runner.step(state, choice)
            if done is None:
                return
            state = done[0]

    def _can_go(self, before: Sequence[Choice], ahead: Sequence[Choice]) -> bool:
        state = list(self.runner.first)
        for choice in (*before, *ahead):
            done = self.runner.step(state, choice)
            if done is None or done[1] is not None:
                return False
            state = done[0]
        return True

    def _shows(self, choices: Choices) -> bool:
        self.tried += 1
        if self.runner.follow(choices) is not None:
            return True
        return self._is_hang and self._still_hangs(choices)

    def _still_hangs(self, choices: Choices) -> bool:
        state = list(self.runner.first)
        for choice in choices:
            done = self.runner.step(state, choice)
            if done is not None and done[1] is not None:
                return False
            state = done[0] if done is not None else state
        reached = can_reach(
            self.runner.compiled, lambda c: c.ends, state, self.runner.collect, HANG_BUDGET, ()
        )
        return reached is not True


def _tightest(orders: Iterator[Order]) -> Iterator[Order]:
    """Of several first steps before the same second one the last: the others come before it anyway."""
    last: dict[int, Order] = {}
    for order in orders:
        last[order.second] = order
    yield from sorted(last.values(), key=lambda order: (order.first, order.second))
