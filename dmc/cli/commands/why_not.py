"""`dmc why-not`: what keeps a situation from happening."""

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


@click.command("why-not")
@click.argument("path", metavar="FILE", required=False)
@click.argument("condition", metavar="CONDITION", required=False)
@search_options
@report_options
def command(path: str | None, condition: str | None, **given: Any) -> int:
    """Show a run into a situation, or say what keeps it from happening.

    CONDITION is written as in an invariant of the model:

    \b
      dmc why-not echo.dmc "(exists (port p) p.state == dead) && (exists (job j) j.state == running)"

    Where it never happens: which of the parts joined by && do, alone and together, and in which other setting
    (locking, pool, schedulers, axis, preset) it would.

    \b
    Exit codes: 0 there is an answer, 2 the input cannot be used, 3 it was not found, and
    the search was not complete, 5 a fault of dmc itself.
    """
    from dmc import pipeline

    options = report_options_from(given)
    (file,) = files([path] if path else [], "why-not")
    if not condition:
        raise UsageError(f'why-not needs a condition: dmc why-not {file} "CONDITION"')
    if given.get("properties"):
        raise UsageError("why-not looks at one condition, and takes no --property")

    def work(progress: ProgressCall | None) -> Answer:
        return pipeline.why_not(request_from((file,), given), condition, progress)

    return answer(work, options, _text)


def _text(report: Report, sources: Mapping[str, SourceFile], options: ReportOptions) -> str:
    from dmc.reporters.text_why_not import render_why_not

    return render_why_not(report, sources, options.width, options.colour)
