"""Where a run ends: what each object, job and port still owes, and who cannot go on."""

from __future__ import annotations

from collections.abc import Iterator

from dmc.base.source import Span
from dmc.engines.reference.walk import Object
from dmc.ir.expr import Binary, Const, Expr, Field, Ite, Read, Var
from dmc.ir.outcome import StuckThread
from dmc.ir.system import Point, Step
from dmc.ir.walk import nodes
from dmc.lower.lowering import SCHEDULER
from dmc.lower.process_assembler import POSITION
from dmc.pipeline.telling.functions import authors_frame
from dmc.pipeline.telling.happenings import last_operation
from dmc.pipeline.telling.history import History
from dmc.pipeline.telling.naming import LOCKS, place_text
from dmc.runtime import port_lifecycle, processes
from dmc.runtime.async_jobs import JOB_STATES, QUEUE, QUEUED, SETTLED
from dmc.runtime.driver_threads import JOINS
from dmc.runtime.io_queue import SIZE
from dmc.runtime.lock_regime import LOCK
from dmc.runtime.mutexes import HOLDER, WAITING
from dmc.runtime.rwlocks import WRITER
from dmc.runtime.world import BINARY, HEAP, IDLE, JOB

MAX_OWED = 12

LATE = (port_lifecycle.CLOSING, port_lifecycle.STOPPING)
"""States of a port that has been flushed."""

LOOPS = "nothing: it "
"""What a thread waits for that the runtime itself keeps in a loop."""


