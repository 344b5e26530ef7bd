"""The runs of a file before any is searched: for those who schedule them one by one."""

from __future__ import annotations

from dataclasses import dataclass

from dmc.base.diagnostic import Diagnostic
from dmc.base.source import SourceFile, Span
from dmc.lower.statements import ASSERT
from dmc.lower.uses import code_of
from dmc.model.model import Assert, Model
from dmc.pipeline.checking import run_cell, table_of
from dmc.pipeline.loading import load
from dmc.pipeline.request import Request
from dmc.pipeline.selection import applies, selected_rules
from dmc.pipeline.table import Cell
from dmc.results.report import Run


@dataclass(frozen=True)
class PlannedRun:
    """A run to be searched, and the properties that it is about, by id, in the order of the report.

    What the search finds beside them (a rule that does not apply, and is violated all the same) counts too.
    """

    cell: Cell
    properties: tuple[str, ...]

    @property
    def coordinates(self) -> dict[str, str]:
        """What distinguishes it from the other runs of its file."""
        run = self.cell.run
        return {
            "scenario": run.scenario.name or "default",
            "runtime": run.profile.name,
            "locking": run.locking,
            "async_threads": str(run.async_threads),
            "schedulers": str(run.schedulers),
            **dict(run.axes),
        }

    def search(self, request: Request) -> Run:
        """The run with its verdicts."""
        return run_cell(self.cell, request, None, {})


@dataclass(frozen=True)
class Plan:
    """All runs of a file. Without a model there are none, and `diagnostics` say why.

    `expectations` are the places of its `expect` blocks.
    """

    runs: tuple[PlannedRun, ...]
    diagnostics: tuple[Diagnostic, ...]
    sources: dict[str, SourceFile]
    expectations: tuple[Span, ...]
    has_errors: bool


def plan(request: Request) -> Plan:
    """What `dmc test` would run of the first file of a request."""
    loaded = load(request.paths[0], request.runtimes is None and request.scenario is None)
    if loaded.model is None:
        return Plan((), loaded.diagnostics, loaded.sources, (), True)
    model = loaded.model
    runs = tuple(PlannedRun(cell, _properties(model, cell)) for cell in table_of(model, request))
    places = tuple(block.span for block in model.expects)
    return Plan(runs, loaded.diagnostics, loaded.sources, places, False)


def _properties(model: Model, cell: Cell) -> tuple[str, ...]:
    if cell.refused:
        return ()
    scenario = cell.run.scenario
    rules = [rule.id for rule in selected_rules(model, ()) if applies(rule, model, scenario)]
    own = [*(i.name for i in model.invariants), *(r.name for r in model.reachables)]
    asserts = any(isinstance(node, Assert) for node in code_of(model, scenario))
    return (*rules, *own, *([ASSERT] if asserts else []))
