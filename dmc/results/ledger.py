"""The ledger of a run: what there is after each step, who has it, how much of it, and what it still owes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dmc.results.report import PropertyResult, Report, Run, TraceStep

GONE = "gone"


@dataclass(frozen=True)
class LedgerEntry:
    """One line: it stands until a later step has another one of the same name.

    `kind` is job, memory, binary, lock, pdl, queue or port. `owner` is who has it or refers to it, "" for
    nobody. `count` are references or bytes. `owes` is "" for what owes nothing more.
    """

    name: str
    kind: str
    state: str
    owner: str = ""
    count: int = 1
    owes: str = ""

    @property
    def text(self) -> str:
        """In a line: `Txn #1: live, of job 1, owes driver_free`."""
        count = f"{self.count} {_COUNTED[self.kind]}" if self.kind in _COUNTED and self.state != GONE else ""
        owner = f"of {self.owner}" if self.owner else ""
        owes = f"owes {self.owes}" if self.owes else ""
        return f"{self.name}: {', '.join(filter(None, (self.state, count, owner, owes)))}"


_COUNTED = {"binary": "references", "pdl": "references", "queue": "bytes"}


def with_ledger_notes(report: Report) -> Report:
    """The report with what each step changes in the ledger among its notes, for a text."""
    return replace(report, runs=tuple(_run(run) for run in report.runs))


def _run(run: Run) -> Run:
    return replace(run, properties=tuple(_property(result) for result in run.properties))


def _property(result: PropertyResult) -> PropertyResult:
    if result.trace is None:
        return result
    steps = tuple(_step(step) for step in result.trace.steps)
    return replace(result, trace=replace(result.trace, steps=steps))


def _step(step: TraceStep) -> TraceStep:
    return replace(step, notes=(*step.notes, *(f"= {entry.text}" for entry in step.ledger)))
