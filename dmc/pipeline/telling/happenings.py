"""What a step brings about beside the values that it changes, each in a few words."""

from __future__ import annotations

from collections.abc import Iterator

from dmc.engines.reference.walk import ReplayStep
from dmc.pipeline.telling.history import History
from dmc.pipeline.telling.naming import LOCKS
from dmc.runtime import busy_ports, driver_threads, processes
from dmc.runtime.async_jobs import QUEUE
from dmc.runtime.io_queue import SIZE
from dmc.runtime.mutexes import WAITING
from dmc.runtime.port_data_lock import OF_PORT, PDL, REFERENCES
from dmc.runtime.port_lifecycle import TASK_KINDS, TASKS
from dmc.runtime.world import HEAP, JOB, SENDS

WAKING = ("erl_drv_cond_signal", "erl_drv_cond_broadcast")


def _sent(step: ReplayStep) -> Iterator[str]:
    """The command as one would type it at the prompt of Erlang."""
    for event, arguments in step.events:
        what, _, function = event.partition(" ")
        if what == SENDS:
            values = dict(arguments)
            other = "" if function == "port_command" else "Command, "
            data = erlang_binary(values["length"], values["byte"])
            yield f"in Erlang: erlang:{function}(P, {other}{data})"


def erlang_binary(length: int, byte: int) -> str:
    """So many bytes, of which the first is given and the others are 0."""
    if length <= 0:
        return "<<>>"
    if byte == 0:
        return f"<<0:{8 * length}>>"
    return f"<<{byte}, 0:{8 * (length - 1)}>>" if length > 1 else f"<<{byte}>>"


