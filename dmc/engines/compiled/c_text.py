"""Text that goes into C source: nothing of a model gets there but inside of comments, as harmless text."""

from __future__ import annotations

import re
from collections.abc import Iterable

LONGEST_COMMENT = 90
SMALL = 2**15
"""Sums and products of smaller literals stay in the 32 bits of their type."""
_HARMLESS = re.compile(r"[^A-Za-z0-9 _.,:;=<>+\-()\[\]{}&|!#'\"/*%@]")


def comment(*parts: str) -> str:
    """A comment of one line with what the parts say, as far as it is plain text."""
    text = " ".join(" ".join(part.split()) for part in parts if part)
    text = _HARMLESS.sub("_", text).replace("*", "_")
    if len(text) > LONGEST_COMMENT:
        text = text[: LONGEST_COMMENT - 3] + "..."
    return f"/* {text} */"


def array(kind: str, name: str, items: Iterable[str]) -> list[str]:
    """A constant array; one item stands for none, since C has no empty arrays."""
    lines = [f"static const {kind} {name}[] = {{"]
    line = "   "
    for item in list(items) or ["{0}" if kind.startswith("struct") else "0"]:
        if len(line) + len(item) > 100 and line.strip():
            lines.append(line)
            line = "   "
        line += f" {item},"
    return [*lines, line, "};"]


def number(value: int) -> str:
    """A literal of 64 bits, which keeps its meaning in any expression."""
    if not -(2**63) <= value < 2**63:
        value = (value + 2**63) % 2**64 - 2**63
    if value == -(2**63):
        return "INT64_MIN"
    long = "" if -SMALL < value < SMALL else "LL"
    return f"({value}{long})" if value < 0 else f"{value}{long}"
