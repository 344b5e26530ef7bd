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
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from dmc.base.exceptions import InternalError
from dmc.engines.analysis.relation import find_cycle
from dmc.engines.interface import REDUCTIONS, Inspect, Progress
from dmc.engines.reference.collect import LostObject, collector
from dmc.engines.reference.fusion import Fusion, Unprotected
from dmc.engines.reference.race import RaceFinder
from dmc.engines.symbolic.cells import DataCells
from dmc.engines.symbolic.hang import Edge, HangFinder
from dmc.engines.symbolic.project import Cells, key_of, project
from dmc.engines.symbolic.region import Region, Way, ways
from dmc.engines.symbolic.solver import Solver
from dmc.engines.symbolic.subsume import Group
from dmc.engines.symbolic.term import Term, Undecided, Under
from dmc.engines.symbolic.witness import Arrival, Taken, concrete
from dmc.ir.evaluate import CompiledStep, CompiledSystem, Outcome, Record, compile_system
from dmc.ir.layout import ThreadLayout
from dmc.ir.outcome import Choice, Finding, Limit, Limits, Path, RacePair, SearchResult, StuckThread
from dmc.ir.statement import Cut, Drop, Fault
from dmc.ir.system import PropertyKind, System
from dmc.transform.dead_locals import clear_dead_locals

R = TypeVar("R")

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


@dataclass
class _Node:
    """A state that was kept: how it was reached, and what leads out of it."""

    cells: Cells
    region: Region
    origin: int
    arrival: Arrival
    edges: list[Edge] = field(default_factory=list)


@dataclass(frozen=True)
class _State:
    """A state on the way: what was done since the last one that was kept, and the region within its own."""

    cells: Cells
    region: Way
    taken: tuple[Taken, ...] = ()


@dataclass(frozen=True)
class _After:
    """What a step gives, on one way."""

    cells: list[int | Term]
    outcome: Outcome | None
    record: Record
    lost: list[LostObject] | tuple[()]


