"""`dmc simulate`: one random run, to get a feeling for a model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from dmc.base.source import SourceFile
from dmc.cli.options import ReportOptions, model_options, report_options, report_options_from, request_from
from dmc.cli.output import Answer, ProgressCall, answer
from dmc.cli.paths import files
from dmc.results.report import Report


@click.command("simulate")
@click.argument("path", metavar="FILE", required=False)
@click.option(
    "--seed", type=int, default=1, show_default=True, help="Choose the run; the same seed, the same run."
)
@click.option(
    "--steps",
    type=click.IntRange(min=1),
    default=1000,
    show_default=True,
    help="End the run after this many steps, if it has not ended by itself.",
)
@model_options
@report_options
def command(path: str | None, seed: int, steps: int, **given: Any) -> int:
    """Follow one random run of a model and print it as a trace.

    A run says nothing about the others: for verdicts there is `dmc check`.
    """
    from dmc import pipeline

    options = report_options_from(given)

    def work(_progress: ProgressCall | None) -> Answer:
        request = request_from(files([path] if path else [], "simulate"), given)
        return pipeline.simulate(request, seed, steps)

    return answer(work, options, traces_text)


def traces_text(report: Report, sources: Mapping[str, SourceFile], options: ReportOptions) -> str:
    """Only the traces of a report."""
    from dmc.reporters.text_replay import render_replay

    return render_replay(report, sources, options.width, options.colour)
