"""Expressions of which something is asked: a type, a truth value, a constant."""

from __future__ import annotations

from dmc.base.types import BOOL, IntType, Type, VoidType
from dmc.model import model
from dmc.model.conversions import as_integer, condition, convert
from dmc.model.environment import UNKNOWN, Env
from dmc.model.names import is_contextual
from dmc.syntax import ast


def typed(node: ast.Expr, target: Type, env: Env, code: str, note: str = "") -> model.Expr:
    """The expression as a value of the type; else a diagnostic with this code at its place."""
    value = env.expression(node, target)
    if isinstance(value.type, VoidType):
        return env.refuse("E319", "this call has no value", node.span)
    converted = convert(value, target)
    if converted is None:
        return env.refuse(code, f"a `{target}` is needed here, and this is a `{value.type}`", node.span, note)
    return converted


def tested(node: ast.Expr, env: Env) -> model.Expr:
    """The expression as a condition."""
    value = env.expression(node, BOOL)
    if isinstance(value, model.AddressOf | model.StringValue):
        what = "an address" if isinstance(value, model.AddressOf) else "a text"
        return env.refuse("E309", f"{what} is only for an argument", node.span)
    found = condition(value)
    if found is None:
        return env.refuse("E309", f"a `{value.type}` is neither true nor false", node.span)
    return found


def constant(node: ast.Expr, env: Env) -> model.Expr:
    """A number that is fixed for a run: a literal, a constant or an axis."""
    value = as_integer(env.expression(node))
    if value.type != UNKNOWN and not (isinstance(value.type, IntType) and is_fixed(value)):
        return env.refuse(
            "E313",
            "this must be a number that is fixed for a run",
            node.span,
            "a literal, a constant, or an axis",
        )
    return value


def pair(first: ast.Expr, second: ast.Expr, env: Env) -> tuple[model.Expr, model.Expr]:
    """Two expressions that are compared: a name that means something only beside the other comes second."""
    if is_contextual(first, env) and not is_contextual(second, env):
        right = env.expression(second)
        return env.expression(first, right.type), right
    left = env.expression(first)
    return left, env.expression(second, left.type)


def is_fixed(value: model.Expr) -> bool:
    """Whether the value is the same in all states of a run."""
    match value:
        case model.Literal() | model.AxisValue() | model.SettingValue():
            return True
        case model.UnaryOp():
            return is_fixed(value.operand)
        case model.BinaryOp():
            return is_fixed(value.left) and is_fixed(value.right)
        case model.ConditionalOp():
            return is_fixed(value.condition) and is_fixed(value.then) and is_fixed(value.otherwise)
        case _:
            return False
