"""`dmc coverage`: how much a green result says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from dmc.base.source import SourceFile
from dmc.cli.options import ReportOptions, report_options, report_options_from, request_from, search_options
from dmc.cli.output import Answer, ProgressCall, answer
from dmc.cli.paths import files
from dmc.results.report import Report


@click.command("coverage")
@click.argument("paths", metavar="FILE...", nargs=-1)
@search_options
@report_options
def command(paths: tuple[str, ...], **given: Any) -> int:
    """Show what the runs of a model put to use: properties, callbacks in states of their port, lines.

    Each line of the source has the number of runs in which it is executed, of those that have it. The exit
    code is that of `dmc check`.
    """
    from dmc import pipeline

    options = report_options_from(given)

    def work(progress: ProgressCall | None) -> Answer:
        return pipeline.coverage(request_from(files(paths, "coverage"), given), progress)

    return answer(work, options, _text)


def _text(report: Report, sources: Mapping[str, SourceFile], options: ReportOptions) -> str:
    from dmc.reporters.text_coverage import render_coverage

    return render_coverage(report, sources, options.width, options.colour)
