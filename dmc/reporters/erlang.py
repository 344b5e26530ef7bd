"""A report as one Erlang term that `file:consult/1` reads: the JSON document, key for key.

An object is a list of pairs in the document's order. The keys of the format are atoms; the names that users
chose (axes, cuts, ...) and all texts are binaries of UTF-8, so that no atom is made of what someone wrote.
`null` is `undefined`. There is nothing in it that the releases of the 2000s could not read: no maps, and
signs beyond ASCII as octal bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from dmc.base.source import SourceFile
from dmc.reporters.json import document
from dmc.reporters.reporter import Look, Reporter
from dmc.results.report import Report

USERS_NAMES = frozenset({"axes", "cuts", "dropped", "faults", "environment"})
"""Objects of the document whose keys are not words of the format."""

_RESERVED = frozenset(
    [
        "after",
        "and",
        "andalso",
        "band",
        "begin",
        "bnot",
        "bor",
        "bsl",
        "bsr",
        "bxor",
        "case",
        "catch",
        "cond",
        "div",
        "else",
        "end",
        "fun",
        "if",
        "let",
        "maybe",
        "not",
        "of",
        "or",
        "orelse",
        "receive",
        "rem",
        "try",
        "when",
        "xor",
    ]
)


def render(report: Report) -> str:
    """The term, with its full stop."""
    return "\n".join(_value(document(report), "", "")) + ".\n"


def _value(value: Any, indent: str, key: str) -> Iterator[str]:
    """The lines of a value; `key` is the one that it is filed under."""
    if isinstance(value, dict):
        spell = _binary if key in USERS_NAMES else _atom
        yield from _list([_pair(spell(name), name, inner, indent) for name, inner in value.items()], indent)
    elif isinstance(value, list):
        yield from _list([list(_value(inner, indent + " ", key)) for inner in value], indent)
    else:
        yield _scalar(value)


def _pair(spelled: str, name: str, value: Any, indent: str) -> list[str]:
    first, *others = _value(value, indent + "  ", name)
    lines = [f"{{{spelled}, {first}", *others]
    lines[-1] += "}"
    return lines


def _list(items: list[list[str]], indent: str) -> Iterator[str]:
    if not items:
        yield "[]"
        return
    for number, item in enumerate(items):
        first, *others = item
        lines = [("[" if number == 0 else f"{indent} ") + first, *others]
        lines[-1] += "]" if number == len(items) - 1 else ","
        yield from lines


def _scalar(value: Any) -> str:
    match value:
        case None:
            return "undefined"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return _float(value)
        case _:
            return _binary(str(value))


def _float(value: float) -> str:
    """Erlang wants a digit on both sides of the point."""
    mantissa, sign, exponent = repr(value).partition("e")
    return (mantissa if "." in mantissa else f"{mantissa}.0") + sign + exponent


def _atom(name: str) -> str:
    if re.fullmatch(r"[a-z][a-z0-9_]*", name) and name not in _RESERVED:
        return name
    return f"'{_escaped(name, 39)}'"


def _binary(text: str) -> str:
    return f'<<"{_escaped(text, 34)}">>'


def _escaped(text: str, quote: int) -> str:
    """The bytes of a text, in octal where they are no printable ASCII; always three digits of it."""
    return "".join(
        f"\\{chr(byte)}" if byte in (quote, 92) else chr(byte) if 32 <= byte < 127 else f"\\{byte:03o}"
        for byte in text.encode("utf-8", "replace")
    )


def _render(report: Report, _sources: Mapping[str, SourceFile], _look: Look) -> str:
    return render(report)


REPORTER = Reporter("erlang", _render)
