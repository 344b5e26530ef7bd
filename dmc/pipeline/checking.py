"""`check` and `test`: load, span the table, lower, search, judge, compare."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from dmc.base.diagnostic import Diagnostic, Severity
from dmc.base.exceptions import UsageError
from dmc.base.source import SourceFile, Span
from dmc.engines.analysis.distinct_values import distinct_values
from dmc.engines.interface import REDUCTIONS, Inspect
from dmc.ir.outcome import Limit, Limits, SearchResult
from dmc.ir.system import System
from dmc.lower.lowering import Lowered, lower
from dmc.lower.run import RunChoice
from dmc.lower.worlds import regime_of
from dmc.model.model import Model, Rule
from dmc.pipeline.batches import Batch, run_batches
from dmc.pipeline.environments import recheck, with_rechecked
from dmc.pipeline.expecting import compare, expectations
from dmc.pipeline.instance import assumptions_of, instance_sentence
from dmc.pipeline.judging import Names, judge, names_of, not_applicable
from dmc.pipeline.loading import load
from dmc.pipeline.proving import prove
from dmc.pipeline.request import Progress, Request
from dmc.pipeline.searching import ENGINES, Searched, search
from dmc.pipeline.selection import (
    applies,
    refuse_unknown_scenario,
    selected_rules,
    watches_faults_only,
)
from dmc.pipeline.table import Cell, cells
from dmc.pipeline.time_left import TimeLeft
from dmc.results.exit_code import exit_code
from dmc.results.report import Cost, CostLine, PropertyResult, Report, Run
from dmc.results.verdict import Verdict
from dmc.runtime.presets import equivalent_preset

NO_LIMITS = Limits()
LACKS_FUNCTION = "E502"
IMPOSSIBLE_SETTING = "E418"
HEAP_CUT = "heap of "
LARGEST_SCALE = 4


def check(request: Request, progress: Progress | None = None) -> tuple[Report, dict[str, SourceFile]]:
    """A verdict for each property in each run of each file."""
    refuse_unknown(request)
    as_written = request.runtimes is None and request.scenario is None
    files = [load(path, as_written) for path in request.paths]
    models = [file.model for file in files if file.model is not None]
    refuse_unknown_scenario(models, request.scenario)
    found = iter(search_tables([table_of(model, request) for model in models], request, progress))
    runs: list[Run] = []
    diagnostics: list[Diagnostic] = []
    sources: dict[str, SourceFile] = {}
    for loaded in files:
        sources.update(loaded.sources)
        diagnostics.extend(loaded.diagnostics)
        if loaded.model is not None:
            own = next(found)
            runs.extend(own)
            diagnostics.extend(lacking(loaded.model, own, loaded.diagnostics))
            diagnostics.extend(_idle_allows(loaded.model, own, request))
    code = exit_code(runs, diagnostics, request.strict)
    return Report(tuple(runs), tuple(diagnostics), code), sources


def refuse_unknown(request: Request) -> None:
    """An engine or a reduction that does not exist."""
    if request.engine not in ENGINES:
        raise UsageError(f"there is no engine {request.engine} in this version: {', '.join(ENGINES)}")
    unknown = set(request.reductions or ()) - REDUCTIONS
    if unknown:
        names = ", ".join(sorted(REDUCTIONS))
        raise UsageError(f"no reduction is called {', '.join(sorted(unknown))}: there are {names}, or none")


def table_of(model: Model, request: Request) -> list[Cell]:
    """All cells of a model that the request asks for."""
    wanted = [s for s in model.scenarios if request.scenario in (None, s.name)]
    return [cell for scenario in wanted for cell in cells(model, scenario, request)]


def search_tables(
    tables: Sequence[Sequence[Cell]], request: Request, progress: Progress | None
) -> list[list[Run]]:
    """The runs of each table, in its order; those that an interrupt came before are told, and not searched.

    Cells that differ in runtime and locking alone are one batch: their systems are often the same.
    """
    cells_of: dict[tuple[object, ...], list[tuple[int, int]]] = {}
    for number, table in enumerate(tables):
        for place, cell in enumerate(table):
            key = (number, cell.run.scenario.name, cell.run.async_threads, cell.run.axes)
            cells_of.setdefault(key, []).append((number, place))
    batches = [_batch([tables[n][p] for n, p in places], request) for places in cells_of.values()]
    results = run_batches(batches, request.jobs, progress).of_batch
    runs = [[_unsearched(cell, request) for cell in table] for table in tables]
    for places, found in zip(cells_of.values(), results, strict=True):
        for (number, place), run in zip(places, found, strict=False):
            runs[number][place] = run
    return runs


def _batch(own: Sequence[Cell], request: Request) -> Batch[Run]:
    def search_all(progress: Progress | None) -> Iterator[Run]:
        seen: dict[System, Searched] = {}
        for cell in own:
            run = run_cell(cell, request, progress, seen)
            yield run
            if run.stopped_by == Limit.INTERRUPT.value:
                raise KeyboardInterrupt

    return search_all


def _unsearched(cell: Cell, request: Request) -> Run:
    run = _report(cell.run, (), None, None, request, cell.refused)
    return run if cell.refused else replace(run, stopped_by=Limit.INTERRUPT.value)


def run_cell(cell: Cell, request: Request, progress: Progress | None, seen: dict[System, Searched]) -> Run:
    """The verdicts of one cell. `seen` holds what was found of other systems, and is added to."""
    model, scenario = cell.run.model, cell.run.scenario
    selected = selected_rules(model, request.properties)
    rules = with_rechecked(selected, model)
    names = names_of(model, rules)
    if cell.refused:
        return _report(cell.run, (), None, None, request, cell.refused)
    fit = tuple(r for r in rules if applies(r, model, scenario))
    values: dict[str, int] = {}
    woven = woven_rules(cell.run, request)
    time_left = TimeLeft(request.limits)
    lowered, searched = search_run(cell.run, woven, request, time_left, progress, seen, values)
    result = searched.result
    unfit = {r.id: r for r in rules if r not in fit}
    judged = judge(lowered, result, names, request.shorten)
    properties = [p for p in judged if p.id not in unfit or p.verdict is Verdict.VIOLATED]
    told = {p.id for p in properties}
    properties += [not_applicable(r) for r in unfit.values() if r.id not in told]
    others = [
        recheck(
            rule,
            cell.run,
            judged,
            lambda run, own: search_run(run, own, request, time_left, progress, seen, {}),
        )
        for rule in selected
        if rule.under
    ]
    unasked = {r.id for r in rules} - {r.id for r in selected}
    properties = [*(p for p in properties if p.id not in unasked), *others]
    if request.properties:
        properties = [p for p in properties if _wanted(p, request, selected, names)]
    expected = expectations(model, scenario, cell.run)
    compared = tuple(compare(p, expected) for p in properties)
    report = _report(cell.run, compared, lowered, searched, request, "")
    if request.prove:
        report = replace(report, proof=prove(lowered, compared, request))
    return replace(report, cost=_cost(result, values)) if request.cost or report.stopped_by else report


def woven_rules(run: RunChoice, request: Request) -> tuple[Rule, ...]:
    """The rules that a system is made with: those that apply, and those that watch for faults."""
    rules = with_rechecked(selected_rules(run.model, request.properties), run.model)
    return tuple(r for r in rules if applies(r, run.model, run.scenario) or watches_faults_only(r))


def _wanted(result: PropertyResult, request: Request, rules: tuple[Rule, ...], names: Names) -> bool:
    del names
    return any(r.id == result.id for r in rules) or result.id in request.properties


def search_run(
    run: RunChoice,
    rules: tuple[Rule, ...],
    request: Request,
    time_left: TimeLeft,
    progress: Progress | None,
    seen: dict[System, Searched],
    values: dict[str, int],
) -> tuple[Lowered, Searched]:
    """The search; the heap's estimated size grows while it is what cuts runs."""
    scale = 1
    known_states = _likely_states(seen)
    while True:
        lowered = lower(replace(run, heap_scale=scale), rules)
        searched = seen.get(lowered.system)
        if searched is None:
            searched = search(
                lowered.system,
                request.engine,
                time_left.limits(),
                REDUCTIONS if request.reductions is None else frozenset(request.reductions),
                _told(progress, run),
                _counter_of_values(request, values),
                known_states,
            )
            seen[lowered.system] = searched
        result, known_states = searched.result, searched.result.states
        too_small = any(name.startswith(HEAP_CUT) for name in result.cuts)
        if not too_small or scale >= LARGEST_SCALE or result.stopped_by is not None:
            return lowered, searched
        scale *= 2


