"""`dmc explain`: the page behind an id or a code."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click

from dmc.base.exceptions import UsageError
from dmc.cli.exit import write_output
from dmc.cli.near_miss import did_you_mean
from dmc.cli.options import terminal_width


@click.command("explain")
@click.argument("names", metavar="ID...", nargs=-1)
def command(names: tuple[str, ...]) -> int:
    """Show the page of a rule, by id or name, or what a diagnostic code means."""
    from dmc import pipeline

    if not names:
        raise UsageError("explain needs the id of a rule or a code: dmc explain MEM001")
    pages = []
    for name in names:
        page = pipeline.explain(name)
        if page is None:
            raise UsageError(f"there is no rule and no code `{name}`{did_you_mean(name, _known())}")
        pages.append("\n".join(_fitted(page, terminal_width())))
    write_output("\n\n".join(page.rstrip("\n") for page in pages) + "\n")
    return 0


def _fitted(page: str, width: int) -> Iterator[str]:
    """The paragraphs and list items of a page in lines of a width; code, tables and headings as they are."""
    from textwrap import wrap

    paragraph = ""
    in_code = False
    for line in [*page.rstrip("\n").split("\n"), ""]:
        begins_item = bool(re.match(r"\s*([-*]|\d+\.)\s", line))
        fixed = in_code or not line.strip() or bool(re.match(r"```|\||#| {4}", line))
        if paragraph and (fixed or begins_item):
            yield from wrap(paragraph, width, subsequent_indent=_hang(paragraph), break_on_hyphens=False)
            paragraph = ""
        if line.startswith("```"):
            in_code = not in_code
        if fixed:
            yield line
        else:
            paragraph = f"{paragraph} {line.strip()}" if paragraph else line.rstrip()


def _hang(paragraph: str) -> str:
    match = re.match(r"\s*([-*]|\d+\.)\s+", paragraph)
    return " " * (match.end() if match else 0)


def _known() -> list[str]:
    from dmc import pipeline
    from dmc.base.diagnostic_codes import CODES

    return [*CODES, *(name for rule in pipeline.rules() for name in (rule.id, rule.slug))]
