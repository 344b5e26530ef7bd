"""`dmc why-not` as text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dmc.base.source import SourceFile
from dmc.reporters.run_groups import count_runs, name_run
from dmc.reporters.terminal import MIN_WIDTH, Paint, printable, wrap
from dmc.reporters.text_diagnostic import render_diagnostics
from dmc.reporters.text_trace import render_trace
from dmc.results.report import Report
from dmc.results.situation import Situation

_WORDS = {True: "happens", False: "never happens", None: "was not found, and not everything was searched"}


def render_why_not(report: Report, sources: Mapping[str, SourceFile], width: int, colour: bool) -> str:
    """The run into the situation, or what keeps it from happening."""
    paint, width = Paint(colour), max(width, MIN_WIDTH)
    blocks: list[list[str]] = []
    if report.diagnostics:
        blocks.append(render_diagnostics(report.diagnostics, sources, width, paint))
    found = report.situation
    if found is not None:
        title = wrap(f"{found.condition}: {_WORDS[found.happens]}", width, "", "  ")
        blocks.append([*(paint.strong(line) for line in title), *_searched(report, found, width)])
        blocks += [list(block) for block in (_trace(report, width, paint), _parts(found, width)) if block]
    return "\n\n".join("\n".join(line.rstrip() for line in block) for block in blocks if block) + "\n"


def _searched(report: Report, found: Situation, width: int) -> Iterator[str]:
    states = sum(run.states for run in report.runs)
    runs = "1 run" if found.runs == 1 else f"{found.runs} runs"
    model = printable(report.runs[0].model) if report.runs else ""
    yield from wrap(f"{model}: {runs} searched, {states:,} states", width, "  ", "    ")
    cuts = dict.fromkeys(name for run in report.runs for name, _ in run.cut_by)
    if cuts and not found.happens:
        names = ", ".join(name.removeprefix("fault:").replace("_", " ") for name in cuts)
        yield from wrap(
            f"runs were ended by {names}, and nothing is said of what follows", width, "  ", "    "
        )


def _trace(report: Report, width: int, paint: Paint) -> list[str]:
    """The shortest run into it."""
    told = [(run, p.trace) for run in report.runs for p in run.properties if p.trace is not None]
    if not told:
        return []
    run, trace = min(told, key=lambda pair: len(pair[1].steps))
    where = name_run(run, report.runs)
    counted = count_runs([one for one, _ in told], report.runs)
    head = f"a run of {len(trace.steps)} steps into it, on {where}" + (
        f"; found {counted}" if counted else ""
    )
    return [*wrap(f"{head}:", width, "  ", "    "), *render_trace(trace, width, paint)]


def _parts(found: Situation, width: int) -> list[str]:
    if found.happens is not False:
        return []
    lines: list[str] = []
    for part in found.parts[:-1] if found.parts else ():
        lines += wrap(f"{part.condition}: {_WORDS[part.happens]}", width, "  ", "    ")
    excluded = [p for p in found.excluded if found.parts and p is not found.parts[-1]]
    if excluded:
        names = "; ".join(p.condition for p in excluded)
        lines += wrap(f"What keeps it from happening: {names}.", width, "  ", "    ")
    elif found.parts:
        lines += wrap("Each part happens, but never all of them in one state.", width, "  ")
    if found.elsewhere:
        lines += wrap(f"It happens {', '.join(found.elsewhere)}.", width, "  ", "    ")
    elif found.tried:
        lines += wrap(
            f"Nor does it in {found.tried} other settings: other locking, pools, numbers of schedulers, axes"
            " and presets, one changed at a time.",
            width,
            "  ",
            "    ",
        )
    return lines
