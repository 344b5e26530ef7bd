"""Thread specific data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dmc.base.exceptions import InternalError
from dmc.base.types import PointerType, StructType
from dmc.ir.builder import disj, eq
from dmc.ir.expr import Binary, Const, Expr, KindOf, Read
from dmc.ir.program import Node, Op
from dmc.ir.sort import DEAD, Range, Ref
from dmc.ir.statement import Assign, Stmt
from dmc.ir.system import Mover
from dmc.lower.calls.arguments import Call, values_of
from dmc.lower.code import After
from dmc.lower.expressions import located
from dmc.lower.faults import may_fail
from dmc.lower.scope import Scope, leave
from dmc.lower.words import words
from dmc.model import model
from dmc.runtime import thread_data
from dmc.runtime.world import HEAP, gives

if TYPE_CHECKING:
    from dmc.lower.program import ProgramCode


def _create(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
    """The key is made, then stored where the driver wants it."""
    where = expr.arguments[1]
    if not isinstance(where, model.AddressOf):
        raise InternalError("lower", f"{expr.span}: the address of no key")
    place = where.place
    result, inner = scope.temp(Range(*code.world.integers, True))
    key, taken = inner.temp(Range(0, code.world.tsd_keys, True))
    done = leave(taken, inner, after(Read(result), inner))
    site = scope.site(expr.span, words(expr))
    success = (Assign(result, Const(0)), gives(Const(0)))
    returns = Op("erl_drv_tsd_key_create returns", site, success, done, mover=Mover.BOTH)
    text = f"erl_drv_tsd_key_create sets {words(place)}"
    stored = located(
        code,
        place,
        taken,
        lambda loc, s: code.store(loc, Read(key), text, place.span, s, leave(s, taken, returns)),
    )
    made = thread_data.create(code.world, key, site, stored)
    return may_fail(code, expr, taken, made, result, Const(thread_data.ENOMEM), done)


def _destroy(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
    return values_of(
        code,
        expr.arguments,
        scope,
        lambda values, s: thread_data.destroy(
            code.world, values[0], s.site(expr.span, words(expr)), after(Const(0), s)
        ),
    )


def _set(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
    return values_of(
        code,
        expr.arguments,
        scope,
        lambda values, s: thread_data.store(
            code.world, values[0], values[1], s.site(expr.span, words(expr)), after(Const(0), s)
        ),
    )


def _get(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
    result, inner = scope.temp(Ref(HEAP, unset=True))

    def with_values(values: tuple[Expr, ...], s: Scope) -> Node:
        following = leave(s, inner, after(Read(result), inner))
        checks = (*_type_check(code, expr, Read(result)), gives(Read(result), "T *"))
        site = s.site(expr.span, words(expr))
        return thread_data.fetch(code.world, values[0], result, checks, site, following)

    return values_of(code, expr.arguments, inner, with_values)


def _type_check(code: ProgramCode, expr: model.ApiCall, data: Expr) -> tuple[Stmt, ...]:
    """What is fetched is of the struct that it is used as."""
    match expr.type:
        case PointerType(target=StructType(name=name)):
            number = code.lowering.weaver.env.kind_number(name)
            fits = disj([Binary("<=", KindOf(HEAP, data), Const(DEAD)), eq(KindOf(HEAP, data), number)])
            return code.misuse("wrong_thread_data", fits)
        case _:
            return ()


CALLS: dict[str, Call] = {
    "erl_drv_tsd_key_create": _create,
    "erl_drv_tsd_key_destroy": _destroy,
    "erl_drv_tsd_set": _set,
    "erl_drv_tsd_get": _get,
}