def _likely_states(seen: dict[System, Searched]) -> int:
    """Those of the system searched last: a batch goes over runtimes, and from one to the next little changes.

    So the compiled engine is not begun with a search that it will throw away. Batches do not depend on how
    many run at a time, so the choice is the same in each repetition of a command.
    """
    return next(reversed(seen.values())).result.states if seen else 0


def test(request: Request, progress: Progress | None = None) -> tuple[Report, dict[str, SourceFile]]:
    """Every expectation of the files that have some; the others have nothing to be tested."""
    expecting = tuple(path for path in request.paths if _expects(path))
    return check(replace(request, paths=expecting), progress)


def _expects(path: str) -> bool:
    """A file with errors is kept: its diagnostics are the answer."""
    model = load(path).model
    return model is None or bool(model.expects)


def empty_run(run: RunChoice, lowered: Lowered, properties: tuple[PropertyResult, ...]) -> Run:
    """A run that was not searched, with what is to be shown of it."""
    return _report(run, properties, lowered, None, Request(()), "")


def _told(progress: Progress | None, run: RunChoice):  # type: ignore[no-untyped-def]
    if progress is None:
        return None
    name = f"{run.scenario.name} on {run.profile.name}"
    return lambda states, transitions, depth, frontier: progress(name, states, transitions, depth, frontier)


