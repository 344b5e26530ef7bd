"""Mutexes, conditions and read-write locks."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from dmc.ir.expr import Const, Expr, Read
from dmc.ir.program import Node, Op
from dmc.ir.sort import NULL, Range, Ref
from dmc.ir.system import Mover
from dmc.lower.calls.arguments import Call, values_of
from dmc.lower.code import After
from dmc.lower.faults import may_fail
from dmc.lower.scope import Scope, leave
from dmc.lower.words import words
from dmc.model import model
from dmc.runtime import mutexes, rwlocks
from dmc.runtime.world import HEAP, Event

if TYPE_CHECKING:
    from dmc.lower.program import ProgramCode


def _create(kind: str) -> Call:
    def create(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
        temp, inner = scope.temp(Ref(HEAP, unset=True))
        match kind:
            case mutexes.MUTEX:
                body = mutexes.create_mutex(code.world, temp, code.lowering.mutex_site(str(expr.span)))
            case rwlocks.RWLOCK:
                body = rwlocks.create(code.world, temp, code.lowering.mutex_site(str(expr.span)))
            case _:
                body = mutexes.create_cond(code.world, temp)
        noticed = code.occur(Event("alloc", object=Read(temp), object_kind=kind))
        following = after(Read(temp), inner)
        made = Op(words(expr), scope.site(expr.span), (*body, *noticed), following, mover=Mover.BOTH)
        return may_fail(code, expr, scope, made, temp, Const(NULL), following)

    return create


def _lock_call(
    make: Callable[..., Node],
) -> Call:
    """A call that takes lock objects and gives nothing."""

    def lowered(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
        def with_values(values: tuple[Expr, ...], s: Scope) -> Node:
            return make(code.world, *values, s.site(expr.span, words(expr)), after(Const(0), s))

        return values_of(code, expr.arguments, scope, with_values)

    return lowered


def _try_call(make: Callable[..., Node]) -> Call:
    """A call that takes a lock object and gives 0 or EBUSY."""

    def lowered(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
        temp, inner = scope.temp(Range(*code.world.integers, True))

        def with_values(values: tuple[Expr, ...], s: Scope) -> Node:
            following = leave(s, inner, after(Read(temp), inner))
            return make(code.world, values[0], temp, s.site(expr.span, words(expr)), following)

        return values_of(code, expr.arguments, inner, with_values)

    return lowered


CALLS: dict[str, Call] = {
    "erl_drv_mutex_create": _create(mutexes.MUTEX),
    "erl_drv_mutex_lock": _lock_call(mutexes.lock),
    "erl_drv_mutex_trylock": _try_call(mutexes.trylock),
    "erl_drv_mutex_unlock": _lock_call(mutexes.unlock),
    "erl_drv_mutex_destroy": _lock_call(mutexes.destroy_mutex),
    "erl_drv_rwlock_create": _create(rwlocks.RWLOCK),
    "erl_drv_rwlock_rlock": _lock_call(rwlocks.rlock),
    "erl_drv_rwlock_tryrlock": _try_call(rwlocks.tryrlock),
    "erl_drv_rwlock_runlock": _lock_call(rwlocks.runlock),
    "erl_drv_rwlock_rwlock": _lock_call(rwlocks.rwlock),
    "erl_drv_rwlock_tryrwlock": _try_call(rwlocks.tryrwlock),
    "erl_drv_rwlock_rwunlock": _lock_call(rwlocks.rwunlock),
    "erl_drv_rwlock_destroy": _lock_call(rwlocks.destroy),
    "erl_drv_cond_create": _create(mutexes.COND),
    "erl_drv_cond_wait": _lock_call(mutexes.wait),
    "erl_drv_cond_signal": _lock_call(mutexes.signal),
    "erl_drv_cond_broadcast": _lock_call(mutexes.broadcast),
    "erl_drv_cond_destroy": _lock_call(mutexes.destroy_cond),
}
