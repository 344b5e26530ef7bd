"""`why-not`: a run into a situation, or what keeps it from happening: which of its parts exclude each
other, and which other setting would allow it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations

from dmc.base.exceptions import ModelError, UsageError
from dmc.base.source import SourceFile
from dmc.lower.run import RunChoice
from dmc.model.model import Model
from dmc.pipeline.checking import refuse_unknown, run_cell, search_tables, table_of
from dmc.pipeline.loading import load
from dmc.pipeline.request import Progress, Request
from dmc.pipeline.selection import refuse_unknown_scenario
from dmc.pipeline.table import Cell, refusal
from dmc.results.exit_code import ExitCode
from dmc.results.matrix import results_of
from dmc.results.report import Report, Run
from dmc.results.situation import Part, Situation
from dmc.results.verdict import Verdict
from dmc.runtime.presets import PRESETS, preset_profile
from dmc.runtime.profile import Profile
from dmc.syntax import ast
from dmc.syntax.expression_text import expression
from dmc.syntax.parser import parse

MOST_PARTS = 4
"""Of more parts than this, not every combination is asked for: only single ones, pairs, and all."""

NAME = "situation"


def why_not(
    request: Request, condition: str, progress: Progress | None = None
) -> tuple[Report, dict[str, SourceFile]]:
    """Whether the condition, as an invariant would be written, is true in some state of some run."""
    refuse_unknown(request)
    parts = _conjuncts(condition)
    asked = list(_combinations(parts))
    names = [f"{NAME}_{number}" for number in range(1, len(asked) + 1)]
    added = "\n".join(f"invariant {name}: !({text});" for name, text in zip(names, asked, strict=True))
    loaded = load(request.paths[0], runs_as_written=False, added=added)
    if loaded.model is None:
        raise ModelError(loaded.diagnostics)
    model = loaded.model
    refuse_unknown_scenario([model], request.scenario)
    own = replace(request, properties=tuple(names))
    cells = [cell for cell in table_of(model, own) if not cell.refused]
    if not cells:
        raise UsageError(f"{model.path} can run on none of the runtimes asked for")
    (runs,) = search_tables([cells], own, progress)
    found = tuple(Part(text, _happens(runs, name)) for name, text in zip(names, asked, strict=True))
    whole = found[-1]
    situation = Situation(whole.condition, whole.happens, len(runs), found if len(found) > 1 else ())
    if whole.happens is False:
        elsewhere, tried = _elsewhere(cells, replace(own, properties=(names[-1],)), names[-1], progress)
        situation = replace(situation, elsewhere=elsewhere, tried=tried)
    shown = [_shown(run, names[-1], whole.condition) for run in runs]
    code = ExitCode.INCONCLUSIVE if whole.happens is None else ExitCode.AS_EXPECTED
    return Report(tuple(shown), loaded.diagnostics, code, situation=situation), loaded.sources


def _conjuncts(condition: str) -> list[str]:
    """What the condition demands, in parts that are joined by `&&`."""
    source = SourceFile("<condition>", f"invariant {NAME}: {condition};\n")
    parsed = parse(source)
    if parsed.file is None or parsed.diagnostics:
        first = parsed.diagnostics[0]
        raise UsageError(f"`{condition}` is no condition: {first.message}")
    (item,) = parsed.file.items
    if not isinstance(item, ast.Invariant):
        raise UsageError(f"`{condition}` is no condition")
    return [expression(part) for part in _split(item.condition)]


def _split(node: ast.Expr) -> Iterator[ast.Expr]:
    if isinstance(node, ast.Binary) and node.operator == "&&":
        yield from _split(node.left)
        yield from _split(node.right)
    else:
        yield node


def _combinations(parts: Sequence[str]) -> Iterator[str]:
    sizes = range(1, len(parts) + 1) if len(parts) <= MOST_PARTS else (1, 2, len(parts))
    for size in sizes:
        for chosen in combinations(parts, size):
            yield " && ".join(part if size == 1 else f"({part})" for part in chosen)


def _happens(runs: Sequence[Run], name: str) -> bool | None:
    """A run that ends in a fault was searched to its end: C gives no meaning to what follows."""
    verdicts = [results_of(run)[name].verdict for run in runs]
    if Verdict.VIOLATED in verdicts:
        return True
    searched = all(
        verdict is Verdict.PROVED
        or (verdict is Verdict.BOUNDED and all(cut.startswith("fault:") for cut, _ in run.cut_by))
        for verdict, run in zip(verdicts, runs, strict=True)
    )
    return False if searched else None


def _shown(run: Run, name: str, condition: str) -> Run:
    """Only the whole situation, as what somebody hopes for."""
    result = results_of(run)[name]
    verdict = Verdict.PROVED if result.verdict is Verdict.VIOLATED else result.verdict
    message = f"here it is so: {condition}" if result.verdict is Verdict.VIOLATED else result.message
    trace = result.trace
    if trace is not None:
        steps = tuple(replace(s, marks=tuple("here it is so" for _ in s.marks)) for s in trace.steps)
        trace = replace(trace, steps=steps, owed=(), summary=f"Now {condition}.")
    told = replace(result, id=NAME, name="", verdict=verdict, message=message, trace=trace, claim="")
    return replace(run, properties=(told,))


def _elsewhere(
    cells: Sequence[Cell], request: Request, name: str, progress: Progress | None
) -> tuple[tuple[str, ...], int]:
    """Settings that differ in one thing from one of those that were searched, and in which it happens."""
    known = {_setting(cell.run) for cell in cells}
    found: list[str] = []
    tried = 0
    seen: dict[object, object] = {}
    for text, run in _variants(cells[0].run):
        if _setting(run) in known or refusal(run):
            continue
        known.add(_setting(run))
        tried += 1
        result = results_of(run_cell(Cell(run), request, progress, seen))[name]  # type: ignore[arg-type]
        if result.verdict is Verdict.VIOLATED:
            found.append(text)
    return tuple(found), tried


def _setting(run: RunChoice) -> tuple[object, ...]:
    return run.scenario.name, run.profile.values, run.locking, run.async_threads, run.schedulers, run.axes


def _variants(run: RunChoice) -> Iterator[tuple[str, RunChoice]]:
    other = "port" if run.locking == "driver" else "driver"
    yield f"with {other} locking", replace(run, locking=other)
    for count in (0, 1, 2, 3):
        yield f"with {count} async thread{'' if count == 1 else 's'}", replace(run, async_threads=count)
    for count in (1, 2, 3):
        yield f"with {count} scheduler{'' if count == 1 else 's'}", replace(run, schedulers=count)
    for axis, values in _axes(run.model):
        for value in values:
            axes = tuple((name, value if name == axis else old) for name, old in run.axes)
            yield f"with {axis} = {value}", replace(run, axes=axes)
    for preset in PRESETS:
        profile = preset_profile(preset.name)
        if isinstance(profile, Profile):
            count = 1 if preset.build.value == "nosmp" else run.schedulers
            yield f"on {preset.name}", replace(run, profile=profile, schedulers=count)


def _axes(model: Model) -> Iterator[tuple[str, tuple[str, ...]]]:
    for axis in model.axes:
        yield axis.name, axis.values
