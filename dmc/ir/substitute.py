"""Expressions with places replaced by what is known of their values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from dmc.ir.expr import (
    AtPoint,
    Binary,
    Bound,
    Const,
    Expr,
    Field,
    Full,
    Instance,
    Ite,
    Item,
    KindOf,
    Length,
    ListPlace,
    Place,
    Quantified,
    Read,
    Register,
    Self,
    Unary,
    Var,
)

Known = Mapping[Place, Expr]

_LENGTH = Const(-1)


def is_length(place: Place) -> bool:
    """Whether it stands for the length of a list, as a key of what is known."""
    return isinstance(place, Item) and place.position == _LENGTH


def substitute(expr: Expr, known: Known) -> Expr:
    """The expression as it would be after the places have been given the known values."""
    if not known:
        return expr
    match expr:
        case Const() | Self() | Instance() | Bound() | Full():
            return expr
        case Read(place):
            moved = substitute_place(place, known)
            return known.get(moved, Read(moved))
        case Unary(operator, operand):
            return Unary(operator, substitute(operand, known))
        case Binary(operator, left, right):
            return Binary(operator, substitute(left, known), substitute(right, known))
        case Ite(condition, then, otherwise):
            return Ite(substitute(condition, known), substitute(then, known), substitute(otherwise, known))
        case KindOf(pool, reference):
            return KindOf(pool, substitute(reference, known))
        case Length(place):
            moved_list = _list(place, known)
            return known.get(Item(moved_list, _LENGTH), Length(moved_list))
        case Quantified(kind, name, low, high, body):
            return Quantified(
                kind, name, substitute(low, known), substitute(high, known), substitute(body, known)
            )
        case AtPoint(thread, points):
            return AtPoint(substitute(thread, known), points)
        case _:
            assert_never(expr)


def substitute_place(place: Place, known: Known) -> Place:
    """The place with its index or reference substituted; the place itself stays a place."""
    match place:
        case Register():
            return place
        case Var(name, index):
            return Var(name, substitute(index, known))
        case Field(pool, kind, field, reference):
            return Field(pool, kind, field, substitute(reference, known))
        case Item(place_list, position):
            return Item(_list(place_list, known), substitute(position, known))
        case _:
            assert_never(place)


def _list(place: ListPlace, known: Known) -> ListPlace:
    return ListPlace(place.name, substitute(place.index, known))
