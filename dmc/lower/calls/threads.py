"""Threads of the driver's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dmc.base.exceptions import InternalError
from dmc.ir.builder import eq
from dmc.ir.expr import Const, Expr, Read, Self
from dmc.ir.program import Node, Op
from dmc.ir.sort import Range
from dmc.ir.statement import Assign
from dmc.ir.system import Mover
from dmc.lower.calls.arguments import Call, values_of
from dmc.lower.code import After
from dmc.lower.expressions import located
from dmc.lower.faults import may_fail
from dmc.lower.scope import Scope, leave
from dmc.lower.words import words
from dmc.model import model
from dmc.runtime import driver_threads
from dmc.runtime.world import gives

if TYPE_CHECKING:
    from dmc.lower.program import ProgramCode


def _create(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
    """The thread may run before its id is stored: storing it is a step of its own."""
    _, where, function, argument, _ = expr.arguments
    if not isinstance(where, model.AddressOf):
        raise InternalError("lower", f"{expr.span}: the address of no thread id")
    place = where.place
    result, inner = scope.temp(Range(*code.world.integers, True))
    thread_id, taken = inner.temp(Range(0, code.world.threads, True))
    following = leave(taken, inner, after(Read(result), inner))
    site = scope.site(expr.span, words(expr))

    def with_values(values: tuple[Expr, ...], s: Scope) -> Node:
        done = leave(s, taken, following)
        returns = Op(
            "erl_drv_thread_create returns",
            site,
            (Assign(result, Const(0)), gives(Const(0))),
            done,
            mover=Mover.BOTH,
        )
        text = f"erl_drv_thread_create sets {words(place)}"
        stored = located(
            code,
            place,
            s,
            lambda loc, s2: code.store(loc, Read(thread_id), text, place.span, s2, leave(s2, s, returns)),
        )
        made = driver_threads.create(code.world, values[0], values[1], thread_id, site, stored)
        return may_fail(code, expr, s, made, result, Const(driver_threads.EAGAIN), done)

    return values_of(code, (function, argument), taken, with_values)


def _join(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
    result, inner = scope.temp(Range(*code.world.integers, True))

    def with_values(values: tuple[Expr, ...], s: Scope) -> Node:
        following = leave(s, inner, after(Read(result), inner))
        return driver_threads.join(code.world, values[0], result, s.site(expr.span, words(expr)), following)

    return values_of(code, expr.arguments[:1], inner, with_values)


def _exit(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
    """Only a thread of the driver's own has an end to go to."""
    site = scope.site(expr.span)
    if code.thread_end is None:
        return Op(words(expr), site, code.misuse("forbidden_context", Const(0)), after(Const(0), scope))
    return Op(words(expr), site, (), code.thread_end(scope))


def _self(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
    result, inner = scope.temp(Range(0, code.world.threads, True))
    statements = (Assign(result, Self()), gives(Read(result), str(expr.type)))
    return Op(words(expr), scope.site(expr.span), statements, after(Read(result), inner), mover=Mover.BOTH)


def _equal(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
    result, inner = scope.temp(Range(*code.world.integers, True))

    def with_values(values: tuple[Expr, ...], s: Scope) -> Node:
        statements = (Assign(result, eq(values[0], values[1])), gives(Read(result)))
        following = leave(s, inner, after(Read(result), inner))
        return Op(words(expr), s.site(expr.span), statements, following, mover=Mover.BOTH)

    return values_of(code, expr.arguments, inner, with_values)


CALLS: dict[str, Call] = {
    "erl_drv_thread_create": _create,
    "erl_drv_thread_join": _join,
    "erl_drv_thread_exit": _exit,
    "erl_drv_thread_self": _self,
    "erl_drv_equal_tids": _equal,
}
