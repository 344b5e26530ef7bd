"""A report as SARIF 2.1.0, as code scanning reads it: a result for each property in each run.

What makes the command exit with another code than 0 has the kind `fail`; so has an expected violation, which
is suppressed, with the expectation as the reason. What holds has `pass`, what was decided only within bounds
or not at all `open`, what was never put to the test `review`, what the model does not use `notApplicable`. A
trace is a code flow with a thread flow for each lane; `executionOrder` is the number of a step. The facts of
the runs are a property bag.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Any

from dmc.base.diagnostic import Severity
from dmc.base.source import SourceFile, Span
from dmc.reporters.cases import (
    Case,
    Status,
    cases,
    property_title,
    run_title,
    scenario_title,
    winning_reasons,
)
from dmc.reporters.json import document
from dmc.reporters.reporter import Look, Reporter
from dmc.results.report import PropertyResult, Report, Trace, TraceStep
from dmc.results.verdict import Verdict

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

_UNRESERVED = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/")
"""What stands for itself in the path of a URI (RFC 3986)."""

_Object = dict[str, Any]


def render(report: Report) -> str:
    """The log, in ASCII, with a newline at its end."""
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(report)]}
    return json.dumps(log, indent=1) + "\n"


def _run(report: Report) -> _Object:
    found = cases(report)
    rules = _rules(report)
    numbers = {identifier: number for number, identifier in enumerate(rules)}
    places = {id(run): number for number, run in enumerate(report.runs)}
    results = [
        _result(case, case.result, numbers[case.result.id], places[id(case.run)])
        for case in found
        if case.result is not None
    ]
    driver = {"name": "dmc", "rules": list(rules.values())}
    whole = document(report)
    facts = [{key: value for key, value in run.items() if key != "properties"} for run in whole["runs"]]
    bag = {"runs": facts, **({"matrix": whole["matrix"]} if "matrix" in whole else {})}
    return {
        "tool": {"driver": driver},
        "invocations": [_invocation(report, found)],
        "columnKind": "unicodeCodePoints",
        "results": results,
        "properties": bag,
    }


def _rules(report: Report) -> dict[str, _Object]:
    rules: dict[str, _Object] = {}
    for result in (result for run in report.runs for result in run.properties):
        claim = result.claim or property_title(result)
        rules.setdefault(
            result.id,
            {
                "id": result.id,
                "name": result.name or result.id,
                "shortDescription": _text(claim),
                "help": _text(
                    f"{claim}\n\n`dmc explain {result.id}` says what it demands and how to satisfy it."
                ),
                "defaultConfiguration": {"level": "error"},
            },
        )
    return rules


def _invocation(report: Report, found: tuple[Case, ...]) -> _Object:
    """How the command ended, and all that is about no single property."""
    own = [case for case in found if case.result is None]
    notes = [_notification(case) for case in own if case.diagnostic is None]
    notes += [{"level": "note", "message": _text(reason.text)} for reason in winning_reasons(report)]
    return {
        "executionSuccessful": report.exit not in (2, 5),
        "exitCode": report.exit,
        "toolConfigurationNotifications": [
            _notification(case) for case in own if case.diagnostic is not None
        ],
        "toolExecutionNotifications": notes,
    }


def _notification(case: Case) -> _Object:
    diagnostic = case.diagnostic
    if diagnostic is None:
        told = (
            f"{scenario_title(case.run)} on {run_title(case.run)}: {case.reason}" if case.run else case.reason
        )
        return {"level": "error" if case.failing else "note", "message": _text(told)}
    parts = [diagnostic.message, diagnostic.note, *(f"hint: {hint}" for hint in diagnostic.hints)]
    parts += [f"{label.span}: {label.text}" for label in diagnostic.labels]
    return {
        "level": "error" if diagnostic.severity is Severity.ERROR else "warning",
        "descriptor": {"id": diagnostic.code},
        "message": _text("\n".join(filter(None, parts))),
        "locations": [_location(diagnostic.span)] if diagnostic.span.line > 0 else [],
    }


def _result(case: Case, result: PropertyResult, rule: int, place: int) -> _Object:
    assert case.run is not None
    kind, level = _kind(case, result)
    run = f"{scenario_title(case.run)} on {run_title(case.run)}"
    excuse = {"kind": "external", "status": "accepted", "justification": f"expected: {result.expected}"}
    told: _Object = {
        "ruleId": result.id,
        "ruleIndex": rule,
        "kind": kind,
        "level": level,
        "message": _text(f"{case.title} ({run}): {case.reason}"),
        "locations": [_location(case.where, result.functions)],
        "partialFingerprints": {"dmcRun/v1": f"{case.run.model}: {run}: {result.id}"},
        "suppressions": [excuse] if case.expected_violation else [],
        "properties": {
            "run": place,
            "verdict": result.verdict.value,
            "expected": result.expected,
            "asExpected": result.as_expected,
            "functions": list(result.functions),
            "message": result.message,
        },
    }
    if case.where.line < 1:
        told["locations"] = [{"physicalLocation": {"artifactLocation": {"uri": _uri(case.run.model)}}}]
    if result.trace is not None and result.trace.steps:
        told["codeFlows"] = [_code_flow(result.trace)]
    if result.trace is not None:
        told["properties"]["trace"] = _around(result.trace)
    return told


def _kind(case: Case, result: PropertyResult) -> tuple[str, str]:
    """Kind and level; SARIF has no level but `none` for what did not fail."""
    if case.status is Status.FAILED:
        return "fail", "warning" if result.verdict is Verdict.VACUOUS else "error"
    if case.status is Status.UNDECIDED:
        return "fail", "warning"
    match result.verdict:
        case Verdict.VIOLATED:
            return "fail", "note"
        case Verdict.PROVED:
            return "pass", "none"
        case Verdict.BOUNDED | Verdict.INCONCLUSIVE:
            return "open", "none"
        case Verdict.VACUOUS:
            return "review", "none"
        case Verdict.NOT_APPLICABLE:
            return "notApplicable", "none"


def _around(trace: Trace) -> _Object:
    """What a code flow has no place for."""
    return {
        "initial": [{"name": name, "value": value} for name, value in trace.initial],
        "stuck": list(trace.stuck),
        "owed": list(trace.owed),
        "summary": trace.summary,
        "environment": dict(trace.environment),
    }


def _code_flow(trace: Trace) -> _Object:
    lanes: dict[str, list[_Object]] = {}
    for number, step in enumerate(trace.steps, 1):
        lanes.setdefault(step.lane, []).append(_step(number, step))
    flows = [
        {"id": lane or f"thread {number}", "message": _text(lane or "-"), "locations": locations}
        for number, (lane, locations) in enumerate(lanes.items(), 1)
    ]
    return {"message": _text(trace.summary or "the run that leads there"), "threadFlows": flows}


def _step(number: int, step: TraceStep) -> _Object:
    said = step.action + (f" -> {step.result}" if step.result else "")
    said = "; ".join(filter(None, (said, *step.notes, *step.marks)))
    return {
        "location": {**_location(step.place, step.frames), "message": _text(said or "-")},
        "executionOrder": number,
        "nestingLevel": len(step.frames),
        "importance": "essential" if step.marks else "unimportant" if step.operand else "important",
        "state": {c.name: _text(c.after or "gone") for c in step.changes},
        "properties": {
            "actor": step.actor,
            "held": list(step.held),
            "before": {c.name: c.before for c in step.changes},
        },
    }


def _location(span: Span, functions: tuple[str, ...] = ()) -> _Object:
    place: _Object = {}
    if span.line > 0:
        region = dict(_region(span))
        place["physicalLocation"] = {"artifactLocation": {"uri": _uri(span.path)}, "region": region}
    if functions:
        place["logicalLocations"] = [{"name": name, "kind": "function"} for name in functions]
    return place


def _region(span: Span) -> Iterator[tuple[str, int]]:
    yield "startLine", span.line
    yield "startColumn", max(span.column, 1)
    if (span.end_line, span.end_column) > (span.line, span.column):
        yield "endLine", span.end_line
        yield "endColumn", max(span.end_column, 1)


def _uri(path: str) -> str:
    """A path as a URI: relative to wherever the command ran, unless it is absolute."""
    pure = PurePath(path)
    signs = pure.as_posix().encode("utf-8", "replace")
    quoted = "".join(chr(byte) if chr(byte) in _UNRESERVED else f"%{byte:02X}" for byte in signs)
    return f"file://{quoted}" if pure.is_absolute() else quoted


def _text(text: str) -> _Object:
    return {"text": text or "-"}


def _render(report: Report, _sources: Mapping[str, SourceFile], _look: Look) -> str:
    return render(report)


REPORTER = Reporter("sarif", _render)
