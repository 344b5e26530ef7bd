"""Traces without verdicts about other runs: what `dmc replay` and `dmc simulate` print."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dmc.base.source import SourceFile
from dmc.reporters.terminal import MIN_WIDTH, Paint, printable, wrap
from dmc.reporters.text_diagnostic import excerpt, place_name, render_diagnostics
from dmc.reporters.text_run import ScenarioText, said_before
from dmc.reporters.text_trace import render_trace
from dmc.results.report import PropertyResult, Report


def render_replay(report: Report, sources: Mapping[str, SourceFile], width: int, colour: bool) -> str:
    """Every trace of the report, below the instance that it is a run of."""
    paint = Paint(colour)
    width = max(width, MIN_WIDTH)
    blocks = []
    if report.diagnostics:
        blocks.append(render_diagnostics(report.diagnostics, sources, width, paint))
    for run in report.runs:
        instance = ScenarioText([run], sources, width, paint, verbose=False, cost=False)
        for result in run.properties:
            if result.trace is not None:
                shown = _told(result, sources, width, paint)
                blocks.append([paint.strong(printable(run.model)), *instance.heading(), "", *shown])
    if not blocks:
        blocks.append(["there is no trace to show"])
    return "\n\n".join("\n".join(line.rstrip() for line in block) for block in blocks) + "\n"


def _told(
    result: PropertyResult, sources: Mapping[str, SourceFile], width: int, paint: Paint
) -> Iterator[str]:
    title = " ".join(filter(None, (result.id, result.name)))
    if title:
        yield paint.strong(f"{printable(title)}: {result.verdict.value}")
    for text in said_before(result):
        yield from wrap(text, width, "  ")
    if result.where.line > 0:
        yield f"  {place_name(result.where)}"
        yield from excerpt(result.where, "", sources, width, paint)
    if result.trace is not None:
        yield ""
        yield from render_trace(result.trace, width, paint)
