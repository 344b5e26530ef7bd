"""`dmc diff`: what a driver could notice of the difference between two runtimes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from dmc.base.exceptions import UsageError
from dmc.base.source import SourceFile
from dmc.cli.options import (
    ReportOptions,
    processors,
    report_options,
    report_options_from,
    request_from,
    search_options,
)
from dmc.cli.output import Answer, ProgressCall, answer
from dmc.cli.paths import models
from dmc.results.report import Report


@click.command("diff")
@click.argument("paths", metavar="PATH...", nargs=-1)
@search_options
@report_options
def command(paths: tuple[str, ...], **given: Any) -> int:
    """Search models on two runtimes, and show only what differs.

    The two are given as `--runtime A,B`. Shown are properties that are violated on one side only, with a
    trace, the release in between on which that turns, and why; and what can happen on one side only: which
    callback is called where, in which state of its port, and what calls answer.

    \b
    Exit codes: 0 nothing differs, 1 something does, 2 the input cannot be used,
    3 nothing differs, but a search was not complete, 5 a fault of dmc itself.
    """
    from dmc import pipeline

    options = report_options_from(given)
    sides = tuple((given.get("runtime") or "").replace(" ", "").split(","))
    if len(sides) != 2 or not all(sides):
        raise UsageError("diff needs two runtimes: dmc diff --runtime r12smp,otp23 FILE")
    left, right = sides

    def work(progress: ProgressCall | None) -> Answer:
        request = request_from(models(paths, "diff"), given, processors())
        return pipeline.diff(request, (left, right), progress)

    return answer(work, options, _text)


def _text(report: Report, sources: Mapping[str, SourceFile], options: ReportOptions) -> str:
    from dmc.reporters.text_diff import render_diff

    return render_diff(report, sources, options.width, options.colour, options.verbose)
