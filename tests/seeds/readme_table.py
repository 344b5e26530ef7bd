"""The tables of verdicts in the README of a seed folder, row by row.

A row names a file, a scenario and values of axes; each other cell is the verdict of one run, in letters:

    | `barrier.dmc` | commands_then_close | key_null, 2 threads | L N | F L N H | ...
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dmc.results.report import Report, Run
from dmc.results.verdict import Verdict

LETTERS = {
    "MEM001": "F",
    "MEM002": "D",
    "MEM003": "L",
    "LIF002": "I",
    "ASY001": "N",
    "ASY002": "T",
    "IOQ001": "O",
    "LIF004": "P",
    "IOQ002": "Q",
    "IOQ004": "E",
    "RAC001": "R",
    "LCK001": "S",
    "HNG001": "H",
    "BIN001": "B",
    "BIN002": "U",
    "BIN003": "W",
    "BIN004": "G",
    "BIN005": "K",
    "assertion": "A",
}
"""One for each property that some seed model violates, in the order in which a cell has them."""

NOT_RUN = "."
NOTHING_WRONG = "ok"


@dataclass(frozen=True)
class Row:
    """A row: which runs it is about, and what it says of each runtime that is not `NOT_RUN`."""

    file: str
    scenario: str
    configuration: str
    cells: dict[str, str]

    def is_about(self, run: Run) -> bool:
        """Whether the run is one of the row's."""
        return run.scenario == self.scenario and self.configuration == configuration_of(run)


def configuration_of(run: Run) -> str:
    """The values that tell the runs of one scenario apart, as a row has them."""
    threads = f"{run.async_threads} thread{'' if run.async_threads == 1 else 's'}"
    own = [f"{name}={value}" if value in ("true", "false") else value for name, value in run.axes.items()]
    return ", ".join([*own, f"{run.locking} locking", threads])


def cell_of(run: Run) -> str:
    """The verdict of a run in letters."""
    if run.not_applicable:
        return NOT_RUN
    violated = {p.id for p in run.properties if p.verdict is Verdict.VIOLATED}
    unnamed = violated - set(LETTERS)
    letters = [letter for rule, letter in LETTERS.items() if rule in violated]
    return " ".join([*letters, *sorted(unnamed)]) or NOTHING_WRONG


def rows_of(readme: Path) -> Iterator[Row]:
    """All rows of all tables that have a column for runtimes."""
    columns: list[str] = []
    for line in readme.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("| file "):
            columns = cells[3:]
        elif columns and (match := re.fullmatch(r"`(\w+\.dmc)`", cells[0])):
            yield Row(match[1], cells[1], cells[2], dict(zip(columns, cells[3:], strict=True)))
        elif not line.startswith("|"):
            columns = []


def differences(readme: Path, file: str, report: Report) -> list[str]:
    """Where the README and the runs of a file do not say the same; also runs that no row has."""
    found = []
    unsaid = list(report.runs)
    for row in (row for row in rows_of(readme) if row.file == file):
        runs = {run.runtime: run for run in report.runs if row.is_about(run)}
        unsaid = [run for run in unsaid if not (row.is_about(run) and run.runtime in row.cells)]
        for runtime, said in row.cells.items():
            is_so = cell_of(runs[runtime]) if runtime in runs else NOT_RUN
            if said != is_so:
                found.append(
                    f"{row.scenario}, {row.configuration}, {runtime}: {is_so}, the README says {said}"
                )
    found += [f"{run.scenario}, {configuration_of(run)}, {run.runtime}: in no row" for run in unsaid]
    return found
