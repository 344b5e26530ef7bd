"""`dmc why` as text: how many steps matter, the run with all others folded, and what makes it end like
this.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dmc.base.source import SourceFile
from dmc.reporters.terminal import MIN_WIDTH, Paint, printable, wrap
from dmc.reporters.text_diagnostic import render_diagnostics
from dmc.reporters.text_run import ScenarioText, said_before
from dmc.reporters.text_trace import render_trace
from dmc.results.report import PropertyResult, Report, Run, Trace


def render_why(
    report: Report, sources: Mapping[str, SourceFile], width: int, colour: bool, whole: bool
) -> str:
    """The account; with `whole` no step is folded."""
    paint, width = Paint(colour), max(width, MIN_WIDTH)
    blocks: list[list[str]] = []
    if report.diagnostics:
        blocks.append(render_diagnostics(report.diagnostics, sources, width, paint))
    for run in report.runs:
        instance = ScenarioText([run], sources, width, paint, verbose=False, cost=False)
        lines = [paint.strong(printable(run.model)), *instance.heading()]
        for result in run.properties:
            lines += ["", *_told(run, result, width, paint, whole)]
        blocks.append(lines)
    return "\n\n".join("\n".join(line.rstrip() for line in block) for block in blocks) + "\n"


def _told(run: Run, result: PropertyResult, width: int, paint: Paint, whole: bool) -> Iterator[str]:
    title = " ".join(dict.fromkeys((result.id, result.name)))
    trace = result.trace
    if trace is None:
        yield from wrap(f"{title} is {result.verdict.value} here: there is nothing to explain", width)
        return
    where = f" in {', '.join(result.functions)}" if result.functions else ""
    yield from wrap(f"{title} is violated{where}: {_counted(trace)}", width, "", "  ")
    for text in said_before(result):
        yield from wrap(text, width, "  ")
    yield ""
    shown = trace if not whole else _unfolded(trace)
    yield from render_trace(shown, width, paint)
    yield ""
    if not trace.reasons:
        yield from wrap(
            "Nothing else could have happened in this run: no step could have been another one, and no two"
            " steps could have come in another order with another end.",
            width,
            "  ",
        )
    for reason in trace.reasons:
        yield from wrap(reason.text[0].upper() + reason.text[1:] + ".", width, "  - ", "    ")


def _counted(trace: Trace) -> str:
    steps = len(trace.steps)
    return f"{len(trace.matters)} of {steps} steps matter"


def _unfolded(trace: Trace) -> Trace:
    from dataclasses import replace

    return replace(trace, reasons=())
