"""Short ways to write expressions and statements; constants are folded, nothing else is."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from dmc.ir.expr import (
    FALSE,
    TRUE,
    AtPoint,
    Binary,
    Bound,
    Const,
    Expr,
    Field,
    Ite,
    Item,
    KindOf,
    Place,
    Quantified,
    Read,
    Register,
    Self,
    Unary,
    Var,
)
from dmc.ir.sort import DEAD, NULL
from dmc.ir.statement import Assign, Check, Cut, Drop, Fault, If, Stmt

Operand = Expr | Place | int
"""What the constructors take: an expression, a place to be read, a number."""


def lift(operand: Operand) -> Expr:
    """The operand as an expression."""
    match operand:
        case int():
            return Const(int(operand))
        case Var() | Register() | Field() | Item():
            return Read(operand)
        case _:
            return operand


def var(name: str, index: Operand = 0) -> Expr:
    """The value of a variable's cell."""
    return Read(Var(name, lift(index)))


def reg(name: str) -> Expr:
    """The value of a register of the executing thread."""
    return Read(Register(name))


def binary(operator: str, left: Operand, right: Operand) -> Expr:
    """An operation; of two constants, its value."""
    a, b = lift(left), lift(right)
    if isinstance(a, Const) and isinstance(b, Const) and operator in _FOLDED:
        return Const(int(_FOLDED[operator](a.value, b.value)))
    return Binary(operator, a, b)


_FOLDED: dict[str, Callable[[int, int], int]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def add(left: Operand, right: Operand) -> Expr:
    """`left + right`."""
    return binary("+", left, right)


def sub(left: Operand, right: Operand) -> Expr:
    """`left - right`."""
    return binary("-", left, right)


def eq(left: Operand, right: Operand) -> Expr:
    """`left == right`."""
    return binary("==", left, right)


def ne(left: Operand, right: Operand) -> Expr:
    """`left != right`."""
    return binary("!=", left, right)


def lt(left: Operand, right: Operand) -> Expr:
    """`left < right`."""
    return binary("<", left, right)


def le(left: Operand, right: Operand) -> Expr:
    """`left <= right`."""
    return binary("<=", left, right)


def neg(operand: Expr) -> Expr:
    """Not the condition."""
    match operand:
        case Const(value):
            return FALSE if value else TRUE
        case Unary("not", Binary() | AtPoint() | Quantified() | Unary("not", _) as inner):
            return inner
        case Binary("==", left, right):
            return Binary("!=", left, right)
        case Binary("!=", left, right):
            return Binary("==", left, right)
        case _:
            return Unary("not", operand)


def conj(conditions: Iterable[Expr]) -> Expr:
    """All of the conditions."""
    return _joined("and", conditions, neutral=TRUE, absorbing=FALSE)


def disj(conditions: Iterable[Expr]) -> Expr:
    """One of the conditions."""
    return _joined("or", conditions, neutral=FALSE, absorbing=TRUE)


def _joined(operator: str, conditions: Iterable[Expr], neutral: Expr, absorbing: Expr) -> Expr:
    result = neutral
    for condition in conditions:
        if condition == absorbing:
            return absorbing
        if condition != neutral:
            result = condition if result == neutral else Binary(operator, result, condition)
    return result


def implies(condition: Expr, consequence: Expr) -> Expr:
    """The consequence, where the condition holds."""
    return disj([neg(condition), consequence])


def ite(condition: Expr, then: Operand, otherwise: Operand) -> Expr:
    """One of two values."""
    if isinstance(condition, Const) or then == otherwise:
        return lift(otherwise if condition == FALSE else then)
    return Ite(condition, lift(then), lift(otherwise))


def forall(name: str, low: Operand, high: Operand, body: Callable[[Expr], Expr]) -> Expr:
    """The body for each value."""
    return Quantified("forall", name, lift(low), lift(high), body(Bound(name)))


def exists(name: str, low: Operand, high: Operand, body: Callable[[Expr], Expr]) -> Expr:
    """The body for one of the values."""
    return Quantified("exists", name, lift(low), lift(high), body(Bound(name)))


def count(name: str, low: Operand, high: Operand, body: Callable[[Expr], Expr]) -> Expr:
    """For how many of the values the body holds."""
    return Quantified("count", name, lift(low), lift(high), body(Bound(name)))


def holds(lock: Operand) -> Expr:
    """The executing thread is the one whose number the cell has."""
    return eq(lock, Self())


def at(thread: Operand, *points: str) -> Expr:
    """The thread is at one of the points."""
    return AtPoint(lift(thread), points)


def is_null(reference: Operand) -> Expr:
    """The reference is to no object."""
    return eq(reference, NULL)


def is_live(pool: str, reference: Operand) -> Expr:
    """The reference is to an object that was not killed."""
    return binary(">", KindOf(pool, lift(reference)), DEAD)


def assign(place: Place, value: Operand) -> Stmt:
    """The cell gets the value."""
    return Assign(place, lift(value))


def when(condition: Expr, *then: Stmt) -> Stmt:
    """The statements, where the condition holds."""
    return If(condition, then)


def check(condition: Expr, outcome: Fault | Cut | Drop) -> Stmt:
    """The run ends with the outcome unless the condition holds."""
    return Check(condition, outcome)
