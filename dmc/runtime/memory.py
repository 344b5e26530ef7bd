"""Allocation and use of memory: `driver_alloc`, `driver_free`, reading and writing through pointers.

C gives no meaning to a use of freed, unset or null memory: each such use ends the run.
`erts/emulator/beam/io.c:driver_alloc, driver_free`; both may be called on any thread.
"""

from __future__ import annotations

from dmc.ir.builder import conj, eq, ne, neg
from dmc.ir.expr import Const, Expr, Full, KindOf, Place, Unary
from dmc.ir.sort import DEAD, NULL, UNSET
from dmc.ir.statement import Check, Cut, Kill, New, Stmt
from dmc.runtime.world import HEAP, Event, World


def allocate(
    world: World, place: Place, kind: str, values: tuple[tuple[str, Expr], ...] = ()
) -> tuple[Stmt, ...]:
    """A new object of the kind, to which the place then refers."""
    return (
        Check(neg(Full(HEAP)), Cut(f"heap of {world.heap_size} objects")),
        New(place, HEAP, kind, values),
    )


def usable(world: World, pointer: Expr) -> tuple[Stmt, ...]:
    """Checks that a pointer may be followed: it is set, not null, and its object lives."""
    hooks = world.hooks
    return (
        *hooks.misuse("unset_pointer", ne(pointer, UNSET)),
        *hooks.misuse("null_pointer", ne(pointer, NULL)),
        *hooks.misuse("use_after_free", ne(KindOf(HEAP, pointer), DEAD)),
    )


def free(world: World, pointer: Expr, kind: str) -> tuple[Stmt, ...]:
    """Frees what a non-null pointer refers to."""
    hooks = world.hooks
    return (
        *hooks.misuse("unset_pointer", ne(pointer, UNSET)),
        *hooks.misuse("double_free", ne(KindOf(HEAP, pointer), DEAD)),
        *hooks.occur(Event("free", object=pointer, object_kind=kind)),
        Kill(HEAP, pointer),
    )


def is_null(pointer: Expr) -> Expr:
    """The pointer is `NULL`."""
    return eq(pointer, Const(NULL))


def is_set(value: Expr) -> Expr:
    """The cell has been given a value."""
    return conj([ne(value, UNSET)])


def is_true(value: Expr) -> Expr:
    """C's truth: anything but 0."""
    return neg(Unary("not", value))
