"""`diff`: the same models on two runtimes, and all that comes out differently."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from dmc.base.diagnostic import Diagnostic
from dmc.base.exceptions import UsageError
from dmc.base.source import SourceFile
from dmc.lower.lowering import lower
from dmc.model.model import Model
from dmc.pipeline.bisecting import bisected
from dmc.pipeline.checking import lacking, refuse_unknown, search_tables, table_of, woven_rules
from dmc.pipeline.loading import Loaded, load
from dmc.pipeline.outcomes import Outcome, happened, witnesses
from dmc.pipeline.request import Progress, Request
from dmc.pipeline.runtimes import select_runtime
from dmc.pipeline.selection import refuse_unknown_scenario
from dmc.pipeline.table import Cell
from dmc.results.bisection import main_causes, turning_points
from dmc.results.exit_code import ExitCode
from dmc.results.matrix import RUNTIME, coordinates, is_violated, results_of
from dmc.results.report import PropertyResult, Report, Run, Trace
from dmc.results.runtime_diff import OutcomeDiff, RuntimeDiff, Turn, VerdictDiff
from dmc.results.verdict import Verdict
from dmc.runtime.presets import select_range
from dmc.runtime.profile import Profile, Refusal, builds_of

Sides = tuple[Profile, Profile]


def diff(
    request: Request, sides: tuple[str, str], progress: Progress | None = None
) -> tuple[Report, dict[str, SourceFile]]:
    """All runs of all models on both sides, what differs between them, and on which release that turns."""
    refuse_unknown(request)
    files = [load(path, runs_as_written=False) for path in request.paths]
    models = [file.model for file in files if file.model is not None]
    refuse_unknown_scenario(models, request.scenario)
    diagnostics: list[Diagnostic] = [d for file in files for d in file.diagnostics]
    sources: dict[str, SourceFile] = {}
    for file in files:
        sources.update(file.sources)
    runs: list[Run] = []
    parts = []
    for file in files:
        if file.model is not None:
            part = _of_model(file, file.model, request, sides, len(runs), progress)
            runs += part.runs
            diagnostics += lacking(file.model, list(part.runs), file.diagnostics)
            parts.append(part)
    found = RuntimeDiff(
        *sides,
        verdicts=tuple(v for part in parts for v in part.verdicts),
        outcomes=tuple(o for part in parts for o in part.outcomes),
        turns=tuple(t for part in parts for t in part.turns),
        complete=all(part.complete for part in parts),
    )
    code = _code(found, runs, diagnostics)
    return Report(tuple(runs), tuple(diagnostics), code, difference=found), sources


@dataclass(frozen=True)
class _Part:
    """What one model contributes."""

    runs: tuple[Run, ...]
    verdicts: tuple[VerdictDiff, ...]
    outcomes: tuple[OutcomeDiff, ...]
    turns: tuple[Turn, ...]
    complete: bool


def _of_model(
    file: Loaded,
    model: Model,
    request: Request,
    sides: tuple[str, str],
    first: int,
    progress: Progress | None,
) -> _Part:
    profiles = (_profile(model, sides[0]), _profile(model, sides[1]))
    if profiles[0].name == profiles[1].name:
        raise UsageError(f"diff needs two runtimes, and both are {profiles[0].name}")
    cells = table_of(model, replace(request, runtimes=",".join(p.name for p in profiles)))
    (runs,) = search_tables([cells], request, progress)
    pairs = list(_pairs(cells, runs, profiles))
    verdicts = [d for left, right in pairs for d in _verdicts(runs, left, right, first)]
    outcomes, complete = _outcomes(cells, pairs, first, request, progress)
    turns = _turns(model, request, profiles, verdicts, progress)
    complete = complete and all(run.complete or bool(run.not_applicable) for run in runs)
    return _Part(tuple(runs), tuple(verdicts), tuple(outcomes), tuple(turns), complete)


def _profile(model: Model, text: str) -> Profile:
    found = select_runtime(text, model.runtimes)
    if isinstance(found, Refusal):
        near = f"; did you mean {' or '.join(found.near_misses)}?" if found.near_misses else ""
        raise UsageError(f"runtime {text}: {found.reason}{near}")
    if len(found.profiles) != 1:
        names = ", ".join(profile.name for profile in found.profiles)
        raise UsageError(f"diff compares single runtimes, and {text} means several: {names}")
    return found.profiles[0]


def _pairs(cells: Sequence[Cell], runs: Sequence[Run], sides: Sides) -> Iterator[tuple[int, int]]:
    """Runs that differ in the runtime alone; the build without SMP has one scheduler whatever is asked."""
    one_each = sides[0].build is not sides[1].build
    there: dict[tuple[object, ...], int] = {}
    for place, cell in enumerate(cells):
        if cell.run.profile.name == sides[1].name:
            there.setdefault(_key(runs[place], one_each), place)
    for place, cell in enumerate(cells):
        if cell.run.profile.name == sides[0].name:
            other = there.get(_key(runs[place], one_each))
            if other is not None:
                yield place, other


def _key(run: Run, without_schedulers: bool) -> tuple[object, ...]:
    own = {axis: value for axis, value in coordinates(run).items() if axis != RUNTIME}
    if without_schedulers:
        own.pop("schedulers")
    return (run.scenario, *own.items())


def _verdicts(runs: Sequence[Run], left: int, right: int, first: int) -> Iterator[VerdictDiff]:
    """What is violated on one side only, or in other functions; that one side cannot run is told of
    violations.
    """
    results = [{} if runs[p].not_applicable else results_of(runs[p]) for p in (left, right)]
    for identifier in dict.fromkeys((*results[0], *results[1])):
        pair = (results[0].get(identifier), results[1].get(identifier))
        if _differ(*pair):
            known = pair[0] or pair[1]
            assert known is not None
            yield VerdictDiff(
                identifier,
                known.name,
                first + left,
                first + right,
                (_verdict(pair[0]), _verdict(pair[1])),
                (_functions(pair[0]), _functions(pair[1])),
            )


def _verdict(result: PropertyResult | None) -> Verdict | None:
    return None if result is None else result.verdict


def _functions(result: PropertyResult | None) -> tuple[str, ...]:
    return result.functions if result is not None and result.verdict is Verdict.VIOLATED else ()


def _differ(left: PropertyResult | None, right: PropertyResult | None) -> bool:
    sides = [None if one is None else is_violated(one.verdict) for one in (left, right)]
    if left is None or right is None:
        return True in sides
    return sides[0] != sides[1] or _functions(left) != _functions(right)


# --- what happens on one side only ------------------------------------------------------------------


def _outcomes(
    cells: Sequence[Cell],
    pairs: Sequence[tuple[int, int]],
    first: int,
    request: Request,
    progress: Progress | None,
) -> tuple[list[OutcomeDiff], bool]:
    """Each outcome once for each side, with the shortest of its traces."""
    only: dict[tuple[Outcome, int], list[int]] = {}
    complete = True
    known: dict[object, frozenset[Outcome]] = {}
    for pair in pairs:
        if any(cells[place].refused for place in pair):
            continue
        sets = []
        for place in pair:
            lowered = lower(cells[place].run, woven_rules(cells[place].run, request))
            if lowered.system not in known:
                found, result = happened(lowered, request, progress)
                known[lowered.system] = found
                complete = complete and result.stopped_by is None
            sets.append(known[lowered.system])
        for side in (0, 1):
            for outcome in sorted(sets[side] - sets[1 - side]):
                only.setdefault((outcome, side), []).append(pair[side])
    traces = _traces(cells, only, request)
    found_diffs = [
        OutcomeDiff(outcome.text, side, tuple(first + p for p in places), traces.get((outcome, side)))
        for (outcome, side), places in sorted(only.items(), key=lambda item: (item[0][1], item[0][0]))
    ]
    return found_diffs, complete


def _traces(
    cells: Sequence[Cell], only: dict[tuple[Outcome, int], list[int]], request: Request
) -> dict[tuple[Outcome, int], Trace]:
    """A trace of each, told in the first run that has it."""
    wanted: dict[int, list[tuple[Outcome, int]]] = {}
    for key, places in only.items():
        wanted.setdefault(places[0], []).append(key)
    traces: dict[tuple[Outcome, int], Trace] = {}
    for place, keys in wanted.items():
        lowered = lower(cells[place].run, woven_rules(cells[place].run, request))
        told = witnesses(lowered, (outcome for outcome, _ in keys), request)
        traces.update({key: told[key[0]] for key in keys if key[0] in told})
    return traces


# --- where it turns -------------------------------------------------------------------------------


def _turns(
    model: Model,
    request: Request,
    sides: Sides,
    verdicts: Iterable[VerdictDiff],
    progress: Progress | None,
) -> Iterator[Turn]:
    """The releases between the two sides, searched for each property that differs in whether it is
    violated.
    """
    named = dict.fromkeys(d.property for d in verdicts if _turned(d))
    if sides[0].build is not sides[1].build or any(p.changed for p in sides):
        return
    low, high = sorted(sides, key=lambda profile: profile.release)
    suffix = f"/{low.build.value}"
    within = select_range(_end(low, suffix), _end(high, suffix))
    if isinstance(within, Refusal):
        return
    for identifier in named:
        report = bisected(model, request, identifier, within, progress)
        assert report.bisection is not None
        settings: dict[Turn, list[str]] = {}
        for line, _, after, flip in turning_points(report, report.bisection):
            causes = main_causes(flip.causes) if flip is not None else ()
            why = flip.unexplained if flip is not None else ""
            turn = Turn(model.path, identifier, after.first, bool(after.violated), (), causes, why)
            settings.setdefault(turn, []).append(_setting(model, line.scenario, line.setting))
        for turn, where in settings.items():
            yield replace(turn, settings=tuple(dict.fromkeys(where)))


def _turned(one: VerdictDiff) -> bool:
    left, right = (None if v is None else is_violated(v) for v in one.verdicts)
    return left != right


def _end(profile: Profile, suffix: str) -> str:
    return f"{profile.release}{suffix}" if len(builds_of(profile.release)) > 1 else str(profile.release)


def _setting(model: Model, scenario: str, setting: Sequence[tuple[str, str]]) -> str:
    """The scenario with the author's axes; of the others the turn says that it is so in some of their
    values.
    """
    own = {axis.name for axis in model.axes}
    told = ", ".join(f"{axis} = {value}" for axis, value in setting if axis in own)
    return f"{scenario or 'default scenario'}{f' ({told})' if told else ''}"


def _code(found: RuntimeDiff, runs: Sequence[Run], diagnostics: Sequence[Diagnostic]) -> int:
    """As of `diff`: 1 if something differs."""
    if any(d.severity.value == "error" for d in diagnostics) or (
        runs and all(run.not_applicable for run in runs)
    ):
        return ExitCode.UNUSABLE_INPUT
    if found.differs:
        return ExitCode.UNEXPECTED
    return ExitCode.AS_EXPECTED if found.complete else ExitCode.INCONCLUSIVE
