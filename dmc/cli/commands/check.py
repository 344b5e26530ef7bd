"""`dmc check`: a verdict for each property, with its trace where it is violated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from dmc.base.source import SourceFile
from dmc.cli.options import (
    ReportOptions,
    cost_option,
    prove_options,
    report_options,
    report_options_from,
    request_from,
    search_options,
)
from dmc.cli.output import Answer, ProgressCall, answer
from dmc.cli.paths import files
from dmc.results.report import Report


@click.command("check")
@click.argument("paths", metavar="FILE...", nargs=-1)
@search_options
@prove_options
@cost_option
@report_options
@click.option(
    "--card",
    is_flag=True,
    help="Show below the report how much was put to the test: a second search, as of `dmc coverage`.",
)
def command(paths: tuple[str, ...], card: bool, **given: Any) -> int:
    """Search every interleaving of each model and give a verdict for each property.

    What the model expects of itself is compared with what was found.

    \b
    Exit codes: 0 as expected, 1 not as expected, 2 the input cannot be used,
    3 inconclusive, 4 nothing was verified, 5 a fault of dmc itself.
    """
    from dmc import pipeline

    options = report_options_from(given)

    def work(progress: ProgressCall | None) -> Answer:
        request = request_from(files(paths, "check"), given)
        return pipeline.coverage(request, progress) if card else pipeline.check(request, progress)

    return answer(work, options, _text)


def _text(report: Report, sources: Mapping[str, SourceFile], options: ReportOptions) -> str:
    from dmc.reporters.text import render
    from dmc.reporters.text_coverage import render_cards

    text = render(report, sources, options.width, options.colour, options.verbose, options.cost)
    return f"{text}\n{render_cards(report, options.width, options.colour)}" if report.coverage else text
