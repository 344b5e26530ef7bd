"""A recorded run, made again by the names of its steps: in a model that was edited since.

A step is named by its thread, the functions it is inside of, and what it does as it is written. Numbers of
alternatives change when a callback is edited that the run never enters; names do not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dmc.engines.reference.race import RaceFinder
from dmc.engines.reference.replay import can_reach
from dmc.engines.reference.walk import Walk, begin
from dmc.ir.outcome import Choice
from dmc.ir.statement import Fault
from dmc.ir.system import PropertyKind
from dmc.lower.lowering import Lowered
from dmc.pipeline.recorded import RecordedStep
from dmc.pipeline.telling.naming import thread_names

HANG_BUDGET = 20_000


@dataclass(frozen=True)
class Divergence:
    """The first recorded step that cannot be taken any more, and what can be taken instead."""

    number: int
    wanted: str
    instead: tuple[str, ...]

    @property
    def text(self) -> str:
        """In a sentence."""
        others = (
            f"; possible there: {'; '.join(self.instead)}" if self.instead else "; nothing is possible there"
        )
        return f"step {self.number} ({self.wanted}) cannot be taken{others}"


def follow(lowered: Lowered, initial: tuple[int, ...], steps: Sequence[RecordedStep]) -> Walk | Divergence:
    """The run, or where it diverges. The start has to be one of the system's."""
    walk = begin(lowered.system, initial)
    names = _Names(lowered)
    for number, step in enumerate(steps, 1):
        possible = walk.possible()
        choice = names.meant(step, possible, walk)
        if choice is None or not walk.take(choice):
            instead = tuple(dict.fromkeys(names.text(one) for one in possible))
            return Divergence(number, step.action, instead[:6])
    return walk


class _Names:
    def __init__(self, lowered: Lowered) -> None:
        self._threads = thread_names(lowered)
        self._layout = begin(lowered.system, next(iter_starts(lowered))).compiled.layout
        self._points = [{p.name: p for p in t.points} for t in lowered.system.threads]

    def meant(self, step: RecordedStep, possible: Sequence[Choice], walk: Walk) -> Choice | None:
        """The recorded choice where it still has its name; else the first one that has."""
        if not step.name:
            return step.choice
        del walk
        fitting = [one for one in possible if self._key(one) == (step.lane, step.frames, step.name)]
        numbers = (step.choice.thread, step.choice.alternative)
        same = next((one for one in fitting if (one.thread, one.alternative) == numbers), None)
        found = same or next(iter(fitting), None)
        if found is None:
            return None
        return Choice(found.thread, found.alternative, step.choice.values)

    def text(self, choice: Choice) -> str:
        """A possible step, for a person."""
        lane, frames, name = self._key(choice)
        return f"{lane}: {name}" + (f" in {frames[-1]}" if frames else "")

    def _key(self, choice: Choice) -> tuple[str, tuple[str, ...], str]:
        thread = self._layout.threads[choice.thread - 1]
        step = thread.type.steps[choice.alternative]
        point = self._points[thread.type_index][step.source]
        frames = tuple(frame.function for frame in point.frames)
        return self._threads[choice.thread - 1], frames, step.label


def iter_starts(lowered: Lowered):  # type: ignore[no-untyped-def]
    """The values of the initial choices with which the system can start."""
    from itertools import product

    yield from product(*(choice.values for choice in lowered.system.initial_choices))


def still_violates(lowered: Lowered, walk: Walk, identifier: str) -> bool | None:
    """Whether a run that was made again violates the property at its end; None if that is too much to see."""
    claim = next((p for p in lowered.system.properties if p.id == identifier), None)
    if claim is None:
        return None
    last = walk.steps[-1] if walk.steps else None
    match claim.kind:
        case PropertyKind.FAULT | PropertyKind.VIOLATION:
            outcome = last.outcome if last is not None else None
            named = outcome.properties if isinstance(outcome, Fault) else ()
            return last is not None and (identifier in named or identifier in [n for n, _ in last.violations])
        case PropertyKind.INVARIANT:
            return not walk.compiled.conditions[identifier](walk.state, 0, 0, 0)
        case PropertyKind.AT_END | PropertyKind.LOST:
            condition = walk.compiled.conditions.get(identifier)
            fails = condition is not None and not condition(walk.state, 0, 0, 0)
            return (last is not None and bool(last.lost)) or fails
        case PropertyKind.HANG:
            reached = can_reach(walk.compiled, lambda c: c.ends, walk.state, walk.collect, HANG_BUDGET, ())
            return None if reached is None else not reached
        case PropertyKind.RACE:
            moments = [step.after for step in walk.steps][-3:]
            races = RaceFinder(walk.compiled)
            return any(races.find(list(state)) is not None for state in moments)
        case _:
            return None
