"""`dmc why`: which decisions make a run end in a violation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from dmc.base.exceptions import UsageError
from dmc.base.source import SourceFile
from dmc.cli.options import ReportOptions, report_options, report_options_from, request_from, search_options
from dmc.cli.output import Answer, ProgressCall, answer
from dmc.cli.paths import files
from dmc.results.report import Report


@click.command("why")
@click.argument("path", metavar="FILE", required=False)
@click.argument("identifier", metavar="PROPERTY", required=False)
@search_options
@report_options
def command(path: str | None, identifier: str | None, **given: Any) -> int:
    """Say which steps of a violation matter, and which order is missing.

    The first run of the table in which the property is violated is made as short as it gets. Then each of
    its decisions is made otherwise, one at a time: two steps of different threads the other way round,
    another step instead of one. What saves the property matters; the other steps are folded, without
    --verbose.

     Exit codes: 0 there is an answer, 2 the input cannot be used, 4 the property is violated in no run, 5
    a fault of dmc itself.
    """
    from dmc import pipeline

    options = report_options_from(given)
    (file,) = files([path] if path else [], "why")
    if not identifier:
        raise UsageError(f"why needs a property: dmc why {file} MEM001")
    if given.get("properties"):
        raise UsageError("why takes its property as an argument, not as --property")

    def work(progress: ProgressCall | None) -> Answer:
        return pipeline.why(request_from((file,), given), identifier, progress)

    return answer(work, options, _text)


def _text(report: Report, sources: Mapping[str, SourceFile], options: ReportOptions) -> str:
    from dmc.reporters.text_why import render_why

    return render_why(report, sources, options.width, options.colour, options.verbose)
