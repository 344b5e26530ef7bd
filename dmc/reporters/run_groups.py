"""Which runs belong together, and how to name some of them in few words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dmc.results.exit_code import is_unexpected
from dmc.results.matrix import axes_of, coordinates
from dmc.results.report import PropertyResult, Run
from dmc.results.verdict import Verdict

MAX_NAMED = 6
"""How many runs are listed one by one before the rest is only counted."""


@dataclass(frozen=True)
class Cell:
    """One property in one run."""

    run: Run
    result: PropertyResult

    @property
    def steps(self) -> int:
        """The length of its trace, for the choice of the one to show."""
        return len(self.result.trace.steps) if self.result.trace else 0


@dataclass(frozen=True)
class Row:
    """The runs in which one property has the same verdict, equally expected."""

    cells: tuple[Cell, ...]

    @property
    def first(self) -> PropertyResult:
        """One of the results: all of a row have the same id, verdict and expectation."""
        return self.cells[0].result

    @property
    def runs(self) -> tuple[Run, ...]:
        """The runs of the row."""
        return tuple(cell.run for cell in self.cells)

    @property
    def unexpected(self) -> bool:
        """Whether the verdict contradicts what was expected."""
        return is_unexpected(self.first)

    def shortest(self) -> Cell:
        """The cell with the shortest trace, the first of them; one without a trace only if none has any."""
        return min(self.cells, key=lambda cell: cell.steps or float("inf"))


def scenarios_of(runs: Sequence[Run]) -> list[tuple[Run, ...]]:
    """The runs by model and scenario, in the order of their first run."""
    found: dict[tuple[str, str], list[Run]] = {}
    for run in runs:
        found.setdefault((run.model, run.scenario), []).append(run)
    return [tuple(same) for same in found.values()]


def rows_of(runs: Sequence[Run]) -> list[Row]:
    """All properties of the runs, each in as many rows as it has different verdicts."""
    found: dict[str, dict[tuple[object, ...], list[Cell]]] = {}
    for run in runs:
        for result in run.properties:
            cells = found.setdefault(result.id, {}).setdefault(_row_key(result), [])
            cells.append(Cell(run, result))
    return [Row(tuple(cells)) for by_key in found.values() for cells in by_key.values()]


def name_run(run: Run, among: Sequence[Run]) -> str:
    """A run by the coordinates in which it differs from the others."""
    varying = [axis for axis, values in axes_of(among).items() if len(values) > 1]
    here = coordinates(run)
    return ", ".join(_pair(axis, here[axis]) for axis in varying if axis in here) or here["runtime"]


def count_runs(chosen: Sequence[Run], among: Sequence[Run]) -> str:
    """`in all 18 runs`, or `in 6 of 18 runs`."""
    if len(chosen) < len(among):
        return f"in {len(chosen)} of {len(among)} runs"
    return f"in all {len(among)} runs" if len(among) > 1 else ""


def describe(chosen: Sequence[Run], among: Sequence[Run], complete: bool) -> str:
    """Some of the runs in few words, exactly: by the values that single them out, else one by one."""
    if len(chosen) == len(among):
        return ""
    axes = axes_of(among)
    product = _as_product(chosen, among, axes)
    if product is not None:
        return product
    cases = [case for axis in axes if (case := _by_cases(axis, chosen, among, axes)) is not None]
    if cases:
        return min(cases, key=len)
    shown = list(chosen) if complete else list(chosen)[:MAX_NAMED]
    text = " or ".join(name_run(run, among) for run in shown)
    return text + (f" or {len(chosen) - len(shown)} more" if len(shown) < len(chosen) else "")


def _row_key(result: PropertyResult) -> tuple[object, ...]:
    functions = result.functions if result.verdict is Verdict.VIOLATED else ()
    return result.verdict, result.expected, result.as_expected, functions


def _as_product(
    chosen: Sequence[Run], among: Sequence[Run], axes: Mapping[str, tuple[str, ...]]
) -> str | None:
    """The values that the chosen runs have, if exactly these runs have them; "" if all have."""
    own = axes_of(chosen)
    matching = [run for run in among if all(run_value in own[a] for a, run_value in coordinates(run).items())]
    if len(matching) != len(chosen):
        return None
    named = [(axis, values) for axis, values in own.items() if len(values) < len(axes[axis])]
    return ", ".join(_choice(axis, values) for axis, values in named)


def _by_cases(
    axis: str, chosen: Sequence[Run], among: Sequence[Run], axes: Mapping[str, tuple[str, ...]]
) -> str | None:
    """The chosen runs, value by value of one axis, if each case can be named by values."""
    cases: dict[str, list[str]] = {}
    for value in axes[axis]:
        here = [run for run in chosen if coordinates(run).get(axis) == value]
        if here:
            there = [run for run in among if coordinates(run).get(axis) == value]
            product = _as_product(here, there, axes_of(there))
            if product is None:
                return None
            cases.setdefault(product, []).append(value)
    return " or ".join(
        _choice(axis, values) + (f", {rest}" if rest else "") for rest, values in cases.items()
    )


def _choice(axis: str, values: Sequence[str]) -> str:
    return _pair(axis, values[0]) if len(values) == 1 else f"{axis} = {'|'.join(values)}"


def _pair(axis: str, value: str) -> str:
    match axis:
        case "runtime":
            return value
        case "locking":
            return f"{value} locking"
        case _:
            return f"{axis} = {value}"
