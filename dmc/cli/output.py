"""From a command to its report: run it, show how it is getting on, write what it found."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from dmc.base.exceptions import ModelError, UsageError
from dmc.base.source import SourceFile
from dmc.cli.atomic_file import write_whole
from dmc.cli.exit import USAGE, read_again, write_output
from dmc.cli.options import ReportOptions
from dmc.cli.progress import Progress
from dmc.results.report import Report

Answer = tuple[Report, dict[str, SourceFile]]
ProgressCall = Callable[[str, int, int, int, int], None]
Text = Callable[[Report, Mapping[str, SourceFile], ReportOptions], str]


def answer(work: Callable[[ProgressCall | None], Answer], options: ReportOptions, text: Text) -> int:
    """Do the work, write its report in all the places that were asked for, and give its exit code.

    A model with errors is an answer too: a report with diagnostics, in the format that was asked for.
    """
    check_report_paths(options)
    with Progress() as progress:
        try:
            report, sources = work(progress.update if progress.wanted else None)
        except ModelError as error:
            report, sources = _refused(error)
    write_output(_rendered(options.format, report, sources, options, text))
    _write_files(report, sources, options, text)
    return report.exit


def check_report_paths(options: ReportOptions) -> None:
    """Refuse before a long search what could not be written after it."""
    written: set[str] = set()
    for _, path in options.reports:
        if path.endswith(".dmc"):
            raise UsageError(f"--report would write over the model `{path}`")
        target = os.path.realpath(path)
        if target in written:
            raise UsageError(f"--report is given `{path}` twice")
        written.add(target)
        if Path(path).is_dir():
            raise UsageError(f"--report cannot write `{path}`: it is a directory")
        if not Path(path).absolute().parent.is_dir():
            raise UsageError(f"--report cannot write `{path}`: its directory does not exist")


def _refused(error: ModelError) -> Answer:
    paths = dict.fromkeys(
        span.path
        for diagnostic in error.diagnostics
        for span in (diagnostic.span, *(label.span for label in diagnostic.labels))
    )
    sources = {path: source for path in paths if (source := read_again(path)) is not None}
    return Report((), error.diagnostics, USAGE), sources


def _write_files(
    report: Report, sources: Mapping[str, SourceFile], options: ReportOptions, text: Text
) -> None:
    from dataclasses import replace

    plain = replace(options, colour=False, width=80)
    contents = [(path, _rendered(chosen, report, sources, plain, text)) for chosen, path in options.reports]
    for path, content in contents:
        try:
            write_whole(path, content)
        except OSError as error:
            raise UsageError(f"--report cannot write `{path}`: {error.strerror}") from error


def _rendered(
    chosen: str,
    report: Report,
    sources: Mapping[str, SourceFile],
    options: ReportOptions,
    text: Text,
) -> str:
    from dmc.reporters.registry import REPORTERS
    from dmc.reporters.reporter import Look

    if chosen == "text":
        if options.ledger:
            from dmc.results.ledger import with_ledger_notes

            report = with_ledger_notes(report)
        return text(report, sources, options)
    look = Look(options.width, options.colour, options.verbose, options.cost)
    return REPORTERS[chosen].render(report, sources, look)
