"""A step of a state with terms: the functions that define it, on each way on which its tests can come out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from dmc.engines.reference.collect import LostObject, collector
from dmc.engines.symbolic.cells import DataCells
from dmc.engines.symbolic.linear import variable
from dmc.engines.symbolic.project import Cells
from dmc.engines.symbolic.region import Way, ways
from dmc.engines.symbolic.solver import Solver
from dmc.engines.symbolic.stand_in import changeable, chooser, numbers
from dmc.engines.symbolic.term import Term, Undecided
from dmc.engines.symbolic.witness import Taken
from dmc.ir.evaluate import CompiledStep, CompiledSystem, Outcome, Record
from dmc.ir.expr import Read
from dmc.ir.layout import ThreadLayout
from dmc.ir.sort import Integer
from dmc.ir.translate import Translator
from dmc.ir.walk import nodes

R = TypeVar("R")


@dataclass(frozen=True)
class State:
    """A state under way: `taken` since the last one that was kept, within whose region its own is."""

    cells: Cells
    region: Way
    taken: tuple[Taken, ...] = ()


@dataclass(frozen=True)
class After:
    """What a step gives, on one way."""

    cells: list[int | Term]
    outcome: Outcome | None
    record: Record
    lost: list[LostObject] | tuple[()]


class Stepper:
    """Takes steps and asks conditions."""

    def __init__(self, compiled: CompiledSystem, solver: Solver, reductions: frozenset[str]):
        self.compiled = compiled
        self.solver = solver
        self.layout = compiled.layout
        self.data = DataCells(compiled.layout)
        self.collect = collector(compiled.layout, "heap" in reductions)
        self._guards: dict[tuple[int, int], bool] = {}

    def steps(self, state: State, thread: ThreadLayout) -> tuple[CompiledStep, ...]:
        """All steps from where the thread stands."""
        point = state.cells[thread.base]
        assert isinstance(point, int)
        return self.compiled.steps[point]

    def ways(self, state: State, compute: Callable[[], R]) -> Iterator[tuple[R, Way]]:
        """See `dmc.engines.symbolic.region.ways`; what narrowed the state's region before counts, too."""
        for result, way in ways(self.solver, state.region, compute):
            narrowed = way.narrowed or state.region.narrowed
            yield result, Way(way.bounds, way.conditions, way.point, narrowed, way.chosen)

    def after(self, state: State, thread: ThreadLayout, step: CompiledStep) -> Iterator[tuple[After, Way]]:
        """What the step gives, on each way on which its guard holds."""
        where = thread.base, thread.number, thread.instance
        guard = step.guard if not self._asks_data(thread, step) else None
        if guard is not None and not guard(numbers(state.cells), *where):
            return
        try:
            for result, way in self.ways(state, lambda: self.execute(state.cells, thread, step)):
                if result is not None:
                    yield result, way
        except Undecided as question:
            raise Undecided(self._in_words(str(question), state, step)) from None

    def _in_words(self, question: str, state: State, step: CompiledStep) -> str:
        """With the names of cells for variables that stand in them, and the step that asked."""
        cells = [(n, c.linear) for n, c in enumerate(state.cells) if isinstance(c, Term)]
        texts = self.layout.cell_names([c if isinstance(c, int) else 0 for c in state.cells])
        names = {one.terms[0][0]: texts[n] for n, one in cells if one == variable(one.terms[0][0])}
        said = re.sub(r"\bv(\d+)\b", lambda m: names.get(int(m[1]), f"value {m[1]}"), question)
        place = f" ({step.step.place})" if step.step.place.line else ""
        return f"{said}, in `{step.step.label}`{place}"

    def _asks_data(self, thread: ThreadLayout, step: CompiledStep) -> bool:
        """Whether the step's guard reads data."""
        key = thread.type_index, step.alternative
        found = self._guards.get(key)
        if found is None:
            texts = Translator(self.layout, thread.type_index, checked=False, exact=False)
            places = [n.place for n in nodes(step.step.guard) if isinstance(n, Read)]
            found = any(isinstance(texts.sort_of(place), Integer) for place in places)
            self._guards[key] = found
        return found

    def execute(self, cells: Cells, thread: ThreadLayout, step: CompiledStep) -> After | None:
        """The step, if its guard holds; explicit cells get numbers, whatever is stored into them."""
        where = thread.base, thread.number, thread.instance
        if step.guard is not None and not step.guard(numbers(cells), *where):
            return None
        record = Record(choose=chooser())
        after: list[int | Term] = list(cells)
        outcome = step.body(changeable(after), *where, record)
        if outcome is not None:
            return After(after, outcome, record, ())
        self.data.make_explicit(after)
        lost = self.collect(changeable(after)) if step.collects else ()
        return After(after, outcome, record, lost)

    def asked(self, condition: Callable[..., int], state: State) -> Iterator[tuple[bool, Way]]:
        """Whether the condition holds, on each way."""
        return self.ways(state, lambda: bool(condition(state.cells, 0, 0, 0)))
