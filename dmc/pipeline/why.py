"""`why`: which decisions of a run make it end in a violation, and which order is missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from dmc.base.exceptions import ModelError, UsageError
from dmc.base.source import SourceFile
from dmc.engines.reference.critical import Critical, critical
from dmc.engines.reference.shorten import shortened
from dmc.ir.outcome import Finding
from dmc.lower.lowering import Lowered
from dmc.model.model import Model
from dmc.pipeline.checking import empty_run, refuse_unknown, run_cell, search_run, table_of, woven_rules
from dmc.pipeline.judging import is_failure, names_of
from dmc.pipeline.loading import load
from dmc.pipeline.request import Progress, Request
from dmc.pipeline.selection import refuse_unknown_scenario, selected_rules
from dmc.pipeline.table import Cell
from dmc.pipeline.telling import tell
from dmc.pipeline.time_left import TimeLeft
from dmc.results.exit_code import ExitCode
from dmc.results.report import PropertyResult, Reason, Report, Trace, TraceStep
from dmc.results.verdict import Verdict

Sources = dict[str, SourceFile]


def why(request: Request, word: str, progress: Progress | None = None) -> tuple[Report, Sources]:
    """The first run of the table in which the property is violated, with what matters in it.

    Where it is violated in none, the report has the runs and no trace.
    """
    refuse_unknown(request)
    loaded = load(request.paths[0], runs_as_written=False)
    if loaded.model is None:
        raise ModelError(loaded.diagnostics)
    model = loaded.model
    refuse_unknown_scenario([model], request.scenario)
    asked = replace(request, properties=(word,))
    selected_rules(model, (word,))
    runs = []
    for cell in table_of(model, asked):
        if cell.refused:
            continue
        found = _explained(cell, model, asked, word, progress)
        if found is not None:
            return replace(found, diagnostics=loaded.diagnostics), loaded.sources
        runs.append(run_cell(cell, asked, progress, {}))
    if not runs:
        raise UsageError(f"{model.path} can run on none of the runtimes asked for")
    return Report(tuple(runs), loaded.diagnostics, ExitCode.NOTHING_VERIFIED), loaded.sources


def _explained(
    cell: Cell, model: Model, request: Request, word: str, progress: Progress | None
) -> Report | None:
    rules = woven_rules(cell.run, request)
    lowered, searched = search_run(cell.run, rules, request, TimeLeft(request.limits), progress, {}, {})
    names = names_of(model, rules)
    finding = next(
        (f for f in searched.result.findings if word in (f.property, names.slugs.get(f.property))), None
    )
    if finding is None:
        return None
    easier = shortened(lowered.system, finding, lambda kind, step: is_failure(lowered, kind, step))
    told = tell(lowered, easier, names.rules.get(easier.property))
    found = critical(lowered.system, easier)
    trace = replace(told.trace, reasons=tuple(_reasons(lowered, easier, told.trace, found)))
    result = PropertyResult(
        finding.property,
        names.slugs.get(finding.property, finding.property),
        Verdict.VIOLATED,
        trace.summary,
        told.place,
        functions=told.functions,
        trace=trace,
        claim=names.texts.get(finding.property, ""),
    )
    run = empty_run(cell.run, lowered, (result,))
    searched_run = replace(run, complete=searched.result.stopped_by is None, engine=searched.engine)
    return Report((searched_run,), (), ExitCode.AS_EXPECTED)


def _reasons(lowered: Lowered, finding: Finding, trace: Trace, found: Critical) -> Iterator[Reason]:
    for order in found.orders:
        yield Reason((order.first, order.second), _order_text(trace, order.first, order.second))
    for decision in found.decisions:
        choice = finding.path.choices[decision.step - 1]
        thread_type = _type_of(lowered, choice.thread)
        other = lowered.system.threads[thread_type].steps[decision.other].label
        step = trace.steps[decision.step - 1]
        text = f"step {decision.step}, {_named(step)}, where {step.lane} could have done something else"
        told = f": {other}" if other and other != step.action else ""
        yield Reason((decision.step,), f"{text}{told}")


def _type_of(lowered: Lowered, thread: int) -> int:
    last = 0
    for number, thread_type in enumerate(lowered.system.threads):
        last += thread_type.instances
        if thread <= last:
            return number
    raise IndexError(thread)


def _order_text(trace: Trace, first: int, second: int) -> str:
    one, other = trace.steps[first - 1], trace.steps[second - 1]
    text = (
        f"step {first}, {_named(one)}, comes before step {second}, {_named(other)}; the other way round,"
        " and all else as it is, it does not happen"
    )
    common = [lock for lock in _held_around(trace, first) if lock in _held_around(trace, second)]
    if common:
        return f"{text}. Both hold {' and '.join(common)}, which says nothing about who is first"
    return f"{text}. No lock that both hold and nothing that the one waits for orders them"


def _held_around(trace: Trace, number: int) -> tuple[str, ...]:
    """The locks that the thread of a step has before and after it."""
    step = trace.steps[number - 1]
    before = next((s.held for s in reversed(trace.steps[: number - 1]) if s.lane == step.lane), ())
    return tuple(lock for lock in before if lock in step.held)


def _named(step: TraceStep) -> str:
    inside = f" in `{step.frames[-1]}`" if step.frames else ""
    return f"`{step.action}`{inside} on {step.lane}"
