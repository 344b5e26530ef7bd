"""How much each cell varies, for a modeller who looks for what to bound."""

from __future__ import annotations

from dmc.engines.interface import Values
from dmc.ir.evaluate import CompiledSystem


def distinct_values(compiled: CompiledSystem, states: list[Values]) -> dict[str, int]:
    """For each cell, how many values it has over all states."""
    names = compiled.layout.cell_names()
    return {name: len(set(column)) for name, column in zip(names, zip(*states, strict=True), strict=True)}
