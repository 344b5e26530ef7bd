"""How large arrays and lists are in one run, and between which bounds an expression stays in it."""

from __future__ import annotations

from dmc.base.exceptions import InternalError
from dmc.base.types import ArrayType, ListType
from dmc.ir.builder import conj
from dmc.ir.expr import TRUE, Binary, Const, Expr
from dmc.lower.constants import constant
from dmc.lower.run import RunChoice
from dmc.model import model
from dmc.model.model import Storage

Interval = tuple[int, int]


def sizes(variable: model.Variable, run: RunChoice) -> tuple[int, ...]:
    """The sizes of an array, outermost first; none for what is no array."""
    return tuple(_fixed(size, run) for size in variable.sizes)


def length(variable: model.Variable, run: RunChoice) -> int:
    """The number of elements, of all dimensions; 1 for what is no array."""
    result = 1
    for size in sizes(variable, run):
        result *= size
    return result


def capacity(variable: model.Variable, run: RunChoice) -> int:
    """The most items that a list has room for."""
    if variable.capacity is None:
        raise InternalError("lower", f"{variable.span}: {variable.name} is no list")
    return _fixed(variable.capacity, run)


def is_list(variable: model.Variable) -> bool:
    """Whether it is a list, or an array of lists."""
    kind = variable.type
    while isinstance(kind, ArrayType):
        kind = kind.element
    return isinstance(kind, ListType)


def number_of(thread: model.Thread, run: RunChoice) -> int:
    """How many threads of that name there are."""
    return _fixed(thread.count, run)


def flat(indices: tuple[Expr, ...], extents: tuple[int, ...]) -> Expr:
    """The position of an element among all, from one index for each dimension."""
    result, *rest = indices
    for index, extent in zip(rest, extents[1:], strict=True):
        result = _sum(_times(result, extent), index)
    return result


def inside(
    indices: tuple[model.Expr, ...], values: tuple[Expr, ...], extents: tuple[int, ...], run: RunChoice
) -> Expr:
    """Whether each index is one of its dimension; true at once where the model's ranges say so."""
    return conj(
        _within(value, extent)
        for index, value, extent in zip(indices, values, extents, strict=True)
        if not _is_within(interval(index, run), extent)
    )


def interval(expr: model.Expr, run: RunChoice) -> Interval | None:
    """Between which bounds the value is in every state, from literals and declared ranges."""
    known = constant(expr, run)
    if known is not None:
        return known, known
    match expr:
        case model.VariableUse(variable=variable) | model.FieldUse(field=variable):
            return _declared(variable, run)
        case model.IndexUse():
            return _declared(base_of(expr), run)
        case model.BinaryOp(operator="+" | "-" | "*" as operator, left=left, right=right):
            return _combined(operator, interval(left, run), interval(right, run))
        case model.BinaryOp(operator="/" | "%" as operator, left=left, right=right):
            return _divided(operator, interval(left, run), constant(right, run))
        case model.ConditionalOp(then=then, otherwise=otherwise):
            one, other = interval(then, run), interval(otherwise, run)
            if one is None or other is None:
                return None
            return min(one[0], other[0]), max(one[1], other[1])
        case _:
            return None


def base_of(expr: model.Expr) -> model.Variable:
    """The variable or field that is indexed."""
    match expr:
        case model.IndexUse(array=array):
            return base_of(array)
        case model.VariableUse(variable=variable) | model.FieldUse(field=variable):
            return variable
        case _:
            raise InternalError("lower", f"{expr.span}: {type(expr).__name__} is no array")


def indices_of(expr: model.Expr) -> tuple[model.Expr, ...]:
    """All indices of a use of an element, outermost first."""
    match expr:
        case model.IndexUse(array=array, index=index):
            return (*indices_of(array), index)
        case _:
            return ()


def _declared(variable: model.Variable, run: RunChoice) -> Interval | None:
    """The range of a variable that has a value from the beginning; a store out of it is a fault."""
    if variable.low is None or variable.high is None:
        return None
    if variable.initial is None and variable.storage is not Storage.BOUND:
        return None
    return _fixed(variable.low, run), _fixed(variable.high, run)


def _combined(operator: str, one: Interval | None, other: Interval | None) -> Interval | None:
    if one is None or other is None:
        return None
    match operator:
        case "+":
            return one[0] + other[0], one[1] + other[1]
        case "-":
            return one[0] - other[1], one[1] - other[0]
        case _:
            products = [a * b for a in one for b in other]
            return min(products), max(products)


def _divided(operator: str, one: Interval | None, by: int | None) -> Interval | None:
    if one is None or by is None or by <= 0 or one[0] < 0:
        return None
    if operator == "/":
        return one[0] // by, one[1] // by
    return 0, min(one[1], by - 1)


def _is_within(known: Interval | None, extent: int) -> bool:
    return known is not None and known[0] >= 0 and known[1] < extent


def _within(value: Expr, extent: int) -> Expr:
    if isinstance(value, Const):
        return TRUE if 0 <= value.value < extent else Const(0)
    return conj([Binary(">=", value, Const(0)), Binary("<", value, Const(extent))])


def _times(value: Expr, number: int) -> Expr:
    if isinstance(value, Const):
        return Const(value.value * number)
    return value if number == 1 else Binary("*", value, Const(number))


def _sum(left: Expr, right: Expr) -> Expr:
    if isinstance(left, Const) and isinstance(right, Const):
        return Const(left.value + right.value)
    return right if left == Const(0) else left if right == Const(0) else Binary("+", left, right)


def _fixed(size: model.Expr, run: RunChoice) -> int:
    value = constant(size, run)
    if value is None:
        raise InternalError("lower", f"{size.span}: a size that is not fixed")
    return value
