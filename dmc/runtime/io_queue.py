"""The IO queue of a port: bytes that a driver keeps, and that keep the port from being stopped.

`erts/emulator/beam/io.c` (from 21 `erl_io_queue.c`): `driver_enq, driver_pushq, driver_deq, driver_sizeq,
driver_peekq`. Each `driver_enq` makes an element of its own. The size is kept beside the elements:
`io.c:driver_failure_term` sets it to 0 and leaves the elements where they are.
"""

from __future__ import annotations

from dmc.ir.builder import conj, disj, eq, ite, ne
from dmc.ir.expr import Binary, Const, Expr, Item, Length, ListPlace, Place, Read
from dmc.ir.logic import cell, gt, plus, var
from dmc.ir.sort import Range
from dmc.ir.statement import Assign, Check, Cut, If, Push, Remove, Stmt
from dmc.ir.system import ListVariable, Variable
from dmc.runtime import port_lifecycle
from dmc.runtime.world import Event, World, gives

SIZE = "port.queue.size"
ELEMENTS = "port.queue"
"""Of each port: the number of bytes, and the length of each element."""


def declare(world: World) -> tuple[Variable, ...]:
    """The size of each port's queue."""
    if not world.has_queue or not world.port_count:
        return ()
    return (Variable(SIZE, world.queue_bytes, world.port_count),)


def declare_lists(world: World) -> tuple[ListVariable, ...]:
    """The elements of each port's queue."""
    if not world.has_queue or not world.port_count:
        return ()
    return (ListVariable(ELEMENTS, world.queue_bytes, world.queue_elements, world.port_count),)


def _room(world: World, size: Expr) -> tuple[Stmt, ...]:
    """More bytes than the model has numbers for are a cut."""
    match world.queue_bytes:
        case Range(_, most):
            return (Check(Binary("<=", size, Const(most)), Cut(f"io queue of {most} bytes")),)
        case _:
            return ()


def size(world: World, port: Expr) -> Expr:
    """The number of bytes in the queue of a port (from 1)."""
    return cell(SIZE, plus(port, -1)) if world.has_queue else Const(0)


def is_empty(world: World, port: Expr) -> Expr:
    """What the exit routine and the epilogue ask: it is the size that counts."""
    return eq(size(world, port), 0)


def enqueue(world: World, handle: Expr, length: Expr, result: Place, at_head: bool) -> tuple[Stmt, ...]:
    """`driver_enq`, `driver_pushq`: 0, or -1 for a dead port; nothing at all for no bytes, dead or not."""
    port = port_lifecycle.port_of_handle(world, handle)
    elements = ListPlace(ELEMENTS, plus(port, -1))
    bytes_then = Binary("+", size(world, port), length)
    accepted: tuple[Stmt, ...] = (
        Check(
            Binary("<", Length(elements), Const(world.queue_elements)),
            Cut(f"io queue of {world.queue_elements} elements"),
        ),
        *_room(world, bytes_then),
        Push(elements, length),
        *(_to_the_head(world, elements, length) if at_head else ()),
        Assign(var(SIZE, plus(port, -1)), bytes_then),
        Assign(result, Const(0)),
    )
    return (
        *world.hooks.misuse("out_of_range", Binary(">=", length, Const(0))),
        If(
            eq(length, 0),
            (Assign(result, Const(0)),),
            (If(ne(port, 0), accepted, (Assign(result, Const(-1)),)),),
        ),
        gives(Read(result)),
    )


def _to_the_head(world: World, elements: ListPlace, length: Expr) -> tuple[Stmt, ...]:
    """What was appended goes to the front; the others move up, the last one first."""
    moved: list[Stmt] = [
        If(
            gt(Length(elements), position),
            (Assign(Item(elements, Const(position)), Read(Item(elements, Const(position - 1)))),),
        )
        for position in range(world.queue_elements - 1, 0, -1)
    ]
    return (*moved, Assign(Item(elements, Const(0)), length))


def dequeue(world: World, handle: Expr, count: Expr, result: Place) -> tuple[Stmt, ...]:
    """`driver_deq`: what remains, or -1 for a dead port or fewer bytes; then nothing is removed."""
    port = port_lifecycle.port_of_handle(world, handle)
    held = size(world, port)
    beyond = disj([Binary(">", count, held), Binary("<", count, Const(0))])
    nothing = Assign(result, Const(-1))
    taken: tuple[Stmt, ...] = (
        Assign(result, count),
        *(_take_first(port, result) for _ in range(world.queue_elements)),
        Assign(var(SIZE, plus(port, -1)), Binary("-", held, count)),
        Assign(result, held),
    )
    refused = (*world.hooks.occur(Event("fault", "dequeue_beyond", port=port)), nothing)
    return (
        If(ne(port, 0), (If(beyond, refused, taken),), (nothing,)),
        gives(Read(result)),
    )


def _take_first(port: Expr, left: Place) -> Stmt:
    """The first element loses what is left to be taken, or goes."""
    elements = ListPlace(ELEMENTS, plus(port, -1))
    first = Item(elements, Const(0))
    whole = Binary("<=", Read(first), Read(left))
    go = (Assign(left, Binary("-", Read(left), Read(first))), Remove(elements, Const(0)))
    shrink = (Assign(first, Binary("-", Read(first), Read(left))), Assign(left, Const(0)))
    more = conj([gt(Read(left), 0), gt(Length(elements), 0)])
    return If(more, (If(whole, go, shrink),))


def size_of(world: World, handle: Expr, result: Place) -> tuple[Stmt, ...]:
    """`driver_sizeq`: the number of bytes, -1 for a dead port."""
    port = port_lifecycle.port_of_handle(world, handle)
    found = (Assign(result, size(world, port)),)
    return (If(ne(port, 0), found, (Assign(result, Const(-1)),)), gives(Read(result)))


def peek(world: World, handle: Expr, result: Place, count: Place) -> tuple[Stmt, ...]:
    """`driver_peekq`: whether there are elements, and how many; -1 of them for a dead port (R11B-5 on)."""
    port = port_lifecycle.port_of_handle(world, handle)
    number = Length(ListPlace(ELEMENTS, plus(port, -1)))
    found = (Assign(count, number), Assign(result, ite(eq(number, 0), Const(0), Const(1))))
    dead = (Assign(count, Const(-1)), Assign(result, Const(0)))
    return (If(ne(port, 0), found, dead), gives(Read(result), "SysIOVec *"))


def discard(world: World, port: Expr) -> tuple[Stmt, ...]:
    """What `driver_failure*` does to the queue (`io.c:driver_failure_term`): its size becomes 0."""
    return (Assign(var(SIZE, plus(port, -1)), Const(0)),)


def clear(world: World, port: Expr) -> tuple[Stmt, ...]:
    """What becomes of the queue after `stop` (`io.c:stopq`, R8B to 25): it is gone."""
    if not world.has_queue:
        return ()
    elements = ListPlace(ELEMENTS, plus(port, -1))
    removed = tuple(
        If(gt(Length(elements), 0), (Remove(elements, Const(0)),)) for _ in range(world.queue_elements)
    )
    return (*discard(world, port), *removed)
