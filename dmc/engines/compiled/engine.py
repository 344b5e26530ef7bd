"""The search with generated C: the same results as `dmc.engines.reference.search`, sooner.

`check` raises `Unsupported` where the machine has no compiler, or the system needs what this engine
cannot hold; the caller then runs the reference engine.
"""

from __future__ import annotations

import ctypes
import resource
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

from dmc.base.exceptions import InternalError
from dmc.engines.analysis.relation import find_cycle
from dmc.engines.analysis.stuck import awaited_parties, stuck_threads
from dmc.engines.compiled import native
from dmc.engines.compiled.build_cache import BuildFailed
from dmc.engines.compiled.emitter import Emitted, emit
from dmc.engines.compiled.fusion_plan import FusionPlan
from dmc.engines.compiled.handle import Handle
from dmc.engines.compiled.toolchain import Compiler, NoCompiler, find_compiler
from dmc.engines.compiled.unsupported import Unsupported
from dmc.engines.interface import REDUCTIONS, Inspect, Progress
from dmc.engines.reference.scout import scout
from dmc.ir.evaluate import CompiledSystem, compile_system
from dmc.ir.outcome import Choice, Finding, Limit, Limits, SearchResult
from dmc.ir.system import Property, PropertyKind, System
from dmc.transform.dead_locals import clear_dead_locals

Collected = dict[tuple[int, int], tuple[int, tuple[Choice, ...]]]
"""The pairs of a relation, and the state and the choices that first led to each."""

INSPECTED = 20_000
"""At most so many states are shown to the one who inspects."""

PROGRESS_SECONDS = 0.2
STEP_SECONDS = 0.05
"""About how long the search runs before Python looks at the clock, and at signals, again."""
FIRST_BUDGET = 64
MOST_BUDGET = 2**30
STOPPED = {2: Limit.STATES, 3: Limit.DEPTH, 4: Limit.MEMORY, 6: Limit.MEMORY, 8: Limit.INTERRUPT}
RUNNING, COMPLETE, UNPROTECTED, BROKEN = 0, 1, 5, 7


@dataclass(frozen=True)
class Model:
    """A system, ready to be searched. `library` is kept so that it stays loaded."""

    system: System
    emitted: Emitted
    library: ctypes.CDLL
    address: int
    search: ctypes.CDLL


def prepare(
    system: System,
    reductions: frozenset[str] = REDUCTIONS,
    compiler: Compiler | None = None,
    folder: Path | None = None,
    flags: tuple[str, ...] = native.MODEL_FLAGS,
    until: float | None = None,
) -> Model:
    """Make the model's library, or take it from the cache (`folder`, instead of the user's).

    Raises `OutOfTime` if that is not done when `time.monotonic` comes to `until`.
    """
    if compiler is None:
        found = find_compiler()
        if isinstance(found, NoCompiler):
            raise Unsupported(found.reason)
        compiler = replace(found, until=until)
    cleared = clear_dead_locals(system) if "dead" in reductions else system
    emitted = emit(cleared)
    try:
        search = native.load_search(compiler, folder)
        library, address = native.load_model(emitted.text, compiler, folder, flags)
    except BuildFailed as error:
        raise Unsupported(str(error)) from error
    return Model(cleared, emitted, library, address, search)


def check(
    system: System,
    limits: Limits = Limits(),  # noqa: B008
    reductions: frozenset[str] = REDUCTIONS,
    progress: Progress | None = None,
    inspect: Inspect | None = None,
    model: Model | None = None,
) -> SearchResult:
    """Search the system. `model` is what `prepare` has made of it, with the same reductions.

    `inspect` is shown some of the states, evenly spread, once the search is over.
    """
    if unknown := reductions - REDUCTIONS:
        raise InternalError("compiled", f"no reduction is called {', '.join(sorted(unknown))}")
    started = time.monotonic()
    until = None if limits.seconds is None else started + limits.seconds
    prepared = prepare(system, reductions, until=until) if model is None else model
    return _Search(prepared, limits, reductions, progress, inspect, started).run()


