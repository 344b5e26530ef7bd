"""Lists and sets of the model: each call on one is a step, unless it stands inside of one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dmc.ir.expr import (
    FALSE,
    TRUE,
    Binary,
    Const,
    Expr,
    Item,
    Length,
    ListPlace,
    Read,
)
from dmc.ir.logic import plus
from dmc.ir.program import Branch, Label, Local, Node, Op
from dmc.ir.sort import Bool, Range
from dmc.ir.statement import Assign, If, Stmt
from dmc.ir.system import Access, Mover
from dmc.lower import sizes
from dmc.lower.arrays import with_indices, within
from dmc.lower.code import After
from dmc.lower.list_operations import changes, first, is_pointer, list_value, place_of_list
from dmc.lower.scope import Scope
from dmc.lower.words import words
from dmc.model import model
from dmc.runtime.world import Event, gives

if TYPE_CHECKING:
    from dmc.lower.program import ProgramCode


def list_call(code: ProgramCode, expr: model.ListCall, scope: Scope, after: After) -> Node:
    """A call on a list as a step."""

    def on(indices: tuple[Expr, ...], inner: Scope) -> Node:
        place = list_place(code, expr.list, indices)
        inside = within(code, expr.list, indices)
        if expr.argument is None:
            node = _step(code, expr, place, None, inner, after)
        else:
            node = code.value(expr.argument, inner, lambda v, s: _step(code, expr, place, v, s, after))
        return code.demand("index_out_of_range", inside, expr.list, inner, node)

    return with_indices(code, expr.list, scope, on)


def for_each(code: ProgramCode, node: model.ForEach, scope: Scope, following: Node) -> Node:
    """The body for each item, by position: what is taken out or comes in meanwhile moves the others."""

    def walk(indices: tuple[Expr, ...], inner: Scope) -> Node:
        variable = sizes.base_of(node.list)
        room = sizes.capacity(variable, code.lowering.run)
        position, taken = inner.temp(Range(0, room))
        more, taken = taken.temp(Bool())
        item, body_scope = code.declare(node.variable, taken)
        place = list_place(code, node.list, indices)
        head = Label()
        left = code.clear(body_scope, scope, following)
        next_item = Local((Assign(position, plus(Read(position), 1)), Assign(item, Const(0))), head)
        body_scope = _in_loop(body_scope, left, next_item, scope)
        body = code.statement(node.body, body_scope, next_item)
        head.target = Op(
            label=f"next of {words(node.list)}",
            site=scope.site(node.span),
            statements=(
                *code.world.hooks.occur(Event("read")),
                If(
                    Binary("<", Read(position), Length(place)),
                    (Assign(item, Read(Item(place, Read(position)))), Assign(more, TRUE)),
                    (Assign(more, FALSE),),
                ),
            ),
            next=Branch(Read(more), body, left),
            accesses=(Access(place.name, place.index, write=False),),
            mover=Mover.BOTH,
        )
        return code.demand("index_out_of_range", within(code, node.list, indices), node.list, inner, head)

    return with_indices(code, node.list, scope, walk)


def _in_loop(body: Scope, left: Node, again: Node, outer: Scope) -> Scope:
    return replace(body, break_to=(left, body), continue_to=(again, body))


def list_place(code: ProgramCode, use: model.Expr, indices: tuple[Expr, ...]) -> ListPlace:
    """The list that an expression names, its indices evaluated."""
    variable = sizes.base_of(use)
    return place_of_list(variable, code.lowering.global_names[variable], indices, code.lowering.run)


def _step(
    code: ProgramCode, call: model.ListCall, place: ListPlace, item: Expr | None, scope: Scope, after: After
) -> Node:
    write = call.function not in ("has", "size")
    variable = sizes.base_of(call.list)
    noticed = code.world.hooks.occur(Event("write" if write else "read"))
    body: tuple[Stmt, ...] = changes(call, place, item, code.world, code.lowering.run)
    following: Node
    match call.function:
        case "has" | "size":
            sort = Bool() if call.function == "has" else Range(0, sizes.capacity(variable, code.lowering.run))
            temp, inner = scope.temp(sort)
            body = (Assign(temp, list_value(call, place, item)), gives(Read(temp), str(call.type)))
            following = after(Read(temp), inner)
        case "take":
            temp, inner = scope.temp(code.sort(variable, unset=is_pointer(call)))
            body = (*first(call, place, temp, code.world.hooks), *body, gives(Read(temp), str(call.type)))
            following = after(Read(temp), inner)
        case _:
            following = after(Const(0), scope)
    return Op(
        label=words(call),
        site=scope.site(call.span),
        statements=(*noticed, *body),
        next=following,
        accesses=(Access(place.name, place.index, write),),
        mover=Mover.BOTH,
    )
