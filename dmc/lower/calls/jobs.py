"""`driver_async` and its relatives."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from dmc.base.exceptions import InternalError
from dmc.ir.expr import Binary, Const, Expr, Read
from dmc.ir.program import Node
from dmc.ir.sort import Range, Ref
from dmc.ir.system import Frame
from dmc.lower.calls.arguments import Call, values_of
from dmc.lower.code import After
from dmc.lower.constants import constant
from dmc.lower.expressions import condition, located, value
from dmc.lower.scope import Scope, leave
from dmc.lower.words import words
from dmc.model import model
from dmc.runtime import async_cancel, async_submit
from dmc.runtime.world import HEAP

if TYPE_CHECKING:
    from dmc.lower.program import ProgramCode


def _driver_async(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
    handle, key, invoke, data, free = expr.arguments
    temp, inner = scope.temp(Range(*code.world.integers, True))
    scratch, taken = inner.temp(Ref(HEAP, unset=True))
    done = leave(taken, inner, after(Read(temp), inner))

    def submit(values: tuple[Expr, ...], key_value: Expr | None, s: Scope, following: Node) -> Node:
        port, run, argument, release = values
        nested = code.nested(s)
        return async_submit.submit(
            nested.world,
            handle=port,
            key=key_value,
            invoke=run,
            data=argument,
            free=release,
            result=temp,
            scratch=scratch,
            frames=s.frames,
            site=s.site(expr.span, words(expr)),
            depth=_depth(s.frames),
            following=following,
        )

    def with_key(values: tuple[Expr, ...], s: Scope) -> Node:
        return _with_key(code, key, values, s, leave(s, taken, done), submit)

    return values_of(code, (handle, invoke, data, free), taken, with_key)


def _depth(frames: tuple[Frame, ...]) -> int:
    """How many inline jobs one is inside of."""
    return sum(1 for f in frames if f.function == "driver_async")


def _with_key(
    code: ProgramCode,
    key: model.Expr,
    values: tuple[Expr, ...],
    scope: Scope,
    following: Node,
    submit: Callable[[tuple[Expr, ...], Expr | None, Scope, Node], Node],
) -> Node:
    """A key is read before the job is queued, and what remains of it modulo the pool is written back."""
    match key:
        case model.NullValue():
            return submit(values, None, scope, following)
        case model.ConditionalOp(condition=test, then=then, otherwise=otherwise):
            known = constant(test, code.lowering.run)
            if known is not None:
                return _with_key(code, then if known else otherwise, values, scope, following, submit)
            yes = _with_key(code, then, values, scope, following, submit)
            no = _with_key(code, otherwise, values, scope, following, submit)
            return condition(code, test, scope, yes, no)
        case model.ChooseValue(values=keys):
            ways = [
                _with_key(code, one, values, scope, following, submit)
                for one in keys
                if not isinstance(one, tuple)
            ]
            return code.choice(ways, scope, key.span)
        case model.AddressOf(place=place):

            def loaded(number: Expr, inner: Scope) -> Node:
                after_write = leave(inner, scope, following)
                if not code.world.async_threads:
                    return submit(values, number, inner, after_write)
                rest = Binary("%", number, Const(code.world.async_threads))
                return submit(values, number, inner, _write_key(code, place, rest, inner, after_write))

            return value(code, place, scope, loaded)
        case _:
            raise InternalError("lower", f"{key.span}: no key")


def _write_key(code: ProgramCode, place: model.Expr, rest: Expr, scope: Scope, following: Node) -> Node:
    return located(
        code,
        place,
        scope,
        lambda loc, s: code.store(
            loc, rest, f"driver_async sets {words(place)}", place.span, s, leave(s, scope, following)
        ),
    )


def _driver_async_cancel(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
    temp, inner = scope.temp(Range(*code.world.integers, True))
    scratch, taken = inner.temp(Ref(HEAP, unset=True))
    done = leave(taken, inner, after(Read(temp), inner))

    def search(values: tuple[Expr, ...], s: Scope) -> Node:
        nested = code.nested(s)
        return async_cancel.cancel(
            nested.world,
            job_id=values[0],
            result=temp,
            scratch=scratch,
            frames=s.frames,
            site=s.site(expr.span, words(expr)),
            following=leave(s, taken, done),
        )

    return values_of(code, expr.arguments, taken, search)


def _driver_async_port_key(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
    return value(code, expr.arguments[0], scope, after)


CALLS: dict[str, Call] = {
    "driver_async": _driver_async,
    "driver_async_cancel": _driver_async_cancel,
    "driver_async_port_key": _driver_async_port_key,
}
