"""Measurements as a table in Markdown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tests.benchmarks.measuring import Cost
from tests.benchmarks.result import Result

HEAD = (
    "| pair | variant | tool | states | transitions | search CPU s | peak MB | B/state"
    " | total CPU s | total wall s |",
    "|---|---|---|--:|--:|--:|--:|--:|--:|--:|",
)


@dataclass(frozen=True)
class Row:
    """One pair in one variant: the medians of both tools."""

    pair: str
    variant: str
    spin: Result
    ours: Result


def table(rows: Iterable[Row]) -> str:
    """All rows, each pair with its ratios: how many times what `dmc` needs is what SPIN needs."""
    lines = [*HEAD]
    for row in rows:
        lines.append(_line(row, "SPIN", row.spin))
        lines.append(_line(row, "dmc", row.ours))
        lines.append(_ratios(row))
    return "\n".join(lines) + "\n"


def _line(row: Row, tool: str, result: Result) -> str:
    cells = [row.pair, row.variant, tool, f"{result.states:,}", f"{result.transitions:,}"]
    cells += [f"{result.search.cpu:.2f}", f"{result.search.peak / 1e6:.0f}"]
    cells += [f"{result.search.peak / result.states:.0f}"]
    cells += [f"{result.total.cpu:.2f}", f"{result.total.wall:.2f}"]
    return f"| {' | '.join(cells)} |"


def _ratios(row: Row) -> str:
    search, total = _per(row.spin.search, row.ours.search), _per(row.spin.total, row.ours.total)
    states = row.spin.states / row.ours.states
    cells = [row.pair, row.variant, "SPIN / dmc", _times(states), ""]
    cells += [_times(search[0]), _times(search[2]), "", _times(total[0]), _times(total[1])]
    return f"| {' | '.join(cells)} |"


def _per(one: Cost, other: Cost) -> tuple[float, float, float]:
    return one.cpu / other.cpu, one.wall / other.wall, one.peak / other.peak


def _times(ratio: float) -> str:
    return f"**{ratio:.2f}x**"
