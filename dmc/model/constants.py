"""Constants: folding, and values under one assignment of the axes."""

from __future__ import annotations

from collections.abc import Mapping

from dmc.base.types import BOOL, EnumType
from dmc.model import model

Values = Mapping[str, int]
"""The value of each axis and setting of a run, by name; an enumeration by the index of its member."""


def fold(expr: model.Expr) -> model.Literal | None:
    """The literal that the expression always is."""
    value = evaluate(expr, {})
    return model.Literal(value, expr.type, expr.span) if value is not None else None


def evaluate(expr: model.Expr, values: Values) -> int | None:
    """The value in a run, or None if it depends on more than the axes."""
    match expr:
        case model.Literal():
            return expr.value
        case model.AxisValue():
            return values.get(expr.axis.name)
        case model.SettingValue():
            return values.get(expr.name)
        case model.UnaryOp():
            return _unary(expr, values)
        case model.BinaryOp():
            return _binary(expr, values)
        case model.ConditionalOp():
            test = evaluate(expr.condition, values)
            if test is None:
                return None
            return evaluate(expr.then if test else expr.otherwise, values)
        case model.InValues():
            return _membership(expr, values)
        case _:
            return None


def axis_value(kind: object, text: str) -> int:
    """A value of an axis as the number that expressions compare."""
    match kind:
        case EnumType():
            return kind.members.index(text)
        case _ if kind == BOOL:
            return int(text == "true")
        case _:
            return int(text)


def names_read(expr: model.Expr) -> frozenset[str]:
    """The axes and settings that a condition over runs reads."""
    match expr:
        case model.AxisValue():
            return frozenset({expr.axis.name})
        case model.SettingValue():
            return frozenset({expr.name})
        case model.UnaryOp():
            return names_read(expr.operand)
        case model.BinaryOp():
            return names_read(expr.left) | names_read(expr.right)
        case model.ConditionalOp():
            return names_read(expr.condition) | names_read(expr.then) | names_read(expr.otherwise)
        case model.InValues():
            ends = [e for v in expr.values for e in (v if isinstance(v, tuple) else (v,))]
            return names_read(expr.operand).union(*(names_read(end) for end in ends))
        case _:
            return frozenset()


def _unary(expr: model.UnaryOp, values: Values) -> int | None:
    operand = evaluate(expr.operand, values)
    if operand is None:
        return None
    return int(not operand) if expr.operator == "!" else -operand


def _binary(expr: model.BinaryOp, values: Values) -> int | None:
    left = evaluate(expr.left, values)
    if expr.operator in ("&&", "||"):
        if left is None:
            return None
        if bool(left) == (expr.operator == "||"):
            return int(bool(left))
        right = evaluate(expr.right, values)
        return None if right is None else int(bool(right))
    right = evaluate(expr.right, values)
    return None if left is None or right is None else _compute(expr.operator, left, right)


def _compute(operator: str, left: int, right: int) -> int | None:
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/" | "%":
            return _divide(operator, left, right)
        case "|":
            return left | right
        case "&":
            return left & right
        case "^":
            return left ^ right
        case "<<" | ">>":
            return _shift(operator, left, right)
        case "==":
            return int(left == right)
        case "!=":
            return int(left != right)
        case "<":
            return int(left < right)
        case "<=":
            return int(left <= right)
        case ">":
            return int(left > right)
        case ">=":
            return int(left >= right)
        case _:
            return None


def _divide(operator: str, left: int, right: int) -> int | None:
    """As in C: towards zero, the remainder with the sign of the dividend."""
    if right == 0:
        return None
    quotient = abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)
    return quotient if operator == "/" else left - quotient * right


def _shift(operator: str, left: int, right: int) -> int | None:
    if not 0 <= right < 64:
        return None
    return left << right if operator == "<<" else left >> right


def _membership(expr: model.InValues, values: Values) -> int | None:
    operand = evaluate(expr.operand, values)
    if operand is None:
        return None
    for value in expr.values:
        low, high = value if isinstance(value, tuple) else (value, value)
        first, last = evaluate(low, values), evaluate(high, values)
        if first is None or last is None:
            return None
        if first <= operand <= last:
            return 1
    return 0
