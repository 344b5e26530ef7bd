"""Arguments of a call: evaluated left to right, each a step where others could notice it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from dmc.ir.expr import Const, Expr
from dmc.ir.program import Node
from dmc.lower.code import After
from dmc.lower.expressions import value
from dmc.lower.scope import Scope
from dmc.model import model

if TYPE_CHECKING:
    from dmc.lower.program import ProgramCode


Call = Callable[["ProgramCode", model.ApiCall, Scope, After], Node]
"""Lowers one call: its steps, and then what is done with its result."""


def values_of(
    code: ProgramCode,
    arguments: tuple[model.Expr, ...],
    scope: Scope,
    then: Callable[[tuple[Expr, ...], Scope], Node],
) -> Node:
    """Go on with the values of the arguments; what is only named there (a text, a size, an address) is 0."""

    def more(found: tuple[Expr, ...], rest: tuple[model.Expr, ...], inner: Scope) -> Node:
        if not rest:
            return then(found, inner)
        if isinstance(rest[0], model.StringValue | model.SizeOfType | model.AddressOf):
            return more((*found, Const(0)), rest[1:], inner)
        return value(code, rest[0], inner, lambda v, s: more((*found, v), rest[1:], s))

    return more((), arguments, scope)
