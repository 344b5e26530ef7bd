"""A violation as a trace in the Informal Trace Format of Apalache and Quint (their ADR-015).

A document is one trace: the first violation that was not expected, else the first. The others are whole
documents in `#meta.others`, and the verdicts of all properties are in `#meta.verdicts`. A state is the start
or what is true after a step; its variables are the things that the steps change, and what was chosen at the
start. A thing that is not there yet, or not any more, is the empty text. A variable that is an integer in all
states is a `#bigint` in all of them; the others are texts. `dmc::lane` and `dmc::action` say who did what.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dmc.base.source import SourceFile
from dmc.reporters.cases import Case, cases, run_title, scenario_title
from dmc.reporters.reporter import Look, Reporter
from dmc.results.report import Report, Trace, TraceStep

LANE, ACTION = "dmc::lane", "dmc::action"

_Object = dict[str, Any]


def render(report: Report) -> str:
    """The document, in ASCII, with a newline at its end."""
    found = cases(report)
    traced = [(case, case.result.trace) for case in found if case.result is not None and case.result.trace]
    traced.sort(key=lambda pair: not pair[0].failing)
    documents = [_document(case, trace) for case, trace in traced]
    first, *others = documents or [{"#meta": {"description": "no trace"}, "vars": [], "states": []}]
    first["#meta"] |= {"exit": report.exit, "verdicts": [_verdict(case) for case in found], "others": others}
    return json.dumps(first, indent=1) + "\n"


def _verdict(case: Case) -> _Object:
    """What a property, a diagnostic or a run comes to."""
    verdict = case.result.verdict.value if case.result is not None else None
    run = f"{case.run.model}: {scenario_title(case.run)} on {run_title(case.run)}" if case.run else None
    where = str(case.where) if case.where.line > 0 else None
    told = {"title": case.title, "status": case.status.value, "verdict": verdict, "reason": case.reason}
    return {**told, "run": run, "where": where}


def _document(case: Case, trace: Trace) -> _Object:
    values = list(_states(trace))
    names = list(values[0])
    numbers = {name for name in names if all(re.fullmatch("-?[0-9]+", state[name]) for state in values)}
    meta = {
        "format": "ITF",
        "description": trace.summary,
        **_verdict(case),
        "stuck": list(trace.stuck),
        "owed": list(trace.owed),
        "environment": dict(trace.environment),
    }
    states = [
        {
            "#meta": {"index": index, **(_step(trace.steps[index - 1]) if index else {})},
            **{name: {"#bigint": state[name]} if name in numbers else state[name] for name in names},
        }
        for index, state in enumerate(values)
    ]
    return {"#meta": meta, "vars": names, "states": states}


def _states(trace: Trace) -> Iterator[dict[str, str]]:
    """The values of all variables at the start and after each step."""
    now = {LANE: "", ACTION: ""}
    now |= {_name(name): value for name, value in trace.initial}
    for name, value in _first_values(trace.steps):
        now.setdefault(_name(name), value)
    yield dict(now)
    for step in trace.steps:
        now |= {LANE: step.lane, ACTION: step.action}
        now |= {_name(change.name): change.after for change in step.changes}
        yield dict(now)


def _first_values(steps: Sequence[TraceStep]) -> Iterator[tuple[str, str]]:
    """What each thing was before the first step that changes it."""
    for step in steps:
        for change in step.changes:
            yield change.name, change.before


def _name(name: str) -> str:
    """A name that is none of the format's own, which begin with `#`."""
    return f" {name}" if name.startswith("#") else name


def _step(step: TraceStep) -> _Object:
    return {
        "actor": step.actor,
        "frames": list(step.frames),
        "result": step.result,
        "where": str(step.place) if step.place.line > 0 else None,
        "held": list(step.held),
        "marks": list(step.marks),
        "notes": list(step.notes),
        "operand": step.operand,
    }


def _render(report: Report, _sources: Mapping[str, SourceFile], _look: Look) -> str:
    return render(report)


REPORTER = Reporter("itf", _render)
