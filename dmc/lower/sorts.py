"""From the types of the language to the sorts of cells, and what a store into a cell must check."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum as PyEnum

from dmc.base.types import (
    IO_VECTOR,
    MONITOR,
    TERM_DATA,
    ArrayType,
    BoolType,
    BufferType,
    EnumType,
    FunctionType,
    HandleType,
    IntType,
    ListType,
    PointerType,
    Type,
)
from dmc.ir.builder import conj, disj, eq
from dmc.ir.expr import FALSE, TRUE, Binary, Const, Expr
from dmc.ir.sort import NULL, UNSET, Bool, Enum, Integer, Range, Ref, Sort, unset_of
from dmc.ir.statement import Check, Cut, Stmt
from dmc.lower.constants import constant
from dmc.lower.constraints import constraint_on
from dmc.lower.run import RunChoice
from dmc.model.model import Variable
from dmc.runtime.world import HEAP, Hooks, World


def sort_of(type_: Type, world: World, unset: bool, data: bool = False) -> Sort:
    """The sort of a cell of the type; `unset`: it may have no value yet; `data`: it holds any integer."""
    match type_:
        case IntType() | BufferType() if data:
            return Integer(unset)
        case BoolType():
            return Bool(unset)
        case EnumType(name=name, members=members):
            return Enum(name, members, unset)
        case HandleType(name=IO_VECTOR.name):
            return Range(0, 1, unset)
        case HandleType(name=MONITOR.name):
            return Range(0, world.monitors, unset)
        case PointerType() | HandleType(pointer=True):
            return Ref(HEAP, unset)
        case HandleType(name="ErlDrvTid"):
            return Range(0, world.threads, unset)
        case HandleType(name="ErlDrvTSDKey"):
            return Range(0, world.tsd_keys, unset)
        case HandleType(name=TERM_DATA.name):
            return Range(0, len(world.processes) + world.port_count, unset)
        case HandleType():
            return Range(0, world.port_count + 1, unset)
        case FunctionType():
            return Range(0, world.job_functions, unset)
        case ArrayType(element=element) | ListType(element=element):
            return sort_of(element, world, unset, data)
        case IntType() | BufferType():
            return Range(*world.integers, unset)
        case _:
            return Range(*world.integers, unset)


def sort_of_variable(
    variable: Variable, world: World, run: RunChoice, unset: bool = True, data: bool = False
) -> Sort:
    """The sort of a cell for a variable: as narrow as its declared range; unset only if it can be."""
    kind = element_type(variable.type)
    plain = isinstance(kind, IntType | BoolType | EnumType)
    may_be_unset = unset and not (plain and variable.initial is not None)
    bounds = bounds_of(variable, run)
    if data:
        return sort_of(kind, world, may_be_unset, data)
    if bounds is not None and bounds.declared:
        initial = (constant(variable.initial, run) or 0) if variable.initial is not None else 0
        return Range(min(bounds.low, initial, 0), max(bounds.high, initial, 0), may_be_unset)
    return sort_of(kind, world, may_be_unset)


def element_type(kind: Type) -> Type:
    """What the elements of an array, or the items of a list, are."""
    while isinstance(kind, ArrayType | ListType):
        kind = kind.element
    return kind


@dataclass(frozen=True)
class Bounds:
    """What values a variable may be given: the declared or C's range, and that of the model."""

    low: int
    high: int
    declared: bool


def bounds_of(variable: Variable, run: RunChoice) -> Bounds | None:
    """The range of an integer variable, None for other types."""
    type_ = element_type(variable.type)
    if not isinstance(type_, IntType):
        return None
    low = type_.low if variable.low is None else constant(variable.low, run)
    high = type_.high if variable.high is None else constant(variable.high, run)
    if low is None or high is None:
        return Bounds(type_.low, type_.high, False)
    return Bounds(low, high, variable.low is not None)


class Holds(PyEnum):
    """Which integers the cell of a variable holds, and where else there are such."""

    MODEL = "those of the model"
    DECLARED = "those of the model, in a model with data"
    ALL = "all: it is data"


def store_checks(
    variable: Variable, value: Expr, world: World, run: RunChoice, hooks: Hooks, holds: Holds
) -> tuple[Stmt, ...]:
    """A value outside of the declared type is a finding; one that the model cannot hold is a cut."""
    inside = hooks.misuse("out_of_range", is_in_range(variable, value, world, run, holds))
    return (*inside, *room_checks(variable, value, world, run, holds))


def is_in_range(variable: Variable, value: Expr, world: World, run: RunChoice, holds: Holds) -> Expr:
    """Whether a value is in the declared range or in that of the type, and is what `where` demands.

    Of its range only what the cell that it comes from could go beyond is asked.
    """
    inside = _is_between(variable, value, world, run, holds)
    if variable.where is None:
        return inside
    return conj([inside, constraint_on(variable.where, value, run)])


def _is_between(variable: Variable, value: Expr, world: World, run: RunChoice, holds: Holds) -> Expr:
    bounds = bounds_of(variable, run)
    if bounds is None:
        return TRUE
    if isinstance(value, Const):
        inside = bounds.low <= value.value <= bounds.high
        return TRUE if inside or value.value == UNSET else FALSE
    at_least, at_most = Binary(">=", value, Const(bounds.low)), Binary("<=", value, Const(bounds.high))
    if holds is Holds.ALL:
        return conj([at_least, at_most])
    low, high = world.integers
    parts = [*([at_least] if bounds.low >= low else []), *([at_most] if bounds.high <= high else [])]
    # Beside data, -2**31 is a number and not always the mark of what is unset.
    known = holds is Holds.DECLARED and bounds.declared
    return disj([*([] if known else _unset(value)), conj(parts)]) if parts else TRUE


def _unset(value: Expr) -> list[Expr]:
    """What is computed is set."""
    return [] if isinstance(value, Binary) else [eq(value, UNSET)]


def room_checks(
    variable: Variable, value: Expr, world: World, run: RunChoice, holds: Holds
) -> tuple[Stmt, ...]:
    """A value that the type has and the model has no room for is a cut."""
    bounds = bounds_of(variable, run)
    if bounds is None or bounds.declared or isinstance(value, Const) or holds is Holds.ALL:
        return ()
    low, high = world.integers
    fits = conj([Binary(">=", value, Const(low)), Binary("<=", value, Const(high))])
    return (Check(disj([*_unset(value), fits]), Cut(f"integers of {low}..{high}")),)


def initial_value(variable: Variable, run: RunChoice, sort: Sort) -> int:
    """What the variable holds when it comes to life: its initializer, or unset."""
    if variable.initial is None:
        return unset_of(sort)
    value = constant(variable.initial, run)
    return NULL if value is None else value
