"""Short ways to write expressions, with constants folded."""

from __future__ import annotations

from collections.abc import Iterable

from dmc.ir.expr import FALSE, TRUE, Binary, Const, Expr, Ite, Place, Quantified, Read, Unary, Var


def conj(conditions: Iterable[Expr]) -> Expr:
    """All of them."""
    result: Expr = TRUE
    for condition in conditions:
        if condition == FALSE:
            return FALSE
        if condition == TRUE:
            continue
        result = condition if result == TRUE else Binary("and", result, condition)
    return result


def disj(conditions: Iterable[Expr]) -> Expr:
    """Any of them."""
    result: Expr = FALSE
    for condition in conditions:
        if condition == TRUE:
            return TRUE
        if condition == FALSE:
            continue
        result = condition if result == FALSE else Binary("or", result, condition)
    return result


def negate(condition: Expr) -> Expr:
    """Not so."""
    match condition:
        case Const(value):
            return FALSE if value else TRUE
        case Unary("not", operand):
            return operand
        case Binary("==", left, right):
            return Binary("!=", left, right)
        case Binary("!=", left, right):
            return Binary("==", left, right)
        case _:
            return Unary("not", condition)


def eq(left: Expr, right: Expr | int) -> Expr:
    """Equality."""
    right = Const(right) if isinstance(right, int) else right
    if isinstance(left, Const) and isinstance(right, Const):
        return TRUE if left.value == right.value else FALSE
    return Binary("==", left, right)


def ne(left: Expr, right: Expr | int) -> Expr:
    """Inequality."""
    return negate(eq(left, right))


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


def ite(condition: Expr, then: Expr, otherwise: Expr) -> Expr:
    """One of two values."""
    if condition == TRUE or then == otherwise:
        return then
    return otherwise if condition == FALSE else Ite(condition, then, otherwise)


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
