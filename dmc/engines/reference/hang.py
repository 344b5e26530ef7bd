"""Hangs: states from which no run reaches an end, a fault or a cut.

One backward pass over the complete graph, without the steps that are `spurious`: nobody may rely on them.
Fairness is not needed, since it asks whether a run *can* still come to an end. The finding is the
nearest hang, and what it names is taken from a place where the search cannot leave any more: a bottom
strongly connected component of what the hang can reach.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dmc.engines.analysis.stuck import stuck_threads
from dmc.ir.evaluate import CompiledSystem
from dmc.ir.outcome import StuckThread

HEEDED_EVERY = 4096


@dataclass(frozen=True)
class Graph:
    """The complete graph of a search: `finishing` marks ends and states with a step that ends the run."""

    states: Sequence[tuple[int, ...]]
    first_target: Sequence[int]
    targets: Sequence[int]
    finishing: Sequence[int]

    def successors(self, number: int) -> Sequence[int]:
        """The states one edge on."""
        last = self.first_target[number + 1] if number + 1 < len(self.first_target) else len(self.targets)
        return self.targets[self.first_target[number] : last]


@dataclass(frozen=True)
class Hang:
    """The nearest state that hangs, and what cannot go on there."""

    state: int
    stuck: tuple[StuckThread, ...]
    deadlock: bool


def find_hang(compiled: CompiledSystem, graph: Graph, heed: Callable[[], None]) -> Hang | None:
    """The nearest hang; `heed` is called now and then and may raise."""
    finishes = can_finish(graph, heed)
    hanging = finishes.find(0)
    if hanging < 0:
        return None
    component = bottom_component(graph.successors, hanging)
    return Hang(
        state=hanging,
        stuck=stuck_threads(compiled, [graph.states[n] for n in component]),
        deadlock=len(component) == 1 and not graph.successors(component[0]),
    )


def can_finish(graph: Graph, heed: Callable[[], None]) -> bytearray:
    """For each state, whether some run from it comes to an end."""
    first, sources = _predecessors(graph, heed)
    finishing = bytearray(len(graph.states))
    pending = [number for number, ends in enumerate(graph.finishing) if ends]
    for number in pending:
        finishing[number] = 1
    steps = 0
    while pending:
        number = pending.pop()
        steps += 1
        if steps % HEEDED_EVERY == 0:
            heed()
        for source in sources[first[number] : first[number + 1]]:
            if not finishing[source]:
                finishing[source] = 1
                pending.append(source)
    return finishing


def _predecessors(graph: Graph, heed: Callable[[], None]) -> tuple[array[int], array[int]]:
    """The edges sorted by target: those into n are `sources[first[n]:first[n + 1]]`."""
    first = array("I", bytes(4 * (len(graph.states) + 1)))
    for target in graph.targets:
        first[target + 1] += 1
    for number in range(len(graph.states)):
        first[number + 1] += first[number]
    place = array("I", first)
    sources = array("I", bytes(4 * len(graph.targets)))
    for number in range(len(graph.states)):
        if number % HEEDED_EVERY == 0:
            heed()
        for target in graph.successors(number):
            sources[place[target]] = number
            place[target] += 1
    return first, sources


Successors = Callable[[int], Sequence[int]]


def bottom_component(successors: Successors, start: int) -> list[int]:
    """The first strongly connected component that Tarjan's walk completes: it cannot be left."""
    order = {start: 0}
    lowest = {start: 0}
    walk = [start]
    stack = [(start, iter(successors(start)))]
    while True:
        number, targets = stack[-1]
        target = next(targets, None)
        if target is None:
            if lowest[number] == order[number]:
                return sorted(walk[walk.index(number) :])
            stack.pop()
            lowest[stack[-1][0]] = min(lowest[stack[-1][0]], lowest[number])
        elif target in order:
            lowest[number] = min(lowest[number], order[target])
        else:
            order[target] = lowest[target] = len(order)
            walk.append(target)
            stack.append((target, iter(successors(target))))
