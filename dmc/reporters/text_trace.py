"""A trace as text: one lane for each thread, one line for each step, and what the step changed.

        A B
        │ ·  A owner
     1  ● ·    port_command(p, bytes(1)) -> true                      bdb.dmc:62
        │ │  B scheduler 1: output
>>>  2  │ ●    t->owner = d                                           bdb.dmc:31
        │ │        t->owner: NULL -> Port 1
        │ │        <- violates MEM001: ...
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import PurePath

from dmc.base.source import Span
from dmc.reporters.terminal import Paint, printable, wrap
from dmc.results.report import Change, Trace, TraceStep

MAX_LANES = 8
"""With more threads than this, lanes would take the room of what they explain."""

_LETTERS = "ABCDEFGH"
_VIOLATES = "violates"


def render_trace(trace: Trace, width: int, paint: Paint, told_before: str = "") -> list[str]:
    """The whole trace, from what was chosen before its first step to the closing sentence.

    A closing sentence that the reader has already been told is left out.
    """
    if trace.summary == told_before:
        trace = replace(trace, summary="")
    page = _Page(trace, width, paint)
    lines = list(page.beginning())
    previous: TraceStep | None = None
    for number, step in enumerate(trace.steps, 1):
        if previous is None or _heading_key(previous) != _heading_key(step):
            lines.append(page.heading(number, step))
        lines += page.step(number, step)
        previous = step
    return [line.rstrip() for line in [*lines, *page.ending()]]


def _heading_key(step: TraceStep) -> tuple[str, str, tuple[str, ...]]:
    return step.lane, step.actor, step.frames


@dataclass(frozen=True)
class _Line:
    prefix: str
    text: str
    tone: Callable[[str], str]

    @property
    def plain(self) -> str:
        return self.prefix + self.text


class _Page:
    """The layout of one trace; remembers which lanes have begun and which locks each one holds."""

    def __init__(self, trace: Trace, width: int, paint: Paint) -> None:
        self._trace = trace
        self._width = width
        self._paint = paint
        self._names = _short_paths(trace)
        lanes = list(dict.fromkeys(step.lane for step in trace.steps))
        self._lanes = lanes if len(lanes) <= MAX_LANES else []
        self._first = {lane: self._first_step(lane) for lane in lanes}
        self._held: dict[str, tuple[str, ...]] = {}

    def beginning(self) -> Iterator[str]:
        """What was chosen at the start, and which letter stands for which thread."""
        if self._trace.initial:
            chosen = ", ".join(f"{name} = {value}" for name, value in self._trace.initial)
            yield from wrap(f"chosen at the start: {chosen}", self._width, "  ", "    ")
        if self._lanes:
            threads = ", ".join(f"{_LETTERS[i]} {lane}" for i, lane in enumerate(self._lanes))
            yield from wrap(f"threads: {threads}", self._width, "  ", "    ")
            yield ""
            letters = " ".join(_LETTERS[: len(self._lanes)])
            yield self._paint.faint(" " * 8 + letters)

    def heading(self, number: int, step: TraceStep) -> str:
        """Who acts from here on, and inside of what."""
        letter = f"{_LETTERS[self._lanes.index(step.lane)]} " if self._lanes else ""
        who = step.lane if step.actor in ("", step.lane) else f"{step.lane} ({step.actor})"
        text = printable(f"{letter}{who}{_inside(step.frames)}")
        room = self._width - len(self._gutter(number))
        if len(text) > room:
            text = text[: room - 3] + "..."
        return self._gutter(number) + self._paint.strong(text)

    def step(self, number: int, step: TraceStep) -> Iterator[str]:
        """What happens, where it is written, what it changes, and why it matters."""
        violating = any(mark.startswith(_VIOLATES) for mark in step.marks)
        flag = ">>>" if violating else "   "
        prefix = f"{flag}{number:>3}  {self._lane_marks(number, step.lane)}    "
        gutter = self._gutter(number) + "  "
        tone = self._paint.bad if violating else _plain
        action = printable(step.action) + (f" -> {printable(step.result)}" if step.result else "")
        first, *others = wrap(action, self._width - len(gutter), "", "    ")
        lines = [_Line(prefix, first, tone), *(_Line(gutter, line, tone) for line in others)]
        lines += self._consequences(step, gutter)
        yield from self._with_place(lines, self._place(step.place), gutter)

    def ending(self) -> Iterator[str]:
        """Who cannot go on, what is still owed, and the sentence that says it all."""
        if self._trace.stuck or self._trace.owed:
            yield ""
        for line in self._trace.stuck:
            yield from self._labelled("stuck", line)
        for line in self._trace.owed:
            yield from self._labelled("owed", line)
        if self._trace.summary:
            yield ""
            yield from wrap(self._trace.summary, self._width, "  ")

    def _labelled(self, label: str, text: str) -> Iterator[str]:
        first, *others = wrap(text, self._width, f"  {label:<5}  ", " " * 9)
        yield first.replace(label, self._paint.bad(label), 1)
        yield from others

    def _with_place(self, lines: list[_Line], place: str, gutter: str) -> Iterator[str]:
        """The lines of a step, with its place at the right of the first that has room."""
        home = next((line for line in lines if len(line.plain) + 2 + len(place) <= self._width), None)
        for line in lines:
            pad = " " * (self._width - len(line.plain) - len(place)) if line is home else ""
            yield line.prefix + line.tone(line.text) + (pad + self._paint.faint(place) if pad else "")
        if home is None:
            yield gutter.ljust(self._width - len(place)) + self._paint.faint(place)

    def _consequences(self, step: TraceStep, gutter: str) -> list[_Line]:
        indent = gutter + " " * 4
        room = self._width - len(indent)
        lines = [_Line(indent, text, _plain) for text in _packed([_change(c) for c in step.changes], room)]
        if step.held != self._held.get(step.lane, ()):
            self._held[step.lane] = step.held
            held = f"holds {', '.join(step.held)}" if step.held else "holds no lock any more"
            lines += [_Line(indent, text, self._paint.faint) for text in wrap(held, room, "", "  ")]
        for mark in step.marks:
            tone = self._paint.bad if mark.startswith(_VIOLATES) else self._paint.doubtful
            lines += [_Line(indent, text, tone) for text in wrap(mark, room, "<- ", "   ")]
        return lines

    def _lane_marks(self, number: int, acting: str | None) -> str:
        """One sign for each lane: acting, begun, or not yet begun."""
        return " ".join(
            "●" if lane == acting else "│" if self._first[lane] <= number else "·" for lane in self._lanes
        )

    def _gutter(self, number: int) -> str:
        return f"{'':>8}{self._lane_marks(number, None)}  "

    def _first_step(self, lane: str) -> int:
        return next(number for number, step in enumerate(self._trace.steps, 1) if step.lane == lane)

    def _place(self, span: Span) -> str:
        return f"{self._names.get(span.path, span.path)}:{span.line}" if span.line > 0 else ""


def _inside(frames: tuple[str, ...]) -> str:
    """`: stop (inside driver_failure_atom inside output)`; the innermost function comes first."""
    if not frames:
        return ""
    *outer, innermost = frames
    chain = " inside ".join(reversed(outer))
    return f": {innermost}" + (f" (inside {chain})" if chain else "")


def _change(change: Change) -> str:
    if not change.before:
        return f"{change.name} = {change.after}"
    return f"{change.name}: {change.before} -> {change.after or 'gone'}"


def _packed(items: list[str], room: int) -> Iterator[str]:
    """Short items share a line; one that is too long is wrapped."""
    line = ""
    for item in map(printable, items):
        if line and len(line) + 3 + len(item) > room:
            yield line
            line = ""
        line = f"{line};  {item}" if line else item
        if len(line) > room:
            *full, line = wrap(line, room, "", "  ")
            yield from full
    if line:
        yield line


def _short_paths(trace: Trace) -> dict[str, str]:
    """For each file of the trace the shortest end of its path that no other file has."""
    paths = {step.place.path: PurePath(step.place.path).parts for step in trace.steps if step.place.line > 0}
    short = {}
    for path, parts in paths.items():
        others = [other for name, other in paths.items() if name != path]
        lengths = range(1, len(parts))
        length = next((n for n in lengths if all(other[-n:] != parts[-n:] for other in others)), None)
        short[path] = path if length is None else "/".join(parts[-length:])
    return short


def _plain(text: str) -> str:
    return text
