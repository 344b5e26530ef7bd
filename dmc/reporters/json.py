"""A report as one JSON document, `dmc.result/1`; its schema is `result.schema.json` beside this file.

Every key is always there, in a fixed order, so that the same report gives the same bytes; `matrix` is there
for `dmc matrix` and `dmc bisect`, `bisection` and `difference` for `dmc bisect` and `dmc diff` alone. A
place that is nowhere is `{}`. The trace has all that `dmc replay` needs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from dmc.base.diagnostic import Diagnostic
from dmc.base.source import SourceFile, Span
from dmc.reporters.json_coverage import coverage_document
from dmc.reporters.json_matrix import matrix_document
from dmc.reporters.json_runtimes import bisection_document, difference_document, situation_document
from dmc.reporters.reporter import Look, Reporter
from dmc.results.ledger import LedgerEntry
from dmc.results.proof import ForAllValues
from dmc.results.report import Cost, PropertyResult, Report, Run, Trace, TraceStep

SCHEMA = "dmc.result/1"


def render(report: Report) -> str:
    """The document, in ASCII, with a newline at its end."""
    return json.dumps(document(report), indent=1) + "\n"


def document(report: Report) -> dict[str, Any]:
    """The document as plain values."""
    whole = {
        "schema": SCHEMA,
        "exit": report.exit,
        "runs": [_run(run) for run in report.runs],
        "diagnostics": [_diagnostic(diagnostic) for diagnostic in report.diagnostics],
    }
    if report.matrix is not None:
        whole["matrix"] = matrix_document(report, report.matrix)
    if report.bisection is not None:
        whole["bisection"] = bisection_document(report.bisection)
    if report.difference is not None:
        whole["difference"] = difference_document(report.difference, trace_document)
    if report.situation is not None:
        whole["situation"] = situation_document(report.situation)
    if report.coverage:
        whole["coverage"] = [coverage_document(found) for found in report.coverage]
    return whole


def schema() -> dict[str, Any]:
    """The JSON Schema that every document satisfies."""
    text = files("dmc.reporters").joinpath("result.schema.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def _run(run: Run) -> dict[str, Any]:
    return {
        "model": run.model,
        "scenario": run.scenario,
        "runtime": run.runtime,
        "build": run.build,
        "equivalent_preset": run.equivalent_preset,
        "locking": run.locking,
        "regime": run.regime,
        "async_threads": run.async_threads,
        "schedulers": run.schedulers,
        "axes": dict(run.axes),
        "instance": run.instance,
        "engine": run.engine,
        "engine_note": run.engine_note,
        "data": list(run.data),
        "for_all_values": None if run.proof is None else _proof(run.proof),
        "reductions": list(run.reductions),
        "assumptions": list(run.assumptions),
        "not_applicable": run.not_applicable,
        "complete": run.complete,
        "stopped_by": run.stopped_by,
        "cut_by": [name for name, _ in run.cut_by],
        "cuts": dict(run.cut_by),
        "dropped": dict(run.dropped),
        "faults": {kind: list(violated) for kind, violated in run.faults},
        "states": run.states,
        "transitions": run.transitions,
        "depth": run.depth,
        "seconds": run.seconds,
        "peak_bytes": run.peak_bytes,
        "cost": _cost(run.cost),
        "properties": [_property(prop) for prop in run.properties],
    }


def _proof(proof: ForAllValues) -> dict[str, Any]:
    return {
        "proved": list(proof.proved),
        "open": dict(proof.open),
        "invariant": list(proof.invariant),
        "control_states": proof.controls,
        "confirmed": {
            "initiation": proof.initiation,
            "consecution": proof.consecution,
            "safety": proof.safety,
        },
        "seconds": proof.seconds,
    }


def _cost(cost: Cost) -> dict[str, Any]:
    return {
        "points": [{"name": line.name, "count": line.count} for line in cost.points],
        "values": [{"name": line.name, "count": line.count} for line in cost.values],
    }


def _property(prop: PropertyResult) -> dict[str, Any]:
    return {
        "id": prop.id,
        "name": prop.name,
        "verdict": prop.verdict.value,
        "expected": prop.expected,
        "as_expected": prop.as_expected,
        "claim": prop.claim,
        "message": prop.message,
        "where": _place(prop.where),
        "functions": list(prop.functions),
        "trace": None if prop.trace is None else trace_document(prop.trace),
    }


def trace_document(trace: Trace) -> dict[str, Any]:
    """A trace as plain values."""
    return {
        "initial": [{"name": name, "value": value} for name, value in trace.initial],
        "initial_values": list(trace.initial_values),
        "steps": [_step(step) for step in trace.steps],
        "stuck": list(trace.stuck),
        "owed": list(trace.owed),
        "summary": trace.summary,
        "environment": dict(trace.environment),
        "reasons": [{"steps": list(reason.steps), "text": reason.text} for reason in trace.reasons],
    }


def _step(step: TraceStep) -> dict[str, Any]:
    return {
        "actor": step.actor,
        "action": step.action,
        "result": step.result,
        "where": _place(step.place),
        "changes": [{"name": c.name, "before": c.before, "after": c.after} for c in step.changes],
        "lane": step.lane,
        "frames": list(step.frames),
        "held": list(step.held),
        "marks": list(step.marks),
        "notes": list(step.notes),
        "ledger": [_entry(entry) for entry in step.ledger],
        "operand": step.operand,
        "name": step.name,
        "thread": step.thread,
        "alternative": step.alternative,
        "values": list(step.values),
    }


def _entry(entry: LedgerEntry) -> dict[str, Any]:
    return {
        "name": entry.name,
        "kind": entry.kind,
        "state": entry.state,
        "owner": entry.owner,
        "count": entry.count,
        "owes": entry.owes,
    }


def _diagnostic(diagnostic: Diagnostic) -> dict[str, Any]:
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message,
        "where": _place(diagnostic.span),
        "note": diagnostic.note,
        "hints": list(diagnostic.hints),
        "labels": [{"where": _place(label.span), "text": label.text} for label in diagnostic.labels],
    }


def _place(span: Span) -> dict[str, Any]:
    if span.line < 1:
        return {}
    return {"file": span.path, "line": span.line, "column": span.column}


def _render(report: Report, _sources: Mapping[str, SourceFile], _look: Look) -> str:
    return render(report)


REPORTER = Reporter("json", _render)
