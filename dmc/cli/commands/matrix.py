"""`dmc matrix`: every property on every runtime, and what flips a verdict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

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
from dmc.cli.paths import files
from dmc.results.report import Report


@click.command("matrix")
@click.argument("paths", metavar="FILE...", nargs=-1)
@search_options
@report_options
def command(paths: tuple[str, ...], **given: Any) -> int:
    """Show the verdict of each property on each runtime, under each locking, pool and axis of the model.

    Without `--runtime` all presets are run that the model can run on. For each verdict that flips from one
    release to the next, mixtures of the two are searched for what flips it.

    \b
    Exit codes: 0 as expected, 1 not as expected, 2 the input cannot be used,
    3 inconclusive, 4 nothing was verified, 5 a fault of dmc itself.
    """
    from dmc import pipeline

    options = report_options_from(given)

    def work(progress: ProgressCall | None) -> Answer:
        return pipeline.matrix(request_from(files(paths, "matrix"), given, processors()), progress)

    return answer(work, options, _text)


def _text(report: Report, sources: Mapping[str, SourceFile], options: ReportOptions) -> str:
    from dmc.reporters.text_matrix import render_matrix

    return render_matrix(report, sources, options.width, options.colour, options.verbose)
