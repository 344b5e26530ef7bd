"""The graph of states with regions, as far as it is looked for: what is kept, and the edges between.

A state that is within others that were kept before is not kept; its edges lead to those.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from dmc.engines.reference.fusion import Fusion
from dmc.engines.symbolic.hang import Edge
from dmc.engines.symbolic.project import Cells, key_of, project
from dmc.engines.symbolic.region import Region, Way
from dmc.engines.symbolic.stand_in import changeable, numbers
from dmc.engines.symbolic.stepping import After, State, Stepper
from dmc.engines.symbolic.subsume import Group
from dmc.engines.symbolic.witness import Arrival, Taken
from dmc.ir.evaluate import CompiledStep
from dmc.ir.layout import ThreadLayout
from dmc.ir.outcome import Choice


@dataclass
class Node:
    """A state that was kept: how it was reached, and what leads out of it."""

    cells: Cells
    region: Region
    origin: int
    arrival: Arrival
    edges: list[Edge] = field(default_factory=list)

    def state(self) -> State:
        """As the beginning of what comes next."""
        return State(self.cells, Way(self.region.bounds, self.region.conditions, self.region.point))


class Observer(Protocol):
    """Who is told what the exploration comes across."""

    def stepped(self, source: int, after: State, result: After) -> None:
        """A step, on one way."""

    def seen(self, source: int, state: State) -> None:
        """A state, kept or only passed through."""

    def ended(self, source: int, state: State) -> None:
        """A state that is an end, in part at least: the part."""

    def kept(self) -> None:
        """One more state is about to be kept."""


_Next = tuple[State, ThreadLayout, CompiledStep]


class Exploration:
    """The states kept so far. `fusion` says at which points a thread is not interrupted."""

    def __init__(self, stepper: Stepper, fusion: Fusion | None, observer: Observer):
        self.stepper = stepper
        self.fusion = fusion
        self.observer = observer
        self.nodes: list[Node] = []
        self.ends = 0
        self._numbers: dict[tuple[object, ...], int] = {}
        self._groups: dict[tuple[object, ...], Group] = {}

    def expand(self, source: int) -> None:
        """Take every step from a state; with fusion, go on through the states between.

        A state between from which a step ends the run is kept after all: others may act before that.
        """
        node = self.nodes[source]
        start = node.state()
        if self.fusion is not None:
            self.fusion.begin(numbers(node.cells))
        between: set[tuple[object, ...]] = set()
        threads = self.stepper.layout.threads
        stack: list[list[_Next]] = [
            [(start, thread, step) for thread in threads for step in self.stepper.steps(start, thread)]
        ]
        while stack:
            batch = stack.pop()
            followed: list[list[_Next]] = []
            may_end = False
            for state, thread, step in batch:
                for after in self._take(source, state, thread, step):
                    if after is None:
                        may_end = True
                    elif step.step.spurious:
                        self.reach(after, source)
                    else:
                        followed += self._go_on(source, after, thread, between)
            if may_end and batch[0][0].taken:
                self._edge(source, batch[0][0])
            stack.extend(reversed(followed))

    def _take(
        self, source: int, state: State, thread: ThreadLayout, step: CompiledStep
    ) -> Iterator[State | None]:
        """The states after a step, on each way; None where the run ends in it."""
        for result, way in self.stepper.after(state, thread, step):
            if self.fusion is not None:
                self.fusion.witness(numbers(state.cells), thread, step)
                self.fusion.taken(numbers(state.cells), thread, step, changeable(result.cells))
            one = Taken(Choice(thread.number, step.alternative), way.chosen)
            after = State(tuple(result.cells), way, (*state.taken, one))
            self.observer.stepped(source, after, result)
            if result.outcome is None:
                yield after
            else:
                self.nodes[source].edges.append(Edge((), way))
                yield None

    def _go_on(
        self, source: int, after: State, thread: ThreadLayout, between: set[tuple[object, ...]]
    ) -> Iterator[list[_Next]]:
        """The steps that the thread takes at once, in each part of the state; the rest becomes an edge."""
        key = key_of(after.cells, after.region)
        if key in between:
            return
        fusion = self.fusion
        if fusion is None or after.cells[thread.base] not in fusion.plan.fused:
            self._edge(source, after)
            return
        between.add(key)
        cells = after.cells
        for steps, way in self.stepper.ways(after, lambda: fusion.following(numbers(cells), thread)):
            part = State(cells, way, after.taken)
            if steps:
                self.nodes[source].edges += [Edge((), end) for end in self._visit(part, source)]
                yield [(part, thread, step) for step in steps]
            else:
                self._edge(source, part)

    def _edge(self, source: int, state: State) -> None:
        self.nodes[source].edges.append(Edge(self.reach(state, source), state.region))

    def reach(self, state: State, source: int) -> tuple[int, ...]:
        """The states that have all points of this one: itself, if it is new."""
        cells, region = project(state.cells, state.region)
        key = key_of(cells, region)
        number = self._numbers.get(key)
        if number is not None:
            return (number,)
        control = self.stepper.data.control(cells)
        group = self._groups.get(control)
        covering = group.covering(cells, region) if group is not None else ()
        if covering:
            return covering
        self.observer.kept()
        number = len(self.nodes)
        self._numbers[key] = number
        self.nodes.append(Node(cells, region, source, Arrival(state.taken, state.region, state.cells)))
        if data := self.stepper.data.symbolic(cells):
            if group is None:
                group = self._groups[control] = Group(self.stepper.solver, data)
            group.add(number, cells, region)
        # Seen as part of the state that it came from: so a violation has its whole way.
        if self._visit(state, source):
            self.ends += 1
            own = self.nodes[number].state()
            answers = self.stepper.asked(self.stepper.compiled.ends, own)
            self.nodes[number].edges += [Edge((), way) for is_end, way in answers if is_end]
        return (number,)

    def _visit(self, state: State, source: int) -> list[Way]:
        """Show a state; on which ways it is an end."""
        if self.fusion is not None:
            self.fusion.watch(numbers(state.cells))
        self.observer.seen(source, state)
        ends = [way for is_end, way in self.stepper.asked(self.stepper.compiled.ends, state) if is_end]
        for way in ends:
            self.observer.ended(source, State(state.cells, way, state.taken))
        return ends

    def chain(self, source: int, last: State) -> tuple[list[Arrival], list[Cells], int]:
        """The parts of the run into a state, the cells between them, and the number of its first state."""
        parts = [Arrival(last.taken, last.region, last.cells)]
        entered: list[Cells] = []
        while True:
            node = self.nodes[source]
            entered.append(node.cells)
            parts.append(node.arrival)
            if node.origin == source:
                return parts[::-1], entered[::-1], source
            source = node.origin
