"""Arithmetic in the types of C: which results and conversions leave the range of their type (DAT001).

An operator computes in the type that C's usual arithmetic conversions give it (ISO C11 6.3.1.8): at
least `int`, unsigned if one side is an unsigned type as wide as the other. C wraps an unsigned result and
gives no meaning to a signed one that does not fit; here both are findings, where they are computed, and
so is a negative number that is converted to an unsigned type. Bit shifts by less than nothing or by the
width of the type or more, and shifts to the left of what is negative, have no meaning in C (6.5.7).
"""

from __future__ import annotations

from collections.abc import Iterator

from dmc.base.types import ArrayType, BoolType, IntType, Type
from dmc.ir.builder import binary, conj
from dmc.ir.expr import Expr
from dmc.lower.constants import constant
from dmc.lower.run import RunChoice
from dmc.lower.sorts import bounds_of
from dmc.model import model
from dmc.model.conversions import common_integer

Interval = tuple[int, int]

COMPUTES = frozenset(["+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>"])


def intermediate(expr: model.BinaryOp, a: Expr, b: Expr, run: RunChoice, held: Interval) -> Expr:
    """Whether a computation or comparison with these operands stays in the range of its type.

    `held` is the range of integers that a cell of the model can hold, so that what is true of all of
    them need not be asked in each state.
    """
    left, right = interval(expr.left, run, held), interval(expr.right, run, held)
    parts: list[Expr] = []
    if not (isinstance(expr.left.type, IntType) and isinstance(expr.right.type, IntType)):
        return conj(parts)
    if expr.operator in ("<<", ">>"):
        assert isinstance(expr.type, IntType)
        parts += _within(b, right, (0, (expr.type.high - expr.type.low).bit_length() - 1))
        if expr.operator == "<<":
            parts += _within(a, left, (0, expr.type.high))
    else:
        common = common_integer(expr.left.type, expr.right.type)
        assert isinstance(common, IntType)
        parts += _within(a, left, (common.low, common.high))
        parts += _within(b, right, (common.low, common.high))
    if expr.operator in COMPUTES and isinstance(expr.type, IntType):
        result = binary(expr.operator, a, b)
        parts += _within(result, _of(expr.operator, left, right), (expr.type.low, expr.type.high))
    return conj(parts)


def negation(expr: model.UnaryOp, a: Expr, run: RunChoice, held: Interval) -> Expr:
    """Whether `-x` stays in the range of its type."""
    if not isinstance(expr.type, IntType):
        return conj([])
    low, high = interval(expr.operand, run, held)
    return conj(_within(binary("-", 0, a), (-high, -low), (expr.type.low, expr.type.high)))


def interval(expr: model.Expr, run: RunChoice, held: Interval) -> Interval:
    """The least and the greatest value that the expression can have if nothing before it was a finding."""
    known = constant(expr, run)
    if known is not None:
        return known, known
    match expr:
        case model.VariableUse(variable=variable) | model.FieldUse(field=variable):
            return _of_variable(variable, run, held)
        case model.IndexUse(array=model.VariableUse(variable=variable) | model.FieldUse(field=variable)) if (
            isinstance(variable.type, ArrayType)
        ):
            return _of_variable(variable, run, held)
        case model.UnaryOp(operator="-", operand=operand):
            low, high = interval(operand, run, held)
            return _clip((-high, -low), expr.type, None)
        case model.BinaryOp(operator=operator, left=left, right=right) if operator in COMPUTES:
            sides = interval(left, run, held), interval(right, run, held)
            return _clip(_of(operator, *sides), expr.type, None)
        case model.ConditionalOp(then=then, otherwise=otherwise):
            return _hull(interval(one, run, held) for one in (then, otherwise))
        case model.ChooseValue(values=values):
            ends = [e for v in values for e in (v if isinstance(v, tuple) else (v,))]
            return _hull(interval(one, run, held) for one in ends)
        case _:
            return _clip(held, expr.type, held)


def leaves_range(expr: model.Expr, run: RunChoice) -> bool:
    """Whether the evaluation of what is constant in a run leaves a range on the way."""
    match expr:
        case model.UnaryOp(operator=operator, operand=operand):
            value = constant(operand, run)
            own = operator == "-" and value is not None and not _fits(-value, expr.type)
            return own or leaves_range(operand, run)
        case model.BinaryOp(operator="&&" | "||" as operator, left=left, right=right):
            decided = constant(left, run) == (0 if operator == "&&" else 1)
            return leaves_range(left, run) or (not decided and leaves_range(right, run))
        case model.BinaryOp(left=left, right=right):
            a, b = constant(left, run), constant(right, run)
            if leaves_range(left, run) or leaves_range(right, run) or a is None or b is None:
                return a is not None and b is not None
            return intermediate(expr, binary("+", a, 0), binary("+", b, 0), run, (a, b)) != conj([])
        case model.ConditionalOp(condition=condition, then=then, otherwise=otherwise):
            taken = then if constant(condition, run) else otherwise
            return leaves_range(condition, run) or leaves_range(taken, run)
        case _:
            return False


def _of_variable(variable: model.Variable, run: RunChoice, held: Interval) -> Interval:
    bounds = bounds_of(variable, run)
    if bounds is None:
        return _clip(held, variable.type, held)
    if bounds.declared:
        return bounds.low, bounds.high
    return max(bounds.low, held[0]), min(bounds.high, held[1])


def _within(value: Expr, possible: Interval, wanted: Interval) -> Iterator[Expr]:
    """What must be asked so that the value is in the range."""
    if possible[0] < wanted[0]:
        yield binary(">=", value, wanted[0])
    if possible[1] > wanted[1]:
        yield binary("<=", value, wanted[1])


def _of(operator: str, left: Interval, right: Interval) -> Interval:
    """Where the result lies; wider than need be where that is simpler."""
    match operator:
        case "+":
            return left[0] + right[0], left[1] + right[1]
        case "-":
            return left[0] - right[1], left[1] - right[0]
        case "*":
            corners = [a * b for a in left for b in right]
            return min(corners), max(corners)
        case "/":
            return _signed(max(map(abs, left)), left[0] < 0 or right[0] < 0)
        case "%":
            return _signed(max(map(abs, right)), left[0] < 0)
        case "<<":
            most = max(map(abs, left)) << max(0, min(right[1], 64))
            return _signed(most, left[0] < 0)
        case ">>":
            return _signed(max(map(abs, left)), left[0] < 0)
        case _:
            most = 1 << max(abs(end).bit_length() for end in (*left, *right))
            return -most if left[0] < 0 or right[0] < 0 else 0, most - 1


def _signed(most: int, negative: bool) -> Interval:
    return (-most if negative else 0), most


def _clip(found: Interval, kind: Type, held: Interval | None) -> Interval:
    """As far as the type reaches, and, of what a cell holds, as far as that does."""
    match kind:
        case BoolType():
            return 0, 1
        case IntType(low=low, high=high):
            pass
        case _:
            return found
    if held is not None:
        low, high = max(low, held[0]), min(high, held[1])
    return max(found[0], low), min(found[1], high)


def _hull(intervals: Iterator[Interval]) -> Interval:
    ends = list(intervals)
    return min(low for low, _ in ends), max(high for _, high in ends)


def _fits(value: int, kind: Type) -> bool:
    return not isinstance(kind, IntType) or kind.low <= value <= kind.high