class Ending:
    """The last moment of a run."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._names = history.names
        self._world = history.lowered.world
        self._view = history.view(history.end)
        self._objects = history.steps[-1].objects if history.steps else {}

    # --- what is owed ---------------------------------------------------------------------------

    def owed(self) -> tuple[str, ...]:
        """What is still allocated or under way, one line each."""
        lines = [*self._lost(), *self._jobs(), *self._live(), *self._ports()]
        if len(lines) > MAX_OWED:
            lines = [*lines[:MAX_OWED], f"and {len(lines) - MAX_OWED} more"]
        return tuple(lines)

    def _lost(self) -> Iterator[str]:
        for thing in self._history.steps[-1].lost if self._history.steps else ():
            yield f"{self._names.object(thing)} is lost; {made(self._history, thing)}"

    def _live(self) -> Iterator[str]:
        own = (*LOCKS, BINARY, *self._history.lowered.structs)
        for slot in self._view.live():
            thing = self._objects.get((HEAP, slot))
            if thing is not None and thing.kind in own:
                done = "destroyed" if thing.kind in LOCKS else "freed"
                yield f"{self._names.object(thing)} is not {done}; {made(self._history, thing)}"

    def _jobs(self) -> Iterator[str]:
        for slot in self._view.live():
            thing = self._objects.get((HEAP, slot))
            if thing is not None and thing.kind == JOB:
                state = self._view.field(slot, JOB, "state")
                if state != SETTLED:
                    yield self._job(slot, thing, state)

    def _job(self, slot: int, thing: Object, state: int) -> str:
        port = self._view.field(slot, JOB, "port")
        data = self._view.field(slot, JOB, "data")
        text = f"{self._names.object(thing)} of {self._names.port(port)} is {JOB_STATES[state]}"
        if state == QUEUED:
            text += self._queue_of(slot)
        text += f"; submitted in {step_text(self._history, thing.made_at)}"
        return text + (f" with {self._names.slot(data, self._objects)}" if data > 0 else "")

    def _queue_of(self, slot: int) -> str:
        for worker in range(self._world.async_threads):
            if slot in self._view.items(QUEUE, worker):
                return f" on {self._names.thread(self._world.worker_number(worker))}"
        return ""

    def _ports(self) -> Iterator[str]:
        for number in range(1, self._world.port_count + 1):
            state = self._view.variable(port_lifecycle.STATE, number - 1)
            if state in (port_lifecycle.OPENING, port_lifecycle.EXITING, *LATE):
                what = f"{port_lifecycle.STATES[state]}, not dead{self._queue(number)}"
                yield f"{self._names.port(number)} is {what}"

    def closing_ports(self) -> tuple[str, ...]:
        """The ports that wait for their queue to be emptied, or for somebody to see that it is."""
        told = []
        for number in range(1, self._world.port_count + 1):
            if self._view.variable(port_lifecycle.STATE, number - 1) != port_lifecycle.CLOSING:
                continue
            left = self._view.variable(SIZE, number - 1)
            why = (
                "nothing takes the rest out of its queue"
                if left
                else "its queue is empty, but no callback comes after which that would be seen"
            )
            told.append(f"{self._names.port(number)} is closing for ever: {why}")
        return tuple(told)

    def _queue(self, number: int) -> str:
        left = self._view.variable(SIZE, number - 1)
        return f"; its queue holds {left} byte{'' if left == 1 else 's'}" if left else ""

    # --- who cannot go on -----------------------------------------------------------------------

    def stuck_line(self, stuck: StuckThread) -> str:
        """A thread that cannot leave: where it is, what it waits for, who holds that."""
        thread, point = self._names.thread(stuck.thread), self.point(stuck)
        frames = [f.function for f in reversed(point.frames) if f.role != "thread"]
        inside = " inside ".join(f"`{f}`" for f in frames) or ("" if point.frames else "the runtime")
        at = f"at {place_text(point.place)}" if point.place.line else ""
        where = " ".join(filter(None, (f"in {inside}" if inside else "", at)))
        if stuck.looping:
            return f"{thread} turns in a loop {where} and never leaves"
        return f"{thread}, {where}, {self.waits_for(stuck)}{self._holding(stuck)}"

    def loops(self, stuck: StuckThread) -> bool:
        """Whether the thread does not wait for anything, but never comes out of where it is."""
        return stuck.looping or stuck.waits.startswith(LOOPS)

    def waits_for(self, stuck: StuckThread) -> str:
        """`waits for the port's lock, which scheduler 1 holds since step 12`."""
        if stuck.waits.startswith(LOOPS):
            return stuck.waits.removeprefix(LOOPS)
        if not stuck.waits:
            return "waits"
        condition = self._view.variable(WAITING, stuck.thread - 1)
        if condition > 0:
            return f"waits for a signal on {self._names.slot(condition, self._objects)}"
        if stuck.waits == JOINS and stuck.holder:
            return f"waits for {self._names.thread(stuck.holder)} to end"
        name = self._lock_waited_for(stuck) or stuck.waits.removeprefix("for ")
        if not stuck.holder:
            return f"waits for {name}"
        if stuck.holder == stuck.thread:
            return f"waits for {name}" + ("" if "itself" in name else ", which it holds itself")
        since = [h.since for h in self._history.held(stuck.holder, self._history.end) if h.name == name]
        when = f" since step {since[0]}" if since else ""
        return f"waits for {name}, which {self._names.thread(stuck.holder)} holds{when}"

    def place_of(self, stuck: StuckThread) -> Span:
        """The statement that a thread cannot leave."""
        return self.point(stuck).place

    def point(self, stuck: StuckThread) -> Point:
        """The point at which a thread is stuck."""
        return self._history.point(stuck.thread, stuck.point)

    def waiting_processes(self) -> tuple[tuple[str, str], ...]:
        """The Erlang processes that are not dead: name, and what each one waits for."""
        result = []
        for index, instance in enumerate(self._history.lowered.instances):
            status = self._view.variable(processes.STATUS, index)
            if status in (processes.READY, processes.EXECUTING, processes.WAITING, processes.LEAVING):
                result.append((instance.name, self._waits_in(instance.name, status)))
        return tuple(result)

    def _waits_in(self, process: str, status: int) -> str:
        waited = self._awaited(process)
        if status == processes.READY and waited:
            return waited
        if status == processes.READY:
            idle = any(self._view.point(n).name == IDLE for n in range(1, self._world.schedulers + 1))
            return "cannot take its next step" if idle else "is ready to run, and no scheduler is free"
        step = last_operation(self._history, process, self._history.end)
        if step is None:
            return "is not dead"
        place = place_text(step.place)
        return f"waits for {step.label.partition(': ')[2]} to return" + (f" ({place})" if place else "")

    def _awaited(self, process: str) -> str:
        """What a process waits for that is about to receive: the step that it could take next."""
        position = Var(f"{process}.{POSITION}")
        here = Binary("==", Read(position), Const(self._view.variable(position.name)))
        for step in self._scheduler_steps():
            if step.label.startswith(f"{process}: receive ") and here in nodes(step.guard):
                place = place_text(step.place)
                what = step.label.removeprefix(f"{process}: ")
                return f"waits for a message: {what}" + (f" ({place})" if place else "")
        return ""

    def _scheduler_steps(self) -> tuple[Step, ...]:
        """The steps of the schedulers, which those of processes are among."""
        types = self._history.lowered.system.threads
        return next((t.steps for t in types if t.name == SCHEDULER), ())

    def _holding(self, stuck: StuckThread) -> str:
        names = [lock.name for lock in self._history.held(stuck.thread, self._history.end)]
        return f"; it holds {' and '.join(names)}" if names else ""

    def _lock_waited_for(self, stuck: StuckThread) -> str:
        """The lock whose holder the thread's step asks for."""
        steps = self._history.layout.threads[stuck.thread - 1].type.steps
        return next((n for s in steps if s.source == stuck.point and (n := self._lock_of(s, stuck))), "")

    def _lock_of(self, step: Step, stuck: StuckThread) -> str:
        if step.waits != stuck.waits:
            return ""
        match _holder_place(step.holder):
            case Var(name=name, index=index) if name == LOCK:
                return self._names.port_lock(self._value(index, stuck.thread))
            case Field(field=field, reference=mutex) if field in (HOLDER, WRITER):
                slot = self._value(mutex, stuck.thread)
                return self._names.slot(slot, self._objects) if slot > 0 else ""
            case _:
                return ""

    def _value(self, expr: Expr, thread: int) -> int:
        return self._history.value(expr, thread, self._history.end)


def _holder_place(holder: Expr | None) -> Var | Field | None:
    match holder:
        case Read(place=(Var() | Field()) as place):
            return place
        case Ite(then=then):
            return _holder_place(then)
        case _:
            return None


def step_text(history: History, number: int) -> str:
    """`step 16 by `output` (bdb.dmc:30)`."""
    step = history.steps[number - 1]
    frame = authors_frame(history.source(step))
    place = place_text(step.place)
    who = f" by `{frame.function}`" if frame is not None and frame.role != "thread" else ""
    return f"step {number}{who}" + (f" ({place})" if place else "")


def made(history: History, thing: Object) -> str:
    """Who allocated an object: step, function, source line."""
    word = "created" if thing.kind in LOCKS else "allocated"
    return f"{word} in {step_text(history, thing.made_at)}"
