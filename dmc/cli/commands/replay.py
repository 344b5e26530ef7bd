"""`dmc replay`: a violation from a stored result, run again."""

from __future__ import annotations

from typing import Any

import click

from dmc.cli.commands.simulate import traces_text
from dmc.cli.options import report_options, report_options_from
from dmc.cli.output import Answer, ProgressCall, answer
from dmc.cli.paths import files


@click.command("replay")
@click.argument("path", metavar="RESULT.json", required=False)
@click.option("--property", "identifier", metavar="ID", help="Replay only the violation of this property.")
@click.option(
    "--run",
    "number",
    type=click.IntRange(min=1),
    metavar="NUMBER",
    help="Replay only what this run of the result found; the first one is 1.",
)
@report_options
def command(path: str | None, identifier: str | None, number: int | None, **given: Any) -> int:
    """Take the choices recorded in a JSON result, make them again in today's model, and print the run.

    A result is what `dmc check --report json=RESULT.json FILE` writes. If the model has changed so that
    a choice is no longer possible, the first such step is named.
    """
    from dmc import pipeline

    options = report_options_from(given)

    def work(_progress: ProgressCall | None) -> Answer:
        (result,) = files([path] if path else [], "replay")
        return pipeline.replay(result, identifier, number)

    return answer(work, options, traces_text)
