"""`dmc test`: do models behave as they say they do?"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
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
from dmc.results.exit_code import ExitCode, worst
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
@click.option(
    "--update",
    is_flag=True,
    help="Write the golden traces, NAME.traces.json: the shortest run of each expected violation.",
)
def command(paths: tuple[str, ...], claims: str | None, update: bool, **given: Any) -> int:
    """Run every expectation of the models and show only what differs.

    Of a directory, all models in and below it that expect something are run; without `--jobs`, as many
    runs at a time as there are processors. Models that have golden traces beside them have these replayed,
    too; where one diverges, the step is named, and what `--update` would do.
    """
    from dmc import pipeline

    if claims is not None:
        return _claims(claims, paths, given)
    options = report_options_from(given)

    said: list[str] = []

    def work(progress: ProgressCall | None) -> Reported:
        found = models(paths, "test")
        report, sources = pipeline.test(request_from(found, given, processors()), progress)
        code = _golden(found, report, update, said)
        return replace(report, exit=worst((report.exit, code))), sources

    code = answer(work, options, _text)
    for line in said:
        sys.stderr.write(f"{line}\n")
    return code


def _golden(paths: Sequence[str], report: Report, update: bool, said: list[str]) -> int:
    """Replay the golden traces, and write those that are to be written; the exit code that asks for."""
    from dmc import pipeline
    from dmc.cli.atomic_file import write_whole

    code = 0
    for path in paths:
        if not update and not pipeline.golden_path(path).is_file():
            continue
        stored = pipeline.check_golden(path)
        broken = [trace for trace in stored if trace.problem]
        said += [f"{path}: golden trace: {trace.text}" for trace in broken]
        document = pipeline.golden_document(report, path)
        target = pipeline.golden_path(path)
        if update and document is not None:
            text = pipeline.write_golden(document)
            before = target.read_text(encoding="utf-8") if target.is_file() else None
            if text != before:
                write_whole(str(target), text)
                said.append(f"{target}: {'rewritten' if before is not None else 'written'}")
        elif broken:
            code = ExitCode.UNEXPECTED
            said.append(f"{path}: `dmc test --update {path}` writes the runs of today into {target}")
    return code


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
