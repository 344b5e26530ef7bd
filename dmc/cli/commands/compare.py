"""`dmc compare`: did any verdict change from one result to the next?"""

from __future__ import annotations

import click

from dmc.base.exceptions import UsageError
from dmc.cli.exit import write_output
from dmc.cli.options import terminal_width, wants_colour
from dmc.cli.paths import files
from dmc.cli.values import OneOf


@click.command("compare")
@click.argument("paths", metavar="OLD.json NEW.json", nargs=-1)
@click.option(
    "--format",
    "format_",
    type=OneOf(("text", "json")),
    default="text",
    show_default=True,
    metavar="text|json",
    help="Print the comparison in this format on standard output.",
)
@click.option("--no-color", is_flag=True, help="Print without colours.")
def command(paths: tuple[str, ...], format_: str, no_color: bool) -> int:
    """Compare two results that `--report json=FILE` wrote, run by run and property by property.

    Counts of states and times do not matter, nor do new runs and new properties.

    \b
    Exit codes: 0 no verdict changed, 1 some verdict did, or is lost, 2 the input
    cannot be used, 4 the two have no run in common.
    """
    from dmc import pipeline
    from dmc.reporters.comparison import render_comparison, render_comparison_json

    if len(paths) != 2:
        raise UsageError("compare needs two results: dmc compare OLD.json NEW.json")
    for path in paths:
        files([path], "compare")
    old, new = paths
    found = pipeline.compare_results(old, new)
    if format_ == "json":
        write_output(render_comparison_json(found))
    else:
        write_output(render_comparison(found, old, new, terminal_width(), wants_colour(no_color)))
    return found.exit
