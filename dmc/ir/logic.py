"""Short ways to write what programs are made of, beside those of `dmc.ir.builder`."""

from __future__ import annotations

from collections.abc import Iterable

from dmc.ir.builder import disj, eq, ite, ne
from dmc.ir.expr import FALSE, TRUE, Binary, Const, Expr, Place, Quantified, Read, Unary, Var


def gt(left: Expr, right: int) -> Expr:
    """Greater than a number."""
    return Binary(">", left, Const(right))


def among(value: Expr, members: Iterable[int]) -> Expr:
    """The value is one of these numbers."""
    return disj(eq(value, m) for m in members)


def plus(left: Expr, right: int) -> Expr:
    """The sum with a number."""
    if isinstance(left, Const):
        return Const(left.value + right)
    return left if right == 0 else Binary("+", left, Const(right))


def pick(index: Expr, values: Iterable[int]) -> Expr:
    """`values[index]`, for an index from 0 within the values."""
    listed = list(values)
    result: Expr = Const(listed[-1])
    for position in range(len(listed) - 2, -1, -1):
        result = ite(eq(index, position), Const(listed[position]), result)
    return result


def cell(name: str, index: Expr | int = 0) -> Expr:
    """The value of a variable's cell."""
    return Read(var(name, index))


def var(name: str, index: Expr | int = 0) -> Var:
    """A variable's cell."""
    return Var(name, Const(index) if isinstance(index, int) else index)


def read(place: Place) -> Expr:
    """The value of a place."""
    return Read(place)


def exists(name: str, low: int, high: int, body: Expr) -> Expr:
    """Some number from low to high, bound to the name, makes the body true."""
    return FALSE if high < low else Quantified("exists", name, Const(low), Const(high), body)


def forall(name: str, low: int, high: int, body: Expr) -> Expr:
    """Every number from low to high, bound to the name, makes the body true."""
    return TRUE if high < low else Quantified("forall", name, Const(low), Const(high), body)


def truth_of(value: Expr) -> Expr:
    """A number as a condition: anything but 0."""
    match value:
        case (
            Binary(operator="==" | "!=" | "<" | "<=" | ">" | ">=" | "and" | "or")
            | Unary("not", _)
            | Quantified()
        ):
            return value
        case Const(number):
            return TRUE if number else FALSE
        case _:
            return ne(value, 0)
