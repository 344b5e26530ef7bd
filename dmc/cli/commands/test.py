"""`dmc test`: do models behave as they say they do?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from dmc.base.exceptions import UsageError
from dmc.base.source import SourceFile
from dmc.cli.exit import write_output
from dmc.cli.options import (
    ReportOptions,
    processors,
    report_options,
    report_options_from,
    request_from,
    search_options,
)
from dmc.cli.output import Answer as Reported
from dmc.cli.output import ProgressCall, answer
from dmc.cli.paths import models
from dmc.cli.progress import Progress
from dmc.results.claims import Answer
from dmc.results.exit_code import ExitCode
from dmc.results.report import Report


@click.command("test")
@click.argument("paths", metavar="PATH...", nargs=-1)
@search_options
@report_options
@click.option(
    "--claims",
    metavar="FILE.toml",
    help="Instead of models, decide the claims of this file on every release, and print them as a page.",
)
def command(paths: tuple[str, ...], claims: str | None, **given: Any) -> int:
    """Run every expectation of the models and show only what differs.

    Of a directory, all models in and below it that expect something are run; without `--jobs`, as many
    runs at a time as there are processors.
    """
    from dmc import pipeline

    if claims is not None:
        return _claims(claims, paths, given)
    options = report_options_from(given)

    def work(progress: ProgressCall | None) -> Reported:
        return pipeline.test(request_from(models(paths, "test"), given, processors()), progress)

    return answer(work, options, _text)


def _claims(path: str, paths: tuple[str, ...], given: dict[str, Any]) -> int:
    """A claim that is false is an answer; only one that was left open asks for another exit code."""
    from dmc import pipeline
    from dmc.reporters.claims_page import render_claims

    if paths:
        raise UsageError(f"test --claims {path} names its models itself: {paths[0]} is one too many")
    with Progress() as progress:
        request = request_from((), given, processors())
        found = pipeline.claims(path, request, progress.update if progress.wanted else None)
    write_output(render_claims(found))
    is_open = any(f.answer is Answer.OPEN for _, findings in found.findings for f in findings)
    return ExitCode.INCONCLUSIVE if is_open else ExitCode.AS_EXPECTED


def _text(report: Report, sources: Mapping[str, SourceFile], options: ReportOptions) -> str:
    from dmc.reporters.text_test import render_test

    return render_test(report, sources, options.width, options.colour, options.verbose)
