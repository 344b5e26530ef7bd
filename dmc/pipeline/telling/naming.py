"""Objects, values, ports, threads and locks of a run in the words of the model.

Objects are numbered by kind, in the order in which the run makes them: `Txn #1`, `mutex 1`, `job 1`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath

from dmc.base.source import Span
from dmc.base.types import IO_VECTOR, EnumType, Type
from dmc.engines.reference.walk import Object, ReplayStep
from dmc.ir.sort import UNSET, UNSET_INTEGER, Bool, Enum, Integer, Ref, Sort, unset_of
from dmc.lower import uses
from dmc.lower.lowering import ASYNC_THREAD, SCHEDULER, Lowered
from dmc.lower.sorts import element_type
from dmc.runtime.async_jobs import DRIVER_FREE
from dmc.runtime.driver_threads import DRIVER_THREAD
from dmc.runtime.lock_regime import lock_count, lock_name
from dmc.runtime.mutexes import COND, MUTEX, mutex_classes
from dmc.runtime.points.port_life import PortHandle
from dmc.runtime.port_data_lock import NAME, PDL
from dmc.runtime.rwlocks import RWLOCK
from dmc.runtime.world import BINARY, DATA, HEAP, JOB, Regime

Objects = Mapping[tuple[str, int], Object]

SHORT = {
    MUTEX: "mutex",
    COND: "condition",
    RWLOCK: "read-write lock",
    JOB: "job",
    PDL: "port data lock",
    BINARY: "binary",
}

NUMBERED = (SCHEDULER, ASYNC_THREAD, DRIVER_THREAD)
"""Threads that have a number even where there is only one."""

LOCKS = (MUTEX, COND, RWLOCK)
"""What is created and destroyed, not allocated and freed."""


class Naming:
    """The names of one run's things; `steps` are all of its steps, since they number the objects."""

    def __init__(self, lowered: Lowered, steps: Sequence[ReplayStep]) -> None:
        self._lowered = lowered
        self.threads = thread_names(lowered)
        self._numbers = _numbers_by_kind(steps)
        self._enums = {t.name: t for t in _types(lowered) if isinstance(t, EnumType)}
        self._fields = {(s.name, f.name): f.type for s in lowered.run.model.structs for f in s.fields}
        self._data_fields = {
            (kind.name, field.name.partition("[")[0])
            for pool in lowered.system.pools
            for kind in pool.kinds
            for field in kind.fields
            if isinstance(field.sort, Integer)
        }

    def thread(self, number: int) -> str:
        """A thread by its number, from 1."""
        return self.threads[number - 1]

    def object(self, thing: Object) -> str:
        """`Txn #1`, `mutex 1`, `job 1`."""
        number = self._numbers.get(thing.number, thing.number)
        short = SHORT.get(thing.kind)
        return f"{short} {number}" if short else f"{thing.kind} #{number}"

    def slot(self, slot: int, objects: Objects) -> str:
        """The object that a slot of the heap holds at some moment."""
        thing = objects.get((HEAP, slot))
        return self.object(thing) if thing is not None else "an object that is gone"

    def port(self, number: int) -> str:
        """A port by its number, from 1."""
        return f"port {number}"

    def port_lock(self, index: int) -> str:
        """A lock of the runtime's, by its number from 0."""
        name = lock_name(self._lowered.world)
        if lock_count(self._lowered.world) < 2:
            return name
        if self._lowered.world.regime is Regime.PORT:
            return f"the lock of {self.port(index + 1)}"
        return f"the lock of driver {self._lowered.run.model.drivers[index].name}"

    def is_data_lock(self, name: str) -> bool:
        """Whether an object's name is that of a port data lock."""
        return name.startswith(SHORT[PDL])

    def lock_class(self, number: int) -> str:
        """A lock by its number in a lock order: the port locks, then mutexes by where they are made."""
        ports = lock_count(self._lowered.world)
        if number < ports:
            return self.port_lock(number)
        mutexes = mutex_classes(self._lowered.world)
        if number < mutexes:
            return NAME
        path, line, *_ = self._lowered.mutex_sites[number - mutexes].rsplit(":", 2)
        word = "lock" if self._lowered.world.has_rwlocks else "mutex"
        return f"the {word} created at {PurePath(path).name}:{line}"

    def typed(self, kind: str, value: int, objects: Objects) -> str:
        """A value of a type of the language, by the type's text."""
        if kind.startswith(DATA):
            return "unset" if value == UNSET_INTEGER else str(value)
        if value == UNSET:
            return "unset"
        if kind == "bool":
            return "true" if value else "false"
        if kind == "ErlDrvPort" and self._lowered.world.profile.port_handle is PortHandle.SLOT:
            return f"slot {value}" if value else "no port"
        if kind in ("ErlDrvPort", "port"):
            return self.port(value) if value else "no port"
        if kind == "ErlDrvTid":
            return self.thread(value) if value else "no thread"
        if kind == "ErlDrvTermData":
            return self._name(value)
        if kind == "pid":
            return self._lowered.instances[value - 1].name if value else "no process"
        if "(*)" in kind:
            return self._function(value)
        if kind == str(IO_VECTOR):
            return "the elements of the queue" if value else "NULL"
        if kind.endswith(" *") or kind in ("job", "object", "binary", PDL):
            return self.slot(value, objects) if value else "NULL"
        if kind == "lock":
            return self.lock_class(value)
        enum = self._enums.get(kind)
        return enum.members[value] if enum and 0 <= value < len(enum.members) else str(value)

    def _name(self, value: int) -> str:
        """A process or port, as a term."""
        count = len(self._lowered.instances)
        if not value:
            return "nobody"
        return self._lowered.instances[value - 1].name if value <= count else self.port(value - count)

    def sorted(self, sort: Sort | None, value: int, objects: Objects) -> str:
        """A value of a cell of which no type is known."""
        match sort:
            case _ if value == (UNSET if sort is None else unset_of(sort)):
                return "unset"
            case Bool():
                return "true" if value else "false"
            case Enum(members=members) if 0 <= value < len(members):
                return members[value]
            case Ref():
                return self.slot(value, objects) if value else "NULL"
            case _:
                return str(value)

    def field_type(self, struct: str, field: str) -> str:
        """The type of a field (or of an element of one), as text; "" for one that is not the model's."""
        variable = field.partition("[")[0]
        found = self._fields.get((struct, variable))
        data = DATA if (struct, variable) in self._data_fields else ""
        return "" if found is None else f"{data}{element_type(found)}"

    def _function(self, number: int) -> str:
        functions = uses.functions_as_values(self._lowered.run.model)
        if number <= DRIVER_FREE:
            return "driver_free" if number == DRIVER_FREE else "NULL"
        return functions[number - DRIVER_FREE - 1].name


