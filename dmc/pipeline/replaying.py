"""Single runs: a recorded one made again, and a random one."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

from dmc.base.exceptions import ModelError, UsageError
from dmc.base.source import SourceFile
from dmc.engines.reference.walk import ReplayStep, begin
from dmc.ir.statement import Cut, Drop, Fault
from dmc.lower.lowering import Lowered, lower
from dmc.lower.run import RunChoice
from dmc.model.model import Model
from dmc.pipeline.checking import LARGEST_SCALE, empty_run
from dmc.pipeline.following import Divergence, follow
from dmc.pipeline.loading import Loaded, load
from dmc.pipeline.recorded import RecordedViolation, read_result
from dmc.pipeline.request import Request
from dmc.pipeline.selection import applies, selected_rules
from dmc.pipeline.table import cells
from dmc.pipeline.telling import told_steps
from dmc.results.report import PropertyResult, Report, Trace
from dmc.results.verdict import Verdict

Sources = dict[str, SourceFile]


def simulate(request: Request, seed: int, steps: int) -> tuple[Report, Sources]:
    """One random run of the first run of a file, of at most so many steps."""
    loaded = load(request.paths[0])
    model = _model(loaded)
    run, lowered = _first_run(model, request)
    chance = random.Random(seed)
    starts = list(_starts(lowered))
    initial = chance.choice(starts)
    walk = begin(lowered.system, initial)
    while len(walk.steps) < steps:
        possible = walk.possible()
        if not possible:
            break
        walk.take(chance.choice(possible))
    trace = _trace(lowered, walk.steps, initial, f"a random run with seed {seed}")
    result = PropertyResult("simulation", "random_run", Verdict.INCONCLUSIVE, trace.summary, trace=trace)
    return Report((empty_run(run, lowered, (result,)),), loaded.diagnostics, 0), loaded.sources


def replay(path: str, identifier: str | None, number: int | None) -> tuple[Report, Sources]:
    """The violations recorded in a JSON result, made again step by step in today's model."""
    sources: Sources = {}
    runs = []
    for position, recorded in enumerate(read_result(path), 1):
        if number not in (None, position):
            continue
        found = [v for v in recorded.violations if identifier in (None, v.id, v.name)]
        if not found:
            continue
        loaded = load(recorded.request.paths[0])
        sources.update(loaded.sources)
        for environment in dict.fromkeys(violation.environment for violation in found):
            there = replace(recorded.request, **dict(environment))  # type: ignore[arg-type]
            run, lowered = _first_run(_model(loaded), there)
            own = [violation for violation in found if violation.environment == environment]
            runs.append(empty_run(run, lowered, tuple(_with_room(run, lowered, one) for one in own)))
    if not runs:
        raise UsageError(f"{path} has no recorded violation that fits")
    return Report(tuple(runs), (), 1), sources


def _with_room(run: RunChoice, lowered: Lowered, recorded: RecordedViolation) -> PropertyResult:
    """The violation made again, with a heap as large as the search may have made it."""
    scale = 1
    while True:
        try:
            return _again(lowered, recorded)
        except UsageError:
            scale *= 2
            if scale > LARGEST_SCALE:
                raise
            fit = tuple(r for r in selected_rules(run.model, ()) if applies(r, run.model, run.scenario))
            lowered = lower(replace(run, heap_scale=scale), fit)


def _again(lowered: Lowered, recorded: RecordedViolation) -> PropertyResult:
    if recorded.initial_values not in set(_starts(lowered)):
        raise UsageError(f"{recorded.id}: the model has changed: it no longer starts like that")
    walk = follow(lowered, recorded.initial_values, recorded.steps)
    if isinstance(walk, Divergence):
        raise UsageError(f"{recorded.id}: the model has changed: {walk.text}")
    told = _trace(lowered, walk.steps, recorded.initial_values, recorded.summary)
    marked = zip(told.steps, recorded.steps, strict=True)
    steps = tuple(replace(again, marks=step.marks) for again, step in marked)
    told = replace(told, steps=steps, stuck=recorded.stuck, owed=recorded.owed)
    return PropertyResult(
        recorded.id,
        recorded.name,
        Verdict.VIOLATED,
        recorded.message,
        functions=recorded.functions,
        trace=told,
    )


def _trace(lowered: Lowered, steps: list[ReplayStep], initial: tuple[int, ...], summary: str) -> Trace:
    last = steps[-1].outcome if steps else None
    match last:
        case Fault(kind=kind):
            summary = f"{summary}; it ends in a fault: {kind.replace('_', ' ')}"
        case Cut(name=name):
            summary = f"{summary}; it is cut by {name}"
        case Drop(name=name):
            summary = f"{summary}; it is dropped by the assumption at {name}"
        case None:
            pass
    return Trace((), told_steps(lowered, steps), summary=summary, initial_values=initial)


def _starts(lowered: Lowered) -> Iterator[tuple[int, ...]]:
    from itertools import product

    yield from product(*(choice.values for choice in lowered.system.initial_choices))


def _first_run(model: Model, request: Request) -> tuple[RunChoice, Lowered]:
    for scenario in model.scenarios:
        if request.scenario not in (None, scenario.name):
            continue
        for cell in cells(model, scenario, request):
            if not cell.refused:
                rules = selected_rules(model, request.properties)
                fit = tuple(r for r in rules if applies(r, model, scenario))
                return cell.run, lower(cell.run, fit)
    raise UsageError(f"{model.path} has no such run")


def _model(loaded: Loaded) -> Model:
    if loaded.model is None:
        raise ModelError(loaded.diagnostics)
    return loaded.model
