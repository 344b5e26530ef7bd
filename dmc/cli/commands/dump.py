"""`dmc dump`: what a model looks like on its way from text to search."""

from __future__ import annotations

from typing import Any

import click

from dmc.cli.exit import write_output
from dmc.cli.options import model_options, request_from
from dmc.cli.paths import files
from dmc.cli.values import OneOf

STAGES = ("ast", "model", "ir")


@click.command("dump")
@click.argument("path", metavar="FILE", required=False)
@click.option(
    "--stage",
    type=OneOf(STAGES),
    default="ir",
    show_default=True,
    metavar="|".join(STAGES),
    help="Print the tree of the text, the model with all names resolved, or the transition system.",
)
@model_options
def command(path: str | None, stage: str, **given: Any) -> int:
    """Print a model as one of the stages between its text and the search."""
    from dmc import pipeline

    (file,) = files([path] if path else [], "dump")
    text = pipeline.dump(file, stage, request_from((file,), given))
    write_output(text if text.endswith("\n") else text + "\n")
    return 0
