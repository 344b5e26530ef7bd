"""Text as Markdown that means just that text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from dmc.reporters.terminal import printable

_SIGNS = re.compile(r"([\\`*_{}\[\]()<>#+!|~&$@])")


def plain(text: str) -> str:
    """One line, every sign of Markdown and HTML escaped."""
    return _SIGNS.sub(r"\\\1", printable(text))


def fenced(lines: Iterable[str], language: str) -> Iterator[str]:
    """A block of code, in a fence that none of its lines ends."""
    body = list(lines)
    longest = max((len(run) for line in body for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    yield fence + language
    yield from body
    yield fence


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A table of texts."""
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(map(plain, row))} |"
