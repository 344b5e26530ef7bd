"""The steps of a run, told: call and result, what changed, who was woken, which locks are held."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from dmc.engines.reference.walk import Change as CellChange
from dmc.engines.reference.walk import ReplayStep
from dmc.ir.sort import Sort
from dmc.lower.faults import USED
from dmc.pipeline.telling.happenings import Happenings
from dmc.pipeline.telling.history import History, slot_of
from dmc.pipeline.telling.ledger import Ledger
from dmc.results.report import Change, TraceStep
from dmc.runtime import port_lifecycle
from dmc.runtime.async_jobs import JOB_STATES
from dmc.runtime.world import HEAP, JOB

READ = "read "
QUIET = (
    "port_lock",
    "port.",
    "process.",
    "waiting_on",
    "async.",
    USED,
    "driver_thread.",
    "tsd.",
    "suspended.",
    "wants_to_write",
)
"""Variables of the runtime that are told in words, or not at all."""


class StepTeller:
    """Tells the steps of one run."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._names = history.names
        self._lowered = history.lowered
        self._happenings = Happenings(history)
        self._sorts = {v.name: v.sort for v in self._lowered.system.variables}

    def steps(self) -> tuple[TraceStep, ...]:
        """All of them."""
        ledger = Ledger(self._history).changes()
        return tuple(replace(self._step(number), ledger=own) for number, own in enumerate(ledger, 1))

    def _step(self, number: int) -> TraceStep:
        step = self._history.steps[number - 1]
        thread = step.choice.thread
        lane = self._names.thread(thread)
        actor, action = split_label(self._history, step)
        result = self._result(step)
        locals_ = self._locals(step)
        if locals_ and locals_[0].after == result and " = " not in action:
            # `T x = f();`, or `x = f();`: the value is told once.
            action = f"{locals_[0].name} = {action.removeprefix(READ)}"
            locals_ = [local for local in _last_values(locals_[1:]) if local != locals_[0]]
        return TraceStep(
            thread=thread,
            alternative=step.choice.alternative,
            values=step.choice.values,
            lane=lane,
            actor=actor or lane,
            frames=tuple(f.function for f in self._history.source(step).frames),
            action=action,
            place=step.place,
            result=result,
            changes=(*_last_values(locals_), *self._changes(step)),
            held=tuple(lock.name for lock in self._history.held(thread, number)),
            notes=tuple(self._happenings.of(number)),
            operand=self._is_operand(number),
            name=step.label,
        )

    def _is_operand(self, number: int) -> bool:
        """Whether a step only fetches what the thread's very next steps, of the same line, work on."""
        step = self._history.steps[number - 1]
        text = step.label.removeprefix(READ)
        if not text or not step.place.line:
            return False
        for following in self._history.steps[number:]:
            if not self._goes_on(step, following):
                return False
            if text in following.label.removeprefix(READ):
                return True
            if not following.label.startswith(READ):
                return False
        return False

    def _goes_on(self, step: ReplayStep, following: ReplayStep) -> bool:
        """Whether the same thread is still in the same line."""
        if step.choice.thread != following.choice.thread:
            return False
        here, there = self._history.source(step), self._history.source(following)
        same_line = (step.place.path, step.place.line) == (following.place.path, following.place.line)
        return same_line and here.frames == there.frames

    def _result(self, step: ReplayStep) -> str:
        """What a call or a read gave: an object, a job, a value."""
        for event, arguments in step.events:
            kind, _, what = event.partition(" ")
            values = dict(arguments)
            match kind:
                case "alloc":
                    return self._names.slot(values["object"], step.objects)
                case "submit":
                    return self._names.slot(values["job"], step.objects)
                case "gives":
                    return self._names.typed(what, values["result"], step.objects)
                case _:
                    pass
        return ""

    def _locals(self, step: ReplayStep) -> list[Change]:
        return [
            Change(name, "", self._names.typed(event.removeprefix("sets "), value, step.objects))
            for event, arguments in step.events
            if event.startswith("sets ")
            for name, value in arguments
        ]

    def _changes(self, step: ReplayStep) -> Iterator[Change]:
        """What changed in the model's own data; the fields of an object as it comes and goes say nothing."""
        lifetimes = {slot_of(c.cell) for c in step.changes if c.cell.endswith(".kind")}
        for change in step.changes:
            slot = slot_of(change.cell)
            if slot and slot not in lifetimes:
                yield from self._field(change, slot, step)
            elif not slot:
                yield from self._variable(change, step)

    def _field(self, change: CellChange, slot: int, step: ReplayStep) -> Iterator[Change]:
        thing = step.objects.get((HEAP, slot))
        field = change.cell.partition(".")[2]
        if thing is None:
            return
        name = self._names.object(thing)
        if thing.kind == JOB and field == "state":
            yield Change(name, JOB_STATES[change.before], JOB_STATES[change.after])
        elif thing.kind in self._lowered.structs and not field.isdigit() and "." not in field:
            kind = self._names.field_type(thing.kind, field)
            before, after = (self._names.typed(kind, v, step.objects) for v in (change.before, change.after))
            yield Change(f"{name}.{field}", before, after)

    def _variable(self, change: CellChange, step: ReplayStep) -> Iterator[Change]:
        base, _, rest = change.cell.partition("[")
        if base == port_lifecycle.STATE:
            number = int(rest.rstrip("]")) + 1 if rest else 1
            states = port_lifecycle.STATES
            yield Change(self._names.port(number), states[change.before], states[change.after])
        elif base in self._sorts and not base.startswith(QUIET) and not self._is_silent(base):
            sort: Sort = self._sorts[base]
            before, after = (self._names.sorted(sort, v, step.objects) for v in (change.before, change.after))
            yield Change(change.cell, before, after)

    def _is_silent(self, variable: str) -> bool:
        owner, dot, _ = variable.partition(".")
        return bool(dot) and owner in self._lowered.silent


def _last_values(locals_: list[Change]) -> list[Change]:
    """A local that is set several times within a step has the last value after it."""
    return list({local.name: local for local in locals_}.values())


def split_label(history: History, step: ReplayStep) -> tuple[str, str]:
    """The process that acts, or "", and what it does."""
    for instance in history.lowered.instances:
        if step.label.startswith(f"{instance.name}: "):
            return instance.name, step.label[len(instance.name) + 2 :]
    return "", step.label
