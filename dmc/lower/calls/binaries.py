"""Binaries: allocation, reference counts, and what touches their bytes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from dmc.base.exceptions import InternalError
from dmc.base.types import BINARY as BINARY_POINTER
from dmc.ir.expr import Const, Expr, Read
from dmc.ir.program import Branch, Node, Op
from dmc.ir.sort import Range, Ref
from dmc.ir.statement import Assign, Stmt
from dmc.ir.system import Mover
from dmc.lower.calls.arguments import Call
from dmc.lower.code import After
from dmc.lower.expressions import value
from dmc.lower.scope import Scope, leave
from dmc.lower.words import words
from dmc.model import model
from dmc.runtime import binaries, memory
from dmc.runtime.world import BINARY, HEAP, Event, gives

if TYPE_CHECKING:
    from dmc.lower.program import ProgramCode


def is_bytes_of_binary(place: model.Expr) -> bool:
    """Whether it is `b->orig_bytes`."""
    return isinstance(place, model.FieldUse) and place.object.type == BINARY_POINTER


def touch(code: ProgramCode, expr: model.ApiCall, write: bool, scope: Scope, after: After) -> Node:
    """`reads(b->orig_bytes)`, `writes(b->orig_bytes)`."""
    place = expr.arguments[0]
    if not isinstance(place, model.FieldUse):
        raise InternalError("lower", f"{place.span}: no binary")

    def touched(binary: Expr, inner: Scope) -> Node:
        event = Event("write" if write else "read", object=binary, object_kind=BINARY)
        return Op(
            words(expr),
            scope.site(expr.span),
            (*binaries.usable_binary(code.world, binary), *code.occur(event)),
            code.clear(inner, scope, after(Const(0), scope)),
            accesses=binaries.touches_bytes(binary, write),
        )

    return value(code, place.object, scope, touched)


def _alloc(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
    temp, inner = scope.temp(Ref(HEAP, unset=True))
    joined = after(Read(temp), inner)

    def made(size: Expr, s: Scope) -> Node:
        told = code.occur(Event("alloc", object=Read(temp), object_kind=BINARY))
        statements = (*binaries.make(code.world, temp, size), *told)
        return Op(words(expr), scope.site(expr.span), statements, leave(s, inner, joined), mover=Mover.BOTH)

    return value(code, expr.arguments[0], inner, made)


def _realloc(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
    temp, inner = scope.temp(Ref(HEAP, unset=True))
    joined = after(Read(temp), inner)

    def moved(binary: Expr, size: Expr, s: Scope) -> Node:
        told = code.occur(Event("alloc", object=Read(temp), object_kind=BINARY))
        statements = (*binaries.resize(code.world, binary, temp, size), *told)
        return Op(
            words(expr),
            scope.site(expr.span),
            statements,
            leave(s, inner, joined),
            accesses=(*binaries.touches_bytes(binary, write=True), *binaries.counts(code.world, binary)),
        )

    old, size = expr.arguments
    return value(code, old, inner, lambda b, s: value(code, size, s, lambda n, s2: moved(b, n, s2)))


def _free(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
    def freed(binary: Expr, inner: Scope) -> Node:
        op = Op(
            words(expr),
            scope.site(expr.span),
            binaries.give_back(code.world, binary),
            after(Const(0), inner),
            accesses=binaries.counts(code.world, binary),
        )
        return Branch(memory.is_null(binary), after(Const(0), inner), op)

    return value(code, expr.arguments[0], scope, freed)


def _inc_refc(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
    return _counted(code, expr, scope, after, lambda b: binaries.take(code.world, b))


def _dec_refc(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
    return _counted(code, expr, scope, after, lambda b: binaries.count_down(code.world, b))


def _get_refc(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
    return _counted(code, expr, scope, after, lambda b: binaries.usable_binary(code.world, b))


def _counted(
    code: ProgramCode,
    expr: model.ApiCall,
    scope: Scope,
    after: After,
    change: Callable[[Expr], tuple[Stmt, ...]],
) -> Node:
    """A call that gives the count as it then is."""
    temp, inner = scope.temp(Range(*code.world.integers, True))
    joined = after(Read(temp), inner)

    def done(binary: Expr, s: Scope) -> Node:
        result: tuple[Stmt, ...] = (
            Assign(temp, Read(binaries.of(binary, binaries.REFC))),
            gives(Read(temp)),
        )
        return Op(
            words(expr),
            scope.site(expr.span),
            (*change(binary), *result),
            leave(s, inner, joined),
            accesses=binaries.counts(code.world, binary),
        )

    return value(code, expr.arguments[0], inner, done)


CALLS: dict[str, Call] = {
    "driver_alloc_binary": _alloc,
    "driver_realloc_binary": _realloc,
    "driver_free_binary": _free,
    "driver_binary_inc_refc": _inc_refc,
    "driver_binary_dec_refc": _dec_refc,
    "driver_binary_get_refc": _get_refc,
}
