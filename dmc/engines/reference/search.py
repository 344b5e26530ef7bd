"""The search: every state that can be reached, breadth first, and what is wrong with them.

States are numbered in the order in which they are found, so the first violation of a property is the
first by level and by order of expansion, and the number of a state tells which is nearer.
"""

from __future__ import annotations

import resource
import sys
import time
from array import array

from dmc.base.exceptions import InternalError
from dmc.engines.analysis.obligations import parties
from dmc.engines.analysis.relation import find_cycle
from dmc.engines.interface import REDUCTIONS, Inspect, Progress, Values
from dmc.engines.reference.collect import LostObject, collector
from dmc.engines.reference.fusion import Fusion, Unprotected
from dmc.engines.reference.hang import Graph, find_hang
from dmc.engines.reference.race import RaceFinder
from dmc.engines.reference.reach import Reach, Way
from dmc.engines.reference.scout import scout
from dmc.ir.evaluate import CompiledStep, CompiledSystem, Outcome, Record, compile_system
from dmc.ir.layout import ThreadLayout
from dmc.ir.outcome import Choice, Finding, Limit, Limits, Path, SearchResult
from dmc.ir.statement import Cut, Drop, Fault
from dmc.ir.system import PropertyKind, System
from dmc.transform.dead_locals import clear_dead_locals

Choices = tuple[Choice, ...]

PROGRESS_SECONDS = 0.2
BYTES_PER_STATE = 130
"""What a state costs beside its own tuple: its places in the tables, its choices."""
BYTES_PER_EDGE = 8


def check(
    system: System,
    limits: Limits = Limits(),  # noqa: B008
    reductions: frozenset[str] = REDUCTIONS,
    progress: Progress | None = None,
    inspect: Inspect | None = None,
) -> SearchResult:
    """Search the system. What `reductions` names changes counts, never a verdict.

    `inspect` is shown the states once the search is over.
    """
    if unknown := reductions - REDUCTIONS:
        raise InternalError("search", f"no reduction is called {', '.join(sorted(unknown))}")
    started = time.monotonic()
    compiled = compile_system(clear_dead_locals(system) if "dead" in reductions else system)
    unprotected: frozenset[str] = frozenset()
    while True:
        fusion = Fusion(compiled, unprotected) if "fusion" in reductions else None
        try:
            search = _Search(compiled, limits, reductions, fusion, progress, started)
            result = search.run()
            if inspect is not None:
                inspect(compiled, search.states)
            return result
        except Unprotected as found:
            first = not unprotected
            unprotected |= {found.location}
            if first:
                unprotected = scout(compiled, unprotected)


class _Stop(Exception):
    """A limit is reached."""

    def __init__(self, limit: Limit):
        super().__init__(limit.value)
        self.limit = limit