def _report(
    run: RunChoice,
    properties: tuple[PropertyResult, ...],
    lowered: Lowered | None,
    searched: Searched | None,
    request: Request,
    refused: str,
) -> Run:
    result = searched.result if searched is not None else None
    stopped = result.stopped_by.value if result is not None and result.stopped_by is not None else ""
    cuts = tuple(sorted(result.cuts.items())) if result is not None else ()
    return Run(
        model=run.model.path,
        scenario=run.scenario.name,
        runtime=run.profile.name,
        locking=run.locking,
        regime=regime_of(run).value,
        async_threads=run.async_threads,
        schedulers=run.schedulers,
        axes=dict(run.axes),
        engine=searched.engine if searched is not None else "reference",
        engine_note=searched.note if searched is not None else "",
        reductions=tuple(sorted(REDUCTIONS if request.reductions is None else request.reductions)),
        assumptions=assumptions_of(run, lowered, properties),
        complete=result is not None and not stopped,
        cut_by=cuts,
        stopped_by=stopped,
        states=result.states if result is not None else 0,
        transitions=result.transitions if result is not None else 0,
        depth=result.depth if result is not None else 0,
        seconds=round(result.seconds, 3) if result is not None else 0.0,
        peak_bytes=result.peak_bytes if result is not None else 0,
        instance=instance_sentence(run, lowered),
        properties=properties,
        equivalent_preset=equivalent_preset(run.profile) or "",
        dropped=tuple(sorted(result.dropped.items())) if result is not None else (),
        not_applicable=refused,
        build="SMP" if run.profile.build.value == "smp" else "non-SMP",
        faults=_faults(result),
        data=searched.data if searched is not None else (),
    )


def _faults(result: SearchResult | None) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Which properties each kind of fault violates, as far as it was found."""
    if result is None:
        return ()
    kinds = sorted(name for name in result.cuts if name.startswith("fault:"))
    return tuple(
        (kind, tuple(f.property for f in result.findings if f"fault:{f.kind}" == kind)) for kind in kinds
    )


def _counter_of_values(request: Request, values: dict[str, int]) -> Inspect | None:
    """Counts which cells vary most, if that is asked for, or of use because a limit may come first."""
    limits = (request.limits.states, request.limits.depth, request.limits.seconds, request.limits.memory)
    if not request.cost and all(limit is None for limit in limits):
        return None
    return lambda compiled, states: values.update(distinct_values(compiled, states))


def _cost(result: SearchResult, values: dict[str, int]) -> Cost:
    varying = sorted(values.items(), key=lambda item: (-item[1], item[0]))
    points = sorted(result.points_visited.items(), key=lambda item: (-item[1], item[0]))
    return Cost(
        tuple(CostLine(name, count) for name, count in points[:20]),
        tuple(CostLine(name, count) for name, count in varying[:20]),
    )


def lacking(model: Model, runs: list[Run], known: tuple[Diagnostic, ...]) -> list[Diagnostic]:
    """Why runs are not applicable, unless the file itself names those runtimes and was told so."""
    runtimes: dict[str, list[str]] = {}
    for run in runs:
        if run.not_applicable:
            runtimes.setdefault(run.not_applicable, []).append(run.runtime)
    told = [d.message for d in known if d.code == LACKS_FUNCTION]
    found = []
    for reason, names in runtimes.items():
        function = reason.partition(" ")[0]
        if any(f"`{function}`" in message for message in told):
            continue
        where = ", ".join(dict.fromkeys(names))
        place = model.api_uses.get(function)
        code = LACKS_FUNCTION if place is not None else IMPOSSIBLE_SETTING
        text = f"the model cannot run on {where}: {reason}"
        span = place or model.scenarios[0].span
        found.append(Diagnostic(code, text, span, "not-applicable there", severity=Severity.WARNING))
    return found


def _idle_allows(model: Model, runs: list[Run], request: Request) -> list[Diagnostic]:
    """An `allow` for a rule that is violated in no run hides nothing, and would hide something later.

    Only all runs of a file together can say so.
    """
    if replace(request, paths=()) != Request(
        (),
        engine=request.engine,
        reductions=request.reductions,
        limits=request.limits,
        strict=request.strict,
        cost=request.cost,
        jobs=request.jobs,
    ):
        return []
    found = []
    everything: list[tuple[str, str, Span]] = [*model.allows]
    for scenario in model.scenarios:
        everything += scenario.allows
    for rule, _, place in everything:
        violated = any(
            p.verdict.value == "violated" for r in runs for p in r.properties if rule in (p.id, p.name)
        )
        if not violated and runs and all(r.complete for r in runs):
            found.append(
                Diagnostic(
                    "E608", f"`allow {rule}` allows nothing", place, "no run violates it", ("delete it",)
                )
            )
    return found
