"""Text to lexemes, comments and blank space included: the parser and the formatter both start here."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from enum import Enum, auto

from dmc.base.source import SourceFile, Span


class Kind(Enum):
    """What a lexeme is; the last group is reported and left out of the parse."""

    WORD = auto()
    NUMBER = auto()
    RELEASE = auto()
    CHARACTER = auto()
    STRING = auto()
    SIGN = auto()
    END = auto()

    COMMENT = auto()

    BAD_STRING = auto()
    BAD_CHARACTER = auto()
    BAD_COMMENT = auto()
    BAD_NUMBER = auto()
    DIRECTIVE = auto()
    JUNK = auto()


@dataclass(frozen=True)
class Lexeme:
    """A piece of the text with its place; `own_line` says that only blanks precede it on its line."""

    kind: Kind
    text: str
    offset: int
    own_line: bool
    span: Span


_PATTERNS: tuple[tuple[Kind, str], ...] = (
    (Kind.COMMENT, r"//[^\n\r]*|/\*(?s:.)*?\*/"),
    (Kind.BAD_COMMENT, r"/\*(?s:.)*"),
    (Kind.WORD, r"[A-Za-z_][A-Za-z_0-9]*"),
    (Kind.RELEASE, r"[0-9]+(?:\.[0-9]+)+(?![A-Za-z_0-9])"),
    (Kind.NUMBER, r"(?:0[xX][0-9a-fA-F]{1,32}|0|[1-9][0-9]{0,38})(?![A-Za-z_0-9])"),
    (Kind.BAD_NUMBER, r"[0-9][A-Za-z_0-9]*(?:\.[0-9][A-Za-z_0-9]*)*"),
    (Kind.STRING, r'"(?:[^"\\\n\r]|\\[^\n\r])*"'),
    (Kind.BAD_STRING, r'"[^\n\r]*'),
    (Kind.CHARACTER, r"'(?:[^'\\\n\r]|\\[abefnrtv0'\"\\]|\\x[0-9a-fA-F]{2})'"),
    (Kind.BAD_CHARACTER, r"'(?:[^'\n\r;]*')?"),
    (Kind.SIGN, r"\.\.|->|\+\+|--|\+=|-=|\|=|&=|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%<>=!~&|^?:;,.(){}\[\]]"),
    (Kind.DIRECTIVE, r"#(?:\\\r?\n|[^\n\r])*"),
    (Kind.JUNK, r"[^\sA-Za-z0-9_\"'/{}();#]+|."),
)
_MASTER = re.compile(
    "|".join(f"(?P<{kind.name}>{pattern})" for kind, pattern in _PATTERNS) + r"|(?P<BLANK>[ \t\r\n]+)",
)
_BLANK = re.compile(r"(?:\ufeff)?[ \t\r\n\f\v]*")


def scan(source: SourceFile, limit: int) -> list[Lexeme]:
    """The lexemes of a text in order, at most `limit` of them; the last one is of kind END."""
    places = _Places(source)
    text = source.text
    lexemes: list[Lexeme] = []
    offset = _skip_blank(text, 0)
    last_line = 0
    while offset < len(text) and len(lexemes) < limit:
        match = _MASTER.match(text, offset)
        if match is None or match.lastgroup is None or match.lastgroup == "BLANK":
            offset += 1
            continue
        end = match.end()
        span = places.span(offset, end)
        lexemes.append(Lexeme(Kind[match.lastgroup], match.group(), offset, span.line != last_line, span))
        last_line = span.end_line
        offset = _skip_blank(text, end)
    lexemes.append(Lexeme(Kind.END, "", offset, False, places.span(offset, offset)))
    return lexemes


def _skip_blank(text: str, offset: int) -> int:
    match = _BLANK.match(text, offset)
    return match.end() if match else offset


class _Places:
    """Offsets to lines and columns, with the lines that `SourceFile.lines` shows."""

    def __init__(self, source: SourceFile) -> None:
        self._path = source.path
        self._starts = [0]
        for line in source.text.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))
        if len(self._starts) > 1 and not source.text.endswith(("\n", "\r")):
            self._starts.pop()

    def span(self, start: int, end: int) -> Span:
        line = bisect_right(self._starts, start)
        end_line = bisect_right(self._starts, end, line - 1)
        return Span(
            self._path,
            line,
            start - self._starts[line - 1] + 1,
            end_line,
            end - self._starts[end_line - 1] + 1,
        )


def character_value(text: str) -> int:
    """The value of a character literal, given with its quotes."""
    body = text[1:-1]
    if not body.startswith("\\"):
        return ord(body)
    if body.startswith("\\x"):
        return int(body[2:], 16)
    return _ESCAPES[body[1]]


_ESCAPES = {
    "a": 7,
    "b": 8,
    "e": 27,
    "f": 12,
    "n": 10,
    "r": 13,
    "t": 9,
    "v": 11,
    "0": 0,
    "'": 39,
    '"': 34,
    "\\": 92,
}
