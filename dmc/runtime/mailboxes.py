"""Messages to Erlang processes, and the references to binaries that are in them.

`erts/emulator/beam/io.c`: `deliver_bin_message`, `driver_deliver_term`; `erl_message.c`. A message is in
the mailbox at once; a process that has begun to exit gets none, and what is sent to it is dropped with
the references in it. A mailbox keeps what nobody takes out until the process is gone, and so do the
references in it.

A message is an item of several lists: its shape, and its elements by position, values and binaries apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dmc.ir.builder import conj, disj, eq, ne
from dmc.ir.expr import Const, Expr, Item, Length, ListPlace, Place, Read
from dmc.ir.logic import gt
from dmc.ir.sort import NULL, Range, Ref
from dmc.ir.statement import Assign, Check, Cut, If, Push, Remove, Stmt
from dmc.ir.system import ListVariable
from dmc.runtime import binaries, processes
from dmc.runtime.world import HEAP, Mailboxes, World

SHAPE = "mailbox"
BINARY_ELEMENT = "binary"
"""The kind of an element that refers to a binary."""


@dataclass(frozen=True)
class Element:
    """Part of a message: a value, or `length` bytes of a binary; those of a `copy` are never shared."""

    value: Expr
    length: Expr | None = None
    copy: bool = False


@dataclass(frozen=True)
class Wanted:
    """What a `receive` takes: the shapes that fit, values that must be equal, places for what is bound."""

    shapes: tuple[int, ...]
    equal: tuple[tuple[int, Expr], ...]
    values: tuple[tuple[int, Place], ...]
    binaries: tuple[tuple[int, Place], ...]


def declare_lists(world: World) -> tuple[ListVariable, ...]:
    """The mailboxes of all processes."""
    boxes = world.mailboxes
    if boxes is None:
        return ()
    count = len(world.processes)
    lists = [ListVariable(SHAPE, Range(0, len(boxes.shapes) - 1), boxes.capacity, count)]
    lists += [ListVariable(_values(k), Range(*boxes.values), boxes.capacity, count) for k in _plain(boxes)]
    lists += [ListVariable(_binaries(k), Ref(HEAP), boxes.capacity, count) for k in _referring(boxes)]
    return tuple(lists)


def deliver(
    world: World, process: Expr, shape: int, elements: Sequence[Element], scratch: Sequence[Place]
) -> tuple[Stmt, ...]:
    """A message to a process (from 1; 0: to nobody). `scratch` has a place for each binary in it."""
    statements: list[Stmt] = []
    for number in range(1, len(world.processes) + 1):
        body = _to(world, number, shape, elements, scratch)
        if body and isinstance(process, Const):
            statements += [If(processes.gets_messages(process), body)] if process.value == number else []
        elif body:
            reached = conj([eq(process, number), processes.gets_messages(Const(number))])
            statements.append(If(reached, body))
    return tuple(statements)


def is_reached(world: World, process: Expr) -> Expr:
    """Whether a message would be delivered."""
    numbers = range(1, len(world.processes) + 1)
    return disj(conj([eq(process, n), processes.gets_messages(Const(n))]) for n in numbers)


def can_take(world: World, process: int, wanted: Wanted) -> Expr:
    """Whether a message is there that fits."""
    return disj(_fits(world, process, wanted, position) for position in range(_capacity(world)))


def take(world: World, process: int, wanted: Wanted) -> tuple[Stmt, ...]:
    """Takes the first message that fits; its references go over to the places that it is bound to."""
    statements: tuple[Stmt, ...] = ()
    for position in range(_capacity(world) - 1, -1, -1):
        found = _taken(world, process, wanted, position)
        statements = (If(_fits(world, process, wanted, position), found, statements),)
    return statements


def empty(world: World, process: int) -> tuple[Stmt, ...]:
    """The process is gone, and its mailbox with all references."""
    boxes = world.mailboxes
    if boxes is None:
        return ()
    box = ListPlace(SHAPE, Const(process - 1))
    first = Const(0)
    dropped: list[Stmt] = []
    for k in _referring(boxes):
        dropped += binaries.drop_if_any(world, Read(Item(ListPlace(_binaries(k), box.index), first)))
    one = If(gt(Length(box), 0), (*dropped, *_remove(boxes, process, 0)))
    return (one,) * boxes.capacity


# --- delivery -----------------------------------------------------------------------------------


def _to(
    world: World, process: int, shape: int, elements: Sequence[Element], scratch: Sequence[Place]
) -> tuple[Stmt, ...]:
    """What the mailbox of one process gets: nothing if nobody would ever look at it."""
    boxes = world.mailboxes
    assert boxes is not None
    referring = [e for e in elements if e.length is not None]
    is_wanted = shape in boxes.wanted[process - 1]
    shared = disj(_is_shared(e) for e in referring)
    if not is_wanted and shared == Const(0):
        return ()
    places = dict(zip((k for k, e in enumerate(elements) if e.length is not None), scratch, strict=False))
    prepared: list[Stmt] = []
    for k, place in places.items():
        prepared += _prepared(world, elements[k], place, is_wanted)
    room = Check(
        ne(Length(ListPlace(SHAPE, Const(process - 1))), boxes.capacity),
        Cut(f"mailbox of {world.processes[process - 1]}"),
    )
    pushed = (room, *prepared, *_pushed(boxes, process, shape, elements, places))
    forgotten = tuple(Assign(place, Const(NULL)) for place in places.values())
    stored = (*pushed, *forgotten)
    return stored if is_wanted else (If(shared, stored),)


def _is_shared(element: Element) -> Expr:
    if element.copy or element.length is None:
        return Const(0)
    if isinstance(element.length, Const):
        return Const(int(element.length.value > binaries.SHARED_ABOVE))
    return binaries.is_shared_size(element.length)


def _prepared(world: World, element: Element, place: Place, is_wanted: bool) -> tuple[Stmt, ...]:
    """The binary that the message refers to: the very one with one more reference, or a copy of its own."""
    assert element.length is not None
    shared = _is_shared(element)
    held = (*binaries.hold(world, element.value), Assign(place, element.value))
    copied = binaries.make_foreign(world, place, element.length) if is_wanted else ()
    if isinstance(shared, Const):
        return held if shared.value else copied
    return (If(shared, held, copied),)


def _pushed(
    boxes: Mailboxes, process: int, shape: int, elements: Sequence[Element], places: dict[int, Place]
) -> tuple[Stmt, ...]:
    index = Const(process - 1)
    statements: list[Stmt] = [Push(ListPlace(SHAPE, index), Const(shape))]
    for k in _plain(boxes):
        known = k < len(elements) and k not in places
        statements.append(Push(ListPlace(_values(k), index), elements[k].value if known else Const(0)))
    for k in _referring(boxes):
        value = Read(places[k]) if k in places else Const(NULL)
        statements.append(Push(ListPlace(_binaries(k), index), value))
    return tuple(statements)


# --- taking out ---------------------------------------------------------------------------------


def _fits(world: World, process: int, wanted: Wanted, position: int) -> Expr:
    index, at = Const(process - 1), Const(position)
    there = gt(Length(ListPlace(SHAPE, index)), position)
    shape = Read(Item(ListPlace(SHAPE, index), at))
    known = world.mailboxes.shapes if world.mailboxes is not None else ()
    any_shape = len(wanted.shapes) == len(known)
    right = [] if any_shape else [disj(eq(shape, number) for number in wanted.shapes)]
    equal = [eq(Read(Item(ListPlace(_values(k), index), at)), value) for k, value in wanted.equal]
    return conj([there, *right, *equal])


def _taken(world: World, process: int, wanted: Wanted, position: int) -> tuple[Stmt, ...]:
    boxes = world.mailboxes
    assert boxes is not None
    index, at = Const(process - 1), Const(position)
    bound = [Assign(place, Read(Item(ListPlace(_values(k), index), at))) for k, place in wanted.values]
    bound += [Assign(place, Read(Item(ListPlace(_binaries(k), index), at))) for k, place in wanted.binaries]
    return (*bound, *_remove(boxes, process, position))


def _remove(boxes: Mailboxes, process: int, position: int) -> tuple[Stmt, ...]:
    index = Const(process - 1)
    names = [SHAPE, *map(_values, _plain(boxes)), *map(_binaries, _referring(boxes))]
    return tuple(Remove(ListPlace(name, index), Const(position)) for name in names)


# --- positions ----------------------------------------------------------------------------------


def _capacity(world: World) -> int:
    return world.mailboxes.capacity if world.mailboxes is not None else 0


def _positions(boxes: Mailboxes) -> range:
    return range(max((len(shape) for shape in boxes.shapes), default=0))


def _plain(boxes: Mailboxes) -> tuple[int, ...]:
    """The positions at which some message has a value."""
    return tuple(
        k for k in _positions(boxes) if any(len(s) > k and s[k] != BINARY_ELEMENT for s in boxes.shapes)
    )


def _referring(boxes: Mailboxes) -> tuple[int, ...]:
    """The positions at which some message has a binary."""
    return tuple(
        k for k in _positions(boxes) if any(len(s) > k and s[k] == BINARY_ELEMENT for s in boxes.shapes)
    )


def _values(position: int) -> str:
    return f"{SHAPE}.{position + 1}"


def _binaries(position: int) -> str:
    return f"{SHAPE}.{position + 1}.binary"
