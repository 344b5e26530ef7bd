"""What drivers do for their answers: blocks of bytes for `*rbuf`, and the flags of `control`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dmc.base.types import PointerType, StructType
from dmc.ir.builder import conj, eq, ne, neg
from dmc.ir.expr import FALSE, Const, Expr, KindOf, Read
from dmc.ir.program import Branch, Node, Op, Site
from dmc.ir.sort import NULL, UNSET, Ref
from dmc.ir.system import Mover
from dmc.lower import uses
from dmc.lower.calls.arguments import Call, values_of
from dmc.lower.code import After
from dmc.lower.expressions import value
from dmc.lower.faults import may_fail
from dmc.lower.scope import Scope, leave
from dmc.lower.words import words
from dmc.model import model
from dmc.model.replies import is_reply
from dmc.runtime import control_replies, memory, port_lifecycle
from dmc.runtime.control_replies import BLOCK, BLOCK_SIZE
from dmc.runtime.world import BINARY, HEAP, Event

if TYPE_CHECKING:
    from dmc.lower.program import ProgramCode


def alloc_block(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
    """`*rbuf = driver_alloc(n)`."""
    temp, inner = scope.temp(Ref(HEAP, unset=True))
    joined = after(Read(temp), inner)

    def made(size: Expr, s: Scope) -> Node:
        statements = (
            *memory.allocate(code.world, temp, BLOCK, ((BLOCK_SIZE, size),)),
            *code.occur(Event("alloc", object=Read(temp), object_kind=BLOCK)),
        )
        following = leave(s, inner, joined)
        op = Op(words(expr), s.site(expr.span), statements, following, mover=Mover.BOTH)
        return may_fail(code, expr, s, op, temp, Const(NULL), following)

    return value(code, expr.arguments[0], inner, made)


def free_reply(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
    """`driver_free(*rbuf)`: not of the buffer that is lent, and not of a binary."""

    def freed(reply: Expr, inner: Scope) -> Node:
        following = after(Const(0), inner)
        block = free_block(code, reply, inner, scope.site(expr.span), words(expr), following)
        is_binary = eq(KindOf(HEAP, reply), code.kind_number(BINARY)) if code.world.has_binaries else FALSE
        is_memory = conj([ne(reply, UNSET), neg(is_binary)])
        return code.demand("reply_wrong_kind", is_memory, expr, inner, block)

    return value(code, expr.arguments[0], scope, freed)


def free_block(
    code: ProgramCode, pointer: Expr, scope: Scope, site: Site, label: str, following: Node
) -> Node:
    """`driver_free` of what `*rbuf` points to: a block, an object of some struct, or what is no memory."""
    node: Node = Op(label, site, memory.free(code.world, pointer, BLOCK), following)
    for struct in code.lowering.model.structs:
        if struct.name in answering_structs(code.lowering.model):
            one = Op(
                label,
                site,
                memory.free(code.world, pointer, struct.name),
                following,
                accesses=code.free_accesses(pointer, struct, scope),
            )
            node = Branch(eq(KindOf(HEAP, pointer), code.kind_number(struct.name)), one, node)
    return Branch(memory.is_null(pointer), following, node)


def answering_structs(m: model.Model) -> frozenset[str]:
    """The structs of which some object is put into `*rbuf`."""
    found = set()
    for function in uses.all_functions(m):
        for node in uses.nodes(function.body):
            match node:
                case model.Store(target=target, value=stored) if is_reply(target):
                    match stored.type:
                        case PointerType(target=StructType(name=name)):
                            found.add(name)
                        case _:
                            pass
                case _:
                    pass
    return frozenset(found)


def touch(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
    """`reads(*rbuf)`, `writes(*rbuf)`: always possible in the buffer that is lent."""

    def touched(reply: Expr, inner: Scope) -> Node:
        following = code.clear(inner, scope, after(Const(0), scope))
        used = control_replies.block_is_used(code.world, reply)
        return Branch(eq(reply, UNSET), following, Op(words(expr), scope.site(expr.span), used, following))

    return value(code, expr.arguments[0], scope, touched)


def _set_port_control_flags(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
    """A dead port stays as it is."""

    def with_values(values: tuple[Expr, ...], s: Scope) -> Node:
        port = port_lifecycle.port_of_handle(code.world, values[0])
        changes = control_replies.set_flags(code.world, port, values[1])
        return Op(words(expr), s.site(expr.span), changes, after(Const(0), s))

    return values_of(code, expr.arguments, scope, with_values)


CALLS: dict[str, Call] = {
    "set_port_control_flags": _set_port_control_flags,
}
