"""Where each cell of a state stands in the flat list of integers that an engine works on.

The order is: variables, lists (length, then items), threads (point, then registers), pools (for each
slot its kind, then as many field cells as its largest kind has). Points are numbered through over
all thread types, so that a point number says to which type it belongs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dmc.ir.sort import DEAD, FREE, Ref, Sort
from dmc.ir.system import ListVariable, Pool, System, ThreadType, Variable


@dataclass(frozen=True)
class VariableLayout:
    """Cell i of the variable is `base + i`."""

    base: int
    variable: Variable


@dataclass(frozen=True)
class ListLayout:
    """List i begins at `base + i * stride` with its length; its items follow."""

    base: int
    stride: int
    variable: ListVariable


@dataclass(frozen=True)
class PoolLayout:
    """Slot r (from 1) begins at `base + r * stride` with its kind; its fields follow."""

    index: int
    base: int
    stride: int
    pool: Pool
    kinds: dict[str, int]
    fields: dict[tuple[str, str], int]

    def slots(self) -> range:
        """The cells that hold the kinds of the slots."""
        return range(self.base + self.stride, self.base + self.stride * (self.pool.size + 1), self.stride)


@dataclass(frozen=True)
class ThreadLayout:
    """A thread: its point is the cell `base`, its registers follow."""

    number: int
    type_index: int
    type: ThreadType
    instance: int
    base: int

    @property
    def name(self) -> str:
        """The name of the type, with the instance where there are several."""
        return self.type.name if self.type.instances == 1 else f"{self.type.name}[{self.instance}]"


@dataclass(frozen=True)
class Layout:
    """The cells of a system. `points[n]` is the type's index and the name of the point number n."""

    system: System
    size: int
    variables: dict[str, VariableLayout]
    lists: dict[str, ListLayout]
    pools: dict[str, PoolLayout]
    threads: tuple[ThreadLayout, ...]
    registers: tuple[dict[str, int], ...]
    points: tuple[tuple[int, str], ...]
    point_numbers: dict[tuple[int, str], int]

    def point_name(self, number: int) -> str:
        """The point as `type.point`."""
        type_index, name = self.points[number]
        return f"{self.system.threads[type_index].name}.{name}"

    def roots(self) -> tuple[tuple[int, str], ...]:
        """The cells outside of pools that hold references, with the pool they refer to."""
        return tuple((cell, sort.pool) for cell, sort in self.cells() if isinstance(sort, Ref))

    def cells(self) -> Iterator[tuple[int, Sort]]:
        """The cells of variables, list items and registers, with their sorts, in order."""
        for variable in self.variables.values():
            for i in range(variable.variable.length):
                yield variable.base + i, variable.variable.sort
        for lists in self.lists.values():
            for i in range(lists.variable.length):
                first = lists.base + i * lists.stride
                for k in range(lists.variable.capacity):
                    yield first + 1 + k, lists.variable.sort
        for thread in self.threads:
            for k, register in enumerate(thread.type.registers):
                yield thread.base + 1 + k, register.sort

    def initial_states(self) -> Iterator[tuple[tuple[int, ...], list[int]]]:
        """Each way to start: the values of the initial choices, and the state."""
        plain = [0] * self.size
        for variable in self.variables.values():
            for i in range(variable.variable.length):
                plain[variable.base + i] = variable.variable.initial
        for thread in self.threads:
            plain[thread.base] = self.point_numbers[thread.type_index, thread.type.start]
            for k, register in enumerate(thread.type.registers):
                plain[thread.base + 1 + k] = register.initial
        yield from self._chosen(plain, (), 0)

    def _chosen(
        self, state: list[int], values: tuple[int, ...], at: int
    ) -> Iterator[tuple[tuple[int, ...], list[int]]]:
        if at == len(self.system.initial_choices):
            yield values, list(state)
            return
        choice = self.system.initial_choices[at]
        cell = self.variables[choice.variable].base + choice.index
        for value in choice.values:
            state[cell] = value
            yield from self._chosen(state, (*values, value), at + 1)

    def cell_names(self, state: Sequence[int] = ()) -> list[str]:
        """The name of each cell; the fields of an object are named by the kind it has in the state."""
        names = [""] * self.size
        for variable in self.variables.values():
            for i in range(variable.variable.length):
                plain = variable.variable.name
                names[variable.base + i] = plain if variable.variable.length == 1 else f"{plain}[{i}]"
        for lists in self.lists.values():
            for i in range(lists.variable.length):
                plain = lists.variable.name + (f"[{i}]" if lists.variable.length > 1 else "")
                names[lists.base + i * lists.stride] = f"{plain}.length"
                for k in range(lists.variable.capacity):
                    names[lists.base + i * lists.stride + 1 + k] = f"{plain}[{k}]"
        for thread in self.threads:
            names[thread.base] = f"{thread.name}.point"
            for k, register in enumerate(thread.type.registers):
                names[thread.base + 1 + k] = f"{thread.name}.{register.name}"
        for pool in self.pools.values():
            _name_slots(pool, names, state)
        return names


def _name_slots(pool: PoolLayout, names: list[str], state: Sequence[int]) -> None:
    for number, first in enumerate(pool.slots(), 1):
        plain = f"{pool.pool.name}#{number}"
        names[first] = f"{plain}.kind"
        for k in range(1, pool.stride):
            names[first + k] = f"{plain}.{k - 1}"
        kind = state[first] if state else (2 if len(pool.pool.kinds) == 1 else FREE)
        if kind > DEAD:
            for k, declared in enumerate(pool.pool.kinds[kind - 2].fields):
                names[first + 1 + k] = f"{plain}.{declared.name}"


def lay_out(system: System) -> Layout:
    """Give each cell of the system its place."""
    at = 0
    variables: dict[str, VariableLayout] = {}
    for variable in system.variables:
        variables[variable.name] = VariableLayout(at, variable)
        at += variable.length
    lists: dict[str, ListLayout] = {}
    for list_variable in system.lists:
        lists[list_variable.name] = ListLayout(at, list_variable.capacity + 1, list_variable)
        at += (list_variable.capacity + 1) * list_variable.length
    threads: list[ThreadLayout] = []
    for type_index, thread_type in enumerate(system.threads):
        for instance in range(thread_type.instances):
            threads.append(ThreadLayout(len(threads) + 1, type_index, thread_type, instance, at))
            at += 1 + len(thread_type.registers)
    pools: dict[str, PoolLayout] = {}
    for index, pool in enumerate(system.pools):
        pools[pool.name] = _lay_out_pool(index, pool, at)
        at += pools[pool.name].stride * pool.size
    points = tuple((i, point.name) for i, t in enumerate(system.threads) for point in t.points)
    return Layout(
        system=system,
        size=at,
        variables=variables,
        lists=lists,
        pools=pools,
        threads=tuple(threads),
        registers=tuple({r.name: k for k, r in enumerate(t.registers, 1)} for t in system.threads),
        points=points,
        point_numbers={point: number for number, point in enumerate(points)},
    )


def _lay_out_pool(index: int, pool: Pool, at: int) -> PoolLayout:
    stride = 1 + max((len(kind.fields) for kind in pool.kinds), default=0)
    return PoolLayout(
        index=index,
        base=at - stride,
        stride=stride,
        pool=pool,
        kinds={kind.name: number for number, kind in enumerate(pool.kinds, 2)},
        fields={(kind.name, f.name): k for kind in pool.kinds for k, f in enumerate(kind.fields, 1)},
    )
