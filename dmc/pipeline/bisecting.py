"""`bisect`: a property on every release that can differ from the one before, and what turns it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from dmc.base.exceptions import ModelError, UsageError
from dmc.base.source import SourceFile
from dmc.model.model import Model
from dmc.pipeline.checking import refuse_unknown, search_tables, table_of
from dmc.pipeline.eras import Era, eras
from dmc.pipeline.flips import explained
from dmc.pipeline.loading import load
from dmc.pipeline.request import Progress, Request
from dmc.pipeline.selection import refuse_unknown_scenario, selected_rules
from dmc.pipeline.table import Cell
from dmc.results.bisection import Bisection, Line, Stretch
from dmc.results.exit_code import ExitCode
from dmc.results.matrix import RUNTIME, Matrix, coordinates, is_violated
from dmc.results.report import PropertyResult, Report, Run
from dmc.results.verdict import Verdict
from dmc.runtime.presets import Selection, select
from dmc.runtime.profile import Refusal


def bisect(
    request: Request, identifier: str, progress: Progress | None = None
) -> tuple[Report, dict[str, SourceFile]]:
    """The property in each scenario and setting of the model, over all releases or those of `--runtime`."""
    refuse_unknown(request)
    loaded = load(request.paths[0], runs_as_written=False)
    if loaded.model is None:
        raise ModelError(loaded.diagnostics)
    model = loaded.model
    refuse_unknown_scenario([model], request.scenario)
    one = _one_property(model, identifier)
    report = bisected(model, replace(request, properties=(one,)), one, within_of(request.runtimes), progress)
    return replace(report, diagnostics=loaded.diagnostics), loaded.sources


def bisected(
    model: Model, request: Request, identifier: str, within: Selection | None, progress: Progress | None
) -> Report:
    """One run for each era and setting, and why the verdict turns where it does."""
    spans = {era.name: era for era in eras(model, within)}
    if not spans:
        raise UsageError(f"--runtime {request.runtimes}: there is no release in it")
    cells = table_of(model, replace(request, runtimes=",".join(spans), properties=(identifier,)))
    (runs,) = search_tables([cells], replace(request, properties=(identifier,)), progress)
    flips = explained(cells, runs, replace(request, properties=(identifier,)), progress)
    name = next((p.name for run in runs for p in run.properties if p.id == identifier), identifier)
    found = Bisection(identifier, name, lines_of(cells, runs, spans, identifier))
    return Report(tuple(runs), (), _code(runs, identifier), Matrix(flips), bisection=found)


def lines_of(
    cells: Sequence[Cell], runs: Sequence[Run], spans: dict[str, Era], identifier: str
) -> tuple[Line, ...]:
    """The runs by scenario, build and setting, each as its stretches."""
    chains: dict[tuple[object, ...], list[int]] = {}
    for place, (cell, run) in enumerate(zip(cells, runs, strict=True)):
        setting = tuple((axis, value) for axis, value in coordinates(run).items() if axis != RUNTIME)
        chains.setdefault((run.scenario, cell.run.profile.build, setting), []).append(place)
    lines = []
    for places in chains.values():
        first = runs[places[0]]
        setting = tuple((axis, value) for axis, value in coordinates(first).items() if axis != RUNTIME)
        stretches = tuple(_stretches(places, runs, spans, identifier))
        lines.append(Line(first.model, first.scenario, first.build, setting, stretches))
    return tuple(lines)


def _stretches(
    places: Sequence[int], runs: Sequence[Run], spans: dict[str, Era], identifier: str
) -> list[Stretch]:
    def key(place: int) -> tuple[object, ...]:
        result = result_of(runs[place], identifier)
        verdict = None if result is None else result.verdict
        return verdict if verdict is None or is_violated(verdict) is None else is_violated(verdict), (
            runs[place].not_applicable
        )

    found = []
    for _, group in groupby(places, key):
        own = tuple(group)
        result = result_of(runs[own[0]], identifier)
        verdicts = [r.verdict for place in own if (r := result_of(runs[place], identifier)) is not None]
        weakest = next((v for v in (Verdict.VACUOUS, Verdict.BOUNDED) if v in verdicts), None)
        verdict = None if result is None else weakest or result.verdict
        first, last = spans[runs[own[0]].runtime], spans[runs[own[-1]].runtime]
        found.append(Stretch(str(first.first), str(last.last), verdict, own, runs[own[0]].not_applicable))
    return found


def result_of(run: Run, identifier: str) -> PropertyResult | None:
    """What a run has found of the property; None if it was not searched."""
    if run.not_applicable:
        return None
    return next((prop for prop in run.properties if prop.id == identifier), None)


def within_of(text: str | None) -> Selection | None:
    """A range of `--runtime`, if one was given."""
    if text is None:
        return None
    selection = select(text)
    if isinstance(selection, Refusal):
        near = f"; did you mean {' or '.join(selection.near_misses)}?" if selection.near_misses else ""
        raise UsageError(f"runtime {text}: {selection.reason}{near}")
    return selection


def _one_property(model: Model, word: str) -> str:
    """The id that the word means: a rule by id or name, or a property of the model by name."""
    own = {i.name for i in model.invariants} | {r.name for r in model.reachables} | {"assertion"}
    if word in own:
        return word
    chosen = [rule for rule in selected_rules(model, (word,)) if word in (rule.id, rule.slug)]
    if len(chosen) != 1:
        raise UsageError(f"bisect takes one property, and `{word}` names a family: choose one of it")
    return chosen[0].id


def _code(runs: Sequence[Run], identifier: str) -> int:
    """A verdict that turns is an answer, as is one that never does."""
    searched = [run for run in runs if not run.not_applicable]
    results = [found for run in searched if (found := result_of(run, identifier)) is not None]
    if not searched:
        return ExitCode.UNUSABLE_INPUT
    if any(r.verdict is Verdict.INCONCLUSIVE for r in results) or any(run.stopped_by for run in searched):
        return ExitCode.INCONCLUSIVE
    silent = (Verdict.NOT_APPLICABLE, Verdict.VACUOUS)
    return ExitCode.NOTHING_VERIFIED if all(r.verdict in silent for r in results) else ExitCode.AS_EXPECTED