def thread_names(lowered: Lowered) -> list[str]:
    """The name of each thread, by its number less one."""
    names = []
    emulator = set(NUMBERED) - {thread.name for thread in lowered.run.scenario.threads}
    for thread_type in lowered.system.threads:
        for instance in range(thread_type.instances):
            numbered = thread_type.instances > 1 or thread_type.name in emulator
            names.append(f"{thread_type.name} {instance + 1}" if numbered else thread_type.name)
    return names


def place_text(place: Span) -> str:
    """`bdb.dmc:52`, or "" for what stands nowhere in the source."""
    return f"{PurePath(place.path).name}:{place.line}" if place.line > 0 else ""


def _types(lowered: Lowered) -> Iterator[Type]:
    model = lowered.run.model
    variables = [f for s in model.structs for f in s.fields]
    variables += [*model.variables, *(v for d in model.drivers for v in d.variables)]
    for variable in variables:
        yield element_type(variable.type)


def _numbers_by_kind(steps: Sequence[ReplayStep]) -> dict[int, int]:
    """For each object, by its number in the heap, the how-many-th of its kind it is."""
    counts: dict[str, int] = {}
    numbers: dict[int, int] = {}
    for step in steps:
        made = sorted((o for (pool, _), o in step.objects.items() if pool == HEAP), key=lambda o: o.number)
        for thing in made:
            if thing.number not in numbers:
                counts[thing.kind] = numbers[thing.number] = counts.get(thing.kind, 0) + 1
    return numbers
