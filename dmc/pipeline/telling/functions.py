"""In which functions a finding ends: what `violated in F` of an expectation is compared with."""

from __future__ import annotations

from dmc.engines.reference.replay import Replay
from dmc.engines.reference.walk import ReplayStep
from dmc.ir.outcome import Finding, RacePair, StuckThread
from dmc.ir.system import Frame, Point
from dmc.pipeline.telling.history import History
from dmc.pipeline.telling.steps import split_label

API = ("driver_", "erl_drv_")


def functions_of(history: History, finding: Finding, run: Replay) -> tuple[str, ...]:
    """The innermost functions of the threads that the finding is about."""
    if finding.stuck:
        found = _of_stuck(history, run.stuck or finding.stuck)
    elif finding.race is not None:
        found = _of_race(history, finding.race)
    else:
        found = _of_step(history, run.steps[-1]) if run.steps else []
    return tuple(dict.fromkeys(f for f in found if f))


def authors_frame(point: Point) -> Frame | None:
    """The innermost function that the author wrote, of those that a point is inside of."""
    return next((f for f in reversed(point.frames) if not f.function.startswith(API)), None)


def _of_stuck(history: History, stuck: tuple[StuckThread, ...]) -> list[str]:
    return [f for s in stuck for f in _innermost(history.point(s.thread, s.point))]


def _of_race(history: History, race: RacePair) -> list[str]:
    found: list[str] = []
    for choice in (race.first, race.second):
        thread = history.layout.threads[choice.thread - 1]
        step = thread.type.steps[choice.alternative]
        found += _innermost(history.point(choice.thread, step.source))
    return found


def _of_step(history: History, step: ReplayStep) -> list[str]:
    found = _innermost(history.source(step))
    for event, _ in step.events:
        kind, _, name = event.partition(" ")
        if kind in ("call", "return"):
            found.append(name)
    return [*found, split_label(history, step)[0]]


def _innermost(point: Point) -> list[str]:
    """The innermost function of the author's, and the one of the API inside of it, if any."""
    result = []
    for frame in reversed(point.frames):
        result.append(frame.function)
        if frame.role != "call" or frame.place.line == 0:
            break
        if not frame.function.startswith(API):
            break
    return result
