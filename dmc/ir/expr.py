"""Expressions and places. An expression is total, free of effects, and an integer.

What each means is written once, in `dmc.ir.evaluate`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Const:
    """A number; 0 and 1 are the truth values."""

    value: int


@dataclass(frozen=True)
class Read:
    """The value of a cell."""

    place: Place


@dataclass(frozen=True)
class Unary:
    """`not` or `-`."""

    operator: str
    operand: Expr


@dataclass(frozen=True)
class Binary:
    """`+ - * / % == != < <= > >= and or & | ^ << >>`; `/` and `%` truncate as in C, by zero give 0."""

    operator: str
    left: Expr
    right: Expr


@dataclass(frozen=True)
class Ite:
    """`then` where `condition` is not 0, else `otherwise`."""

    condition: Expr
    then: Expr
    otherwise: Expr


@dataclass(frozen=True)
class Self:
    """The number of the executing thread, from 1, over all threads in the order of the system."""


@dataclass(frozen=True)
class Instance:
    """The number of the executing thread among those of its type, from 0."""


@dataclass(frozen=True)
class KindOf:
    """What the slot `reference` of the pool holds: `FREE`, `DEAD`, or 2 + the index of the object's kind.

    Of `NULL` and `UNSET` it is `FREE`.
    """

    pool: str
    reference: Expr


@dataclass(frozen=True)
class Full:
    """Whether the pool has no free slot."""

    pool: str


@dataclass(frozen=True)
class Length:
    """The number of items in a list."""

    list: ListPlace


@dataclass(frozen=True)
class Bound:
    """A variable bound by an enclosing `Quantified`."""

    name: str


@dataclass(frozen=True)
class Quantified:
    """`exists`, `forall` or `count` over the integers from `low` to `high` bound to `name`."""

    kind: str
    name: str
    low: Expr
    high: Expr
    body: Expr


@dataclass(frozen=True)
class AtPoint:
    """Whether the thread with this number is at one of these points (names, of its type)."""

    thread: Expr
    points: tuple[str, ...]


Expr = (
    Const
    | Read
    | Unary
    | Binary
    | Ite
    | Self
    | Instance
    | KindOf
    | Full
    | Length
    | Bound
    | Quantified
    | AtPoint
)


@dataclass(frozen=True)
class Var:
    """A cell of a variable: `index` counts from 0 and is `Const(0)` for a variable of one cell."""

    name: str
    index: Expr = Const(0)


@dataclass(frozen=True)
class Register:
    """A register of the executing thread."""

    name: str


@dataclass(frozen=True)
class Field:
    """A field of an object. The object must be live and of that kind: the system checks it before."""

    pool: str
    kind: str
    field: str
    reference: Expr


@dataclass(frozen=True)
class Item:
    """An item of a list; `position` counts from 0 and is below the length."""

    list: ListPlace
    position: Expr


Place = Var | Register | Field | Item


@dataclass(frozen=True)
class ListPlace:
    """One list of a list variable: `index` counts from 0."""

    name: str
    index: Expr = Const(0)


TRUE = Const(1)
FALSE = Const(0)
ZERO = Const(0)
