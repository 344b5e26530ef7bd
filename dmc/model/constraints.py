"""`where`: what must be true of the value of a variable, at each store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from dmc.base.types import ArrayType, BoolType, EnumType, IntType
from dmc.model import model
from dmc.model.checked import tested
from dmc.model.constants import fold
from dmc.model.environment import UNKNOWN, Env, Place, declare
from dmc.syntax import ast


def set_constraint(variable: model.Variable, written: ast.Expr | None, env: Env) -> None:
    """Resolve the constraint; it speaks of the variable alone, and of what is fixed for a run."""
    if written is None or variable.type == UNKNOWN:
        return
    kind = variable.type.element if isinstance(variable.type, ArrayType) else variable.type
    if not isinstance(kind, IntType | BoolType | EnumType):
        env.report("E302", f"a constraint is for numbers, and this is a `{kind}`", written.span)
        return
    inner = replace(env.inner(), place=Place.PROPERTY)
    itself = model.Variable(variable.name, kind, variable.storage, variable.span)
    declare(inner, variable.name, itself, variable.span)
    condition = tested(written, inner)
    if condition.type == UNKNOWN:
        return
    names = [*_foreign(condition, itself)]
    for other in names:
        note = f"it is checked when `{variable.name}` gets a value, and at no other time"
        env.report("E390", "a constraint on more than the variable itself", other.span, note)
    if not names:
        variable.where = with_value(condition, itself, model.VariableUse(variable, kind, written.span))


def check_initial(variable: model.Variable, env: Env) -> None:
    """An initial value that is known must meet the constraint."""
    known = fold(variable.initial) if variable.initial is not None else None
    if variable.where is None or known is None or known.type == UNKNOWN:
        return
    holds = fold(with_value(variable.where, variable, known))
    if holds is not None and not holds.value:
        assert variable.initial is not None
        message = f"the initial value {known.value} is not what `where` demands"
        env.report("E301", message, variable.initial.span)


def with_value(expr: model.Expr, variable: model.Variable, value: model.Expr) -> model.Expr:
    """The expression with the value in place of the variable."""
    match expr:
        case model.VariableUse(variable=used) if used is variable:
            return value
        case model.UnaryOp():
            return replace(expr, operand=with_value(expr.operand, variable, value))
        case model.BinaryOp():
            left, right = (with_value(e, variable, value) for e in (expr.left, expr.right))
            return replace(expr, left=left, right=right)
        case model.ConditionalOp():
            parts = (expr.condition, expr.then, expr.otherwise)
            condition, then, otherwise = (with_value(e, variable, value) for e in parts)
            return replace(expr, condition=condition, then=then, otherwise=otherwise)
        case model.InValues():
            return replace(expr, operand=with_value(expr.operand, variable, value))
        case _:
            return expr


def _foreign(expr: model.Expr, itself: model.Variable) -> Iterator[model.Expr]:
    """What is neither the variable nor fixed for a run."""
    match expr:
        case model.VariableUse(variable=used) if used is itself:
            return
        case model.Literal() | model.AxisValue() | model.SettingValue():
            return
        case model.UnaryOp(operand=operand) | model.InValues(operand=operand):
            yield from _foreign(operand, itself)
        case model.BinaryOp(left=left, right=right):
            yield from _foreign(left, itself)
            yield from _foreign(right, itself)
        case model.ConditionalOp(condition=condition, then=then, otherwise=otherwise):
            for part in (condition, then, otherwise):
                yield from _foreign(part, itself)
        case _:
            yield expr
