"""CAN_REACH: states from which what is owed cannot be reached any more.

For each obligation one backward pass over the complete graph, without the steps of the parties that it
has to do without: `AG (when -> EF target)` of computation tree logic over the remaining steps. If there
are such parties, a pass with them comes first, and what it cannot reach is not owed. As for
hangs, a step that ends the run counts as reaching, and no spurious step is relied on. The finding is the
nearest state that owes and cannot reach, and what it names is taken from a place that the remaining steps
cannot leave any more.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from dmc.engines.analysis.obligations import parties
from dmc.engines.analysis.stuck import awaited_parties, stuck_threads
from dmc.engines.reference.hang import HEEDED_EVERY, Graph, bottom_component, can_finish
from dmc.ir.evaluate import CompiledSystem, Expression
from dmc.ir.outcome import StuckThread
from dmc.ir.system import Obligation


@dataclass(frozen=True)
class Way:
    """For each edge the number of the party that takes it, and (state, party) where a step ends the run."""

    party: bytearray
    over: set[tuple[int, int]]


@dataclass(frozen=True)
class Missed:
    """The nearest state that violates an obligation, and what cannot go on there."""

    state: int
    obligation: int
    stuck: tuple[StuckThread, ...]
    awaited: tuple[str, ...]
    deadlock: bool

    def details(self) -> dict[str, object]:
        """What a finding says of it, beside the path."""
        return {
            "obligation": self.obligation,
            "stuck": self.stuck,
            "awaited": self.awaited,
            "deadlock": self.deadlock,
        }


class Reach:
    """The passes over one graph; `heed` is called now and then and may raise."""

    def __init__(self, compiled: CompiledSystem, graph: Graph, ways: Way, heed: Callable[[], None]):
        self.compiled = compiled
        self.graph = graph
        self.ways = ways
        self.heed = heed
        self.numbers = parties(compiled.system)
        self.claims = {claim.id: claim.obligations for claim in compiled.system.properties}

    def tested(self, claim: str) -> frozenset[str]:
        """The id of the property, if one of its obligations held in some state."""
        held = any(any(self._all(when)) for when, _ in self.compiled.obligations[claim])
        return frozenset({claim} if held else ())

    def missed(self, claim: str) -> Missed | None:
        """The nearest state that violates the property, and of its obligations there the first."""
        found: list[tuple[int, int, Graph]] = []
        for number, one in enumerate(self.claims[claim]):
            when, target = self.compiled.obligations[claim][number]
            remaining = self._remaining(one, target)
            reaches = can_finish(remaining, self.heed)
            helped = self._with_help(one, target)
            owing = enumerate(self._all(when))
            missing = (s for s, owes in owing if owes and not reaches[s] and (helped is None or helped[s]))
            state = next(missing, None)
            if state is not None:
                found.append((state, number, remaining))
        if not found:
            return None
        state, number, remaining = min(found, key=lambda item: item[:2])
        without = self.claims[claim][number].without
        component = bottom_component(remaining.successors, state)
        inside = [self.graph.states[n] for n in component]
        return Missed(
            state=state,
            obligation=number,
            stuck=stuck_threads(self.compiled, inside, without),
            awaited=awaited_parties(self.compiled, inside, without),
            deadlock=len(component) == 1 and not remaining.successors(component[0]),
        )

    def _with_help(self, one: Obligation, target: Expression) -> bytearray | None:
        """From which states the target can be reached with everybody's help; None where that is not asked."""
        if not one.without:
            return None
        return can_finish(self._remaining(replace(one, without=()), target), self.heed)

    def _all(self, condition: Expression) -> Iterator[bool]:
        for number, state in enumerate(self.graph.states):
            if number % HEEDED_EVERY == 0:
                self.heed()
            yield bool(condition(state, 0, 0, 0))

    def _remaining(self, one: Obligation, target: Expression) -> Graph:
        """The graph without the steps of some parties, in which what is owed is an end."""
        excluded = {self.numbers[party] for party in one.without}
        over = {state for state, party in self.ways.over if party not in excluded}
        reached = bytearray(holds or n in over for n, holds in enumerate(self._all(target)))
        if not excluded:
            return Graph(self.graph.states, self.graph.first_target, self.graph.targets, reached)
        first, targets = array("I"), array("I")
        edge = 0
        for number in range(len(self.graph.first_target)):
            first.append(len(targets))
            for successor in self.graph.successors(number):
                if self.ways.party[edge] not in excluded:
                    targets.append(successor)
                edge += 1
        return Graph(self.graph.states, first, targets, reached)
