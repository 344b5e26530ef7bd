"""A trace as text: one lane for each thread, one line for each statement, and what it brought about.

          A B
          │ ·  A scheduler 1 (owner)
       1  ● ·    port_command(p, bytes(1))                          bdb.dmc:62
          │ │  A scheduler 1: output, with the port's lock
>>>  2-3  │ ●    t->owner = d                                       bdb.dmc:31
          │ │        Txn #1.owner: NULL -> Port #1
          │ │        <- violates MEM001: ...

A step that only fetches what the next one works on shares its line; the numbers of both are told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import PurePath

from dmc.base.source import Span
from dmc.reporters.terminal import Paint, printable, wrap
from dmc.results.report import Change, Trace, TraceStep

MAX_LANES = 8
"""With more threads than this, lanes would take the room of what they explain."""

READ = "read "

_LETTERS = "ABCDEFGH"
_VIOLATES = "violates"
_PLAIN_VALUES = ("true", "false", "unset")


def render_trace(trace: Trace, width: int, paint: Paint) -> list[str]:
    """The whole trace, from what was chosen before its first step to the closing sentence."""
    page = _Page(trace, width, paint)
    lines = list(page.beginning())
    for same in _stretches(page.lines, set(trace.matters)):
        if same.matter:
            for line in same.lines:
                lines += page.told(line)
        else:
            lines += page.folded(same.lines)
    return [line.rstrip() for line in [*lines, *page.ending()]]


def render_ending(trace: Trace, width: int, paint: Paint) -> list[str]:
    """What there is to be said at the end of a trace whose steps have been shown already."""
    return [line.rstrip() for line in _Page(trace, width, paint).ending()]


@dataclass(frozen=True)
class _Folded:
    """Steps that share a line: the last is what happens, those before fetch what it works on."""

    first: int
    steps: tuple[TraceStep, ...]

    @property
    def step(self) -> TraceStep:
        return self.steps[-1]

    @property
    def numbers(self) -> str:
        last = self.first + len(self.steps) - 1
        return str(self.first) if len(self.steps) == 1 else f"{self.first}-{last}"

    def values(self) -> list[str]:
        """What was fetched, where that is a plain value and the step itself does not tell it.

        Of a violation it is told in any case: `n - 1` is out of range because `n` is 0.
        """
        violating = any(mark.startswith(_VIOLATES) for mark in self.step.marks)
        return [
            f"{name} is {operand.result}"
            for operand in self.steps[:-1]
            if _is_plain(operand.result) or (violating and operand.result == "NULL")
            if (name := operand.action.removeprefix(READ))
            if violating or not self.step.action.startswith(name)
        ]


def _folded(steps: Sequence[TraceStep]) -> Iterator[_Folded]:
    """Each step, together with those right before it that only fetch for it."""
    waiting: list[TraceStep] = []
    for number, step in enumerate(steps, 1):
        waiting.append(step)
        following = steps[number] if number < len(steps) else None
        fetches = step.operand and not step.marks and not step.notes and not step.changes
        if not fetches or following is None or following.lane != step.lane:
            yield _Folded(number - len(waiting) + 1, tuple(waiting))
            waiting = []


@dataclass(frozen=True)
class _Stretch:
    """Neighbouring lines that are shown, or lines of one thread that are folded into one."""

    lines: tuple[_Folded, ...]
    matter: bool


def _stretches(lines: Sequence[_Folded], matters: set[int]) -> Iterator[_Stretch]:
    """Without anything that matters more than the rest, all lines are shown."""
    if not matters:
        yield _Stretch(tuple(lines), True)
        return
    for (matter, _), own in groupby(lines, key=lambda line: _is_shown(line, matters)):
        yield _Stretch(tuple(own), matter)


def _is_shown(line: _Folded, matters: set[int]) -> tuple[bool, str]:
    numbers = range(line.first, line.first + len(line.steps))
    matter = bool(matters.intersection(numbers)) or bool(line.step.marks)
    return matter, "" if matter else line.step.lane


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
        self.lines = list(_folded(trace.steps))
        self._numbers = max([3, *(len(line.numbers) + 1 for line in self.lines)])
        lanes = list(dict.fromkeys(step.lane for step in trace.steps))
        self._lanes = lanes if len(lanes) <= MAX_LANES else []
        self._first = {lane: self._first_step(lane) for lane in lanes}
        self._held: dict[str, tuple[str, ...]] = {}
        self._previous: TraceStep | None = None
        self._actor = ""

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
            yield self._paint.faint(" " * (self._numbers + 5) + letters)

    def told(self, line: _Folded) -> Iterator[str]:
        """A line of the trace, below a heading where another thread or function goes on."""
        if self._needs_heading(line.step):
            yield self._heading(line.first, line.step)
        self._previous = line.step
        yield from self._step(line)

    def folded(self, lines: Sequence[_Folded]) -> Iterator[str]:
        """Steps of one thread that do not matter, in a line: which they are, and through which functions
        they go.
        """
        first, last = lines[0], lines[-1]
        if len(lines) == 1:
            yield from self.told(first)
            return
        count = sum(len(line.steps) for line in lines)
        functions = dict.fromkeys(f for line in lines for f in line.step.frames[-1:])
        through = f": {', '.join(functions)}" if functions else ""
        lane = first.step.lane
        self._held[lane] = last.step.held
        self._previous, self._actor = None, ""
        gutter = " " * (self._numbers + 5) + self._lane_marks(first.first, lane).replace("●", "⋮") + "  "
        for text in wrap(f"{count} steps of {lane}{through}", self._width - len(gutter), "  ", "    "):
            yield gutter + self._paint.faint(text)

    def _needs_heading(self, step: TraceStep) -> bool:
        """What the runtime does for a process right after the process's own step needs none."""
        before = self._previous
        if before is None or (before.lane, before.frames) != (step.lane, step.frames):
            self._actor = step.actor
            return True
        if step.actor not in (self._actor, step.lane):
            self._actor = step.actor
            return True
        return False

    def _heading(self, number: int, step: TraceStep) -> str:
        """Who acts from here on, inside of what, and with which locks."""
        letter = f"{_LETTERS[self._lanes.index(step.lane)]} " if self._lanes else ""
        who = step.lane if step.actor in ("", step.lane) else f"{step.lane} ({step.actor})"
        held = self._held.get(step.lane, ())
        text = printable(f"{letter}{who}{_inside(_called(step))}")
        with_locks = text + printable(f", with {' and '.join(held)}" if held else "")
        room = self._width - len(self._gutter(number))
        text = with_locks if len(with_locks) <= room else text
        if len(text) > room:
            text = text[: room - 3] + "..."
        return self._gutter(number) + self._paint.strong(text)

    def _step(self, line: _Folded) -> Iterator[str]:
        """What happens, where it is written, what it brings about, and why it matters."""
        step, number = line.step, line.first
        violating = any(mark.startswith(_VIOLATES) for mark in step.marks)
        flag = ">>>" if violating else "   "
        prefix = f"{flag}{line.numbers:>{self._numbers}}  {self._lane_marks(number, step.lane)}    "
        gutter = self._gutter(number) + "  "
        tone = self._paint.bad if violating else self._tone(step)
        action = printable(step.action) + (f" -> {printable(step.result)}" if step.result else "")
        first, *others = wrap(action, self._width - len(gutter), "", "    ")
        lines = [_Line(prefix, first, tone), *(_Line(gutter, other, tone) for other in others)]
        lines += self._consequences(line, gutter)
        yield from self._with_place(lines, self._place(step.place), gutter)

    def _tone(self, step: TraceStep) -> Callable[[str], str]:
        return self._paint.faint if step.action.startswith(READ) else _plain

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

    def _consequences(self, line: _Folded, gutter: str) -> list[_Line]:
        step = line.step
        indent = gutter + " " * 4
        room = self._width - len(indent)
        items = [*line.values(), *(_change(c) for c in step.changes), *step.notes, *self._locks(step)]
        lines = [_Line(indent, text, _plain) for text in _packed(items, room)]
        for mark in step.marks:
            tone = self._paint.bad if mark.startswith(_VIOLATES) else self._paint.doubtful
            lines += [_Line(indent, text, tone) for text in wrap(mark, room, "<- ", "   ")]
        return lines

    def _locks(self, step: TraceStep) -> Iterator[str]:
        """The locks that the thread now has, unless the step itself says which one comes or goes."""
        before = self._held.get(step.lane, ())
        self._held[step.lane] = step.held
        changed = set(before) ^ set(step.held)
        if any(lock not in step.action for lock in changed):
            yield f"holds {', '.join(step.held)}" if step.held else "holds no lock any more"

    def _lane_marks(self, number: int, acting: str | None) -> str:
        """One sign for each lane: acting, begun, or not yet begun."""
        return " ".join(
            "●" if lane == acting else "│" if self._first[lane] <= number else "·" for lane in self._lanes
        )

    def _gutter(self, number: int) -> str:
        return " " * (self._numbers + 5) + self._lane_marks(number, None) + "  "

    def _first_step(self, lane: str) -> int:
        return next(number for number, step in enumerate(self._trace.steps, 1) if step.lane == lane)

    def _place(self, span: Span) -> str:
        return f"{self._names.get(span.path, span.path)}:{span.line}" if span.line > 0 else ""


def _is_plain(value: str) -> bool:
    return value in _PLAIN_VALUES or value.removeprefix("-").isdigit()


def _called(step: TraceStep) -> tuple[str, ...]:
    """The functions that a step is inside of; a thread of the model is not inside of itself."""
    named = step.frames and (f"{step.lane} ".startswith(f"{step.frames[0]} ") or step.frames[0] == step.actor)
    return step.frames[1:] if named else step.frames


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
