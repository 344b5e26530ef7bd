"""Which value fits where, and what C does to make it fit."""

from __future__ import annotations

from dataclasses import replace

from dmc.base.types import (
    BINARY,
    BINARY_VALUE,
    BOOL,
    INT,
    INTEGER_TYPES,
    PID,
    PORT,
    REPLY,
    BoolType,
    BufferType,
    ErlangType,
    FunctionType,
    HandleType,
    IntType,
    NullType,
    PointerType,
    StructType,
    Type,
)
from dmc.model import model
from dmc.model.environment import BYTES, DATA, FUNCTION, UNKNOWN

DRIVER_ERROR = ErlangType("driver error")
"""The type of `ERL_DRV_ERROR_GENERAL` and the like until it is known which pointer they stand for."""

_RANK = (
    "char",
    "int",
    "unsigned",
    "long",
    "ErlDrvSInt",
    "ErlDrvSSizeT",
    "ErlDrvUInt",
    "ErlDrvSizeT",
    "size_t",
)


def convert(expr: model.Expr, target: Type) -> model.Expr | None:
    """The expression as a value of the type, or None if C (or common sense) says that it is none."""
    source = expr.type
    if UNKNOWN in (source, target) or source == target:
        return expr
    match target, source:
        case IntType(), IntType():
            return _integer(expr, target)
        case IntType(), BoolType():
            return as_integer(expr)
        case BoolType(), IntType():
            return condition(expr)
        case _, NullType() if accepts_null(target):
            return _null(expr, target)
        case PointerType(StructType()), ErlangType() if source == DRIVER_ERROR:
            return replace(expr, type=target) if isinstance(expr, model.Literal) else None
        case HandleType(), _ if target == REPLY and (_is_object(source) or source == BINARY):
            return expr
        case FunctionType(), _ if isinstance(expr, model.FunctionValue) and expr.function is None:
            return replace(expr, type=target)
        case PointerType(StructType()), ErlangType() if source == DATA:
            return expr
        case ErlangType(), PointerType() if target == DATA:
            return expr
        case ErlangType(), FunctionType() if target == FUNCTION:
            return expr
        case ErlangType(), ErlangType() if {source, target} == {BYTES, BINARY_VALUE}:
            return expr
        case _:
            return None


def _is_object(source: Type) -> bool:
    return isinstance(source, PointerType) and isinstance(source.target, StructType)


def _integer(expr: model.Expr, target: IntType) -> model.Expr:
    if isinstance(expr, model.Literal) and target.low <= expr.value <= target.high:
        return replace(expr, type=target)
    return expr


def _null(expr: model.Expr, target: Type) -> model.Expr:
    match expr:
        case model.NullValue():
            return replace(expr, type=target)
        case _:
            return expr


def accepts_null(target: Type) -> bool:
    """Whether `NULL` is a value of the type."""
    match target:
        case PointerType() | FunctionType() | NullType() | BufferType():
            return True
        case HandleType():
            return target.pointer
        case ErlangType():
            return target in (PORT, PID, DATA, FUNCTION)
        case _:
            return False


def as_integer(expr: model.Expr) -> model.Expr:
    """A truth value as 0 or 1, an integer as it is."""
    if not isinstance(expr.type, BoolType):
        return expr
    if isinstance(expr, model.Literal):
        return replace(expr, type=INT)
    one, zero = (model.Literal(value, INT, expr.span) for value in (1, 0))
    return model.ConditionalOp(expr, one, zero, INT, expr.span)


def condition(expr: model.Expr) -> model.Expr | None:
    """The expression as C tests it in `if`: integers against 0, pointers against `NULL`."""
    match expr.type:
        case BoolType():
            return expr
        case IntType():
            if isinstance(expr, model.Literal):
                return model.Literal(int(expr.value != 0), BOOL, expr.span)
            zero = model.Literal(0, expr.type, expr.span)
            return model.BinaryOp("!=", expr, zero, BOOL, expr.span)
        case kind if kind == UNKNOWN:
            return expr
        case kind if accepts_null(kind):
            null = model.NullValue(kind, expr.span)
            return model.BinaryOp("!=", expr, null, BOOL, expr.span)
        case _:
            return None


def common_integer(left: Type, right: Type) -> Type:
    """The type in which C computes with two integers: the wider one, at least `int`."""
    names = [t.name for t in (left, right) if isinstance(t, IntType)]
    rank = max((_RANK.index(name) for name in names if name in _RANK), default=1)
    return INTEGER_TYPES[_RANK[max(rank, 1)]]


def unify(left: model.Expr, right: model.Expr) -> tuple[model.Expr, model.Expr] | None:
    """Both as values of one type, as the branches of `?:` and the sides of `==` must be."""
    if isinstance(left.type, BoolType) != isinstance(right.type, BoolType) and all(
        isinstance(side.type, BoolType | IntType) for side in (left, right)
    ):
        left, right = as_integer(left), as_integer(right)
    if isinstance(left.type, IntType) and isinstance(right.type, IntType):
        kind = common_integer(left.type, right.type)
        return convert(left, kind) or left, convert(right, kind) or right
    converted = convert(right, left.type)
    if converted is not None:
        return left, converted
    converted = convert(left, right.type)
    return (converted, right) if converted is not None else None
