"""What a reporter is: a name, and a function from a report to a text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from dmc.base.source import SourceFile
from dmc.results.report import Report


@dataclass(frozen=True)
class Look:
    """How a text for people should look; a format for programs ignores it."""

    width: int = 80
    colour: bool = False
    verbose: bool = False
    cost: bool = False


@dataclass(frozen=True)
class Reporter:
    """A format of `--format` and `--report`.

    `render` reads no clock and no file: the same report gives the same text. It ends in a newline.
    """

    name: str
    render: Callable[[Report, Mapping[str, SourceFile], Look], str]
