"""The plan of the reduction `fusion`, as the tables that the search watches it by."""

from __future__ import annotations

from ctypes import c_uint32, c_uint64

from dmc.engines.analysis.scheduling import atomic_locations, plan
from dmc.engines.analysis.tested_pools import tested_pools
from dmc.engines.compiled.emitter import Emitted
from dmc.engines.compiled.native import Plan
from dmc.ir.evaluate import CompiledSystem

WORD = 64


class FusionPlan:
    """The plan for the locations and pools that are known to be unprotected."""

    def __init__(self, compiled: CompiledSystem, emitted: Emitted, unprotected: frozenset[str]):
        layout = compiled.layout
        planned = plan(compiled, unprotected)
        self.locations = list(emitted.numbering.locations)
        self.pools = tested_pools(compiled)
        self.layout = layout
        ignored = unprotected | atomic_locations(layout)
        words = max(1, (len(self.locations) + WORD - 1) // WORD)
        watched = [layout.pools[p].index for p, name in self.pools.items() if name not in unprotected]
        tails = (c_uint64 * (words * max(1, len(layout.points))))()
        for point, tail in enumerate(planned.tails):
            for location in tail:
                number = emitted.numbering.locations[location]
                tails[point * words + number // WORD] |= 1 << number % WORD
        self.structure = Plan(
            fused=bytes(n in planned.fused for n in range(len(layout.points))) + b"\0",
            ignored=bytes(name in ignored for name in self.locations) + b"\0",
            tails=tails,
            tail_words=words,
            watched_pools=len(watched),
            watched_pool=(c_uint32 * max(1, len(watched)))(*watched),
        )

    def name(self, number: int) -> str:
        """The location, or the pool, that the search reports as unprotected."""
        if number < len(self.locations):
            return self.locations[number]
        index = number - len(self.locations)
        pool = next(name for name, pool in self.layout.pools.items() if pool.index == index)
        return self.pools[pool]
