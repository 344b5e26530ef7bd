"""A finding, told: the replayed run in the words of the model.

`history` is the run and what can be asked about it, `naming` what its things are called; `steps`,
`endings` and `closing` tell its steps, its end, and what is to be said of it all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from dmc.base.source import NOWHERE, Span
from dmc.engines.reference.replay import Replay, replay
from dmc.engines.reference.walk import Object, ReplayStep, begin
from dmc.ir.outcome import Finding
from dmc.ir.system import PropertyKind
from dmc.lower.lowering import Lowered
from dmc.model.model import Rule
from dmc.pipeline.telling.closing import Closing
from dmc.pipeline.telling.endings import Ending
from dmc.pipeline.telling.functions import functions_of
from dmc.pipeline.telling.history import History, place_of_making
from dmc.pipeline.telling.obligations import kind_of
from dmc.pipeline.telling.steps import StepTeller
from dmc.results.report import Trace, TraceStep
from dmc.runtime.async_jobs import COUNTER
from dmc.runtime.rwlocks import POLICY, WRITERS_FIRST
from dmc.runtime.world import HEAP, JOB


@dataclass(frozen=True)
class Told:
    """The trace, the functions that the finding ends in, and the statement to look at first."""

    trace: Trace
    functions: tuple[str, ...]
    place: Span


def tell(lowered: Lowered, finding: Finding, rule: Rule | None) -> Told:
    """Replays the finding in the unreduced system and tells it; `rule` is what it violates, if it is one."""
    run = replay(lowered.system, finding)
    beyond = run.beyond if finding.race is None else _race_steps(lowered, finding)
    history = History(lowered, (*run.steps, *beyond), run.first)
    ending = Ending(history)
    stuck = run.stuck or finding.stuck
    hangs = kind_of(lowered, finding) is PropertyKind.HANG
    waiting = ending.waiting_processes() if hangs else ()
    trace = Trace(
        initial=_initial(lowered, finding),
        steps=_marked(StepTeller(history).steps(), finding, len(run.steps), hangs),
        owed=ending.owed() if finding.race is None else (),
        stuck=(*map(ending.stuck_line, stuck), *(f"{name} {what}" for name, what in waiting)),
        summary=Closing(history, finding, run, rule).sentence(),
        initial_values=finding.path.initial,
    )
    return Told(
        trace, _functions(history, finding, run, [name for name, _ in waiting]), _place(history, finding, run)
    )


def _functions(history: History, finding: Finding, run: Replay, waiting: list[str]) -> tuple[str, ...]:
    """The functions that the finding ends in; where no thread is stuck in one, the processes that wait."""
    found = functions_of(history, finding, run)
    if found or not waiting:
        return found
    instances = [one for one in history.lowered.instances if one.name in waiting]
    return tuple(dict.fromkeys(name for one in instances for name in (one.process.name, one.name)))


def told_steps(lowered: Lowered, steps: Sequence[ReplayStep]) -> tuple[TraceStep, ...]:
    """Steps of a run in the words of the model, with the locks that each thread then holds."""
    return StepTeller(History(lowered, steps)).steps()


def _race_steps(lowered: Lowered, finding: Finding) -> tuple[ReplayStep, ...]:
    """The two accesses, one after the other, where they are possible in that order."""
    assert finding.race is not None
    walk = begin(lowered.system, finding.path.initial)
    before = len(finding.path.choices)
    pair = (finding.race.first, finding.race.second)
    taken = all(walk.take(choice) for choice in (*finding.path.choices, *pair))
    return tuple(walk.steps[before:]) if taken else ()


def _marked(
    steps: tuple[TraceStep, ...], finding: Finding, violating: int, hangs: bool
) -> tuple[TraceStep, ...]:
    """The steps, with a mark at the one that violates the property, or at the two that race."""
    marks = {violating: f"violates {finding.property}"}
    if finding.race is not None and len(steps) == violating + 2:
        at_once = f"violates {finding.property}: at the same moment as step"
        marks = {violating + 1: f"{at_once} {violating + 2}", violating + 2: f"{at_once} {violating + 1}"}
    elif hangs:
        marks[violating] += ": from here on no run can finish"
    return tuple(
        replace(step, marks=(marks[number],)) if number in marks else step
        for number, step in enumerate(steps, 1)
    )


def _place(history: History, finding: Finding, run: Replay) -> Span:
    """The statement that violates, or that a hang never gets past; `NOWHERE` if none can be named."""
    candidates: list[Span] = []
    ending = Ending(history)
    candidates += [ending.place_of(s) for s in run.stuck or finding.stuck]
    if finding.race is not None:
        for choice in (finding.race.second, finding.race.first):
            thread = history.layout.threads[choice.thread - 1]
            candidates.append(thread.type.steps[choice.alternative].place)
    if run.steps and not candidates:
        last = run.steps[-1]
        candidates.append(last.place)
        candidates += [place_of_making(history, thing) for thing in _things(finding, last)]
        same = [s.place for s in reversed(run.steps) if s.choice.thread == last.choice.thread]
        candidates += same
    candidates += [s.place for s in reversed(run.steps)]
    return next((place for place in candidates if place.line > 0), NOWHERE)


def _things(finding: Finding, last: ReplayStep) -> list[Object]:
    """What a finding is about, if it is an object that is lost, or a job that is not as it should be."""
    if finding.kind:
        return []
    if any(name == finding.property for name, _ in last.violations):
        jobs = [v for _, arguments in last.events for name, v in arguments if name == "job"]
        things = [last.objects.get((HEAP, slot)) for slot in jobs]
        return [thing for thing in things if thing is not None and thing.kind == JOB]
    return list(last.lost)


def _initial(lowered: Lowered, finding: Finding) -> tuple[tuple[str, str], ...]:
    choices = zip(lowered.system.initial_choices, finding.path.initial, strict=True)
    return tuple(
        INITIAL_WORDS[choice.variable](value) for choice, value in choices if choice.variable in INITIAL_WORDS
    )


INITIAL_WORDS: dict[str, Callable[[int], tuple[str, str]]] = {
    COUNTER: lambda value: ("the counter of jobs without a key points at async thread", str(value + 1)),
    POLICY: lambda value: (
        "while a thread waits to write, threads that want to read",
        "wait, too" if value == WRITERS_FIRST else "go first",
    ),
}
"""What is chosen at the start, in words, by its variable."""
