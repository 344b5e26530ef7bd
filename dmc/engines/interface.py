"""What every engine takes beside a system and its limits, and what a caller may want to be told."""

from __future__ import annotations

from collections.abc import Callable

from dmc.ir.evaluate import CompiledSystem

REDUCTIONS = frozenset({"heap", "dead", "fusion"})
"""All reductions. What is chosen of them changes counts, never a verdict."""

Progress = Callable[[int, int, int, int], None]
"""Is told the numbers of states, transitions, levels, and states of this level."""

Values = tuple[int, ...]
"""A state: its cells, in the order of `dmc.ir.layout`."""

Inspect = Callable[[CompiledSystem, list[Values]], None]
"""Is shown states, once the search is over."""
