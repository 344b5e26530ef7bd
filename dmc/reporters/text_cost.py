"""Where the states are: for a modeller who has to find a bound."""

from __future__ import annotations

from collections.abc import Sequence

from dmc.reporters.terminal import Paint, wrap
from dmc.results.report import CostLine, Run

TOP = 8


def render_cost(run: Run, width: int, paint: Paint) -> list[str]:
    """The points where most states are, and the variables with most values."""
    lines: list[str] = []
    if run.cost.points:
        lines += ["", paint.strong("  where the states are, by what a thread is about to do")]
        lines += _table(run.cost.points, width, run.states)
    if run.cost.values:
        lines += ["", paint.strong("  what has most values")]
        lines += _table(run.cost.values, width, 0)
    if lines:
        advice = "A bound on what stands first in a list, such as fewer commands, saves most."
        lines += ["", *wrap(advice, width, "  ")]
    return lines


def _table(entries: Sequence[CostLine], width: int, total: int) -> list[str]:
    lines = []
    for entry in sorted(entries, key=lambda line: (-line.count, line.name))[:TOP]:
        share = f"{100 * entry.count // total:>4}%  " if total else ""
        lines += wrap(entry.name, width, f"    {entry.count:>13,}  {share}", " " * (19 + len(share)))
    if len(entries) > TOP:
        lines.append(f"    {'':>13}  and {len(entries) - TOP} more")
    return lines
