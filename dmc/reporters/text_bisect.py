"""`dmc bisect` as text: stretches of releases, the turning points, and what brings them about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from dmc.base.source import SourceFile
from dmc.reporters.run_groups import describe
from dmc.reporters.terminal import MIN_WIDTH, Paint, printable, wrap
from dmc.reporters.text import closing
from dmc.reporters.text_diagnostic import render_diagnostics
from dmc.reporters.text_flips import change_lines
from dmc.results.bisection import Bisection, Line, Stretch, causes_of, main_causes
from dmc.results.exit_code import ExitCode
from dmc.results.matrix import Cause
from dmc.results.report import Report, Run
from dmc.results.verdict import Verdict


def render_bisection(report: Report, sources: Mapping[str, SourceFile], width: int, colour: bool) -> str:
    """All settings whose releases come out alike, together; then why."""
    paint, width = Paint(colour), max(width, MIN_WIDTH)
    blocks: list[list[str]] = []
    if report.diagnostics:
        blocks.append(render_diagnostics(report.diagnostics, sources, width, paint))
    if report.bisection is not None:
        blocks += bisection_blocks(report, report.bisection, width, paint)
    if report.exit != ExitCode.AS_EXPECTED and report.bisection is None:
        blocks.append(list(closing(report, width, paint)))
    return "\n\n".join("\n".join(line.rstrip() for line in block) for block in blocks) + "\n"


def bisection_blocks(report: Report, found: Bisection, width: int, paint: Paint) -> list[list[str]]:
    """What is found of one property."""
    title = " ".join(dict.fromkeys((found.property, found.name)))
    model = found.lines[0].model if found.lines else ""
    blocks = [wrap(f"{title}, release by release, in {printable(model)}", width, "", "  ")]
    groups: dict[tuple[object, ...], list[Line]] = {}
    for line in found.lines:
        shape = tuple((s.first, s.last, s.violated, s.reason) for s in line.stretches)
        groups.setdefault((line.build, shape), []).append(line)
    for alike in groups.values():
        blocks.append(list(_group(alike, report, width, paint)))
    causes = list(_causes(found, report, width, paint))
    if causes:
        blocks += causes
    else:
        blocks.append(["its verdict turns on no release"])
    return blocks


def _group(alike: Sequence[Line], report: Report, width: int, paint: Paint) -> Iterator[str]:
    line = alike[0]
    where = _settings(alike, report)
    yield from (
        paint.strong(text) for text in wrap(f"{line.build}{f': {where}' if where else ''}", width, "", "  ")
    )
    before: bool | None = None
    for stretch in line.stretches:
        remark = _remark(stretch, before)
        before = before if stretch.violated is None else stretch.violated
        text = f"{stretch.first} to {stretch.last}" if stretch.first != stretch.last else stretch.first
        yield from wrap(f"{_word(stretch):<15} {text:<18} {remark or stretch.reason}", width, "  ", " " * 18)


def _remark(stretch: Stretch, before: bool | None) -> str:
    """What begins here; `before` is whether it was violated before, None at the start."""
    match before, stretch.violated:
        case (False, True):
            return f"first bad release: {stretch.first}"
        case (None, True):
            return "bad from the first release that runs it"
        case (True, False):
            return f"first good release: {stretch.first}"
        case _:
            return ""


def _word(stretch: Stretch) -> str:
    if stretch.verdict is None:
        return "cannot run"
    return "VIOLATED" if stretch.verdict is Verdict.VIOLATED else str(stretch.verdict.value)


def _settings(alike: Sequence[Line], report: Report) -> str:
    """The scenarios, each with the settings, as far as not all of that build are meant."""
    parts = []
    by_scenario: dict[str, list[Line]] = {}
    for line in alike:
        by_scenario.setdefault(line.scenario, []).append(line)
    for scenario, lines in by_scenario.items():
        first = report.runs[lines[0].stretches[0].runs[0]]
        among = [r for r in report.runs if (r.scenario, r.runtime) == (scenario, first.runtime)]
        chosen = [r for r in among if any(_is_in(r, line) for line in lines)]
        text = describe(chosen, among, complete=False)
        parts.append(f"{scenario or 'default scenario'}{f' ({text})' if text else ''}")
    return ", ".join(parts)


def _is_in(run: Run, line: Line) -> bool:
    here = {
        "locking": run.locking,
        "async_threads": str(run.async_threads),
        "schedulers": str(run.schedulers),
        **run.axes,
    }
    return run.build == line.build and tuple(here.items()) == line.setting


def _causes(found: Bisection, report: Report, width: int, paint: Paint) -> Iterator[list[str]]:
    """For each turning point, once, the variation points that turn it."""
    told: dict[tuple[str, str, bool], dict[tuple[tuple[Cause, ...], str], None]] = {}
    for line in found.lines:
        for before, after in line.turns:
            flip = causes_of(report, before, after, found.property)
            causes = main_causes(flip.causes) if flip is not None else ()
            why = flip.unexplained if flip is not None else "the releases between cannot run the model"
            key = (after.first, line.build, bool(after.violated))
            told.setdefault(key, {})[causes, "" if causes else why] = None
    for (release, build, violated), ways in told.items():
        lines = [paint.strong(f"{release} ({build}) {'brings it' if violated else 'ends it'}:")]
        for causes, why in ways:
            if why:
                lines += wrap(f"not explained: {why}", width, "  ", "    ")
            for cause in causes:
                if len(cause.changes) > 1:
                    lines.append(f"  these {len(cause.changes)} together, and none of them can be left out:")
                for change in cause.changes:
                    lines += change_lines(change, width, paint)
        yield lines
