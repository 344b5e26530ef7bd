"""Searches the small models of `models/` and tells what their searches count."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from dmc import pipeline
from dmc.engines.interface import REDUCTIONS
from dmc.results.report import Report, Run

HERE = Path(__file__).parent
MODELS = tuple(sorted(path.name for path in (HERE / "models").glob("*.dmc")))
TABLE = HERE / "counts.json"

Counts = dict[str, list[int]]
"""States, transitions and depth, without reductions (`none`) and with all of them (`all`)."""


def checked(name: str, reductions: Iterable[str]) -> Report:
    """All runs of a model, with these reductions."""
    request = pipeline.Request((str(HERE / "models" / name),), reductions=tuple(sorted(reductions)))
    return pipeline.check(request)[0]


def key(run: Run) -> str:
    """A name for a run that stays when others are added."""
    axes = "".join(f" {name}={value}" for name, value in sorted(run.axes.items()))
    return f"{run.scenario} {run.runtime} {run.locking} +A {run.async_threads} +S {run.schedulers}{axes}"


def counted(name: str) -> dict[str, Counts]:
    """What the searches of each run of a model count."""
    found: dict[str, Counts] = {}
    for title, reductions in (("none", frozenset[str]()), ("all", REDUCTIONS)):
        for run in checked(name, reductions).runs:
            found.setdefault(key(run), {})[title] = [run.states, run.transitions, run.depth]
    return found


def stored() -> dict[str, dict[str, Counts]]:
    """The table as it was pinned: by model, then by run."""
    table: dict[str, dict[str, Counts]] = json.loads(TABLE.read_text(encoding="utf-8"))
    return table


def written(table: dict[str, dict[str, Counts]]) -> str:
    """The table as text: one line for each run."""
    models = []
    for name, runs in sorted(table.items()):
        lines = [f"    {json.dumps(run)}: {json.dumps(counts)}" for run, counts in runs.items()]
        models.append(f"  {json.dumps(name)}: {{\n" + ",\n".join(lines) + "\n  }")
    return "{\n" + ",\n".join(models) + "\n}\n"
