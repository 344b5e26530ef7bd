"""Members of the API's structures: `b->orig_size`, and the vector that `outputv` is given.

A vector is not kept anywhere: it stands for the binary of the command that the scheduler has at hand, and
its sizes are those of that command. Element 0 is the empty slot for a header.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dmc.base.exceptions import InternalError
from dmc.base.types import BINARY as BINARY_POINTER
from dmc.ir.builder import conj, ite, le
from dmc.ir.expr import FALSE, Const, Expr, Read, Register
from dmc.ir.logic import gt
from dmc.ir.program import Node, Op
from dmc.ir.sort import NULL, Range
from dmc.ir.statement import Assign
from dmc.lower.code import After
from dmc.lower.constants import constant
from dmc.lower.expressions import value
from dmc.lower.scope import Scope, leave
from dmc.lower.words import words
from dmc.model import model
from dmc.model.api_structs import BINV, IOV, IOV_LEN, ORIG_BYTES, ORIG_SIZE, SIZE, VECTOR_ELEMENTS, VSIZE
from dmc.runtime import binaries
from dmc.runtime.port_operations import LENGTH
from dmc.runtime.world import BINARY, Event, gives

if TYPE_CHECKING:
    from dmc.lower.program import ProgramCode


def api_member(code: ProgramCode, expr: model.Expr, scope: Scope, after: After) -> Node:
    """The value of a member, or of an element of one."""
    size = Read(Register(LENGTH))
    match expr:
        case model.FieldUse(object=subject, field=field) if subject.type == BINARY_POINTER:
            return _of_binary(code, expr, subject, field, scope, after)
        case model.FieldUse(field=field) if field is VSIZE:
            return after(vector_size(), scope)
        case model.FieldUse(field=field) if field is SIZE:
            return after(size, scope)
        case model.IndexUse(array=model.FieldUse(object=vector, field=field), index=index) if field is BINV:
            return value(code, vector, scope, lambda v, s: _element(code, expr, index, v, NULL, s, after))
        case model.FieldUse(object=model.IndexUse(array=model.FieldUse(field=field), index=index)) if (
            field is IOV and expr.field is IOV_LEN
        ):
            return _element(code, expr, index, size, 0, scope, after)
        case _:
            raise InternalError("lower", f"{expr.span}: no such member of a vector")


def vector_size() -> Expr:
    """How many elements the vector of the command has."""
    return ite(gt(Read(Register(LENGTH)), 0), VECTOR_ELEMENTS, 1)


def _of_binary(
    code: ProgramCode,
    expr: model.Expr,
    subject: model.Expr,
    field: model.Variable,
    scope: Scope,
    after: After,
) -> Node:
    temp, inner = scope.temp(Range(*code.world.integers, True))
    joined = after(Read(temp), inner)

    def read(binary: Expr, s: Scope) -> Node:
        checks = binaries.usable_binary(code.world, binary)
        told = code.occur(Event("read", object=binary, object_kind=BINARY))
        is_size = field is ORIG_SIZE
        result = Read(binaries.of(binary, binaries.SIZE)) if is_size else Const(0)
        given = (gives(Read(temp)),) if is_size else ()
        return Op(
            f"read {words(expr)}",
            scope.site(expr.span),
            (*checks, *told, Assign(temp, result), *given),
            leave(s, inner, joined),
            accesses=binaries.touches_bytes(binary, write=False) if field is ORIG_BYTES else (),
        )

    return value(code, subject, inner, read)


def _element(
    code: ProgramCode,
    expr: model.Expr,
    index: model.Expr,
    second: Expr,
    first: int,
    scope: Scope,
    after: After,
) -> Node:
    """Element 0 is empty; a vector without data has no other."""
    known = constant(index, code.lowering.run)
    if known == 0:
        return after(Const(first), scope)

    def found(number: Expr, inner: Scope) -> Node:
        inside = conj([le(Const(0), number), le(number, vector_size() if known is None else VECTOR_ELEMENTS)])
        there = FALSE if known is not None and known >= VECTOR_ELEMENTS else inside
        result = second if known == 1 else ite(gt(number, 0), second, first)
        return code.demand("index_out_of_range", there, expr, inner, after(result, inner))

    return value(code, index, scope, found)
