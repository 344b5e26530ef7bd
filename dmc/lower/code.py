"""The code of drivers, threads and processes as program graphs: what all of it shares.

Graphs are built from the end: to lower a piece one says what follows it. A value is handed on to a
continuation, so that operations stand in the order in which C performs them, left to right.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from dmc.base.source import Span
from dmc.base.types import MUTEX as MUTEX_TYPE
from dmc.base.types import RWLOCK as RWLOCK_TYPE
from dmc.base.types import ArrayType, PointerType, Type
from dmc.ir.builder import eq, ne
from dmc.ir.expr import FALSE, TRUE, Expr, Field, Place, Read, Self
from dmc.ir.program import Branch, Choice, Local, Node, Op
from dmc.ir.sort import Sort, unset_of
from dmc.ir.statement import Assign, Check, Drop, Stmt
from dmc.ir.system import Access, Mover
from dmc.lower.constants import constant
from dmc.lower.context import Lowering
from dmc.lower.run import RunChoice
from dmc.lower.scope import Scope, leave
from dmc.lower.sizes import length
from dmc.lower.sorts import (
    Holds,
    element_type,
    is_in_range,
    room_checks,
    sort_of,
    sort_of_variable,
    store_checks,
)
from dmc.lower.words import words
from dmc.model import model
from dmc.model.model import Storage
from dmc.runtime.lock_regime import holder
from dmc.runtime.memory import usable
from dmc.runtime.mutexes import HOLDER, MUTEX
from dmc.runtime.rwlocks import protects_reading, protects_writing
from dmc.runtime.world import DATA, HEAP, Event, Regime, World, gives, sets

After = Callable[[Expr, Scope], Node]
"""What follows once a value is there, in the scope that then holds."""

AfterLocation = Callable[["Location", Scope], Node]
"""What follows once a location is found."""


EVERY = (-(2**64), 2**64)
"""Beyond the ranges of all types of C: what cells of data hold is as wide as their type."""


@dataclass(frozen=True)
class Location:
    """A place in memory, found: the cell, and how races and rules see it."""

    place: Place
    variable: model.Variable
    shared: bool
    name: str
    object: Expr
    kind: str = ""
    reference: Expr | None = None


class Code:
    """Lowers code of one program: the threads of one type, or one Erlang process."""

    def __init__(self, lowering: Lowering, world: World) -> None:
        self.lowering = lowering
        self.world = world

    # --- values ---------------------------------------------------------------------------------

    def sort(self, variable: model.Variable, unset: bool = True) -> Sort:
        """The sort of a cell for the variable."""
        data = variable in self.lowering.data.variables
        return sort_of_variable(variable, self.world, self.lowering.run, unset, data)

    def sort_of_value(self, expr: model.Expr) -> Sort:
        """The sort of a cell for the expression's value."""
        return sort_of(expr.type, self.world, True, self.lowering.data.is_data(expr))

    def told(self, variable: model.Variable) -> str:
        """The type of what the variable (or an element of it) holds, for the reader of a trace."""
        data = DATA if variable in self.lowering.data.variables else ""
        return f"{data}{element_type(variable.type)}"

    def store_checks(self, variable: model.Variable, value: Expr) -> tuple[Stmt, ...]:
        """What must hold of a value that the variable gets."""
        run, hooks = self.lowering.run, self.world.hooks
        return store_checks(variable, value, self.world, run, hooks, self.holds(variable))

    def held(self, *operands: model.Expr) -> tuple[int, int]:
        """The range of what cells can hold that a computation with these operands reads."""
        return EVERY if any(map(self.lowering.data.is_data, operands)) else self.world.integers

    def holds(self, variable: model.Variable) -> Holds:
        """Which integers the variable's cell holds."""
        data = self.lowering.data.variables
        return Holds.ALL if variable in data else Holds.DECLARED if data else Holds.MODEL

    def known(self, expr: model.Expr) -> int | None:
        """The expression's value if the run fixes it."""
        return constant(expr, self.lowering.run)

    def use_local(self, use: model.VariableUse, scope: Scope, after: After) -> Node:
        """The value of a local, parameter or process variable."""
        if use.variable in scope.values:
            return after(scope.values[use.variable], scope)
        value = Read(scope.places[use.variable])
        following = after(value, scope)
        if use.variable.initial is not None or use.variable.storage is not Storage.LOCAL:
            return following
        return self.demand("unset_value", ne(value, unset_of(self.sort(use.variable))), use, scope, following)

    def demand(self, kind: str, holds: Expr, use: model.Expr, scope: Scope, following: Node) -> Node:
        """Goes on if the condition holds; else the run ends in a step of its own, here, as that misuse."""
        return self.demand_at(kind, holds, words(use), use.span, scope, following)

    def demand_at(self, kind: str, holds: Expr, text: str, span: Span, scope: Scope, following: Node) -> Node:
        """The same, of what is called so and stands there."""
        if holds == TRUE:
            return following
        fault = Op(text, scope.site(span), self.world.hooks.misuse(kind, FALSE), following)
        return fault if holds == FALSE else Branch(holds, following, fault)

    def fitting(
        self, variable: model.Variable, value: Expr, use: model.Expr, scope: Scope, following: Node
    ) -> Node:
        """Goes on if the variable can hold the value: an argument, a result, an initial value."""
        holds = Holds.ALL if self.lowering.data.is_data(use) else self.holds(variable)
        room = room_checks(variable, value, self.world, self.lowering.run, holds)
        node = Local(room, following) if room else following
        inside = is_in_range(variable, value, self.world, self.lowering.run, holds)
        return self.demand("out_of_range", inside, use, scope, node)

    def load(self, location: Location, use: model.Expr, scope: Scope, after: After) -> Node:
        """Reads a location: a step, if others can reach it."""
        if not location.shared:
            return after(Read(location.place), scope)
        sort = self.sort(location.variable)
        temp, inner = scope.temp(sort)
        kind = "unset_pointer" if isinstance(location.variable.type, PointerType) else "unset_value"
        body: tuple[Stmt, ...] = (
            *self._reach(location),
            *self._noticed("read", location),
            Assign(temp, Read(location.place)),
            gives(Read(temp), self.told(location.variable)),
        )
        if location.variable.initial is None and location.variable.storage is Storage.FIELD:
            body = (*body, *self.world.hooks.misuse(kind, ne(Read(temp), unset_of(sort))))
        return Op(
            label=f"read {words(use)}",
            site=scope.site(use.span),
            statements=body,
            next=after(Read(temp), inner),
            accesses=self.accesses(location, scope, write=False),
            mover=self._mover(location),
        )

    def store(
        self, location: Location, value: Expr, text: str, span: Span, scope: Scope, following: Node
    ) -> Node:
        """Writes a location: a step, if others can reach it."""
        if not location.shared:
            told = sets(location.name, Read(location.place), self.told(location.variable))
            run, holds = self.lowering.run, self.holds(location.variable)
            room = room_checks(location.variable, value, self.world, run, holds)
            stored = Local((*room, Assign(location.place, value), told), following)
            inside = is_in_range(location.variable, value, self.world, run, holds)
            return self.demand_at("out_of_range", inside, text, span, scope, stored)
        checks = self.store_checks(location.variable, value)
        body = (
            *self._reach(location),
            *checks,
            *self._noticed("write", location),
            Assign(location.place, value),
        )
        return Op(
            label=text,
            site=scope.site(span),
            statements=body,
            next=following,
            accesses=self.accesses(location, scope, write=True),
            mover=self._mover(location),
        )

    def touch(
        self, location: Location, write: bool, text: str, span: Span, scope: Scope, following: Node
    ) -> Node:
        """`reads(x)` and `writes(x)`: work that touches a location and is otherwise not modelled."""
        if not location.shared:
            return following
        event = "write" if write else "read"
        return Op(
            label=text,
            site=scope.site(span),
            statements=(*self._reach(location), *self._noticed(event, location)),
            next=following,
            accesses=self.accesses(location, scope, write=write),
            mover=self._mover(location),
        )

    def _reach(self, location: Location) -> tuple[Stmt, ...]:
        return usable(self.world, location.reference) if location.reference is not None else ()

    def _noticed(self, kind: str, location: Location) -> tuple[Stmt, ...]:
        if location.reference is None:
            return self.world.hooks.occur(Event(kind))
        event = Event(kind, object=location.reference, object_kind=location.kind)
        return self.world.hooks.occur(event)

    def _mover(self, location: Location) -> Mover:
        return Mover.NONE if location.variable.atomic else Mover.BOTH

    def accesses(self, location: Location, scope: Scope, write: bool) -> tuple[Access, ...]:
        """The access, for races and for fusion."""
        return (
            Access(
                location=location.name,
                object=location.object,
                write=write,
                atomic=location.variable.atomic,
                protections=self._protections(location, scope, write),
            ),
        )

    def free_accesses(self, pointer: Expr, struct: model.Struct, scope: Scope) -> tuple[Access, ...]:
        """The end of an object's life, as a write to each of its fields."""
        result = []
        for name, element, variable in flat_fields(struct, self.lowering.run):
            del element
            location = Location(
                Field(HEAP, struct.name, name, pointer),
                variable,
                True,
                f"{struct.name}.{name}",
                pointer,
                struct.name,
                pointer,
            )
            access = self.accesses(location, scope, write=True)[0]
            result.append(replace(access, frees=True, atomic=False))
        return tuple(result)

    def _protections(self, location: Location, scope: Scope, write: bool) -> tuple[tuple[str, Expr], ...]:
        """The locks that may be what protects the location, each with whether it is held."""
        world = self.world
        found: list[tuple[str, Expr]] = []
        if scope.port is not None and world.regime is not Regime.EMULATOR and world.port_count:
            mine = self._port_of(location, scope)
            if mine is not None:
                found.append(("port lock", eq(holder(world, mine), Self())))
        if location.reference is not None:
            for name in self._locks_in(location.kind, MUTEX_TYPE):
                mutex = Read(Field(HEAP, location.kind, name, location.reference))
                found.append((f"mutex {name}", eq(Read(Field(HEAP, MUTEX, HOLDER, mutex)), Self())))
            for name in self._locks_in(location.kind, RWLOCK_TYPE):
                lock = Read(Field(HEAP, location.kind, name, location.reference))
                held = protects_writing(lock) if write else protects_reading(self.world, lock)
                found.append((f"read-write lock {name}", held))
        return tuple(found)

    def _port_of(self, location: Location, scope: Scope) -> Expr | None:
        """Whose lock might protect it: the port's, if that port is the only one that the lock is for."""
        one_lock = self.world.regime is Regime.GLOBAL or (
            self.world.regime is Regime.DRIVER and self.world.drivers == 1
        )
        return scope.port if one_lock or self.world.port_count == 1 else None

    def _locks_in(self, struct_name: str, kind: Type) -> list[str]:
        """The fields of a struct that hold locks of that type."""
        for struct in self.lowering.model.structs:
            if struct.name == struct_name:
                return [f.name for f in struct.fields if f.type == kind]
        return []

    # --- small pieces ---------------------------------------------------------------------------

    def assign_local(self, place: Place, value: Expr, following: Node) -> Node:
        """A local gets a value."""
        return Local((Assign(place, value),), following)

    def assume(self, name: str, holds: Expr, following: Node) -> Node:
        """Drops the run unless the condition holds."""
        return Local((Check(holds, Drop(name)),), following)

    def clear(self, inner: Scope, outer: Scope, following: Node) -> Node:
        """See `leave`."""
        return leave(inner, outer, following)

    def choice(self, options: list[Node], scope: Scope, span: Span, name: str = "") -> Choice:
        """Any of the options."""
        return Choice(options, scope.site(span), name=name)


def flat_fields(struct: model.Struct, run: RunChoice) -> list[tuple[str, int, model.Variable]]:
    """The fields of a struct with arrays spread out: name, element number (-1: no array), declaration."""
    result: list[tuple[str, int, model.Variable]] = []
    for variable in struct.fields:
        if isinstance(variable.type, ArrayType):
            result += [(f"{variable.name}[{i}]", i, variable) for i in range(length(variable, run))]
        else:
            result.append((variable.name, -1, variable))
    return result


def truth(value: Expr) -> Expr:
    """A number as a condition."""
    return ne(value, 0)
