"""All control states, each with a box around its data, and what leads from one to another.

The box of a control state has every point at which the state can be reached: it is joined with all that
comes into it and, where it goes on growing, widened to the next number that types are bounded by. So there
are finitely many control states with finitely many boxes, however many values there are: this ends where a
search by regions might not. What the boxes have too much is for `dmc.engines.symbolic.horn` to take back:
a `Rule` keeps the exact relation between the points before and after.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from dmc.engines.analysis.relation import find_cycle
from dmc.engines.reference.fusion import Fusion, Unprotected
from dmc.engines.reference.race import RaceFinder
from dmc.engines.symbolic.exploration import Exploration, Node
from dmc.engines.symbolic.linear import Bounds, Linear, variable
from dmc.engines.symbolic.project import project
from dmc.engines.symbolic.region import Region, Way
from dmc.engines.symbolic.solver import Solver
from dmc.engines.symbolic.stepping import After, State, Stepper
from dmc.engines.symbolic.term import Term, Undecided, linear
from dmc.engines.symbolic.witness import Arrival
from dmc.ir.evaluate import CompiledSystem
from dmc.ir.statement import Cut, Drop, Fault
from dmc.ir.system import PropertyKind

JOINS = 4
"""So often a bound of a box grows as it comes; then it is widened."""

LARGEST = 2**72
"""Beyond the values of all types of C: what gets as far as this is given up."""

THRESHOLDS = sorted(
    [-LARGEST, LARGEST, 0]
    + [sign * 2**bits + shift for bits in (8, 16, 31, 32, 63, 64) for sign in (-1, 1) for shift in (-1, 0)]
)


@dataclass(frozen=True)
class Rule:
    """From the points of the source that are in the region one comes to the target, with these values."""

    source: int
    target: int
    region: Way
    values: tuple[Linear, ...]


@dataclass(frozen=True)
class Danger:
    """From the points of the source that are in the region, what is named can happen.

    It is the id of a property that is violated, `cut:` or `fault:` and a name.
    """

    source: int
    what: str
    region: Way


@dataclass
class Control:
    """A control state: the cells that hold data, and their box."""

    cells: tuple[int, ...]
    box: list[Bounds]
    grown: list[list[int]]
    rules: list[Rule] = field(default_factory=list)
    dangers: list[Danger] = field(default_factory=list)


class Abstraction(Exploration):
    """The control states found so far. With `fixed` boxes none may be added, nor grow."""

    def __init__(self, stepper: Stepper, fusion: Fusion | None, fixed: Abstraction | None = None):
        super().__init__(stepper, fusion, _Watcher(self, stepper.compiled))
        self.controls: list[Control] = []
        self.first: list[tuple[int, tuple[Linear, ...]]] = []
        self.relations: dict[str, dict[tuple[int, int], None]] = {}
        self.strays: list[Danger] = []
        self._by_control: dict[tuple[object, ...], int] = {}
        self._pending: list[int] = []
        self._fixed = fixed

    def run(self, heed: Callable[[], None]) -> None:
        """To the end."""
        if self._fixed is not None:
            self._take_over(self._fixed)
        races = RaceFinder(self.stepper.compiled)
        raced = [c.id for c in self.stepper.compiled.system.properties if c.kind is PropertyKind.RACE]
        for _, state in self.stepper.layout.initial_states():
            self.stepper.collect(state)
            at = self._place(State(tuple(state), Way()), None)
            if at >= 0:
                self.first.append((at, self._values(at, tuple(state))))
        while self._pending:
            source = self._pending.pop()
            heed()
            control = self.controls[source]
            control.rules.clear()
            control.dangers.clear()
            node = self.nodes[source]
            node.edges.clear()
            self._visit(node.state(), source)
            cells = node.cells
            for race, way in self.stepper.ways(node.state(), lambda: races.find(cells)):  # type: ignore[arg-type]  # noqa: B023
                if race is not None:
                    control.dangers += [Danger(source, claim, way) for claim in raced]
            self.expand(source)

    def _take_over(self, other: Abstraction) -> None:
        self._by_control = dict(other._by_control)
        for position, control in enumerate(other.controls):
            self.controls.append(Control(control.cells, list(control.box), []))
            self.nodes.append(other.nodes[position])
            self._pending.append(position)

    # --- what the exploration does with a state -----------------------------------------------------------

    def _edge(self, source: int, state: State) -> None:
        target = self._place(state, source)
        if target >= 0:
            values = self._values(target, state.cells)
            self.controls[source].rules.append(Rule(source, target, state.region, values))

    def reach(self, state: State, source: int) -> tuple[int, ...]:
        """A spurious step is a rule like all others."""
        self._edge(source, state)
        return ()

    def _values(self, target: int, cells: Sequence[int | Term]) -> tuple[Linear, ...]:
        return tuple(linear(cells[c]) for c in self.controls[target].cells)

    def _place(self, state: State, source: int | None) -> int:
        """The control state that has it, with a box that has its points; -1 where a fixed set has none."""
        cells, region = project(state.cells, state.region)
        key = self.stepper.data.control(cells)
        data = self.stepper.data.symbolic(cells)
        around = [linear(cells[c]).interval(region.bounds) for c in data]
        at = self._by_control.get(key)
        if self._fixed is not None:
            if at is None:
                self.strays.append(Danger(-1 if source is None else source, "stray", state.region))
                return -1
            return at
        if at is None:
            at = len(self.controls)
            self._by_control[key] = at
            self.controls.append(Control(data, [_within(b) for b in around], [[0, 0] for _ in data]))
            self.nodes.append(Node((), Region(), at, Arrival((), Way(), ())))
            self._renew(at, cells)
        elif self._join(self.controls[at], around):
            self._renew(at, cells)
        return at

    def _join(self, control: Control, around: list[Bounds]) -> bool:
        changed = False
        for position, (low, high) in enumerate(around):
            least, greatest = control.box[position]
            grown = control.grown[position]
            if low < least:
                grown[0] += 1
                least = low if grown[0] <= JOINS else THRESHOLDS[bisect_right(THRESHOLDS, low) - 1]
                changed = True
            if high > greatest:
                grown[1] += 1
                greatest = high if grown[1] <= JOINS else THRESHOLDS[bisect_left(THRESHOLDS, high)]
                changed = True
            control.box[position] = _within((least, greatest))
        return changed

    def _renew(self, at: int, cells: Sequence[int | Term]) -> None:
        """The control state's own form: each of its cells with data is a variable."""
        control = self.controls[at]
        own: list[int | Term] = list(cells)
        for position, cell in enumerate(control.cells):
            own[cell] = Term(variable(position))
        box = tuple(control.box)
        self.nodes[at].cells = tuple(own)
        self.nodes[at].region = Region(box, (), tuple(min(max(0, low), high) for low, high in box))
        if at not in self._pending:
            self._pending.append(at)


