"""The tokens of the text form of a system, and a reader over them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from dmc.base.exceptions import InternalError
from dmc.base.source import NOWHERE, Span
from dmc.ir.text_words import KEYWORDS

_TOKEN = re.compile(
    r"""\s+|(?P<string>"(?:[^"\\]|\\.)*")|(?P<number>-?\d+)|(?P<word>[A-Za-z_][A-Za-z0-9_]*)"""
    r"""|(?P<sign>:=|\.\.|==|!=|<=|>=|<<|>>|[-+*/%<>&|^(){}\[\]:=,.@'])"""
)

T = TypeVar("T")


@dataclass(frozen=True)
class Token:
    """A piece of the text: `string`, `number`, `word` or `sign`; a string is kept without its quotes."""

    kind: str
    text: str
    line: int


def tokens(text: str) -> list[Token]:
    """The tokens of a text."""
    found: list[Token] = []
    at, line = 0, 1
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise InternalError("ir text", f"line {line}: what is {text[at : at + 10]!r}?")
        if match.lastgroup is not None:
            piece = match.group()
            found.append(Token(match.lastgroup, json.loads(piece) if piece[0] == '"' else piece, line))
        line += match.group().count("\n")
        at = match.end()
    found.append(Token("end", "", line))
    return found


class Reader:
    """Walks over the tokens of a text."""

    def __init__(self, text: str):
        self.tokens = tokens(text)
        self.at = 0

    @property
    def next(self) -> Token:
        """The token to be read next."""
        return self.tokens[self.at]

    def sees(self, *texts: str) -> bool:
        """Whether one of these words or signs comes next."""
        return self.next.kind in ("word", "sign") and self.next.text in texts

    def take(self) -> Token:
        """The next token, which is then read."""
        self.at += 1
        return self.tokens[self.at - 1]

    def accept(self, text: str) -> bool:
        """Whether this word or sign came next; it is then read."""
        if self.sees(text):
            self.at += 1
            return True
        return False

    def expect(self, text: str) -> None:
        """This word or sign must come next."""
        if not self.accept(text):
            raise self.error(f"{text!r} should stand")

    def error(self, message: str) -> InternalError:
        """A complaint about the next token."""
        return InternalError("ir text", f"line {self.next.line}: {message} before {self.next.text!r}")

    def number(self) -> int:
        """A number."""
        if self.next.kind != "number":
            raise self.error("a number should stand")
        return int(self.take().text)

    def string(self) -> str:
        """A text in quotes."""
        if self.next.kind != "string":
            raise self.error("a text in quotes should stand")
        return self.take().text

    def name(self) -> str:
        """A name, plain or in quotes."""
        if self.next.kind == "string" or (self.next.kind == "word" and self.next.text not in KEYWORDS):
            return self.take().text
        raise self.error("a name should stand")

    def many(self, stop: str, item: Callable[[], T]) -> tuple[T, ...]:
        """Items until a sign, which is read too."""
        found: list[T] = []
        while not self.accept(stop):
            found.append(item())
        return tuple(found)

    def names(self) -> tuple[str, ...]:
        """Names in brackets."""
        self.expect("[")
        return self.many("]", self.name)

    def span(self) -> Span:
        """A place in a source, if one is given."""
        if not self.accept("@"):
            return NOWHERE
        return Span(self.string(), self.number(), self.number(), self.number(), self.number())
