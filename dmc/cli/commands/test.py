"""`dmc test`: do models behave as they say they do?"""

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
from dmc.cli.paths import models
from dmc.results.report import Report


@click.command("test")
@click.argument("paths", metavar="PATH...", nargs=-1)
@search_options
@report_options
def command(paths: tuple[str, ...], **given: Any) -> int:
    """Run every expectation of the models and show only what differs.

    Of a directory, all models in and below it that expect something are run; without `--jobs`, as many
    runs at a time as there are processors.
    """
    from dmc import pipeline

    options = report_options_from(given)

    def work(progress: ProgressCall | None) -> Answer:
        return pipeline.test(request_from(models(paths, "test"), given, processors()), progress)

    return answer(work, options, _text)


def _text(report: Report, sources: Mapping[str, SourceFile], options: ReportOptions) -> str:
    from dmc.reporters.text_test import render_test

    return render_test(report, sources, options.width, options.colour, options.verbose)
