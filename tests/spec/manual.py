"""The examples of `specs/language.md`, taken apart for the tests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
MANUAL = ROOT / "specs" / "language.md"

HOLE = re.compile(r"^ *\.\.\.$", re.MULTILINE)
_FENCE = re.compile(r"^```dmc ?([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Example:
    """A fence: the line at which it begins, its marks, its text."""

    line: int
    marks: tuple[str, ...]
    text: str

    @property
    def kind(self) -> str:
        """`model`, `fragment`, `error`, `frame` or `file`."""
        return self.marks[0].partition("=")[0] if self.marks else "model"

    @property
    def name(self) -> str:
        """What stands behind `frame=` or `file=`."""
        return self.marks[0].partition("=")[2]

    @property
    def label(self) -> str:
        """For lists of tests: `line_120_error_E203`."""
        return "_".join([f"line_{self.line}", *self.marks])


@cache
def examples() -> tuple[Example, ...]:
    """All of them, in the order of the text."""
    return tuple(_examples())


def _examples() -> Iterator[Example]:
    text = MANUAL.read_text(encoding="utf-8")
    for match in _FENCE.finditer(text):
        yield Example(text.count("\n", 0, match.start()) + 1, tuple(match[1].split()), match[2])


def of_kind(kind: str) -> list[Example]:
    """The examples of one kind."""
    return [example for example in examples() if example.kind == kind]


def framed(example: Example) -> str:
    """The example in the frame that its last mark names; alone if none does."""
    frames = {frame.name: frame.text for frame in of_kind("frame")}
    frame = frames.get(example.marks[-1], "...\n")
    assert len(HOLE.findall(frame)) == 1
    return HOLE.sub(lambda _: example.text, frame)
