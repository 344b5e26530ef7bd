"""The values that options take: what is wrong with one is said in one line."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from dmc.cli.near_miss import did_you_mean

if TYPE_CHECKING:  # older releases of click have no type parameter here
    _TextType = click.ParamType[str]
    _NumberType = click.ParamType[int]
    _SecondsType = click.ParamType[float]
    _PairType = click.ParamType[tuple[str, str]]
else:
    _TextType = _NumberType = _SecondsType = _PairType = click.ParamType

_DECIMAL = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9}
_BYTES = {
    "b": 1,
    **{unit + "b": size for unit, size in _DECIMAL.items() if unit},
    **_DECIMAL,
    "kib": 2**10,
    "mib": 2**20,
    "gib": 2**30,
}


class OneOf(_TextType):
    """One of some words."""

    name = "word"

    def __init__(self, words: Sequence[str]) -> None:
        self.words = tuple(words)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The word, or the near miss."""
        if value not in self.words:
            self.fail(f"`{value}` is unknown{did_you_mean(str(value), self.words)}", param, ctx)
        return str(value)


class SomeOf(_TextType):
    """A list of words with commas between them."""

    name = "list"

    def __init__(self, words: Sequence[str]) -> None:
        self.words = tuple(words)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The list without spaces."""
        parts = [part.strip() for part in str(value).split(",")]
        for part in parts:
            if part not in self.words:
                self.fail(f"`{part}` is unknown{did_you_mean(part, self.words)}", param, ctx)
        return ",".join(dict.fromkeys(parts))


class Numbers(_TextType):
    """A list of numbers and ranges: `1`, `1,2`, `1..3`, `0,2..4`."""

    name = "numbers"

    def __init__(self, least: int, most: int) -> None:
        self.least = least
        self.most = most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The list without spaces, each number within the bounds."""
        text = str(value).replace(" ", "")
        for part in text.split(","):
            match = re.fullmatch(r"(\d{1,9})(?:\.\.(\d{1,9}))?", part)
            if match is None:
                self.fail(f"`{value}` is no list of numbers such as 1,2 or 1..3", param, ctx)
            low, high = int(match[1]), int(match[2] or match[1])
            if low > high:
                self.fail(f"`{part}` is an empty range", param, ctx)
            if low < self.least or high > self.most:
                self.fail(f"`{part}` is not within {self.least}..{self.most}", param, ctx)
        return text


class Count(_NumberType):
    """A positive number, `k`, `M` and `G` allowed behind it."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number."""
        return _scaled(self, value, _DECIMAL, "a positive number such as 500000 or 2M", param, ctx)


class Size(_NumberType):
    """A number of bytes, `K`, `M`, `G` and `KiB`, `MiB`, `GiB` allowed behind it."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number of bytes."""
        return _scaled(self, value, _BYTES, "a size such as 500M or 4GiB", param, ctx)


class Seconds(_SecondsType):
    """A time; `nan` and `inf` are numbers to Python and no time at all."""

    name = "seconds"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number of seconds."""
        try:
            seconds = float(value)
        except ValueError:
            seconds = 0.0
        if not 0 < seconds < math.inf:
            self.fail(f"`{value}` is not a positive number of seconds such as 10 or 0.5", param, ctx)
        return seconds


class Setting(_PairType):
    """`NAME=VALUE`."""

    name = "NAME=VALUE"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """Name and value, both there."""
        if isinstance(value, tuple):
            return value
        name, sign, text = str(value).partition("=")
        if not (name.strip() and sign and text.strip()):
            self.fail(f"`{value}` is not of the form {self.name}", param, ctx)
        return name.strip(), text.strip()


class ReportTo(Setting):
    """`FORMAT=PATH`."""

    name = "FORMAT=PATH"

    def __init__(self, formats: Sequence[str]) -> None:
        self.formats = tuple(formats)

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """Format and path, the format one that exists."""
        chosen, path = super().convert(value, param, ctx)
        if chosen not in self.formats:
            self.fail(f"there is no format `{chosen}`{did_you_mean(chosen, self.formats)}", param, ctx)
        return chosen, path


def _scaled(
    kind: _NumberType,
    value: Any,
    units: dict[str, int],
    wanted: str,
    param: click.Parameter | None,
    ctx: click.Context | None,
) -> int:
    match = re.fullmatch(r"(\d{1,15}(?:\.\d{1,9})?)\s*([a-zA-Z]*)", str(value).strip().replace("_", ""))
    if match is None or match[2].lower() not in units:
        kind.fail(f"`{value}` is not {wanted}", param, ctx)
    number = int(float(match[1]) * units[match[2].lower()])
    if number < 1:
        kind.fail(f"`{value}` is not {wanted}", param, ctx)
    return number