_Next = tuple[_State, ThreadLayout, CompiledStep]


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
        self.fusion = fusion
        self.progress = progress
        self.started = started
        self.reported = started
        self.layout = compiled.layout
        self.collect = collector(self.layout, "heap" in reductions)
        self.data = DataCells(self.layout)

        self.nodes: list[_Node] = []
        self.numbers: dict[tuple[object, ...], int] = {}
        self.groups: dict[tuple[object, ...], Group] = {}
        self.initial: dict[int, tuple[int, ...]] = {}
        self.transitions = 0
        self.depth = 0

        self.findings: dict[str, Finding] = {}
        self.covered: set[str] = set()
        self.relations: dict[str, dict[tuple[int, int], tuple[int, _State]]] = {}
        self.cuts: dict[str, int] = {}
        self.dropped: dict[str, int] = {}
        self.ends = 0
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
        for values, state in self.layout.initial_states():
            self.initial[len(self.nodes)] = values
            self.collect(state)
            start = _State(tuple(state), Way())
            self.reach(start, len(self.nodes))
        level = range(len(self.nodes))
        while level:
            if self.depth == self.limits.depth:
                raise _Stop(Limit.DEPTH)
            for number in level:
                self.heed_limits(len(level))
                self.expand(number)
            self.depth += 1
            level = range(level.stop, len(self.nodes))

    # --- expansion --------------------------------------------------------------------------------

    def expand(self, source: int) -> None:
        """Take every step from a state; with fusion, go on through the states between."""
        node = self.nodes[source]
        start = _State(node.cells, Way(node.region.bounds, node.region.conditions, node.region.point))
        self.find_races(source, start)
        if self.fusion is not None:
            self.fusion.begin(node.cells)  # type: ignore[arg-type]
        between: set[tuple[object, ...]] = set()
        stack: list[list[_Next]] = [
            [(start, thread, step) for thread in self.layout.threads for step in self.steps(start, thread)]
        ]
        while stack:
            batch = stack.pop()
            followed = []
            may_end = False
            for state, thread, step in batch:
                for after, spurious in self.take(source, state, thread, step):
                    if after is None:
                        may_end = True
                        continue
                    if spurious:
                        self.reach(after, source)
                        continue
                    key = key_of(after.cells, after.region)
                    if key in between:
                        continue
                    parts = list(self.following(after, thread))
                    if not parts:
                        self.edge(source, after)
                        continue
                    between.add(key)
                    for part, steps in parts:
                        if not steps:
                            self.edge(source, part)
                            continue
                        node.edges += [Edge((), end) for end in self.visit(part, source)]
                        followed.append([(part, thread, one) for one in steps])
            if may_end and batch and batch[0][0].taken:
                self.edge(source, batch[0][0])
            stack.extend(reversed(followed))

    def steps(self, state: _State, thread: ThreadLayout) -> tuple[CompiledStep, ...]:
        point = state.cells[thread.base]
        assert isinstance(point, int)
        return self.compiled.steps[point]

    def following(self, state: _State, thread: ThreadLayout) -> Iterator[tuple[_State, list[CompiledStep]]]:
        """With which steps the thread goes on at once, on each way; nothing at a scheduling point."""
        fusion = self.fusion
        if fusion is None or state.cells[thread.base] not in fusion.plan.fused:
            return
        for steps, way in self.ways(state, lambda: fusion.following(state.cells, thread)):  # type: ignore[arg-type]
            yield _State(state.cells, way, state.taken), steps

    def ways(self, state: _State, compute: Callable[[], R]) -> Iterator[tuple[R, Way]]:
        """`ways` within the region of a state; what it was narrowed to before counts, too."""
        for result, way in ways(self.solver, state.region, compute):
            yield (
                result,
                Way(way.bounds, way.conditions, way.point, way.narrowed or state.region.narrowed, way.chosen),
            )

    def take(
        self, source: int, state: _State, thread: ThreadLayout, step: CompiledStep
    ) -> Iterator[tuple[_State | None, bool]]:
        """The states after a step, on each way; None where the run ends in it."""
        for result, way in self.ways(state, lambda: self.execute(state.cells, thread, step)):
            if result is None:
                continue
            self.transitions += 1
            if self.fusion is not None:
                self.fusion.witness(state.cells, thread, step)  # type: ignore[arg-type]
                self.fusion.taken(state.cells, thread, step, result.cells)  # type: ignore[arg-type]
            one = Taken(Choice(thread.number, step.alternative), way.chosen)
            after = _State(tuple(result.cells), way, (*state.taken, one))
            self.note(source, after, result)
            if result.outcome is None:
                yield after, step.step.spurious
            else:
                self.nodes[source].edges.append(Edge((), way))
                yield None, False

    def execute(self, cells: Cells, thread: ThreadLayout, step: CompiledStep) -> _After | None:
        """The step, if its guard holds; explicit cells get values, whatever is stored into them."""
        where = thread.base, thread.number, thread.instance
        if step.guard is not None and not step.guard(cells, *where):  # type: ignore[arg-type]
            return None
        path = Under.path
        record = Record(choose=path.choose)  # type: ignore[union-attr]
        after: list[int | Term] = list(cells)
        outcome = step.body(after, *where, record)  # type: ignore[arg-type]
        if outcome is not None:
            return _After(after, outcome, record, ())
        self.data.make_explicit(after)
        lost = self.collect(after) if step.collects else ()  # type: ignore[arg-type]
        return _After(after, outcome, record, lost)

    def note(self, source: int, after: _State, result: _After) -> None:
        """What happened in a step, beside the new state."""
        self.covered |= result.record.covered
        for claim, _ in result.record.violations:
            self.found(claim, source, after)
        for relation, *pair in result.record.collected:
            found = self.relations.setdefault(relation, {})
            found.setdefault((int(pair[0]), int(pair[1])), (source, after))
        if result.lost:
            for claim in self.of_kind(PropertyKind.LOST):
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

    def find_races(self, source: int, state: _State) -> None:
        races = self.races
        if races is None:
            return
        for race, way in self.ways(state, lambda: races.find(state.cells)):  # type: ignore[arg-type]
            if isinstance(race, RacePair):
                self.races = None
                for claim in self.of_kind(PropertyKind.RACE):
                    self.found(claim, source, _State(state.cells, way), race=race)
                return

    def edge(self, source: int, state: _State) -> None:
        """An edge of the graph, to where the state is."""
        self.nodes[source].edges.append(Edge(self.reach(state, source), state.region))

    def reach(self, state: _State, source: int) -> tuple[int, ...]:
        """The states that have all points of this one: itself, if it is new."""
        cells, region = project(state.cells, state.region)
        key = key_of(cells, region)
        number = self.numbers.get(key)
        if number is not None:
            return (number,)
        control = self.data.control(cells)
        group = self.groups.get(control)
        if group is not None:
            covering = group.covering(cells, region)
            if covering:
                return covering
        if len(self.nodes) == self.limits.states:
            raise _Stop(Limit.STATES)
        number = len(self.nodes)
        self.numbers[key] = number
        self.nodes.append(_Node(cells, region, source, Arrival(state.taken, state.region, state.cells)))
        data = self.data.symbolic(cells)
        if data:
            if group is None:
                group = self.groups[control] = Group(self.solver, data)
            group.add(number, cells, region)
        # Seen as part of the state that it came from: so a violation has its whole way.
        if self.visit(state, source):
            self.ends += 1
            own = _State(cells, Way(region.bounds, region.conditions, region.point))
            answers = self.ways(own, lambda: self.ask(self.compiled.ends, own))
            self.nodes[number].edges += [Edge((), way) for is_end, way in answers if is_end]
        return (number,)

    def visit(self, state: _State, source: int) -> list[Way]:
        """Judge what can be seen of a state; on which ways it is an end."""
        if self.fusion is not None:
            self.fusion.watch(state.cells)  # type: ignore[arg-type]
        for claim, holds in self.invariants:
            self.judge(claim, holds, state, source)
        for claim, holds in self.reachable:
            if claim not in self.covered and self.can_hold(holds, state):
                self.covered.add(claim)
        ends = []
        for is_end, way in self.ways(state, lambda: self.ask(self.compiled.ends, state)):
            if is_end:
                ends.append(way)
                for claim, holds in self.at_end:
                    self.judge(claim, holds, _State(state.cells, way, state.taken), source)
        return ends

    def judge(self, claim: str, holds: Callable[..., int], state: _State, source: int) -> None:
        if claim in self.findings:
            return
        for result, way in self.ways(state, lambda: self.ask(holds, state)):
            if not result:
                self.found(claim, source, _State(state.cells, way, state.taken))
                return

    def can_hold(self, condition: Callable[..., int], state: _State) -> bool:
        return any(holds for holds, _ in self.ways(state, lambda: self.ask(condition, state)))

    def ask(self, condition: Callable[..., int], state: _State) -> bool:
        return bool(condition(state.cells, 0, 0, 0))

    # --- findings ---------------------------------------------------------------------------------

    def found(
        self,
        claim: str,
        source: int,
        state: _State,
        kind: str = "",
        race: RacePair | None = None,
        cycle: tuple[tuple[int, int], ...] = (),
        stuck: tuple[StuckThread, ...] = (),
        deadlock: bool = False,
    ) -> None:
        """Keep the first violation of each property, with the least values that show it."""
        if claim in self.findings or claim not in self.kinds:
            return
        chain = [Arrival(state.taken, state.region, state.cells)]
        entered: list[Cells] = []
        while True:
            node = self.nodes[source]
            entered.append(node.cells)
            chain.append(node.arrival)
            if node.origin == source:
                break
            source = node.origin
        choices = concrete(self.solver, chain[::-1], entered[::-1])
        self.findings[claim] = Finding(
            claim,
            Path(self.initial[source], choices),
            kind=kind,
            race=race,
            cycle=cycle,
            stuck=stuck,
            deadlock=deadlock,
        )

    def heed_limits(self, frontier: int) -> None:
        now = time.monotonic()
        if self.progress is not None and now - self.reported >= PROGRESS_SECONDS:
            self.reported = now
            self.progress(len(self.nodes), self.transitions, self.depth, frontier)
        if self.limits.seconds is not None and now - self.started > self.limits.seconds:
            raise _Stop(Limit.SECONDS)
        used = len(self.nodes) * (BYTES_PER_STATE + 8 * self.layout.size)
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
        finder = HangFinder(
            self.solver, [(n.region, n.edges) for n in self.nodes], lambda: self.heed_limits(0)
        )
        hanging = finder.hanging()
        if hanging is None and finder.doubtful is not None:
            hanging = self.hangs_at_a_point(finder.doubtful, finder.uncovered(finder.doubtful))
        if hanging is not None:
            number, way = hanging
            for claim in claims:
                self.found(claim, number, _State(self.nodes[number].cells, way))
        elif finder.doubtful is not None:
            for claim in claims:
                self.undecided[claim] = "for some values it is not clear whether a run can still finish"

    def hangs_at_a_point(self, number: int, points: Iterator[tuple[int, ...]]) -> tuple[int, Way] | None:
        """Whether some of these points of a state has no run to an end: each is searched from by itself."""
        node = self.nodes[number]
        for point in points:
            bounds = tuple((value, value) for value in point)
            way = Way(bounds, node.region.conditions, point)
            cells, _ = project(node.cells, way)
            if not _Search(
                self.compiled, self.solver, self.limits, self.reductions, self.fusion, None, self.started
            ).can_finish(cells):
                return number, way
        return None

    def can_finish(self, cells: Cells) -> bool:
        """Whether some run from a state comes to an end, a fault or a cut."""
        self.races = None
        self.kinds = {}
        self.reach(_State(cells, Way()), 0)
        for number, _ in enumerate(iter(lambda: len(self.nodes), -1)):
            if number == len(self.nodes):
                return False
            self.heed_limits(0)
            self.expand(number)
            if any(not edge.targets for node in self.nodes for edge in node.edges):
                return True
        return False

    def result(self, stopped: _Stop | None) -> SearchResult:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return SearchResult(
            states=len(self.nodes),
            transitions=self.transitions,
            depth=self.depth,
            findings=tuple(self.findings[claim] for claim in self.kinds if claim in self.findings),
            covered=frozenset(self.covered),
            relations={name: frozenset(pairs) for name, pairs in self.relations.items()},
            cuts=self.cuts,
            dropped=self.dropped,
            ends=self.ends,
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
        counts = [0] * len(self.layout.points)
        for node in self.nodes:
            for thread in self.layout.threads:
                point = node.cells[thread.base]
                assert isinstance(point, int)
                counts[point] += 1
        return {self.layout.point_name(number): count for number, count in enumerate(counts) if count}
