"""A replayed run, and what can be asked about it: states, locks, who made and who freed what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dmc.base.source import Span
from dmc.engines.reference.walk import Change, Object, ReplayStep
from dmc.ir.evaluate import compile_expression
from dmc.ir.expr import Expr
from dmc.ir.layout import Layout, lay_out
from dmc.ir.sort import DEAD, Ref
from dmc.ir.system import Point, Step
from dmc.lower.lowering import Lowered
from dmc.pipeline.telling.naming import Naming
from dmc.runtime.lock_regime import LOCK
from dmc.runtime.mutexes import HOLDER, MUTEX, SITE, mutex_classes
from dmc.runtime.port_data_lock import NAME, PDL
from dmc.runtime.world import HEAP


@dataclass(frozen=True)
class View:
    """One state, asked by name."""

    layout: Layout
    state: Sequence[int]

    def variable(self, name: str, index: int = 0) -> int:
        """A cell of a variable; 0 if the run has none of that name."""
        found = self.layout.variables.get(name)
        return self.state[found.base + index] if found is not None else 0

    def items(self, name: str, index: int) -> tuple[int, ...]:
        """The items of a list; nothing if the run has none of that name."""
        found = self.layout.lists.get(name)
        if found is None or index >= found.variable.length:
            return ()
        first = found.base + index * found.stride
        return tuple(self.state[first + 1 : first + 1 + self.state[first]])

    def kind(self, slot: int) -> int:
        """What a slot of the heap holds, as `KindOf` says it."""
        pool = self.layout.pools[HEAP]
        return self.state[pool.base + pool.stride * slot] if 0 < slot <= pool.pool.size else 0

    def field(self, slot: int, kind: str, name: str) -> int:
        """A field of a live object."""
        pool = self.layout.pools[HEAP]
        offset = pool.fields.get((kind, name))
        return self.state[pool.base + pool.stride * slot + offset] if offset is not None else 0

    def live(self) -> list[int]:
        """The slots of the heap that hold a live object."""
        size = self.layout.pools[HEAP].pool.size if HEAP in self.layout.pools else 0
        return [slot for slot in range(1, size + 1) if self.kind(slot) > DEAD]

    def point(self, thread: int) -> Point:
        """Where a thread stands."""
        return self.layout_point(self.state[self.layout.threads[thread - 1].base])

    def layout_point(self, number: int) -> Point:
        """A point by its number."""
        type_index, name = self.layout.points[number]
        return next(p for p in self.layout.system.threads[type_index].points if p.name == name)


@dataclass(frozen=True)
class Held:
    """A lock, the thread that has it, and the step (from 1) in which it took it."""

    name: str
    thread: int
    since: int


class History:
    """All steps of a run. Steps are numbered from 1; moment n is the state after step n."""

    def __init__(
        self, lowered: Lowered, steps: Sequence[ReplayStep], first: Sequence[int] | None = None
    ) -> None:
        self.lowered = lowered
        self.layout = lay_out(lowered.system)
        self.steps = tuple(steps)
        self.names = Naming(lowered, steps)
        start = first if first is not None else next(self.layout.initial_states())[1]
        self._states = [tuple(start), *(step.after for step in steps)]
        self._points = [{p.name: p for p in t.points} for t in lowered.system.threads]
        self.locks = self._lock_history()

    def view(self, moment: int) -> View:
        """The state after step `moment`; the first is 0."""
        return View(self.layout, self._states[moment])

    @property
    def end(self) -> int:
        """The last moment."""
        return len(self.steps)

    def static(self, step: ReplayStep) -> Step:
        """The step of the system that was taken."""
        return self.layout.threads[step.choice.thread - 1].type.steps[step.choice.alternative]

    def source(self, step: ReplayStep) -> Point:
        """The point that a step starts from."""
        return self.point(step.choice.thread, step.source)

    def point(self, thread: int, name: str) -> Point:
        """A point of a thread by its name."""
        return self._points[self.layout.threads[thread - 1].type_index][name]

    def value(self, expr: Expr, thread: int, moment: int) -> int:
        """An expression as the thread would have evaluated it at some moment."""
        here = self.layout.threads[thread - 1]
        compiled = compile_expression(self.layout, expr, here.type_index)
        return compiled(self._states[moment], here.base, here.number, here.instance)

    def accessed(self, number: int) -> list[int]:
        """The objects that the accesses of a step are about, as slots."""
        step = self.steps[number - 1]
        thread = step.choice.thread
        return [self.value(a.object, thread, number - 1) for a in self.static(step).accesses]

    def freed_in(self, thing: Object) -> int:
        """The step that freed an object, or 0."""
        for number, step in enumerate(self.steps, 1):
            for slot, change in _kind_changes(step):
                if change.before > DEAD >= change.after and step.objects.get((HEAP, slot)) == thing:
                    return number
        return 0

    def freed_by(self, number: int) -> list[Object]:
        """The objects whose life ends in a step because they are freed."""
        step = self.steps[number - 1]
        found = []
        for slot, change in _kind_changes(step):
            thing = step.objects.get((HEAP, slot))
            if change.before > DEAD >= change.after and thing is not None and thing not in step.lost:
                found.append(thing)
        return found

    def held(self, thread: int, moment: int) -> tuple[Held, ...]:
        """The locks that a thread has at some moment, in the order in which it took them."""
        mine = [lock for lock in self.locks[moment].values() if lock.thread == thread]
        return tuple(sorted(mine, key=lambda lock: lock.since))

    def lock_class_of(self, name: str, moment: int) -> str:
        """A lock that was held at some moment as one of its class: mutexes by where they are made."""
        for cell, lock in self.locks[moment].items():
            slot = slot_of(cell)
            if lock.name == name and slot:
                if self.names.is_data_lock(name):
                    return NAME
                site = self.view(moment).field(slot, MUTEX, SITE)
                return self.names.lock_class(site + mutex_classes(self.lowered.world))
        return name

    def references_to(self, slot: int, moment: int) -> Iterator[tuple[str, str]]:
        """What refers to an object: (kind of the holder, its name); registers are told by thread."""
        view = self.view(moment)
        objects = self.steps[min(moment, len(self.steps) - 1)].objects
        for cell, sort in self.layout.cells():
            if isinstance(sort, Ref) and view.state[cell] == slot:
                yield self._holder_of(cell)
        pool = self.layout.pools[HEAP]
        for other in view.live():
            kind = pool.pool.kinds[view.kind(other) - 2]
            for declared in kind.fields:
                if isinstance(declared.sort, Ref) and view.field(other, kind.name, declared.name) == slot:
                    yield kind.name, f"{declared.name} of {self.names.slot(other, objects)}"

    def _holder_of(self, cell: int) -> tuple[str, str]:
        for thread in self.layout.threads:
            if thread.base < cell <= thread.base + len(thread.type.registers):
                return "local", self.names.thread(thread.number)
        return "variable", self.layout.cell_names()[cell]

    def _lock_history(self) -> list[dict[str, Held]]:
        """For each moment the locks that are held, by the cell of their holder."""
        now: dict[str, Held] = {}
        result = [now]
        for number, step in enumerate(self.steps, 1):
            changed = [c for c in step.changes if _is_lock(c, step)]
            if changed:
                now = dict(now)
            for change in changed:
                now.pop(change.cell, None)
                if change.after > 0:
                    now[change.cell] = Held(self._lock_name(change.cell, step), change.after, number)
            result.append(now)
        return result

    def _lock_name(self, cell: str, step: ReplayStep) -> str:
        slot = slot_of(cell)
        if slot:
            return self.names.slot(slot, step.objects)
        index = cell[len(LOCK) :].strip("[]")
        return self.names.port_lock(int(index or 0))


def slot_of(cell: str) -> int:
    """The slot of the heap that a cell is in, or 0."""
    prefix = f"{HEAP}#"
    return int(cell[len(prefix) :].partition(".")[0]) if cell.startswith(prefix) else 0


def place_of_making(history: History, thing: Object) -> Span:
    """Where in the source an object was made."""
    return history.steps[thing.made_at - 1].place


def _kind_changes(step: ReplayStep) -> list[tuple[int, Change]]:
    return [(slot_of(c.cell), c) for c in step.changes if slot_of(c.cell) and c.cell.endswith(".kind")]


def _is_lock(change: Change, step: ReplayStep) -> bool:
    if change.cell == LOCK or change.cell.startswith(f"{LOCK}["):
        return True
    thing = step.objects.get((HEAP, slot_of(change.cell)))
    return thing is not None and thing.kind in (MUTEX, PDL) and change.cell.endswith(f".{HOLDER}")
