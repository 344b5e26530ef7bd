"""`driver_alloc`, `driver_free`, and what touches or counts in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dmc.base.exceptions import InternalError
from dmc.base.types import REPLY, PointerType, StructType
from dmc.ir.builder import eq
from dmc.ir.expr import Const, Expr, KindOf, Read
from dmc.ir.program import Branch, Node, Op
from dmc.ir.sort import NULL, Ref
from dmc.ir.system import Mover
from dmc.lower.calls import binaries, replies
from dmc.lower.calls.arguments import Call
from dmc.lower.code import After, Location
from dmc.lower.expressions import located, value
from dmc.lower.faults import may_fail
from dmc.lower.scope import Scope
from dmc.lower.words import words
from dmc.model import model
from dmc.model.replies import is_reply
from dmc.runtime import memory
from dmc.runtime.world import HEAP, Event

if TYPE_CHECKING:
    from dmc.lower.program import ProgramCode


def _driver_alloc(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
    size = expr.arguments[0]
    if expr.type == REPLY:
        return replies.alloc_block(code, expr, scope, after)
    if not (isinstance(size, model.SizeOfType) and isinstance(size.of, StructType)):
        raise InternalError("lower", f"{expr.span}: only structs are allocated")
    temp, inner = scope.temp(Ref(HEAP, unset=True))
    statements = (
        *memory.allocate(code.world, temp, size.of.name),
        *code.occur(Event("alloc", object=Read(temp), object_kind=size.of.name)),
    )
    following = after(Read(temp), inner)
    made = Op(words(expr), scope.site(expr.span), statements, following, mover=Mover.BOTH)
    return may_fail(code, expr, scope, made, temp, Const(NULL), following)


def _driver_free(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
    if isinstance(expr.arguments[0], model.NullValue):
        return after(Const(0), scope)
    match expr.arguments[0].type:
        case PointerType(target=StructType(name=name)):
            kind = name
        case type_ if type_ == REPLY:
            return replies.free_reply(code, expr, scope, after)
        case _:
            return after(Const(0), scope)

    def freed(pointer: Expr, inner: Scope) -> Node:
        struct = code.lowering.struct(kind)
        op = Op(
            words(expr),
            scope.site(expr.span),
            memory.free(code.world, pointer, kind),
            after(Const(0), inner),
            accesses=code.free_accesses(pointer, struct, inner),
            mover=Mover.BOTH,
        )
        return Branch(memory.is_null(pointer), after(Const(0), inner), op)

    return value(code, expr.arguments[0], scope, freed)


def free_any(code: ProgramCode, pointer: Expr, scope: Scope, text: str, following: Node) -> Node:
    """`driver_free` of data whose struct is known only when it happens."""
    node: Node = Op(text, scope.site(scope.frames[-1].place), memory.free(code.world, pointer, ""), following)
    for struct in code.lowering.model.structs:
        if struct.name not in code.lowering.job_data_kinds:
            continue
        one = Op(
            text,
            scope.site(scope.frames[-1].place),
            memory.free(code.world, pointer, struct.name),
            following,
            accesses=code.free_accesses(pointer, struct, scope),
            mover=Mover.BOTH,
        )
        node = Branch(eq(KindOf(HEAP, pointer), code.lowering.weaver.env.kind_number(struct.name)), one, node)
    return Branch(memory.is_null(pointer), following, node)


def _touch(write: bool) -> Call:
    def touch(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
        if binaries.is_bytes_of_binary(expr.arguments[0]):
            return binaries.touch(code, expr, write, scope, after)
        if is_reply(expr.arguments[0]):
            return replies.touch(code, expr, scope, after)

        def found(location: Location, inner: Scope) -> Node:
            return code.touch(location, write, words(expr), expr.span, inner, after(Const(0), inner))

        return located(code, expr.arguments[0], scope, found)

    return touch


CALLS: dict[str, Call] = {
    "driver_alloc": _driver_alloc,
    "driver_free": _driver_free,
    "reads": _touch(write=False),
    "writes": _touch(write=True),
}
