"""Diagnostics as text, and the excerpt of a source that they share with findings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from dmc.base.diagnostic import Diagnostic, Label, Severity
from dmc.base.source import SourceFile, Span
from dmc.reporters.terminal import Paint, columns, crop, printable, wrap

MIN_WIDTH = 110
"""Notes stand right of their carets up to here, even where the rest of a report is narrower."""

_HINT = "  hint: "


def render_diagnostics(
    diagnostics: Sequence[Diagnostic], sources: Mapping[str, SourceFile], width: int, paint: Paint
) -> list[str]:
    """All diagnostics, a blank line between them, and where to read more."""
    lines: list[str] = []
    for diagnostic in diagnostics:
        lines += [*render_diagnostic(diagnostic, sources, max(width, MIN_WIDTH), paint), ""]
    if diagnostics:
        codes = dict.fromkeys(diagnostic.code for diagnostic in diagnostics)
        lines.append(paint.faint(_more(codes, max(width, MIN_WIDTH))))
    return lines


def render_diagnostic(
    diagnostic: Diagnostic, sources: Mapping[str, SourceFile], width: int, paint: Paint
) -> list[str]:
    """One diagnostic: its first line is never broken, so that editors and `grep` find it."""
    severity = "warning: " if diagnostic.severity is Severity.WARNING else ""
    tone = paint.doubtful if severity else paint.bad
    message = f"{severity}{printable(diagnostic.message)}"
    lines = [f"{place_name(diagnostic.span)}  {tone(diagnostic.code)}  {paint.strong(message)}"]
    lines += excerpt(diagnostic.span, diagnostic.note, sources, width, paint)
    for label in diagnostic.labels:
        lines += _label(label, diagnostic.span, sources, width, paint)
    for hint in diagnostic.hints:
        lines += wrap(hint, width, _HINT, " " * len(_HINT))
    return lines


def place_name(span: Span) -> str:
    """`file:line:col`, or only the file where there is no line."""
    path = printable(span.path)
    return f"{path}:{span.line}:{span.column}" if span.line > 0 else path


def excerpt(
    span: Span,
    note: str,
    sources: Mapping[str, SourceFile],
    width: int,
    paint: Paint,
    sign: str = "^",
) -> list[str]:
    """The line of a place, marked, with a note; only the note if the line is not at hand."""
    text = source_line(span, sources)
    if text is None:
        return wrap(note, width, "  ") if note else []
    start = len(printable(text[: span.column - 1]))
    end = max(start + 1, len(printable(text[: _last_column(span, text)])))
    shown, skipped = crop(printable(text), start, width - 8)
    number = f"{span.line:>5} |"
    marks = sign * columns(printable(text)[start : min(end, skipped + len(shown))] or " ")
    before = " " * columns(shown[: start - skipped])
    lines = [f"{paint.faint(number)} {shown}".rstrip()]
    return lines + _marks(before, marks, note, len(number), width, paint)


def source_line(span: Span, sources: Mapping[str, SourceFile]) -> str | None:
    """The text of the line on which a place begins, if its file is at hand and has such a line."""
    source = sources.get(span.path)
    if source is None or span.line < 1:
        return None
    lines = source.lines()
    return lines[span.line - 1] if span.line <= len(lines) else ""


def _last_column(span: Span, text: str) -> int:
    """The exclusive end of the place within its first line."""
    if span.end_line > span.line:
        return len(text.rstrip())
    return max(span.end_column - 1, span.column)


def _marks(before: str, marks: str, note: str, gutter: int, width: int, paint: Paint) -> list[str]:
    bar = paint.faint(" " * (gutter - 1) + "|")
    note = printable(note)
    first = f"{bar} {before}{paint.bad(marks)}"
    if not note:
        return [first]
    if gutter + 1 + len(before) + len(marks) + 1 + len(note) <= width:
        return [f"{first} {note}"]
    indent = min(len(before), width // 3)
    return [first, *(f"{bar} {line}" for line in wrap(note, width - gutter - 1, " " * indent))]


def _label(
    label: Label, main: Span, sources: Mapping[str, SourceFile], width: int, paint: Paint
) -> list[str]:
    if source_line(label.span, sources) is None:
        return wrap(f"{place_name(label.span)}: {label.text}", width, "  ", "    ")
    heading = [] if label.span.path == main.path else [f"  {place_name(label.span)}"]
    return heading + excerpt(label.span, label.text, sources, width, paint, sign="-")


def _more(codes: Iterable[str], width: int) -> str:
    line = "more: dmc explain"
    for code in codes:
        if len(line) + 1 + len(code) > width:
            break
        line += f" {code}"
    return line
