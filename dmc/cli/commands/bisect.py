"""`dmc bisect`: on which releases a property is violated, and which change of the runtime turns it."""

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
from dmc.cli.paths import files
from dmc.results.report import Report


@click.command("bisect")
@click.argument("path", metavar="FILE", required=False)
@click.argument("identifier", metavar="PROPERTY", required=False)
@search_options
@report_options
def command(path: str | None, identifier: str | None, **given: Any) -> int:
    """Search a property of a model on every release, and find what turns its verdict.

    A release is run if anything changes in it that a model can notice, so the answer holds for all releases
    between; nothing is assumed of how often a verdict turns. `--runtime R12B..R16B` narrows the releases.

    \b
    Exit codes: 0 there is an answer, 2 the input cannot be used, 3 a search was not
    complete, 4 the property was put to the test on no release, 5 a fault of dmc itself.
    """
    from dmc import pipeline

    options = report_options_from(given)
    (file,) = files([path] if path else [], "bisect")
    if not identifier:
        raise UsageError(f"bisect needs a property: dmc bisect {file} MEM001")
    if given.get("properties"):
        raise UsageError("bisect takes its property as an argument, not as --property")

    def work(progress: ProgressCall | None) -> Answer:
        return pipeline.bisect(request_from((file,), given, processors()), identifier, progress)

    return answer(work, options, _text)


def _text(report: Report, sources: Mapping[str, SourceFile], options: ReportOptions) -> str:
    from dmc.reporters.text_bisect import render_bisection

    return render_bisection(report, sources, options.width, options.colour)
