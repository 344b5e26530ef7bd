"""The constant tables of `model.h` that say what there is: threads, pools, kinds, outcomes, properties."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from dmc.engines.compiled.c_text import array
from dmc.engines.compiled.cell_text import mask
from dmc.engines.compiled.numbering import Numbering
from dmc.engines.compiled.state_layout import Packing
from dmc.ir.layout import Layout, PoolLayout
from dmc.ir.sort import Ref
from dmc.ir.statement import Cut, Drop, Fault
from dmc.ir.system import Kind, PropertyKind

FAULT, CUT, DROP = 1, 2, 3


@dataclass
class Tables:
    """Their lines, and how many items each has. Those of threads come before all functions."""

    lines: list[str] = field(default_factory=list)
    thread_lines: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def add(self, kind: str, name: str, given: Iterable[str]) -> None:
        """A table."""
        items = list(given)
        self.counts[name] = len(items)
        self.lines += array(kind, name, items)


def thread_tables(layout: Layout, packed: Packing, tables: Tables) -> None:
    """Where each thread has its cells."""
    items = []
    for t in layout.threads:
        point = packed.like(t.base)
        own = f"{t.number}, {t.instance}, {t.base}, {len(t.type.registers)}"
        items.append(f"{{{own}, {point.at}, {point.low}, {mask(point)}}}")
    tables.thread_lines += array("struct dmc_thread", "threads", items)


def heap_tables(layout: Layout, tables: Tables) -> None:
    """The pools, the kinds of their objects, and every cell that holds a reference."""
    pools: list[str] = []
    kinds: list[str] = []
    references: list[str] = []
    for pool in layout.pools.values():
        pools.append(f"{{{pool.base}, {pool.stride}, {pool.pool.size}, {len(kinds)}}}")
        for kind in pool.pool.kinds:
            own = _references(layout, pool, kind)
            kinds.append(f"{{{_claims_of_loss(layout, kind)}, {len(references)}, {len(own)}}}")
            references += own
    roots = [f"{{{cell}, {layout.pools[pool].index}}}" for cell, pool in layout.roots()]
    tables.add("struct dmc_pool", "pools", pools)
    tables.add("struct dmc_kind", "kinds", kinds)
    tables.add("struct dmc_reference", "references", references)
    tables.add("struct dmc_reference", "roots", roots)


def _claims_of_loss(layout: Layout, kind: Kind) -> int:
    """The set of the `LOST` claims (bit i for the i-th of them) that the loss of such an object violates."""
    claims = [claim for claim in layout.system.properties if claim.kind is PropertyKind.LOST]
    return sum(1 << i for i, claim in enumerate(claims) if claim.is_about(kind.name)) if kind.owned else 0


def _references(layout: Layout, pool: PoolLayout, kind: Kind) -> list[str]:
    return [
        f"{{{pool.fields[kind.name, f.name]}, {layout.pools[f.sort.pool].index}}}"
        for f in kind.fields
        if isinstance(f.sort, Ref)
    ]


def condition_tables(numbering: Numbering, tables: Tables) -> None:
    """Outcomes, sites, and which properties are of kinds that need no condition."""
    outcomes: list[str] = []
    violated: list[str] = []
    for outcome in numbering.outcomes:
        match outcome:
            case Fault(_, properties):
                own = [str(numbering.properties[p]) for p in properties if p in numbering.properties]
                outcomes.append(f"{{{FAULT}, {len(violated)}, {len(own)}}}")
                violated += own
            case Cut():
                outcomes.append(f"{{{CUT}, 0, 0}}")
            case Drop():
                outcomes.append(f"{{{DROP}, 0, 0}}")
    sites = [f"{{{site.kind}, {site.target}, {len(site.details)}}}" for site in numbering.sites]
    tables.add("struct dmc_outcome", "outcomes", outcomes)
    tables.add("uint32_t", "outcome_properties", violated)
    tables.add("struct dmc_site", "sites", sites)
    for name, kind in (("lost", PropertyKind.LOST), ("races", PropertyKind.RACE)):
        tables.add("uint32_t", name, [str(number) for _, number in numbering.claims(kind)])