class _Search:
    """One search, from the first state to the result."""

    def __init__(
        self,
        model: Model,
        limits: Limits,
        reductions: frozenset[str],
        progress: Progress | None,
        inspect: Inspect | None,
        started: float,
    ):
        self.inspect = inspect
        self.model = model
        self.limits = limits
        self.reductions = reductions
        self.progress = progress
        self.started = started
        self.reported = started
        self.unprotected: frozenset[str] = frozenset()
        self._compiled: CompiledSystem | None = None

    @property
    def compiled(self) -> CompiledSystem:
        """The system as Python, made when it is first needed."""
        if self._compiled is None:
            self._compiled = compile_system(self.model.system)
        return self._compiled

    def run(self) -> SearchResult:
        while True:
            with self.begun() as handle:
                status = self.finished(handle)
                if status is not None:
                    if self.inspect is not None:
                        self.inspect(self.compiled, list(handle.sample(INSPECTED)))
                    return self.result(handle, status)
                self.expose(handle)

    def expose(self, handle: Handle) -> None:
        """What was found unprotected, and at the first time what a look ahead finds, is no more relied on."""
        assert handle.plan is not None
        first = not self.unprotected
        self.unprotected |= {handle.plan.name(handle.statistics().unprotected)}
        if first:
            self.unprotected = scout(self.compiled, self.unprotected)

    def begun(self) -> Handle:
        """A new search, without the assumptions that failed."""
        plan = None
        if "fusion" in self.reductions:
            plan = FusionPlan(self.compiled, self.model.emitted, self.unprotected)
        return Handle(
            self.model.search,
            self.model.address,
            self.model.emitted,
            self.limits,
            renumber="heap" in self.reductions,
            graph=bool(self.claims(PropertyKind.HANG) or self.claims(PropertyKind.CAN_REACH)),
            plan=plan,
        )

    def finished(self, handle: Handle) -> Limit | str | None:
        """Run to the end: the limit that was met, "" if none was, None if fusion has to begin again."""
        budget = FIRST_BUDGET
        try:
            while True:
                before = time.monotonic()
                status = handle.step(budget)
                now = time.monotonic()
                if status == UNPROTECTED:
                    return None
                if status == BROKEN:
                    line = handle.statistics().broken
                    raise InternalError("compiled", f"a promise is broken in line {line} of the C text")
                if status != RUNNING:
                    return STOPPED.get(status, "")
                if self.limits.seconds is not None and now - self.started > self.limits.seconds:
                    return Limit.SECONDS
                self.tell(handle, now)
                budget = self.next_budget(budget, now - before)
        except KeyboardInterrupt:
            return Limit.INTERRUPT

    def next_budget(self, budget: int, seconds: float) -> int:
        """As much work as will take the time for a step, or a part of the time that is left."""
        wanted = STEP_SECONDS
        if self.limits.seconds is not None:
            left = self.started + self.limits.seconds - time.monotonic()
            wanted = min(wanted, max(left / 2, self.limits.seconds / 100))
        factor = wanted / max(seconds, 1e-6)
        return min(MOST_BUDGET, max(1, int(budget * min(4.0, max(0.1, factor)))))

    def tell(self, handle: Handle, now: float) -> None:
        if self.progress is not None and now - self.reported >= PROGRESS_SECONDS:
            self.reported = now
            numbers = handle.statistics()
            self.progress(numbers.states, numbers.transitions, numbers.depth, numbers.level)

    def claims(self, kind: PropertyKind) -> list[str]:
        return [claim.id for claim in self.model.system.properties if claim.kind is kind]

    def result(self, handle: Handle, stopped_by: Limit | str) -> SearchResult:
        findings: dict[str, Finding] = {}
        for number, claim in enumerate(self.model.system.properties):
            if (finding := handle.finding(number)) is not None:
                findings[claim.id] = finding
        relations = self.relations(handle)
        complete = stopped_by == ""
        late = self.cyclic(handle, relations) + (self.hanging(handle) if complete else [])
        tested, missed = self.missed(handle) if complete else (frozenset[str](), [])
        late += missed
        for late_finding in late:
            findings.setdefault(late_finding.property, late_finding)
        numbers = handle.statistics()
        cuts, dropped = handle.ended()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return SearchResult(
            states=numbers.states,
            transitions=numbers.transitions,
            depth=numbers.depth,
            findings=tuple(findings[c.id] for c in self.model.system.properties if c.id in findings),
            covered=handle.covered() | tested,
            relations={name: frozenset(pairs) for name, pairs in relations.items()},
            cuts=cuts,
            dropped=dropped,
            ends=numbers.ends,
            stopped_by=stopped_by if isinstance(stopped_by, Limit) else None,
            seconds=time.monotonic() - self.started,
            peak_bytes=peak if sys.platform == "darwin" else peak * 1024,
            reductions=tuple(sorted(self.reductions)),
            points_visited=handle.visits(),
        )

    def relations(self, handle: Handle) -> dict[str, Collected]:
        """The pairs of each relation, in the order in which they were collected."""
        found: dict[str, Collected] = {}
        for name, pair, state, choices in handle.pairs():
            found.setdefault(name, {})[pair] = (state, choices)
        return found

    def cyclic(self, handle: Handle, relations: dict[str, Collected]) -> list[Finding]:
        """The relations that have a cycle and must not."""
        found = []
        for claim in self.claims(PropertyKind.ACYCLIC):
            pairs = relations.get(claim, {})
            if cycle := find_cycle(pairs):
                last = max(cycle, key=list(pairs).index)
                found.append(Finding(claim, handle.path(*pairs[last]), cycle=cycle))
        return found

    def missed(self, handle: Handle) -> tuple[frozenset[str], list[Finding]]:
        """The CAN_REACH properties that were tested, and of those violated the nearest states."""
        tested: set[str] = set()
        found = []
        first = 0
        for claim in self.model.system.properties:
            own = [handle.missed(first + k) for k in range(len(claim.obligations))]
            first += len(own)
            if any(one.tested for one in own):
                tested.add(claim.id)
            missed = [(one.state, k) for k, one in enumerate(own) if one.state != native.NO_LIMIT]
            if missed:
                _, number = min(missed)
                found.append(self.misses(handle, claim, number, own[number]))
        return frozenset(tested), found

    def misses(self, handle: Handle, claim: Property, number: int, missed: native.Missed) -> Finding:
        """The finding of an obligation that cannot be met."""
        without = claim.obligations[number].without
        component = handle.component_of(missed)
        return Finding(
            claim.id,
            handle.path(missed.state),
            stuck=stuck_threads(self.compiled, component, without),
            deadlock=bool(missed.deadlock),
            obligation=number,
            awaited=awaited_parties(self.compiled, component, without),
        )

    def hanging(self, handle: Handle) -> list[Finding]:
        """The nearest hang, as a violation of each property that forbids it."""
        numbers = handle.statistics()
        claims = self.claims(PropertyKind.HANG)
        if not claims or numbers.hanging == native.NO_LIMIT:
            return []
        stuck = stuck_threads(self.compiled, handle.component())
        first = Finding(claims[0], handle.path(numbers.hanging), stuck=stuck, deadlock=bool(numbers.deadlock))
        return [replace(first, property=claim) for claim in claims]
