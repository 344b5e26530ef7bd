"""The report of `dmc matrix`: grids of letters, what changes along each axis, which verdicts flip and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from dmc.base.source import SourceFile
from dmc.reporters.matrix_grid import (
    LETTERS,
    UNEXPECTED,
    Column,
    Grid,
    Line,
    PropertyLines,
    Square,
    grid_of,
    setting_of,
)
from dmc.reporters.run_groups import describe, scenarios_of
from dmc.reporters.run_instance import instance_of
from dmc.reporters.terminal import MIN_WIDTH, Paint, printable, wrap
from dmc.reporters.text import closing
from dmc.reporters.text_diagnostic import render_diagnostics
from dmc.reporters.text_flips import flip_lines
from dmc.results.matrix import Matrix, changes_along, compared_axes, is_violated
from dmc.results.report import Report, Run
from dmc.results.verdict import Verdict

_MARGIN = "  "
_GAP = "  "
_FEWEST_LABEL = 26
_MEANING = {
    Verdict.PROVED: "proved",
    Verdict.BOUNDED: "bounded: no violation, but something was cut",
    Verdict.VIOLATED: "violated",
    Verdict.VACUOUS: "vacuous: never put to the test",
    Verdict.INCONCLUSIVE: "inconclusive",
    Verdict.NOT_APPLICABLE: "not applicable",
}


def render_matrix(
    report: Report, sources: Mapping[str, SourceFile], width: int, colour: bool, verbose: bool
) -> str:
    """The whole report; `verbose` folds nothing that has a letter of its own."""
    paint = Paint(colour)
    width = max(width, MIN_WIDTH)
    blocks: list[list[str]] = []
    if report.diagnostics:
        blocks.append(render_diagnostics(report.diagnostics, sources, width, paint))
    model = ""
    matrix = report.matrix or Matrix(())
    for runs in scenarios_of(report.runs):
        if runs[0].model != model:
            model = runs[0].model
            blocks.append([paint.strong(printable(model)), *_left_out(model, matrix, width)])
        searched = [run for run in runs if not run.not_applicable]
        if searched:
            grid = _GridText(searched, width, paint, verbose)
            blocks += [list(grid.lines()), list(_along(searched, width))]
    if report.runs:
        blocks.append(list(_legend(report.runs, width)))
        blocks.append(list(flip_lines(report, width, paint)))
    blocks.append(list(closing(report, width, paint)))
    return "\n\n".join("\n".join(line.rstrip() for line in block) for block in blocks if block) + "\n"


def _left_out(model: str, matrix: Matrix, width: int) -> Iterator[str]:
    reasons: dict[str, list[str]] = {}
    for path, runtime, reason in matrix.left_out:
        if path == model:
            reasons.setdefault(reason, []).append(runtime)
    for reason, runtimes in reasons.items():
        names = ", ".join(dict.fromkeys(runtimes))
        yield from wrap(f"not run on {names}: {reason}", width, _MARGIN, _MARGIN * 2)


class _GridText:
    """The grid of one scenario."""

    def __init__(self, runs: Sequence[Run], width: int, paint: Paint, verbose: bool) -> None:
        self._runs = runs
        self._plain = plain_runs(runs)
        self._width = width
        self._paint = paint
        self._verbose = verbose
        self._grid: Grid = grid_of(runs)

    def lines(self) -> Iterator[str]:
        """The instance, the grid in as many bands of columns as it takes, and what is the same everywhere."""
        head = f"{self._runs[0].scenario}: {', '.join(instance_of(self._runs))}"
        yield from wrap(head, self._width, "", "  ")
        shown = [p for p in self._grid.properties if self._verbose or not p.letter]
        for first, last in self._bands() if shown else ():
            yield ""
            yield from self._band(first, last, shown)
        yield from self._folded([p for p in self._grid.properties if p not in shown], bool(shown))

    def _bands(self) -> list[tuple[int, int]]:
        room = self._width - _FEWEST_LABEL
        bands, start, used = [], 0, 0
        for place, column in enumerate(self._grid.columns):
            wide = self._wide(column)
            if place > start and used + wide > room:
                bands.append((start, place))
                start, used = place, 0
            used += wide
        return [*bands, (start, len(self._grid.columns))]

    def _wide(self, column: Column) -> int:
        return max(len(column.label), 3) + len(_GAP)

    def _band(self, first: int, last: int, shown: Sequence[PropertyLines]) -> Iterator[str]:
        columns = self._grid.columns[first:last]
        room = self._width - sum(self._wide(c) for c in columns)
        longest = max((len(label) for p in shown for label in self._labels(p)), default=0)
        room = max(_FEWEST_LABEL, min(room, longest + 1))
        if len({c.build for c in self._grid.columns}) > 1:
            yield " " * room + self._builds(columns)
        yield self._paint.strong(
            " " * room + "".join(f"{_GAP}{c.label:<{self._wide(c) - 2}}" for c in columns)
        )
        for prop in shown:
            yield from self._property(prop, first, last, room)

    def _builds(self, columns: Sequence[Column]) -> str:
        """The name of each build over the first of its columns."""
        text, before = "", ""
        for column in columns:
            name = column.build if column.build != before else ""
            text, before = text + f"{_GAP}{name:<{self._wide(column) - 2}}", column.build
        return text

    def _labels(self, prop: PropertyLines) -> list[str]:
        name = f"{_MARGIN}{_names(prop.names)}"
        if len(prop.lines) == 1:
            return [name]
        return [name, *(f"{_MARGIN * 2}{self._setting(line)}" for line in prop.lines)]

    def _setting(self, line: Line) -> str:
        pairs = zip(self._runs, self._plain, strict=True)
        chosen = [plain for run, plain in pairs if setting_of(run, self._runs) in line.settings]
        return describe(chosen, self._plain, self._verbose) or "all"

    def _property(self, prop: PropertyLines, first: int, last: int, room: int) -> Iterator[str]:
        numbers = _numbers(prop)
        labels = self._labels(prop)
        if len(prop.lines) > 1:
            yield from wrap(labels.pop(0).strip(), self._width, _MARGIN, _MARGIN * 2)
        for line, label in zip(prop.lines, labels, strict=True):
            indent = " " * (len(label) - len(label.lstrip()))
            parts = wrap(label.strip(), room - 1, indent, indent + "  ")
            yield from parts[:-1]
            cells = "".join(
                _GAP + self._cell(s, numbers, self._wide(c) - 2)
                for s, c in zip(line.squares[first:last], self._grid.columns[first:last], strict=True)
            )
            yield f"{parts[-1]:<{room}}{cells}"
        for functions, number in numbers.items():
            yield from wrap(f"V{number} in {' or '.join(functions)}", self._width, _MARGIN * 3)

    def _cell(self, square: Square, numbers: Mapping[tuple[str, ...], str], wide: int) -> str:
        text = square.letter + numbers.get(square.functions, "") + (UNEXPECTED if square.unexpected else "")
        tone = {"V": self._paint.bad, "P": self._paint.good}.get(square.letter, self._paint.doubtful)
        return tone(text) + " " * (wide - len(text))

    def _folded(self, alike: Sequence[PropertyLines], is_after_grid: bool) -> Iterator[str]:
        by_letter: dict[str, list[str]] = {}
        for prop in alike:
            by_letter.setdefault(prop.letter, []).extend(identifier for identifier, _ in prop.names)
        if by_letter:
            yield ""
        where = "else, in every run" if is_after_grid else "in every run"
        for letter, names in by_letter.items():
            yield from wrap(f"{letter}  {where}: {', '.join(names)}", self._width, _MARGIN, _MARGIN * 2 + " ")


def _numbers(prop: PropertyLines) -> dict[tuple[str, ...], str]:
    """Which functions a violation ends in, numbered where it is not always the same ones."""
    violated = [s for line in prop.lines for s in line.squares if s.letter == LETTERS[Verdict.VIOLATED]]
    sets = dict.fromkeys(s.functions for s in violated)
    if len(sets) == 1:
        return {functions: "" for functions in sets if functions}
    return {functions: str(number) for number, functions in enumerate(filter(None, sets), 1)}


def _names(names: Sequence[tuple[str, str]]) -> str:
    """The id and the name of one property, or the ids of several."""
    if len(names) > 1:
        return ", ".join(identifier for identifier, _ in names)
    ((identifier, name),) = names
    return identifier if name == identifier else f"{identifier} {name}"


def plain_runs(runs: Sequence[Run]) -> list[Run]:
    """The runs, without the number of schedulers where it is given by the build alone."""
    counts: dict[str, set[int]] = {}
    for run in runs:
        counts.setdefault(run.build, set()).add(run.schedulers)
    if any(len(own) > 1 for own in counts.values()):
        return list(runs)
    return [replace(run, schedulers=0) for run in runs]


def _along(runs: Sequence[Run], width: int) -> Iterator[str]:
    """For each axis, the verdicts that change along it."""
    runs = plain_runs(runs)
    axes = compared_axes(runs)
    quiet = [axis for axis in axes if not changes_along(runs, axis)]
    for axis in axes:
        alike: dict[tuple[tuple[str, str], tuple[Verdict, Verdict], str], list[tuple[str, str]]] = {}
        for change in changes_along(runs, axis):
            where = describe([pair[0] for pair in change.pairs], change.among, complete=False)
            key = (change.values, change.verdicts, where)
            alike.setdefault(key, []).append((change.property, change.name))
        for ((low, high), (before, after), where), names in alike.items():
            verb = "goes" if len(names) == 1 else "go"
            text = (
                f"along {axis}, {low} to {high}: {_names(names)} {verb} from {before.value} to {after.value}"
            )
            yield from wrap(f"{text}; {where or 'everywhere'}", width, _MARGIN, _MARGIN * 2)
    if quiet:
        text = f"along {', '.join(quiet)}: nothing flips between violated and not"
        yield from wrap(text, width, _MARGIN, _MARGIN * 2)


def _legend(runs: Sequence[Run], width: int) -> Iterator[str]:
    verdicts = {prop.verdict for run in runs for prop in run.properties}
    parts = [f"{LETTERS[v]} {_MEANING[v]}" for v in Verdict if v in verdicts]
    if any(is_violated(v) for v in verdicts):
        parts.append(f"{UNEXPECTED} not as expected")
    yield from wrap(f"{'; '.join(parts)}; blank: not run", width, "", _MARGIN)
