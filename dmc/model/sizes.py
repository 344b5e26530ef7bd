"""Sizes: of arrays, of lists, how many threads are alike. Each is fixed for a run, by an axis if it likes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from itertools import product

from dmc.base.source import Span
from dmc.base.types import INT, ArrayType, ListType, Type
from dmc.model import model
from dmc.model.checked import constant
from dmc.model.constants import axis_value, evaluate, fold
from dmc.model.environment import UNKNOWN, Env
from dmc.syntax import ast

MAX_ARRAY = 64
MAX_LIST = 64
_COMBINATIONS = 10_000
"""Of so many combinations of axes each is looked at."""


def shape(kind: Type, node: ast.Variable, variable: model.Variable, env: Env) -> Type:
    """The type of a variable with brackets; `sizes` and `capacity` are set."""
    written = [size for size in (node.size, node.second) if size is not None]
    sizes = [size for one in written if (size := fixed_size(one, env)) is not None]
    if len(sizes) < len(written):
        return UNKNOWN
    if node.storage in ("list", "set"):
        return _list_of(kind, node, sizes, variable, env)
    variable.sizes = tuple(sizes)
    if not _check(_product(sizes), node.name.span, f"an array of {{}} elements|from 1 to {MAX_ARRAY}", env):
        return UNKNOWN
    for size in reversed(sizes):
        kind = ArrayType(kind, _known(size))
    return kind


def fixed_size(node: ast.Expr, env: Env) -> model.Expr | None:
    """A number that is fixed for a run; None after a diagnostic."""
    found = constant(node, env)
    return None if found.type == UNKNOWN else found


def check_range(size: model.Expr, low: int, high: int) -> int | None:
    """A value outside of low..high that the size has for some values of the axes."""
    axes = tuple(dict.fromkeys(_axes(size)))
    combinations = 1
    for axis in axes:
        combinations *= max(1, len(axis.values))
    if combinations > _COMBINATIONS:
        return None
    for texts in product(*(axis.values for axis in axes)):
        values = {a.name: axis_value(a.type, t) for a, t in zip(axes, texts, strict=True)}
        value = evaluate(size, values)
        if value is not None and not low <= value <= high:
            return value
    return None


def _list_of(
    kind: Type, node: ast.Variable, sizes: list[model.Expr], variable: model.Variable, env: Env
) -> Type:
    if not sizes:
        hints = (f"write `{node.name.text}[n]` for at most n items",)
        env.report("E313", f"a `{node.storage}` needs a bound", node.name.span, "", hints)
        return UNKNOWN
    variable.capacity = sizes[-1]
    variable.sizes = tuple(sizes[:-1])
    fits = _check(sizes[-1], node.name.span, f"a {node.storage} of {{}} items|at most {MAX_LIST}", env)
    for size in variable.sizes:
        fits = fits and _check(size, node.name.span, f"{{}} lists|from 1 to {MAX_ARRAY}", env)
    if not fits:
        return UNKNOWN
    found: Type = ListType(kind, node.storage == "list")
    for size in reversed(variable.sizes):
        found = ArrayType(found, _known(size))
    return found


def _check(size: model.Expr, span: Span, words: str, env: Env) -> bool:
    wrong = check_range(size, 1, MAX_ARRAY)
    if wrong is None:
        return True
    message, note = words.format(wrong).split("|")
    env.report("E315", message, span, note)
    return False


def _product(sizes: list[model.Expr]) -> model.Expr:
    result = sizes[0]
    for size in sizes[1:]:
        result = model.BinaryOp("*", result, size, INT, size.span)
    return result


def _known(size: model.Expr) -> int | None:
    folded = fold(size)
    return None if folded is None else folded.value


def _axes(node: object) -> Iterator[model.Axis]:
    """The axes that an expression reads."""
    if isinstance(node, model.AxisValue):
        yield node.axis
    elif isinstance(node, tuple):
        for item in node:
            yield from _axes(item)
    elif is_dataclass(node):
        for one in fields(node):
            if one.name not in ("type", "span"):
                yield from _axes(getattr(node, one.name))