def _within(bounds: Bounds) -> Bounds:
    if bounds[0] < -LARGEST or bounds[1] > LARGEST:
        raise Undecided("a value may leave all types of C")
    return bounds


class _Watcher:
    """Notes what can go wrong."""

    def __init__(self, found: Abstraction, compiled: CompiledSystem):
        self._found = found
        properties = compiled.system.properties
        conditions = [
            (c.id, compiled.conditions[c.id], c.kind) for c in properties if c.condition is not None
        ]
        self._invariants = [(i, test) for i, test, kind in conditions if kind is PropertyKind.INVARIANT]
        self._at_end = [
            (i, test) for i, test, kind in conditions if kind in (PropertyKind.AT_END, PropertyKind.LOST)
        ]
        self._lost = [c for c in properties if c.kind is PropertyKind.LOST]

    def _note(self, source: int, what: str, region: Way) -> None:
        self._found.controls[source].dangers.append(Danger(source, what, region))

    def stepped(self, source: int, after: State, result: After) -> None:
        """What a step violates, and how it ends the run."""
        for claim, _ in result.record.violations:
            self._note(source, claim, after.region)
        for relation, *pair in result.record.collected:
            self._found.relations.setdefault(relation, {})[int(pair[0]), int(pair[1])] = None
        gone = {kind for _, _, kind in result.lost}
        for lost in self._lost:
            if gone and (not lost.kinds or not gone.isdisjoint(lost.kinds)):
                self._note(source, lost.id, after.region)
        match result.outcome:
            case Fault(kind, properties):
                self._note(source, f"fault:{kind}", after.region)
                for name in properties:
                    self._note(source, name, after.region)
            case Cut(name):
                self._note(source, f"cut:{name}", after.region)
            case Drop() | None:
                pass

    def seen(self, source: int, state: State) -> None:
        """Invariants."""
        self._judge(self._invariants, source, state)

    def ended(self, source: int, state: State) -> None:
        """What must hold at an end."""
        self._judge(self._at_end, source, state)

    def kept(self) -> None:
        """There is no limit but that of time."""

    def _judge(self, claims: list[tuple[str, Callable[..., int]]], source: int, state: State) -> None:
        for claim, holds in claims:
            for result, way in self._found.stepper.asked(holds, state):
                if not result:
                    self._note(source, claim, way)


def abstract(
    compiled: CompiledSystem,
    solver: Solver,
    reductions: frozenset[str],
    heed: Callable[[], None],
    fixed: Abstraction | None = None,
) -> Abstraction:
    """The control states of a system; `fixed` are those that there have to be."""
    unprotected: frozenset[str] = frozenset()
    while True:
        fusion = Fusion(compiled, unprotected) if "fusion" in reductions else None
        found = Abstraction(Stepper(compiled, solver, reductions), fusion, fixed)
        try:
            found.run(heed)
            return found
        except Unprotected as location:
            unprotected |= {location.location}


def has_cycle(found: Abstraction, claim: str) -> bool:
    """Whether what was collected has a cycle: more may be collected here than in any run, never less."""
    return bool(find_cycle({pair: (0, State((), Way())) for pair in found.relations.get(claim, {})}))
