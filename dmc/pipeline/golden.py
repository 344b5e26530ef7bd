"""Golden traces: runs into expected violations, kept beside their model, and made again by the names of
steps.

`NAME.traces.json` beside `NAME.dmc` has the shortest run of each expected violation, by property and
function. A model that is changed in a comment, or in a callback that a run never enters, keeps it; where a
run diverges, the first step that cannot be taken is named.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from dmc.base.exceptions import ModelError, UsageError
from dmc.lower.lowering import lower
from dmc.pipeline.checking import LARGEST_SCALE, woven_rules
from dmc.pipeline.following import Divergence, follow, iter_starts, still_violates
from dmc.pipeline.loading import load
from dmc.pipeline.recorded import RecordedRun, RecordedViolation, read_result
from dmc.pipeline.request import Request
from dmc.pipeline.table import cells
from dmc.results.exit_code import meets
from dmc.results.golden import GoldenTrace
from dmc.results.report import PropertyResult, Report, Run
from dmc.results.verdict import Verdict

SUFFIX = ".traces.json"


def golden_path(model: str) -> Path:
    """Where the golden traces of a model are."""
    return Path(model).with_suffix(SUFFIX)


def check_golden(path: str) -> tuple[GoldenTrace, ...]:
    """Each golden trace of a model, made again today; none without a file."""
    stored = golden_path(path)
    if not stored.is_file():
        return ()
    found: list[GoldenTrace] = []
    for run in read_result(str(stored)):
        request = replace(run.request, paths=(path,))
        found += [_again(path, request, run, violation) for violation in run.violations]
    return tuple(found)


def _again(path: str, request: Request, run: RecordedRun, stored: RecordedViolation) -> GoldenTrace:
    del run
    where = f"{request.scenario or 'default scenario'} on {request.runtimes}"
    plain = GoldenTrace(path, stored.id, stored.functions, where, len(stored.steps))
    model = load(path).model
    if model is None:
        raise ModelError(load(path).diagnostics)
    scenario = next((s for s in model.scenarios if s.name == request.scenario), None)
    if scenario is None:
        return replace(plain, problem=f"there is no scenario {request.scenario} any more")
    try:
        table = [cell for cell in cells(model, scenario, request) if not cell.refused]
    except UsageError as error:
        return replace(plain, problem=str(error))
    if not table:
        return replace(plain, problem="the model cannot run there any more")
    scale = 1
    while True:
        lowered = lower(replace(table[0].run, heap_scale=scale), woven_rules(table[0].run, Request((path,))))
        if stored.initial_values not in set(iter_starts(lowered)):
            return replace(plain, problem="no run starts like that any more")
        walk = follow(lowered, stored.initial_values, stored.steps)
        if not isinstance(walk, Divergence):
            gone = still_violates(lowered, walk, stored.id) is False
            return replace(plain, problem=f"the run does not violate {stored.id} any more" if gone else "")
        scale *= 2
        if scale > LARGEST_SCALE:
            return replace(plain, problem=walk.text, step=walk.number)


def golden_document(report: Report, model: str) -> dict[str, Any] | None:
    """What is to be kept of a report: for each expected violation its shortest run; None if there is none."""
    chosen: dict[tuple[str, tuple[str, ...]], tuple[Run, PropertyResult]] = {}
    for run, result in _expected(report, model):
        key = (result.id, result.functions)
        if key not in chosen or _steps(result) < _steps(chosen[key][1]):
            chosen[key] = (run, result)
    runs: dict[int, tuple[Run, list[PropertyResult]]] = {}
    for run, result in chosen.values():
        runs.setdefault(id(run), (run, []))[1].append(result)
    return {"schema": "dmc.traces/1", "runs": [_run(*own) for own in runs.values()]} if runs else None


def write_golden(document: dict[str, Any]) -> str:
    """The text of the file: one line for each step, so that a difference can be read."""
    return json.dumps(document, indent=1) + "\n"


def _expected(report: Report, model: str) -> Iterator[tuple[Run, PropertyResult]]:
    for run in report.runs:
        for result in run.properties:
            violated = result.verdict is Verdict.VIOLATED and meets(result, "violated")
            if run.model == model and violated and result.trace is not None and not result.trace.environment:
                yield run, result


def _steps(result: PropertyResult) -> int:
    return len(result.trace.steps) if result.trace is not None else 0


def _run(run: Run, results: Sequence[PropertyResult]) -> dict[str, Any]:
    return {
        "model": Path(run.model).name,
        "scenario": run.scenario,
        "runtime": run.runtime,
        "locking": run.locking,
        "async_threads": run.async_threads,
        "schedulers": run.schedulers,
        "axes": dict(run.axes),
        "properties": [_property(result) for result in results],
    }


def _property(result: PropertyResult) -> dict[str, Any]:
    assert result.trace is not None
    steps = [
        {
            "lane": step.lane,
            "frames": list(step.frames),
            "name": step.name,
            "action": step.action,
            "marks": list(step.marks),
            "thread": step.thread,
            "alternative": step.alternative,
            "values": list(step.values),
        }
        for step in result.trace.steps
    ]
    trace = {
        "initial_values": list(result.trace.initial_values),
        "steps": steps,
        "summary": result.trace.summary,
        "stuck": list(result.trace.stuck),
        "owed": list(result.trace.owed),
    }
    return {
        "id": result.id,
        "name": result.name,
        "message": result.message,
        "functions": list(result.functions),
        "trace": trace,
    }
