"""Which objects a state still has: mark from the roots, reset what was not reached, renumber.

Reduction `heap`. References can only be compared and followed, so two states that differ by a
renaming of the objects of each pool behave alike, up to the renaming. The walk from the roots meets
the objects in an order that does not depend on their numbers: numbering them in it maps states that
are equal up to renaming, and no others, to one. Obligation: no expression tells the numbers apart (it
only compares references, or quantifies over all slots alike).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dmc.ir.layout import Layout, PoolLayout
from dmc.ir.sort import DEAD, FREE, Ref

LostObject = tuple[str, int, str]
"""The pool, the slot that the object had, and its kind."""

Collector = Callable[[list[int]], list[LostObject]]

_References = tuple[tuple[int, int, int], ...]
"""Cells (or offsets) with references, each with base and stride of the pool referred to."""


def collector(layout: Layout, renumber: bool) -> Collector:
    """A function that collects a state in place and returns the owned objects that were lost."""
    heap = Heap(layout)

    def collect(s: list[int]) -> list[LostObject]:
        reached = heap.reach(s, heap.roots)
        lost = _reset(s, heap, set(reached))
        if renumber:
            _renumber(s, heap, reached)
        return lost

    return collect


class Heap:
    """The references of a layout: from the roots, and from the objects of each slot by kind."""

    def __init__(self, layout: Layout):
        self.pools = tuple(layout.pools.values())
        self.roots = self._targets(layout, layout.roots())
        self.outgoing: dict[int, tuple[_References, ...]] = {}
        self.pool_of: dict[int, PoolLayout] = {}
        for pool in self.pools:
            by_kind: list[_References] = [(), ()]
            for kind in pool.pool.kinds:
                cells = [(k, f.sort.pool) for k, f in enumerate(kind.fields, 1) if isinstance(f.sort, Ref)]
                by_kind.append(self._targets(layout, cells))
            for slot in pool.slots():
                self.outgoing[slot] = tuple(by_kind)
                self.pool_of[slot] = pool

    def reach(self, s: Sequence[int], roots: _References) -> list[int]:
        """The first cells of the slots that the roots lead to, in the order of the walk."""
        reached: list[int] = []
        seen: set[int] = set()
        for cell, base, stride in roots:
            if s[cell] > 0 and (slot := base + stride * s[cell]) not in seen:
                seen.add(slot)
                reached.append(slot)
        for slot in reached:
            for offset, base, stride in self.outgoing[slot][s[slot]]:
                if (r := s[slot + offset]) > 0 and (other := base + stride * r) not in seen:
                    seen.add(other)
                    reached.append(other)
        return reached

    @staticmethod
    def _targets(layout: Layout, cells: list[tuple[int, str]] | tuple[tuple[int, str], ...]) -> _References:
        return tuple((cell, layout.pools[pool].base, layout.pools[pool].stride) for cell, pool in cells)


def _reset(s: list[int], heap: Heap, reached: set[int]) -> list[LostObject]:
    lost: list[LostObject] = []
    for pool in heap.pools:
        for number, slot in enumerate(pool.slots(), 1):
            if s[slot] != FREE and slot not in reached:
                if s[slot] > DEAD and (kind := pool.pool.kinds[s[slot] - 2]).owned:
                    lost.append((pool.pool.name, number, kind.name))
                s[slot : slot + pool.stride] = [0] * pool.stride
    return lost


def _renumber(s: list[int], heap: Heap, reached: list[int]) -> None:
    moved = _new_places(heap, reached)
    if all(old == new for old, new in moved.items()):
        return
    before = list(s)
    for cell, base, stride in heap.roots:
        if s[cell] > 0:
            s[cell] = (moved[base + stride * s[cell]] - base) // stride
    for pool in heap.pools:
        first = pool.base + pool.stride
        s[first : first + pool.stride * pool.pool.size] = [0] * (pool.stride * pool.pool.size)
    for old, new in moved.items():
        stride_here = heap.pool_of[old].stride
        s[new : new + stride_here] = before[old : old + stride_here]
        for offset, base, stride in heap.outgoing[old][before[old]]:
            if (r := before[old + offset]) > 0:
                s[new + offset] = (moved[base + stride * r] - base) // stride


def _new_places(heap: Heap, reached: list[int]) -> dict[int, int]:
    moved: dict[int, int] = {}
    taken = [0] * len(heap.pools)
    for slot in reached:
        pool = heap.pool_of[slot]
        taken[pool.index] += 1
        moved[slot] = pool.base + pool.stride * taken[pool.index]
    return moved
