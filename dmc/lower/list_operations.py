"""What a call on a list does to it, and what its value is, as parts of a step.

A set is kept in the order of its items' numbers, so that two sets with the same items are one state.
"""

from __future__ import annotations

from dmc.base.exceptions import InternalError
from dmc.base.types import HandleType, ListType, PointerType
from dmc.ir.builder import conj, eq
from dmc.ir.expr import Binary, Bound, Const, Expr, Item, Length, ListPlace, Place, Quantified, Read
from dmc.ir.logic import plus
from dmc.ir.statement import Assign, Check, Cut, If, Push, Remove, Stmt
from dmc.lower import sizes
from dmc.lower.run import RunChoice
from dmc.lower.sorts import Holds, store_checks
from dmc.model import model
from dmc.runtime.world import Hooks, World

_POSITION = "at"


def place_of_list(
    variable: model.Variable, name: str, indices: tuple[Expr, ...], run: RunChoice
) -> ListPlace:
    """The list of that name, or one of an array of lists."""
    return ListPlace(name, sizes.flat(indices, sizes.sizes(variable, run)) if indices else Const(0))


def changes(
    call: model.ListCall, place: ListPlace, item: Expr | None, world: World, run: RunChoice
) -> tuple[Stmt, ...]:
    """What a call does to its list; of `take`, without the item taken."""
    variable = sizes.base_of(call.list)
    match call.function:
        case "append" if item is not None:
            checks = store_checks(variable, item, world, run, world.hooks, Holds.MODEL)
            full = Binary("<", Length(place), Const(sizes.capacity(variable, run)))
            room = Check(full, Cut(f"{variable.name}[{sizes.capacity(variable, run)}]"))
            added: tuple[Stmt, ...] = (room, Push(place, item))
            if isinstance(call.list.type, ListType) and not call.list.type.ordered:
                sorted_ = (*added, *_sink(place, item, sizes.capacity(variable, run)))
                return (*checks, If(contains(place, item), (), sorted_))
            return (*checks, *added)
        case "take":
            return (If(Binary(">", Length(place), Const(0)), (Remove(place, Const(0)),)),)
        case "remove" if item is not None:
            return _remove(place, item, sizes.capacity(variable, run))
        case _:
            return ()


def list_value(call: model.ListCall, place: ListPlace, item: Expr | None) -> Expr:
    """The value of a call, before it changes anything; nothing is in no list."""
    match call.function:
        case "size":
            return Length(place)
        case "has" if item is not None:
            return contains(place, item)
        case _:
            raise InternalError("lower", f"{call.span}: {call.function} has no value in a condition")


def first(call: model.ListCall, place: ListPlace, into: Place, hooks: Hooks) -> tuple[Stmt, ...]:
    """`into` gets the first item; `NULL` of an empty list of pointers, and a fault of one of values."""
    some = Binary(">", Length(place), Const(0))
    get = Assign(into, Read(Item(place, Const(0))))
    if is_pointer(call):
        return (If(some, (get,), (Assign(into, Const(0)),)),)
    return (*hooks.misuse("unset_value", some), get)


def is_pointer(call: model.ListCall) -> bool:
    """Whether the items can be `NULL`."""
    return isinstance(call.type, PointerType | HandleType)


def contains(place: ListPlace, item: Expr) -> Expr:
    """Whether the item is in the list."""
    last = plus(Length(place), -1)
    return Quantified("exists", _POSITION, Const(0), last, eq(Read(Item(place, Bound(_POSITION))), item))


def _remove(place: ListPlace, item: Expr, room: int) -> tuple[Stmt, ...]:
    """The first of the items that are equal goes."""
    found: tuple[Stmt, ...] = ()
    for position in range(room - 1, -1, -1):
        here = conj(
            [
                Binary("<", Const(position), Length(place)),
                eq(Read(Item(place, Const(position))), item),
            ]
        )
        found = (If(here, (Remove(place, Const(position)),), found),)
    return found


def _sink(place: ListPlace, item: Expr, room: int) -> tuple[Stmt, ...]:
    """The item, which was put last, moves down to where it belongs; those above it move up."""
    moved: list[Stmt] = []
    for position in range(room - 1, 0, -1):
        lower, upper = Item(place, Const(position - 1)), Item(place, Const(position))
        there = Binary("<", Const(position), Length(place))
        wrong = conj([there, Binary(">", Read(lower), item)])
        moved.append(If(wrong, (Assign(upper, Read(lower)), Assign(lower, item))))
    return tuple(moved)