class Happenings:
    """Asked for each step of one run."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._names = history.names
        self._lowered = history.lowered
        self._conditions = history.view(0).layout.variables.get(WAITING)

    def of(self, number: int) -> Iterator[str]:
        """What happens in a step, by its number from 1."""
        step = self._history.steps[number - 1]
        yield from _sent(step)
        yield from self._ended(number, step)
        yield from self._jobs(number, step)
        yield from self._tasks(number)
        yield from self._queues(number)
        yield from self._data_locks(number)
        yield from self._waiting(number, step)
        yield from self._threads(number)
        yield from self._busy(number)
        yield from self._processes(number)

    def _threads(self, number: int) -> Iterator[str]:
        """What becomes of the threads of drivers."""
        before, after = self._history.view(number - 1), self._history.view(number)
        world = self._lowered.world
        words = {driver_threads.RUNNING: "is created", driver_threads.JOINED: "is joined"}
        for index in range(world.own_threads):
            old = before.variable(driver_threads.STATE, index)
            new = after.variable(driver_threads.STATE, index)
            if new != old and new in words:
                yield f"{self._names.thread(driver_threads.first_number(world) + index)} {words[new]}"

    def _ended(self, number: int, step: ReplayStep) -> Iterator[str]:
        told = (*LOCKS, *self._lowered.structs)
        for thing in self._history.freed_by(number):
            if thing.kind in told:
                word = "destroyed" if thing.kind in LOCKS else "freed"
                yield f"{self._names.object(thing)} is {word}"
        for thing in step.lost:
            yield f"{self._names.object(thing)} is lost: nothing refers to it any more"

    def _jobs(self, number: int, step: ReplayStep) -> Iterator[str]:
        """Where a new job is queued, and which one is taken up."""
        before, after = self._history.view(number - 1), self._history.view(number)
        several = self._lowered.world.async_threads > 1
        for worker in range(self._lowered.world.async_threads):
            old, new = before.items(QUEUE, worker), after.items(QUEUE, worker)
            for slot in (s for s in new if s not in old):
                whose = f" of {self._async_thread(worker)}" if several else ""
                yield f"{self._names.slot(slot, step.objects)} is in the queue{whose}"
        for event, arguments in step.events:
            if event in ("call ready_async", "call async_free"):
                thing = step.objects.get((HEAP, dict(arguments).get("job", 0)))
                if thing is not None and thing.kind == JOB:
                    yield f"{event.removeprefix('call ')} for {self._names.object(thing)}"

    def _async_thread(self, worker: int) -> str:
        return self._names.thread(self._lowered.world.worker_number(worker))

    def _tasks(self, number: int) -> Iterator[str]:
        before, after = self._history.view(number - 1), self._history.view(number)
        for index in range(self._lowered.world.port_count):
            old, new = before.items(TASKS, index), after.items(TASKS, index)
            if len(new) > len(old):
                yield f"{TASK_KINDS[new[-1]]} is queued at {self._names.port(index + 1)}"

    def _queues(self, number: int) -> Iterator[str]:
        """How much is in a queue that has changed."""
        before, after = self._history.view(number - 1), self._history.view(number)
        for index in range(self._lowered.world.port_count):
            old, new = before.variable(SIZE, index), after.variable(SIZE, index)
            if old != new:
                what = f"{new} byte{'' if new == 1 else 's'}" if new else "nothing"
                yield f"the queue of {self._names.port(index + 1)} holds {what}"

    def _data_locks(self, number: int) -> Iterator[str]:
        """The references to the lock of a port that have come or gone."""
        before, after = self._history.view(number - 1), self._history.view(number)
        for index in range(self._lowered.world.port_count):
            old, new = before.variable(OF_PORT, index), after.variable(OF_PORT, index)
            port = self._names.port(index + 1)
            if old and not new:
                yield f"the port data lock of {port} is destroyed"
            elif old == new and new:
                counts = [view.field(new, PDL, REFERENCES) for view in (before, after)]
                if counts[0] != counts[1]:
                    yield f"references to the port data lock of {port}: {counts[0]} -> {counts[1]}"

    def _waiting(self, number: int, step: ReplayStep) -> Iterator[str]:
        if self._conditions is None:
            return
        before, after = self._history.view(number - 1), self._history.view(number)
        woken = []
        for thread in range(1, self._lowered.world.threads + 1):
            old, new = before.variable(WAITING, thread - 1), after.variable(WAITING, thread - 1)
            if old and not new and thread != step.choice.thread:
                woken.append(self._names.thread(thread))
            elif new and not old:
                yield f"waits for a signal on {self._names.slot(new, step.objects)}"
        if woken:
            yield f"wakes {' and '.join(woken)}"
        elif step.label.startswith(WAKING) and step.outcome is None:
            yield "nobody waits: the signal is lost"

    def _processes(self, number: int) -> Iterator[str]:
        before, after = self._history.view(number - 1), self._history.view(number)
        for index, instance in enumerate(self._lowered.instances):
            old = before.variable(processes.STATUS, index)
            new = after.variable(processes.STATUS, index)
            if after.variable(processes.DOOMED, index) > before.variable(processes.DOOMED, index):
                yield f"an exit signal reaches {instance.name}"
            if old == new:
                continue
            if new == processes.READY and old in (processes.EXECUTING, processes.WAITING):
                value = after.variable(processes.RESULT, index)
                yield f"{instance.name}: {self._answer(number, instance.name, value)}"
            elif new == processes.WAITING and self._is_suspended(number, index):
                yield f"{instance.name} is suspended: the port is busy"
            elif new == processes.WAITING:
                yield f"{instance.name} waits for the answer"
            elif new == processes.DEAD:
                yield f"{instance.name} is dead"

    def _is_suspended(self, number: int, index: int) -> bool:
        world = self._lowered.world
        return world.has_busy and self._history.view(number).variable(busy_ports.PORT, index) > 0

    def _busy(self, number: int) -> Iterator[str]:
        before, after = self._history.view(number - 1), self._history.view(number)
        for index in range(self._lowered.world.port_count if self._lowered.world.has_busy else 0):
            old, new = (view.variable(busy_ports.IS_BUSY, index) for view in (before, after))
            if old != new:
                yield f"{self._names.port(index + 1)} is {'busy' if new else 'not busy any more'}"

    def _answer(self, number: int, instance: str, value: int) -> str:
        """The operation that the process has begun last, and its result."""
        operation = last_operation(self._history, instance, number)
        text = operation.label.partition(": ")[2] if operation is not None else "..."
        if not text.startswith("open_port"):
            return f"{text} -> {'true' if value else 'false'}"
        return f"{text} -> {self._names.port(value) if value else 'an error'}"


def last_operation(history: History, instance: str, moment: int) -> ReplayStep | None:
    """The last step of a process up to some moment."""
    return next((s for s in reversed(history.steps[:moment]) if s.label.startswith(f"{instance}: ")), None)