class _Search:
    """One search. `origins`, `taken` and `targets` are the graph: each state's predecessor, the
    choices that led from it, and the successors of each state from `first_target` on. `ways` is kept for
    CAN_REACH: which party takes each edge, and who ends runs where.
    """

    def __init__(
        self,
        compiled: CompiledSystem,
        limits: Limits,
        reductions: frozenset[str],
        fusion: Fusion | None,
        progress: Progress | None,
        started: float,
    ):
        self.compiled = compiled
        self.limits = limits
        self.reductions = reductions
        self.fusion = fusion
        self.progress = progress
        self.started = started
        self.reported = started
        self.layout = compiled.layout
        self.collect = collector(self.layout, "heap" in reductions)
        self.choice = {
            (t.number, k): Choice(t.number, k) for t in self.layout.threads for k in range(len(t.type.steps))
        }

        self.numbers: dict[Values, int] = {}
        self.states: list[Values] = []
        self.initial: dict[int, Values] = {}
        self.origins = array("I")
        self.taken: list[Choices] = []
        self.targets = array("I")
        self.first_target = array("I")
        self.finishing = bytearray()
        self.parties = parties(compiled.system)
        self.ways = Way(bytearray(), set())
        self.transitions = 0
        self.depth = 0
        self.bytes = 0

        self.record = Record()
        self.findings: dict[str, Finding] = {}
        self.covered: set[str] = set()
        self.relations: dict[str, dict[tuple[int, int], tuple[int, Choices]]] = {}
        self.cuts: dict[str, int] = {}
        self.dropped: dict[str, int] = {}
        self.ends = 0

        properties = compiled.system.properties
        self.kinds = {claim.id: claim.kind for claim in properties}
        conditions = [
            (c.id, compiled.conditions[c.id], c.kind) for c in properties if c.condition is not None
        ]
        self.invariants = [(i, test) for i, test, kind in conditions if kind is PropertyKind.INVARIANT]
        self.at_end = [
            (i, test) for i, test, kind in conditions if kind in (PropertyKind.AT_END, PropertyKind.LOST)
        ]
        self.reachable = [(i, test) for i, test, kind in conditions if kind is PropertyKind.REACHABLE]
        self.losses = [(claim.id, claim.kinds) for claim in properties if claim.kind is PropertyKind.LOST]
        self.races = RaceFinder(compiled) if self.of_kind(PropertyKind.RACE) else None

    def of_kind(self, kind: PropertyKind) -> list[str]:
        return [claim for claim, k in self.kinds.items() if k is kind]

    def run(self) -> SearchResult:
        stopped_by = None
        try:
            self.search()
            self.judge_relations()
            self.judge_hangs()
            self.judge_obligations()
        except _Stop as stop:
            stopped_by = stop.limit
        except KeyboardInterrupt:
            stopped_by = Limit.INTERRUPT
        if stopped_by is not None:
            self.judge_relations()
        return self.result(stopped_by)

    def search(self) -> None:
        for values, state in self.layout.initial_states():
            self.initial[len(self.states)] = values
            self.collect(state)
            self.reach(tuple(state), len(self.states), ())
        level = range(len(self.states))
        while level:
            if self.depth == self.limits.depth:
                raise _Stop(Limit.DEPTH)
            for number in level:
                self.heed_limits(len(level))
                self.expand(number)
            self.depth += 1
            level = range(level.stop, len(self.states))

    def expand(self, source: int) -> None:
        """Take every step from a state; with fusion, go on through the states between.

        A state between from which a step ends the run is kept after all, since what other threads do
        before that must be seen.
        """
        self.first_target.append(len(self.targets))
        if self.races is not None and (race := self.races.find(self.states[source])):
            for claim in self.of_kind(PropertyKind.RACE):
                self.found(claim, source, (), race=race)
            self.races = None
        state = self.states[source]
        if self.fusion is not None:
            self.fusion.begin(state)
        pending: list[tuple[Values, Choices, list[tuple[ThreadLayout, CompiledStep]]]]
        pending = [(state, (), self.enabled(state))]
        between: set[Values] = set()
        while pending:
            state, choices, steps = pending.pop()
            followed = []
            may_end = False
            for thread, step in steps:
                after = self.take(state, thread, step, source, choices)
                if after is None:
                    may_end = True
                    self.ways.over.add((source, self.parties.get(step.step.party, 0)))
                elif step.step.spurious:
                    # It may be taken and never has to: it leads to states, but out of no hang.
                    self.reach(after, source, (*choices, self.choice[thread.number, step.alternative]))
                    continue
                if after is None or after in between:
                    continue
                taken = (*choices, self.choice[thread.number, step.alternative])
                if self.fusion is not None and (following := self.fusion.following(after, thread)):
                    between.add(after)
                    if self.visit(after, source, taken):
                        self.finishing[source] = 1
                    followed.append((after, taken, [(thread, step) for step in following]))
                else:
                    self.ways.party.append(self.parties.get(step.step.party, 0))
                    self.targets.append(self.reach(after, source, taken))
            if may_end and choices:
                self.ways.party.append(0)
                self.targets.append(self.reach(state, source, choices))
            pending.extend(reversed(followed))

    def enabled(self, state: Values) -> list[tuple[ThreadLayout, CompiledStep]]:
        """The steps that can be taken from a state."""
        steps = self.compiled.steps
        return [
            (thread, step)
            for thread in self.layout.threads
            for step in steps[state[thread.base]]
            if step.guard is None or step.guard(state, thread.base, thread.number, thread.instance)
        ]

    def take(
        self, state: Values, thread: ThreadLayout, step: CompiledStep, source: int, choices: Choices
    ) -> Values | None:
        """The state after the step, or None if the run ends in it."""
        self.transitions += 1
        if self.fusion is not None:
            self.fusion.witness(state, thread, step)
        after = list(state)
        outcome = step.body(after, thread.base, thread.number, thread.instance, self.record)
        lost = self.collect(after) if step.collects and outcome is None else ()
        if lost or outcome or self.record.violations or self.record.collected:
            taken = (*choices, self.choice[thread.number, step.alternative])
            self.note(source, taken, outcome, lost)
        if self.fusion is not None:
            self.fusion.taken(state, thread, step, after)
        return tuple(after) if outcome is None else None

    def note(
        self, source: int, taken: Choices, outcome: Outcome | None, lost: list[LostObject] | tuple[()]
    ) -> None:
        """What happened in a step, beside the new state."""
        for claim, details in self.record.violations:
            self.found(claim, source, taken, details=details)
        for relation, *pair in self.record.collected:
            self.relations.setdefault(relation, {}).setdefault((pair[0], pair[1]), (source, taken))
        self.record.violations.clear()
        self.record.collected.clear()
        if lost:
            gone = {kind for _, _, kind in lost}
            for claim, kinds in self.losses:
                if not kinds or not gone.isdisjoint(kinds):
                    self.found(claim, source, taken)
        match outcome:
            case Fault(kind, properties):
                self.cuts[f"fault:{kind}"] = self.cuts.get(f"fault:{kind}", 0) + 1
                for claim in properties:
                    self.found(claim, source, taken, kind=kind)
            case Cut(name):
                self.cuts[name] = self.cuts.get(name, 0) + 1
            case Drop(name):
                self.dropped[name] = self.dropped.get(name, 0) + 1
            case None:
                return
        self.finishing[source] = 1

    def reach(self, state: Values, source: int, taken: Choices) -> int:
        """The number of a state, which is new if it was not yet met."""
        number = self.numbers.get(state)
        if number is not None:
            return number
        if len(self.states) == self.limits.states:
            raise _Stop(Limit.STATES)
        number = len(self.states)
        self.numbers[state] = number
        self.states.append(state)
        self.origins.append(source)
        self.taken.append(taken)
        self.finishing.append(0)
        self.bytes += sys.getsizeof(state) + BYTES_PER_STATE
        if self.visit(state, source, taken):
            self.finishing[number] = 1
            self.ends += 1
        return number

    def visit(self, state: Values, source: int, taken: Choices) -> bool:
        """Judge what can be seen of a state; whether it is an end."""
        if self.fusion is not None:
            self.fusion.watch(state)
        for claim, holds in self.invariants:
            if not holds(state, 0, 0, 0):
                self.found(claim, source, taken)
        if self.reachable:
            self.covered.update(claim for claim, holds in self.reachable if holds(state, 0, 0, 0))
            self.reachable = [(claim, holds) for claim, holds in self.reachable if claim not in self.covered]
        if not self.compiled.ends(state, 0, 0, 0):
            return False
        for claim, holds in self.at_end:
            if not holds(state, 0, 0, 0):
                self.found(claim, source, taken)
        return True

    def found(self, claim: str, source: int, taken: Choices, **what: object) -> None:
        """Keep the first violation of each property; others than the system's own are nobody's."""
        if claim in self.findings or claim not in self.kinds:
            return
        self.findings[claim] = Finding(claim, self.path(source, taken), **what)  # type: ignore[arg-type]

    def path(self, source: int, taken: Choices) -> Path:
        """The run into a state and on by the choices."""
        parts = [taken]
        while self.origins[source] != source:
            parts.append(self.taken[source])
            source = self.origins[source]
        return Path(self.initial[source], tuple(choice for part in reversed(parts) for choice in part))

    def heed_limits(self, frontier: int) -> None:
        now = time.monotonic()
        if self.progress is not None and now - self.reported >= PROGRESS_SECONDS:
            self.reported = now
            self.progress(len(self.states), self.transitions, self.depth, frontier)
        if self.limits.seconds is not None and now - self.started > self.limits.seconds:
            raise _Stop(Limit.SECONDS)
        used = self.bytes + BYTES_PER_EDGE * len(self.targets)
        if self.limits.memory is not None and used > self.limits.memory:
            raise _Stop(Limit.MEMORY)

    def judge_relations(self) -> None:
        for claim in self.of_kind(PropertyKind.ACYCLIC):
            pairs = self.relations.get(claim, {})
            if cycle := find_cycle(pairs):
                last = max(cycle, key=list(pairs).index)
                self.found(claim, *pairs[last], cycle=cycle)

    def judge_hangs(self) -> None:
        claims = self.of_kind(PropertyKind.HANG)
        if not claims:
            return
        graph = Graph(self.states, self.first_target, self.targets, self.finishing)
        hang = find_hang(self.compiled, graph, lambda: self.heed_limits(0))
        if hang is not None:
            for claim in claims:
                self.found(claim, hang.state, (), stuck=hang.stuck, deadlock=hang.deadlock)

    def judge_obligations(self) -> None:
        claims = self.of_kind(PropertyKind.CAN_REACH)
        if not claims:
            return
        graph = Graph(self.states, self.first_target, self.targets, self.finishing)
        reach = Reach(self.compiled, graph, self.ways, lambda: self.heed_limits(0))
        for claim in claims:
            self.covered |= reach.tested(claim)
            if (missed := reach.missed(claim)) is not None:
                self.found(claim, missed.state, (), **missed.details())

    def result(self, stopped_by: Limit | None) -> SearchResult:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return SearchResult(
            states=len(self.states),
            transitions=self.transitions,
            depth=self.depth,
            findings=tuple(self.findings[claim] for claim in self.kinds if claim in self.findings),
            covered=frozenset(self.covered | self.record.covered),
            relations={name: frozenset(pairs) for name, pairs in self.relations.items()},
            cuts=self.cuts,
            dropped=self.dropped,
            ends=self.ends,
            stopped_by=stopped_by,
            seconds=time.monotonic() - self.started,
            peak_bytes=peak if sys.platform == "darwin" else peak * 1024,
            reductions=tuple(sorted(self.reductions)),
            points_visited=points_visited(self.compiled, self.states),
        )


def points_visited(compiled: CompiledSystem, states: list[Values]) -> dict[str, int]:
    """For each point, how many times a thread stands at it, over all states."""
    counts = [0] * len(compiled.layout.points)
    bases = [thread.base for thread in compiled.layout.threads]
    for state in states:
        for base in bases:
            counts[state[base]] += 1
    return {compiled.layout.point_name(number): count for number, count in enumerate(counts) if count}
