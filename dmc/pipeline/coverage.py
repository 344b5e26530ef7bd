"""`coverage`: a second search of each run, watched by statements that change nothing (see `outcomes`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from dmc.base.source import SourceFile, Span
from dmc.engines.interface import REDUCTIONS
from dmc.ir.statement import Cover
from dmc.ir.system import System
from dmc.lower.lowering import lower
from dmc.model.model import Model
from dmc.pipeline.checking import check, table_of, woven_rules
from dmc.pipeline.loading import load
from dmc.pipeline.outcomes import NOTICED, Outcome, watching
from dmc.pipeline.request import Progress, Request
from dmc.pipeline.searching import search
from dmc.results.coverage import LineCount, ModelCoverage, Situation
from dmc.results.report import Report
from dmc.runtime import port_lifecycle

STATES = tuple(
    port_lifecycle.STATES[state]
    for state in (
        port_lifecycle.OPENING,
        port_lifecycle.OPEN,
        port_lifecycle.CLOSING,
        port_lifecycle.STOPPING,
        port_lifecycle.EXITING,
        port_lifecycle.DEAD,
    )
)
LINE = "line "


def coverage(request: Request, progress: Progress | None = None) -> tuple[Report, dict[str, SourceFile]]:
    """The report of `check`, and for each model what its runs put to use."""
    report, sources = check(request, progress)
    models = [load(path).model for path in request.paths]
    found = tuple(_of_model(model, request) for model in models if model is not None)
    return replace(report, coverage=found), sources


@dataclass
class _Counts:
    lines: Counter[int] = field(default_factory=Counter)
    executed: Counter[int] = field(default_factory=Counter)
    situations: Counter[tuple[str, str]] = field(default_factory=Counter)
    runs: int = 0
    complete: bool = True
    cuts: set[str] = field(default_factory=set)


def _of_model(model: Model, request: Request) -> ModelCoverage:
    counts = _Counts()
    known: dict[System, tuple[frozenset[str], bool, frozenset[str]]] = {}
    for cell in table_of(model, request):
        if cell.refused:
            continue
        lowered = lower(cell.run, woven_rules(cell.run, request))
        watched, names = watching(_with_lines(lowered.system, model.path), lambda name: Cover(name))
        if lowered.system not in known:
            reductions = REDUCTIONS if request.reductions is None else frozenset(request.reductions)
            bare = replace(watched, properties=())
            result = search(bare, request.engine, request.limits, reductions, None, None).result
            known[lowered.system] = (result.covered, result.stopped_by is None, frozenset(result.cuts))
        covered, complete, cuts = known[lowered.system]
        _count(counts, lowered.system, model.path, covered, names)
        counts.complete = counts.complete and complete
        counts.cuts |= cuts
    return ModelCoverage(
        model.path,
        counts.runs,
        tuple(LineCount(n, counts.executed[n], counts.lines[n]) for n in sorted(counts.lines)),
        tuple(Situation(*key, number) for key, number in sorted(counts.situations.items())),
        _callbacks(model),
        STATES,
        counts.complete,
        tuple(sorted(counts.cuts)),
        _command(model, request),
    )


def _count(
    counts: _Counts, system: System, path: str, covered: frozenset[str], names: dict[str, Outcome]
) -> None:
    counts.runs += 1
    for line in _lines(system, path):
        counts.lines[line] += 1
        counts.executed[line] += f"{LINE}{line}" in covered
    reached = {(o.what, o.state) for name, o in names.items() if name in covered and not o.answer}
    counts.situations.update(reached)


def _with_lines(system: System, path: str) -> System:
    threads = tuple(
        replace(
            thread,
            steps=tuple(
                replace(step, body=(Cover(f"{LINE}{step.place.line}"), *step.body))
                if _is_in(step.place, path)
                else step
                for step in thread.steps
            ),
        )
        for thread in system.threads
    )
    return replace(system, threads=threads)


def _lines(system: System, path: str) -> set[int]:
    places: Iterable[Span] = (step.place for thread in system.threads for step in thread.steps)
    return {place.line for place in places if _is_in(place, path)}


def _is_in(place: Span, path: str) -> bool:
    return place.line > 0 and place.path == path


def _callbacks(model: Model) -> tuple[str, ...]:
    """Those that the drivers have, and what jobs are called by."""
    own = [name for driver in model.drivers for name in driver.callbacks]
    jobs = ["async_invoke", "async_free"] if "driver_async" in model.api_uses else []
    return tuple(dict.fromkeys(name for name in (*own, *jobs) if name in NOTICED))


def _command(model: Model, request: Request) -> str:
    """What would search the same again."""
    given: Sequence[tuple[str, object]] = (
        ("--scenario", request.scenario),
        ("--runtime", request.runtimes),
        ("--locking", request.locking),
        ("--async-threads", request.async_threads),
        ("--schedulers", request.schedulers),
        *(("--axis", f"{name}={value}") for name, value in request.axes.items()),
        *(("--property", name) for name in request.properties),
        ("--engine", request.engine if request.engine != "auto" else None),
        ("--reduce", _reduce(request.reductions)),
        ("--max-states", request.limits.states),
        ("--max-depth", request.limits.depth),
        ("--max-seconds", request.limits.seconds),
        ("--max-memory", request.limits.memory),
    )
    options = "".join(f" {option} {value}" for option, value in given if value is not None)
    return f"dmc check{options} {model.path}"


def _reduce(names: tuple[str, ...] | None) -> str | None:
    return None if names is None else ",".join(names) or "none"
