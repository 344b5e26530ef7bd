"""The search over control states with regions of data: breadth first, as the reference engine does it.

A state is its cells, with terms where a value is not known, and the region of the terms' variables. A step is
executed by the functions that define it (`dmc.ir.evaluate`), once for each way on which its tests can
come out. So each state is reached exactly as far as its points are, for all values at once; what a search
finds complete is proved for all of them.

The reductions are those of the reference engine. They look at control alone, which is explicit here.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from dmc.base.exceptions import InternalError
from dmc.engines.analysis.relation import find_cycle
from dmc.engines.interface import REDUCTIONS, Inspect, Progress
from dmc.engines.reference.fusion import Fusion, Unprotected
from dmc.engines.reference.race import RaceFinder
from dmc.engines.symbolic.ending import Endings
from dmc.engines.symbolic.exploration import Exploration
from dmc.engines.symbolic.hang import HangFinder
from dmc.engines.symbolic.region import Way
from dmc.engines.symbolic.solver import Solver
from dmc.engines.symbolic.stepping import After, State, Stepper
from dmc.engines.symbolic.stuck import who_is_stuck
from dmc.engines.symbolic.term import Undecided
from dmc.engines.symbolic.witness import concrete
from dmc.ir.evaluate import CompiledSystem, compile_system
from dmc.ir.outcome import Finding, Limit, Limits, Path, RacePair, SearchResult
from dmc.ir.statement import Cut, Drop, Fault
from dmc.ir.system import PropertyKind, System
from dmc.transform.dead_locals import clear_dead_locals

PROGRESS_SECONDS = 0.2
BYTES_PER_STATE = 600
"""What a state costs beside its own tuple, region and arrival included."""


def check(
    system: System,
    limits: Limits = Limits(),  # noqa: B008
    reductions: frozenset[str] = REDUCTIONS,
    progress: Progress | None = None,
    inspect: Inspect | None = None,
) -> SearchResult:
    """Search the system for all values of its data. What `reductions` names never changes a verdict.

    `inspect` is not called: there are no states of numbers to be shown.
    """
    del inspect
    if unknown := reductions - REDUCTIONS:
        raise InternalError("search", f"no reduction is called {', '.join(sorted(unknown))}")
    started = time.monotonic()
    compiled = compile_system(clear_dead_locals(system) if "dead" in reductions else system)
    solver = Solver()
    unprotected: frozenset[str] = frozenset()
    while True:
        fusion = Fusion(compiled, unprotected) if "fusion" in reductions else None
        try:
            return _Search(compiled, solver, limits, reductions, fusion, progress, started).run()
        except Unprotected as found:
            unprotected |= {found.location}


class _Stop(Exception):
    """A limit is reached; `why` says more, where there is more to say."""

    def __init__(self, limit: Limit, why: str = ""):
        super().__init__(limit.value)
        self.limit = limit
        self.why = why


class _Search:
    """One search."""

    def __init__(
        self,
        compiled: CompiledSystem,
        solver: Solver,
        limits: Limits,
        reductions: frozenset[str],
        fusion: Fusion | None,
        progress: Progress | None,
        started: float,
    ):
        self.compiled = compiled
        self.solver = solver
        self.limits = limits
        self.reductions = reductions
        self.progress = progress
        self.started = started
        self.reported = started
        self.stepper = Stepper(compiled, solver, reductions)
        self.graph = Exploration(self.stepper, fusion, self)
        self.initial: dict[int, tuple[int, ...]] = {}
        self.transitions = 0
        self.depth = 0

        self.findings: dict[str, Finding] = {}
        self.covered: set[str] = set()
        self.relations: dict[str, dict[tuple[int, int], tuple[int, State]]] = {}
        self.cuts: dict[str, int] = {}
        self.dropped: dict[str, int] = {}
        self.undecided: dict[str, str] = {}

        properties = compiled.system.properties
        self.kinds = {claim.id: claim.kind for claim in properties}
        conditions = [
            (c.id, compiled.conditions[c.id], c.kind) for c in properties if c.condition is not None
        ]
        self.invariants = [(i, test) for i, test, kind in conditions if kind is PropertyKind.INVARIANT]
        self.at_end = [
            (i, test) for i, test, kind in conditions if kind in (PropertyKind.AT_END, PropertyKind.LOST)
        ]
        self.losses = [(claim.id, claim.kinds) for claim in properties if claim.kind is PropertyKind.LOST]
        self.reachable = [(i, test) for i, test, kind in conditions if kind is PropertyKind.REACHABLE]
        self.races = RaceFinder(compiled) if self.of_kind(PropertyKind.RACE) else None

    def of_kind(self, kind: PropertyKind) -> list[str]:
        return [claim for claim, k in self.kinds.items() if k is kind]

    def run(self) -> SearchResult:
        stopped: _Stop | None = None
        try:
            self.search()
            self.judge_relations()
            self.judge_hangs()
        except _Stop as stop:
            stopped = stop
        except Undecided as question:
            stopped = _Stop(Limit.UNDECIDED, str(question))
        except KeyboardInterrupt:
            stopped = _Stop(Limit.INTERRUPT)
        if stopped is not None and stopped.limit is not Limit.UNDECIDED:
            self.judge_relations()
        return self.result(stopped)

    def search(self) -> None:
        """Level by level, as long as there are states."""
        nodes = self.graph.nodes
        for values, state in self.stepper.layout.initial_states():
            self.initial[len(nodes)] = values
            self.stepper.collect(state)
            self.graph.reach(State(tuple(state), Way()), len(nodes))
        level = range(len(nodes))
        while level:
            if self.depth == self.limits.depth:
                raise _Stop(Limit.DEPTH)
            for number in level:
                self.heed_limits(len(level))
                self.find_races(number)
                self.graph.expand(number)
            self.depth += 1
            level = range(level.stop, len(nodes))

    # --- what the exploration tells -----------------------------------------------------------------

    def stepped(self, source: int, after: State, result: After) -> None:
        """What happened in a step, beside the new state."""
        self.transitions += 1
        self.covered |= result.record.covered
        for claim, _ in result.record.violations:
            self.found(claim, source, after)
        for relation, *pair in result.record.collected:
            found = self.relations.setdefault(relation, {})
            found.setdefault((int(pair[0]), int(pair[1])), (source, after))
        gone = {kind for _, _, kind in result.lost}
        for claim, kinds in self.losses:
            if gone and (not kinds or not gone.isdisjoint(kinds)):
                self.found(claim, source, after)
        match result.outcome:
            case Fault(kind, properties):
                self.cuts[f"fault:{kind}"] = self.cuts.get(f"fault:{kind}", 0) + 1
                for claim in properties:
                    self.found(claim, source, after, kind=kind)
            case Cut(name):
                self.cuts[name] = self.cuts.get(name, 0) + 1
            case Drop(name):
                self.dropped[name] = self.dropped.get(name, 0) + 1
            case None:
                pass

    def seen(self, source: int, state: State) -> None:
        """Invariants, and what is to be reached."""
        for claim, holds in self.invariants:
            self.judge(claim, holds, source, state)
        for claim, holds in self.reachable:
            if claim not in self.covered and any(h for h, _ in self.stepper.asked(holds, state)):
                self.covered.add(claim)

    def ended(self, source: int, state: State) -> None:
        """What must hold at an end."""
        for claim, holds in self.at_end:
            self.judge(claim, holds, source, state)

    def kept(self) -> None:
        """Not beyond the limit."""
        if len(self.graph.nodes) == self.limits.states:
            raise _Stop(Limit.STATES)

    # --- findings ---------------------------------------------------------------------------------

    def judge(self, claim: str, holds: Callable[..., int], source: int, state: State) -> None:
        """A condition that must hold at all points of a state."""
        if claim in self.findings:
            return
        for result, way in self.stepper.asked(holds, state):
            if not result:
                self.found(claim, source, State(state.cells, way, state.taken))
                return

    def find_races(self, number: int) -> None:
        """The first race of all."""
        races = self.races
        if races is None:
            return
        state = self.graph.nodes[number].state()
        for race, way in self.stepper.ways(state, lambda: races.find(state.cells)):  # type: ignore[arg-type]
            if race is not None:
                self.races = None
                for claim in self.of_kind(PropertyKind.RACE):
                    self.found(claim, number, State(state.cells, way), race=race)
                return

    def found(
        self,
        claim: str,
        source: int,
        state: State,
        kind: str = "",
        race: RacePair | None = None,
        cycle: tuple[tuple[int, int], ...] = (),
    ) -> None:
        """Keep the first violation of each property, with the least values that show it."""
        if claim in self.findings or claim not in self.kinds:
            return
        parts, entered, first = self.graph.chain(source, state)
        path = Path(self.initial[first], concrete(self.solver, parts, entered))
        self.findings[claim] = Finding(claim, path, kind=kind, race=race, cycle=cycle)

    def heed_limits(self, frontier: int) -> None:
        """Stop where a limit is reached."""
        now = time.monotonic()
        count = len(self.graph.nodes)
        if self.progress is not None and now - self.reported >= PROGRESS_SECONDS:
            self.reported = now
            self.progress(count, self.transitions, self.depth, frontier)
        if self.limits.seconds is not None and now - self.started > self.limits.seconds:
            raise _Stop(Limit.SECONDS)
        used = count * (BYTES_PER_STATE + 8 * self.stepper.layout.size)
        if self.limits.memory is not None and used > self.limits.memory:
            raise _Stop(Limit.MEMORY)

    def judge_relations(self) -> None:
        """Cycles in what was collected."""
        for claim in self.of_kind(PropertyKind.ACYCLIC):
            pairs = self.relations.get(claim, {})
            if cycle := find_cycle(pairs):
                last = max(cycle, key=list(pairs).index)
                self.found(claim, *pairs[last], cycle=cycle)

    def judge_hangs(self) -> None:
        """The first hang, of a complete graph."""
        claims = self.of_kind(PropertyKind.HANG)
        for claim in self.of_kind(PropertyKind.CAN_REACH):
            self.undecided[claim] = "what can still be reached is not decided beside data, in this version"
        heed = partial(self.heed_limits, 0)
        nodes = self.graph.nodes
        finder = HangFinder(self.solver, [(n.region, n.edges) for n in nodes], heed)
        endings = Endings(self.stepper, self.graph.fusion, heed)
        hanging = finder.find(lambda number, point: endings.sharing(nodes[number], point))
        for claim in claims:
            if hanging is not None:
                self.found(claim, hanging.state, State(nodes[hanging.state].cells, hanging.way))
                found = self.findings[claim]
                stuck, deadlock = who_is_stuck(self.compiled, found.path)
                self.findings[claim] = replace(found, stuck=stuck, deadlock=deadlock)
            elif finder.doubtful is not None:
                self.undecided[claim] = "for some values it is not clear whether a run can still finish"

    def result(self, stopped: _Stop | None) -> SearchResult:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return SearchResult(
            states=len(self.graph.nodes),
            transitions=self.transitions,
            depth=self.depth,
            findings=tuple(self.findings[claim] for claim in self.kinds if claim in self.findings),
            covered=frozenset(self.covered),
            relations={name: frozenset(pairs) for name, pairs in self.relations.items()},
            cuts=self.cuts,
            dropped=self.dropped,
            ends=self.graph.ends,
            stopped_by=stopped.limit if stopped is not None else None,
            seconds=time.monotonic() - self.started,
            peak_bytes=peak if sys.platform == "darwin" else peak * 1024,
            reductions=tuple(sorted(self.reductions)),
            points_visited=self.points_visited(),
            undecided={claim: why for claim, why in self.undecided.items() if claim not in self.findings},
            doubt=stopped.why if stopped is not None else "",
        )

    def points_visited(self) -> dict[str, int]:
        """For each point, how many times a thread stands at it, over all states."""
        counts = [0] * len(self.stepper.layout.points)
        for node in self.graph.nodes:
            for thread in self.stepper.layout.threads:
                point = node.cells[thread.base]
                assert isinstance(point, int)
                counts[point] += 1
        return {self.stepper.layout.point_name(number): count for number, count in enumerate(counts) if count}
