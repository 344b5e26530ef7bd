"""A JSON result read back: what of it is needed to make its runs again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from dmc.base.exceptions import UsageError
from dmc.ir.outcome import Choice
from dmc.pipeline.request import Request


@dataclass(frozen=True)
class RecordedStep:
    """A step that was taken; `action` is for messages. `name` is "" in results of older versions."""

    choice: Choice
    action: str
    marks: tuple[str, ...]
    lane: str = ""
    frames: tuple[str, ...] = ()
    name: str = ""


@dataclass(frozen=True)
class RecordedViolation:
    """What was found, and the way there."""

    id: str
    name: str
    message: str
    functions: tuple[str, ...]
    initial_values: tuple[int, ...]
    steps: tuple[RecordedStep, ...]
    summary: str
    stuck: tuple[str, ...]
    owed: tuple[str, ...]
    environment: tuple[tuple[str, str], ...]
    """In what the run of the violation differs from the recorded one."""


@dataclass(frozen=True)
class RecordedRun:
    """A run, as the request that selects it alone, with its violations."""

    request: Request
    violations: tuple[RecordedViolation, ...]


def read_result(path: str) -> tuple[RecordedRun, ...]:
    """The runs of a result; a `UsageError` if the file is none."""
    try:
        with open(path, encoding="utf-8") as stream:
            document = json.load(stream)
        return tuple(_run(run) for run in _list(document["runs"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        told = f"it has no {error}" if isinstance(error, KeyError) else str(error)
        raise UsageError(f"{path} is no result of dmc: {told}") from None


def _run(run: dict[str, Any]) -> RecordedRun:
    violations = tuple(_violation(p) for p in _list(run["properties"]) if p["trace"])
    axes = {_text(name): _text(value) for name, value in dict(run["axes"]).items()}
    request = Request(
        (_text(run["model"]),),
        runtimes=_text(run["runtime"]),
        locking=_text(run["locking"]),
        async_threads=str(_number(run["async_threads"])),
        schedulers=str(_number(run["schedulers"])),
        axes=axes,
        scenario=_text(run["scenario"]),
    )
    return RecordedRun(request, violations)


def _violation(found: dict[str, Any]) -> RecordedViolation:
    trace = found["trace"]
    return RecordedViolation(
        id=_text(found["id"]),
        name=_text(found["name"]),
        message=_text(found["message"]),
        functions=_texts(found["functions"]),
        initial_values=tuple(_number(value) for value in _list(trace["initial_values"])),
        steps=tuple(_step(step) for step in _list(trace["steps"])),
        summary=_text(trace["summary"]),
        stuck=_texts(trace["stuck"]),
        owed=_texts(trace["owed"]),
        environment=tuple((_text(k), _text(v)) for k, v in dict(trace.get("environment", {})).items()),
    )


def _step(step: dict[str, Any]) -> RecordedStep:
    values = tuple(_number(value) for value in _list(step.get("values", [])))
    choice = Choice(_number(step["thread"]), _number(step["alternative"]), values)
    return RecordedStep(
        choice,
        _text(step["action"]),
        _texts(step["marks"]),
        _text(step.get("lane", "")),
        _texts(step.get("frames", [])),
        _text(step.get("name", "")),
    )


def _list(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError(f"{value!r:.40} is no list")
    return value


def _texts(value: object) -> tuple[str, ...]:
    return tuple(_text(one) for one in _list(value))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.40} is no text")
    return value


def _number(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError(f"{value!r:.40} is no number")
    return value
