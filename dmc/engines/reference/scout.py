"""A look ahead for the reduction `fusion`: which locations random runs show to be unprotected.

A search that finds a location unprotected begins anew. Most such locations show in a few runs, so they
are looked for together, once, after the first was found. What is marked here only makes fewer points
fused, so it never matters for a verdict; the runs are the same each time.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from dmc.engines.analysis.scheduling import Plan
from dmc.engines.reference.collect import collector
from dmc.engines.reference.fusion import Fusion, Unprotected
from dmc.ir.evaluate import CompiledStep, CompiledSystem, Record
from dmc.ir.layout import ThreadLayout

RUNS = 24
STEPS = 250

Enabled = list[tuple[ThreadLayout, CompiledStep]]


def scout(compiled: CompiledSystem, known: frozenset[str]) -> frozenset[str]:
    """The known unprotected locations, and those that the runs find."""
    chance = random.Random(1)
    found = known
    fusion = _unfused(compiled, found, None)
    for state, enabled in _states(compiled, chance):
        while True:
            try:
                fusion.watch(state)
                for thread, step in enabled:
                    fusion.witness(state, thread, step)
                break
            except Unprotected as exposed:
                found |= {exposed.location}
                fusion = _unfused(compiled, found, fusion)
    return found


def _unfused(compiled: CompiledSystem, found: frozenset[str], before: Fusion | None) -> Fusion:
    """The watch alone: no point is fused, so no access comes later than it is made."""
    fusion = Fusion(compiled, found)
    fusion.plan = Plan(frozenset(), tuple(frozenset() for _ in compiled.layout.points))
    if before is not None:
        fusion.held = dict(before.held)
    return fusion


def _states(compiled: CompiledSystem, chance: random.Random) -> Iterator[tuple[tuple[int, ...], Enabled]]:
    """The states of the runs, each with what can be taken from it."""
    starts = [state for _, state in compiled.layout.initial_states()]
    collect = collector(compiled.layout, renumber=False)
    record = Record()
    for _ in range(RUNS):
        state = list(chance.choice(starts))
        for _ in range(STEPS):
            enabled = _enabled(compiled, state)
            if not enabled:
                break
            yield tuple(state), enabled
            thread, step = chance.choice(enabled)
            if step.body(state, thread.base, thread.number, thread.instance, record) is not None:
                break
            collect(state)


def _enabled(compiled: CompiledSystem, state: list[int]) -> Enabled:
    return [
        (thread, step)
        for thread in compiled.layout.threads
        for step in compiled.steps[state[thread.base]]
        if step.guard is None or step.guard(state, thread.base, thread.number, thread.instance)
    ]
