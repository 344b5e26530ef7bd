"""Cycles in a finite relation."""

from __future__ import annotations

from collections.abc import Iterable

Pair = tuple[int, int]


def find_cycle(pairs: Iterable[Pair]) -> tuple[Pair, ...]:
    """A shortest cycle as consecutive pairs (the least by its first member), or nothing."""
    following: dict[int, list[int]] = {}
    for source, target in sorted(pairs):
        following.setdefault(source, []).append(target)
    cycles = [cycle for start in following if (cycle := _cycle_through(start, following))]
    return min(cycles, key=len, default=())


def _cycle_through(start: int, following: dict[int, list[int]]) -> tuple[Pair, ...]:
    reached: dict[int, tuple[Pair, ...]] = {start: ()}
    queue = [start]
    for source in queue:
        for target in following.get(source, ()):
            if target == start:
                return (*reached[source], (source, target))
            if target not in reached:
                reached[target] = (*reached[source], (source, target))
                queue.append(target)
    return ()
