"""Erlang terms, read by a strict reader of our own: what it does not know is an error, as in `erl_scan`."""

from __future__ import annotations

import re
from typing import Any

import pytest
from support import sample_reports as samples
from support.golden import Golden

from dmc.reporters.erlang import USERS_NAMES, render
from dmc.reporters.json import document

TOKEN = re.compile(
    r"""\s*(?:(?P<float>-?\d+\.\d+(?:[eE][+-]?\d+)?)(?![\w.])|(?P<int>-?\d+)(?![\w])|(?P<atom>[a-z][A-Za-z0-9_@]*)"""
    r"""|'(?P<quoted>(?:[^'\\\n]|\\['\\]|\\[0-7]{3})*)'|<<"(?P<binary>(?:[^"\\\n]|\\["\\]|\\[0-7]{3})*)">>"""
    r"""|(?P<sign>[\[\]{},])|(?P<stop>\.(?=\s|$)))"""
)
RESERVED = {
    "case",
    "end",
    "of",
    "when",
    "if",
    "fun",
    "receive",
    "after",
    "try",
    "catch",
    "begin",
    "maybe",
    "else",
}


class Atom(str):
    __slots__ = ()


def tokens(text: str) -> list[tuple[str, str]]:
    assert text.isascii()
    found, place = [], 0
    while place < len(text.rstrip()):
        match = TOKEN.match(text, place)
        assert match is not None, text[place : place + 60]
        kind = match.lastgroup or ""
        assert not (kind == "atom" and match[kind] in RESERVED), match[kind]
        found.append((kind, match[kind]))
        place = match.end()
    return found


def plain(text: str) -> str:
    spelled = re.sub(r"\\([0-7]{3}|.)", lambda m: chr(int(m[1], 8)) if len(m[1]) == 3 else m[1], text)
    return spelled.encode("latin-1").decode("utf-8")


def consult(text: str) -> list[Any]:
    rest = tokens(text)[::-1]
    terms = []
    while rest:
        terms.append(term(rest))
        assert rest.pop()[0] == "stop"
    return terms


def term(rest: list[tuple[str, str]]) -> Any:
    kind, text = rest.pop()
    if kind == "sign":
        assert text in "[{"
        closing = "]" if text == "[" else "}"
        items: list[Any] = []
        while rest[-1] != ("sign", closing):
            items.append(term(rest))
            if rest[-1] == ("sign", ","):
                rest.pop()
                assert rest[-1] != ("sign", closing), "a comma before the end"
            else:
                assert rest[-1] == ("sign", closing), rest[-1]
        rest.pop()
        return items if text == "[" else tuple(items)
    match kind:
        case "float":
            return float(text)
        case "int":
            return int(text)
        case "atom" | "quoted":
            return Atom(plain(text))
        case "binary":
            return plain(text)
    raise AssertionError(kind)


def as_term(value: Any, key: str = "") -> Any:
    """The term that a value of the document is to be."""
    match value:
        case dict():
            kind = str if key in USERS_NAMES else Atom
            return [(kind(name), as_term(inner, name)) for name, inner in value.items()]
        case list():
            return [as_term(inner, key) for inner in value]
        case None | True | False:
            return Atom({None: "undefined", True: "true", False: "false"}[value])
    return value


def typed(value: Any) -> Any:
    """With the types of all parts, so that an atom is no text and 1 is not 1.0."""
    if isinstance(value, list | tuple):
        return type(value)(map(typed, value))
    return type(value), value


@pytest.mark.parametrize("name", ["single", "mistakes"])
def test_document(name: str, golden: Golden) -> None:
    golden(f"reports/{name}.erlang.txt", render(samples.FOREIGN[name]()))


@pytest.mark.parametrize("name", samples.FOREIGN)
def test_the_term_is_the_whole_document(name: str) -> None:
    report = samples.FOREIGN[name]()
    (told,) = consult(render(report))

    assert render(report) == render(report)
    assert typed(told) == typed(as_term(document(report)))


@pytest.mark.parametrize(
    "text", ["[1 2].", "[1,].", "{a b}.", "[end].", "<<'a'>>.", '"open.', "[1]", "[1e5].", "1.x"]
)
def test_the_reader_is_strict(text: str) -> None:
    with pytest.raises((AssertionError, IndexError)):
        consult(text)
