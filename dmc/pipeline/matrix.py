"""`matrix`: the whole table, and for each verdict that flips between releases what flips it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dmc.base.diagnostic import Diagnostic
from dmc.base.source import SourceFile
from dmc.model.model import Model
from dmc.pipeline.checking import lacking, refuse_unknown, search_tables, table_of
from dmc.pipeline.flips import explained
from dmc.pipeline.loading import load
from dmc.pipeline.request import Progress, Request
from dmc.pipeline.selection import refuse_unknown_scenario
from dmc.pipeline.table import Cell
from dmc.results.exit_code import exit_code
from dmc.results.matrix import Matrix
from dmc.results.report import Report
from dmc.runtime.presets import PRESETS

ALL_PRESETS = ",".join(preset.name for preset in PRESETS)


def matrix(request: Request, progress: Progress | None = None) -> tuple[Report, dict[str, SourceFile]]:
    """All runs as `check` has them, by default on all presets, and why verdicts flip between them."""
    refuse_unknown(request)
    files = [load(path) for path in request.paths]
    models = [file.model for file in files if file.model is not None]
    refuse_unknown_scenario(models, request.scenario)
    diagnostics: list[Diagnostic] = []
    sources: dict[str, SourceFile] = {}
    for loaded in files:
        sources.update(loaded.sources)
        diagnostics.extend(loaded.diagnostics)
    tables = [_table(model, request) for model in models]
    kept = [_runnable(table, request) for table in tables]
    found = search_tables(kept, request, progress)
    for model, runs, file in zip(models, found, (f for f in files if f.model is not None), strict=True):
        diagnostics.extend(lacking(model, runs, file.diagnostics))
    cells = [cell for table in kept for cell in table]
    runs = [run for own in found for run in own]
    flips = explained(cells, runs, request, progress)
    left_out = [
        (cell.run.model.path, cell.run.profile.name, cell.refused)
        for table, own in zip(tables, kept, strict=True)
        for cell in table
        if cell not in own
    ]
    code = exit_code(runs, diagnostics, request.strict)
    answer = Matrix(flips, tuple(dict.fromkeys(left_out)))
    return Report(tuple(runs), tuple(diagnostics), code, answer), sources


def _table(model: Model, request: Request) -> list[Cell]:
    if request.runtimes is not None:
        return table_of(model, request)
    return table_of(model, replace(request, runtimes=ALL_PRESETS))


def _runnable(table: Sequence[Cell], request: Request) -> list[Cell]:
    """Without a choice of runtimes, the cells that can be run, if there are any."""
    can_run = [cell for cell in table if not cell.refused]
    return can_run if can_run and request.runtimes is None else list(table)
