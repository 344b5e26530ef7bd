"""What a terminal can do: a few colours, and a width.

Plain strings, laid out first and coloured afterwards, so that a text with and without colour differs in
nothing else. The one module that knows escape sequences.
"""

from __future__ import annotations

import textwrap
import unicodedata
from dataclasses import dataclass

MIN_WIDTH = 60

_TAB = "    "


@dataclass(frozen=True)
class Paint:
    """Colours a text, or leaves it as it is."""

    colour: bool

    def bad(self, text: str) -> str:
        """What went wrong."""
        return self._with("1;31", text)

    def good(self, text: str) -> str:
        """What holds."""
        return self._with("32", text)

    def doubtful(self, text: str) -> str:
        """What holds only so far, or says nothing."""
        return self._with("33", text)

    def strong(self, text: str) -> str:
        """What the eye should find first."""
        return self._with("1", text)

    def faint(self, text: str) -> str:
        """What is there for those who look for it."""
        return self._with("2", text)

    def _with(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour and text.strip() else text


def printable(text: str) -> str:
    """The text on one line, with tabs as spaces and without signs that would steer a terminal."""
    spread = text.replace("\t", _TAB)
    return "".join("�" if unicodedata.category(sign).startswith("C") else sign for sign in spread)


def columns(text: str) -> int:
    """How many columns of a terminal the text takes."""
    wide = sum(unicodedata.east_asian_width(sign) in "WF" for sign in text)
    return len(text) + wide - sum(unicodedata.combining(sign) != 0 for sign in text)


def wrap(text: str, width: int, first: str = "", rest: str | None = None) -> list[str]:
    """The text in lines of a width, the first and the other lines indented; no line is lost or cut."""
    lines = textwrap.wrap(
        printable(text),
        max(width, 20),
        initial_indent=first,
        subsequent_indent=first if rest is None else rest,
        break_on_hyphens=False,
    )
    return lines or [first.rstrip()]


def crop(text: str, start: int, width: int) -> tuple[str, int]:
    """A window on a long line that shows the sign at `start`, and how many signs it leaves out before."""
    if len(text) <= width:
        return text, 0
    skip = max(0, min(start - width // 3, len(text) - width))
    window = text[skip : skip + width]
    if skip:
        window = "..." + window[3:]
    if skip + width < len(text):
        window = window[:-3] + "..."
    return window, skip
