"""Sorts: the sets that cells of a state range over, all but one of them finite. Every value is an integer.

A cell whose sort has `unset=True` may also hold `UNSET`, a value outside every sort.
"""

from __future__ import annotations

from dataclasses import dataclass

UNSET = -(2**31)
"""The value of a cell that has not been given one; no sort contains it."""

UNSET_INTEGER = -(2**64)
"""The same for a cell of sort `Integer`, which may hold -2**31: no type of C has this value."""

NULL = 0
"""The reference to no object; the objects of a pool are numbered from 1."""

FREE = 0
"""Kind of a pool slot that holds no object."""

DEAD = 1
"""Kind of a pool slot whose object was killed and is still referred to: a tombstone."""


@dataclass(frozen=True)
class Bool:
    """0 is false, 1 is true."""

    unset: bool = False


@dataclass(frozen=True)
class Range:
    """The integers from `low` to `high`, both included."""

    low: int
    high: int
    unset: bool = False


@dataclass(frozen=True)
class Enum:
    """A finite set of names; the value is the position of the name, from 0."""

    name: str
    members: tuple[str, ...]
    unset: bool = False


@dataclass(frozen=True)
class Ref:
    """`NULL`, or an object of a pool: only comparison, null and use."""

    pool: str
    unset: bool = False


@dataclass(frozen=True)
class Integer:
    """All integers: *data*, which no engine enumerates. What leaves a type of C is checked by the system."""

    unset: bool = False


Sort = Bool | Range | Enum | Ref | Integer


def unset_of(sort: Sort) -> int:
    """The value of a cell of the sort that has not been given one."""
    return UNSET_INTEGER if isinstance(sort, Integer) else UNSET


def contains(sort: Sort, value: int, pool_size: int = 0) -> bool:
    """Whether a cell of this sort may hold the value; `pool_size` is needed for references."""
    if isinstance(sort, Integer):
        return sort.unset or value != UNSET_INTEGER
    if value == UNSET:
        return sort.unset
    match sort:
        case Bool():
            return value in (0, 1)
        case Range(low, high):
            return low <= value <= high
        case Enum(_, members):
            return 0 <= value < len(members)
        case Ref():
            return 0 <= value <= pool_size
