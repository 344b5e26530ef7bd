"""`where` as a condition on a value: of the variable alone, and of what is fixed for a run."""

from __future__ import annotations

from dmc.base.exceptions import InternalError
from dmc.ir.builder import conj, disj, eq, ite, ne, neg
from dmc.ir.expr import Binary, Const, Expr, Unary
from dmc.ir.logic import truth_of
from dmc.lower.constants import constant
from dmc.lower.run import RunChoice
from dmc.model import model


def constraint_on(where: model.Expr, value: Expr, run: RunChoice) -> Expr:
    """The condition with the value in place of the variable."""
    return truth_of(_with(where, value, run))


def _with(expr: model.Expr, value: Expr, run: RunChoice) -> Expr:
    known = constant(expr, run)
    if known is not None:
        return Const(known)
    match expr:
        case model.VariableUse():
            return value
        case model.UnaryOp(operator="!", operand=operand):
            return neg(truth_of(_with(operand, value, run)))
        case model.UnaryOp(operator=operator, operand=operand):
            return Unary(operator, _with(operand, value, run))
        case model.BinaryOp(operator=operator, left=left, right=right):
            return _binary(operator, _with(left, value, run), _with(right, value, run))
        case model.ConditionalOp(condition=condition, then=then, otherwise=otherwise):
            test = truth_of(_with(condition, value, run))
            return ite(test, _with(then, value, run), _with(otherwise, value, run))
        case model.InValues(operand=operand, values=values):
            return disj(_among(_with(operand, value, run), one, run) for one in values)
        case _:
            raise InternalError("lower", f"{expr.span}: {type(expr).__name__} in a constraint")


def _binary(operator: str, left: Expr, right: Expr) -> Expr:
    match operator:
        case "&&":
            return conj([truth_of(left), truth_of(right)])
        case "||":
            return disj([truth_of(left), truth_of(right)])
        case "==":
            return eq(left, right)
        case "!=":
            return ne(left, right)
        case _:
            return Binary(operator, left, right)


def _among(value: Expr, one: model.Expr | tuple[model.Expr, model.Expr], run: RunChoice) -> Expr:
    low, high = (constant(end, run) or 0 for end in (one if isinstance(one, tuple) else (one, one)))
    return (
        eq(value, low)
        if low == high
        else conj([Binary(">=", value, Const(low)), Binary("<=", value, Const(high))])
    )
