"""The port data lock."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from dmc.ir.expr import Const, Expr, Place, Read
from dmc.ir.program import Node, Op
from dmc.ir.sort import Range, Ref
from dmc.ir.statement import Stmt
from dmc.lower.calls.arguments import Call, values_of
from dmc.lower.code import After
from dmc.lower.scope import Scope, leave
from dmc.lower.words import words
from dmc.model import model
from dmc.runtime import port_data_lock
from dmc.runtime.world import HEAP, World

if TYPE_CHECKING:
    from dmc.lower.program import ProgramCode


def _create(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
    temp, inner = scope.temp(Ref(HEAP, unset=True))

    def with_values(values: tuple[Expr, ...], s: Scope) -> Node:
        statements = port_data_lock.create(code.world, values[0], temp)
        following = leave(s, inner, after(Read(temp), inner))
        return Op(words(expr), s.site(expr.span), statements, following)

    return values_of(code, expr.arguments, inner, with_values)


def _lock_call(make: Callable[..., Node]) -> Call:
    def lowered(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
        def with_values(values: tuple[Expr, ...], s: Scope) -> Node:
            return make(code.world, values[0], s.site(expr.span, words(expr)), after(Const(0), s))

        return values_of(code, expr.arguments, scope, with_values)

    return lowered


def _reference_call(make: Callable[[World, Expr, Place], tuple[Stmt, ...]]) -> Call:
    def lowered(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
        temp, inner = scope.temp(Range(*code.world.integers, True))

        def with_values(values: tuple[Expr, ...], s: Scope) -> Node:
            following = leave(s, inner, after(Read(temp), inner))
            return Op(words(expr), s.site(expr.span), make(code.world, values[0], temp), following)

        return values_of(code, expr.arguments, inner, with_values)

    return lowered


CALLS: dict[str, Call] = {
    "driver_pdl_create": _create,
    "driver_pdl_lock": _lock_call(port_data_lock.lock),
    "driver_pdl_unlock": _lock_call(port_data_lock.unlock),
    "driver_pdl_get_refc": _reference_call(port_data_lock.references),
    "driver_pdl_inc_refc": _reference_call(port_data_lock.take_reference),
    "driver_pdl_dec_refc": _reference_call(port_data_lock.give_reference),
}
