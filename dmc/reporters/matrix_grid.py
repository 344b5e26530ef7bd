"""The runs of a scenario as a grid: a column for each runtime, rows of settings for each property."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dmc.results.exit_code import is_unexpected
from dmc.results.matrix import RUNTIME, axes_of, coordinates
from dmc.results.report import Run
from dmc.results.verdict import Verdict

LETTERS = {
    Verdict.PROVED: "P",
    Verdict.BOUNDED: "B",
    Verdict.VIOLATED: "V",
    Verdict.VACUOUS: "-",
    Verdict.INCONCLUSIVE: "?",
    Verdict.NOT_APPLICABLE: ".",
}
NOT_RUN = " "
UNEXPECTED = "!"

NON_SMP = "non-SMP"

Setting = tuple[tuple[str, str], ...]
"""The coordinates of a run but for its runtime."""


@dataclass(frozen=True)
class Square:
    """One property in one run: its letter, the functions of a violation, whether it was expected."""

    letter: str
    functions: tuple[str, ...] = ()
    unexpected: bool = False


@dataclass(frozen=True)
class Line:
    """Settings in which a property has the same squares."""

    squares: tuple[Square, ...]
    settings: tuple[Setting, ...]


@dataclass(frozen=True)
class PropertyLines:
    """Properties that have the same lines, by id with their names."""

    names: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]

    @property
    def letter(self) -> str:
        """The letter of all its squares, or "" where they are not all alike; what was not run is like all."""
        squares = {s for line in self.lines for s in line.squares if s.letter != NOT_RUN}
        plain = len(squares) == 1 and not any(s.unexpected or s.functions for s in squares)
        return next(iter(squares)).letter if plain else ""


@dataclass(frozen=True)
class Column:
    """Neighbouring runtimes of one build on which everything is the same."""

    runtimes: tuple[str, ...]
    build: str

    @property
    def label(self) -> str:
        """The runtime, or the first and the last of them."""
        first, last = self.runtimes[0], self.runtimes[-1]
        return first if first == last else f"{first}..{last}"


@dataclass(frozen=True)
class Grid:
    """The whole grid of a scenario."""

    columns: tuple[Column, ...]
    properties: tuple[PropertyLines, ...]


def grid_of(runs: Sequence[Run]) -> Grid:
    """The grid, with equal neighbouring columns and equal rows folded."""
    settings: dict[Setting, dict[str, Run]] = {}
    for run in runs:
        settings.setdefault(setting_of(run, runs), {})[run.runtime] = run
    columns = _columns(runs, settings)
    names = {prop.id: prop.name for run in runs for prop in run.properties}
    alike: dict[tuple[Line, ...], list[tuple[str, str]]] = {}
    for identifier in sorted(names, key=_order):
        lines = _lines(identifier, columns, settings)
        alike.setdefault(lines, []).append((identifier, names[identifier]))
    return Grid(columns, tuple(PropertyLines(tuple(own), lines) for lines, own in alike.items()))


def square(run: Run | None, identifier: str) -> Square:
    """What a cell of the grid says."""
    prop = next((p for p in run.properties if p.id == identifier), None) if run is not None else None
    if prop is None:
        return Square(NOT_RUN)
    functions = prop.functions if prop.verdict is Verdict.VIOLATED else ()
    return Square(LETTERS[prop.verdict], functions, is_unexpected(prop))


def _order(identifier: str) -> tuple[bool, str]:
    """Rules of the catalogue first, then what a model calls its own."""
    return not (identifier[:3].isupper() and identifier[3:].isdigit()), identifier


def setting_of(run: Run, among: Sequence[Run]) -> Setting:
    """Without the schedulers where each build has one number of them: an emulator without SMP has one."""
    own = {axis: value for axis, value in coordinates(run).items() if axis != RUNTIME}
    counts = axes_of([other for other in among if other.build == run.build])["schedulers"]
    if len(counts) == 1:
        own["schedulers"] = ""
    return tuple(own.items())


def _columns(runs: Sequence[Run], settings: dict[Setting, dict[str, Run]]) -> tuple[Column, ...]:
    builds = dict.fromkeys(sorted((run.build for run in runs), key=lambda build: build != NON_SMP))
    columns: list[Column] = []
    for build in builds:
        before: tuple[Square, ...] | None = None
        for runtime in dict.fromkeys(run.runtime for run in runs if run.build == build):
            squares = _all_squares(runtime, runs, settings)
            if squares == before:
                columns[-1] = Column((*columns[-1].runtimes, runtime), build)
            else:
                columns.append(Column((runtime,), build))
            before = squares
    return tuple(columns)


def _all_squares(
    runtime: str, runs: Sequence[Run], settings: dict[Setting, dict[str, Run]]
) -> tuple[Square, ...]:
    names = dict.fromkeys(prop.id for run in runs for prop in run.properties)
    return tuple(square(own.get(runtime), name) for own in settings.values() for name in names)


def _lines(
    identifier: str, columns: Sequence[Column], settings: dict[Setting, dict[str, Run]]
) -> tuple[Line, ...]:
    lines: dict[tuple[Square, ...], list[Setting]] = {}
    for setting, own in settings.items():
        squares = tuple(square(own.get(column.runtimes[0]), identifier) for column in columns)
        lines.setdefault(squares, []).append(setting)
    return tuple(Line(squares, tuple(own)) for squares, own in lines.items())
