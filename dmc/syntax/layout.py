"""Lines of formatted text: columns that align by themselves, comments and blank lines that stay."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from dmc.base.source import Span
from dmc.syntax.scanner import Kind, Lexeme

INDENT = 4
LIMIT = 110
"""A block or a body stays on the line of its head, and a line unbroken, up to this column."""
COMMENT_COLUMN = 48

Position = tuple[int, int]


@dataclass(frozen=True)
class Comment:
    """A comment of the source; `after` is where the code before it ends, closing signs not counted."""

    text: str
    start: Position
    end: Position
    own_line: bool
    after: Position


@dataclass(frozen=True)
class Cell:
    """A part of a line that may be padded, between `left` and `right`, to align with other lines."""

    left: str
    right: str = ""
    joint: str = " "


@dataclass
class Line:
    """A line to be; neighbours of one nonempty `kind` and one indentation form a group that aligns."""

    indent: int
    cells: list[Cell]
    kind: str = ""
    comment: str = ""
    verbatim: bool = False


_LOOSE_SIGNS = frozenset({";", ":", ",", ")", "{"})


def comments_of(lexemes: Iterable[Lexeme]) -> list[Comment]:
    """The comments among the lexemes of a text."""
    comments: list[Comment] = []
    after: Position = (0, 0)
    for lexeme in lexemes:
        if lexeme.kind is Kind.COMMENT:
            text = lexeme.text.rstrip()
            comments.append(Comment(text, start_of(lexeme.span), end_of(lexeme.span), lexeme.own_line, after))
        elif lexeme.text not in _LOOSE_SIGNS or lexeme.kind is not Kind.SIGN:
            after = end_of(lexeme.span)
    return comments


def start_of(span: Span) -> Position:
    """Where a span begins."""
    return (span.line, span.column)


def end_of(span: Span) -> Position:
    """Where a span ends."""
    return (span.end_line, span.end_column)


class Page:
    """Collects lines in the order of the source, each with the comments that belong to it."""

    def __init__(self, comments: Iterable[Comment]) -> None:
        self.indent = 0
        self._comments = list(comments)
        self._next = 0
        self._lines: list[Line] = []
        self._last_line = 0
        self._fresh = True

    def add(self, cells: str | list[Cell], start: Position, end: Position, kind: str = "") -> None:
        """A line that stands for the code between two positions."""
        self._leading(start, end)
        self._gap(start[0])
        line = Line(self.indent, [Cell(cells)] if isinstance(cells, str) else cells, kind)
        self._lines.append(line)
        self._last_line = max(self._last_line, end[0])
        self._fresh = False
        line.comment = " ".join(self._trailing(end))

    def open(self) -> None:
        """The lines that follow stand in brackets that the last one opened."""
        self.indent += INDENT
        self._fresh = True

    def close(self, text: str, start: Position, end: Position) -> None:
        """The line with the closing bracket."""
        self.leave(start, end)
        self.add(text, start, end)

    def leave(self, start: Position, end: Position) -> None:
        """The line that follows closes the brackets, and may open others."""
        self._leading(start, end)
        self.indent -= INDENT
        self._fresh = True

    def blank(self) -> None:
        """An empty line, unless there is one or nothing above it."""
        if self._lines and self._lines[-1].cells and not self._fresh:
            self._lines.append(Line(0, []))
            self._fresh = True

    def has_comment(self, start: Position, end: Position) -> bool:
        """Whether a comment stands between two positions."""
        return any(start <= comment.start < end for comment in self._comments[self._next :])

    def text(self) -> str:
        """All lines, aligned, and the comments behind the last one."""
        for comment in self._comments[self._next :]:
            self._own_line(comment)
        self._next = len(self._comments)
        rendered = "\n".join(_render(self._lines))
        return rendered.rstrip("\n") + "\n" if rendered.strip() else ""

    def _leading(self, start: Position, end: Position) -> None:
        while self._next < len(self._comments):
            comment = self._comments[self._next]
            if comment.start >= max(start, end):
                return
            self._own_line(comment)
            self._next += 1

    def _trailing(self, end: Position) -> Iterator[str]:
        while self._next < len(self._comments):
            comment = self._comments[self._next]
            single = comment.start[0] == comment.end[0] == end[0]
            if not single or comment.after > end or comment.start < end:
                return
            self._next += 1
            yield comment.text

    def _own_line(self, comment: Comment) -> None:
        self._gap(comment.start[0])
        first, *rest = comment.text.split("\n")
        self._lines.append(Line(self.indent, [Cell(first.rstrip())], verbatim=True))
        shift = self.indent - (comment.start[1] - 1)
        for line in rest:
            body = line.strip()
            depth = max(0, len(line) - len(line.lstrip()) + shift) if body else 0
            self._lines.append(Line(depth, [Cell(body)], verbatim=True))
        self._last_line = comment.end[0]
        self._fresh = False

    def _gap(self, line: int) -> None:
        if line - self._last_line >= 2 and self._last_line > 0:
            self.blank()


def _render(lines: list[Line]) -> list[str]:
    codes = _align(lines)
    columns = _comment_columns(lines, codes)
    rendered: list[str] = []
    for line, code, column in zip(lines, codes, columns, strict=True):
        pieces = [code] if line.verbatim else _wrap(code, line.indent)
        if line.comment:
            pieces[-1] = pieces[-1].ljust(column if len(pieces) == 1 else 0) + (
                line.comment if len(pieces) == 1 else "  " + line.comment
            )
        rendered.extend(piece.rstrip() for piece in pieces)
    return rendered


def _align(lines: list[Line]) -> list[str]:
    codes: list[str] = []
    start = 0
    while start < len(lines):
        end = start + 1
        first = lines[start]
        while end < len(lines) and first.kind and _same_group(first, lines[end]):
            end += 1
        codes.extend(_align_group(lines[start:end]))
        start = end
    return codes


def _same_group(first: Line, other: Line) -> bool:
    return other.kind == first.kind and other.indent == first.indent


def _align_group(lines: list[Line]) -> list[str]:
    count = max(len(line.cells) for line in lines)
    widths = [0] * count
    for line in lines:
        for index, cell in enumerate(line.cells[:-1]):
            gap = 1 if cell.joint == "" else 0
            widths[index] = max(widths[index], len(cell.left) + gap + len(cell.right))
    aligned = [_join(line, widths) for line in lines]
    # A line that alignment alone makes too long would be broken, and be laid out otherwise the next time.
    if all(len(code) <= LIMIT for code in aligned):
        return aligned
    return [_align_group([line])[0] for line in lines] if len(lines) > 1 else aligned


def _join(line: Line, widths: list[int]) -> str:
    text = " " * line.indent
    for index, cell in enumerate(line.cells[:-1]):
        text += cell.left + " " * (widths[index] - len(cell.left) - len(cell.right)) + cell.right + cell.joint
    return text + (line.cells[-1].left if line.cells else "")


def _comment_columns(lines: list[Line], codes: list[str]) -> list[int]:
    """For each line the column of its comment: one for neighbours that have comments."""
    columns = [0] * len(lines)
    start = 0
    while start < len(lines):
        end = start
        while end < len(lines) and lines[end].comment:
            end += 1
        if end > start:
            widest = max((len(code) for code in codes[start:end] if len(code) <= LIMIT), default=0)
            columns[start:end] = [max(COMMENT_COLUMN, widest + 2)] * (end - start)
        start = max(end, start + 1)
    return columns


_BREAKS = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.[^\']*)\'|, | (?:&&|\|\||\?|:|=) ')


def _wrap(code: str, indent: int) -> list[str]:
    """Break a line that is too long behind a comma or an operator, where there is one."""
    pieces: list[str] = []
    while len(code) > LIMIT:
        places = [m.end() for m in _BREAKS.finditer(code, indent) if m.group()[0] in ", "]
        lead = len(code) - len(code.lstrip())
        fitting = [place for place in places if lead + 8 < place <= LIMIT + 1 and place < len(code)]
        if not fitting:
            break
        pieces.append(code[: fitting[-1]].rstrip())
        code = " " * (indent + 2 * INDENT) + code[fitting[-1] :].lstrip()
    return [*pieces, code]
