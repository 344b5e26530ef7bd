"""Elements of arrays: found by their indices, which must be within the array."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from dmc.base.exceptions import InternalError
from dmc.base.types import ArrayType
from dmc.ir.builder import eq
from dmc.ir.expr import FALSE, Const, Expr, Field, Read, Var
from dmc.ir.program import Branch, Local, Node
from dmc.ir.statement import Assign
from dmc.lower import sizes
from dmc.lower.code import After, AfterLocation, Location
from dmc.lower.scope import Scope
from dmc.model import model
from dmc.runtime.world import HEAP

if TYPE_CHECKING:
    from dmc.lower.program import ProgramCode

Indexed = Callable[[tuple[Expr, ...], Scope], Node]
"""What follows once all indices have their values."""


def load_element(code: ProgramCode, expr: model.IndexUse, scope: Scope, after: After) -> Node:
    """Reads an element."""
    variable = sizes.base_of(expr)

    def read(indices: tuple[Expr, ...], inner: Scope) -> Node:
        if variable.storage is not model.Storage.FIELD:
            one = element(code, variable, indices)
            return code.demand(
                "index_out_of_range",
                within(code, expr, indices),
                expr,
                inner,
                code.load(one, expr, inner, after),
            )
        return _load_field(code, expr, indices[0], inner, after)

    return with_indices(code, expr, scope, read)


def locate_element(code: ProgramCode, expr: model.IndexUse, scope: Scope, after: AfterLocation) -> Node:
    """Finds an element for a step that reads and writes it. What follows one of a field is there for each."""
    variable = sizes.base_of(expr)

    def found(indices: tuple[Expr, ...], inner: Scope) -> Node:
        if variable.storage is not model.Storage.FIELD:
            one = element(code, variable, indices)
            inside = within(code, expr, indices)
            return code.demand("index_out_of_range", inside, expr, inner, after(one, inner))
        return _locate_in_field(code, expr, indices[0], inner, after)

    return with_indices(code, expr, scope, found)


def store_element(
    code: ProgramCode,
    expr: model.IndexUse,
    what: Callable[[Location], Expr],
    text: str,
    scope: Scope,
    following: Node,
) -> Node:
    """Writes an element with what is made of its location: one step."""
    variable = sizes.base_of(expr)

    def write(indices: tuple[Expr, ...], inner: Scope) -> Node:
        done = code.clear(inner, scope, following)
        if variable.storage is not model.Storage.FIELD:
            one = element(code, variable, indices)
            stored = code.store(one, what(one), text, expr.span, inner, done)
            return code.demand("index_out_of_range", within(code, expr, indices), expr, inner, stored)
        return _store_field(code, expr, indices[0], what, text, inner, done)

    return with_indices(code, expr, scope, write)


def with_indices(code: ProgramCode, expr: model.Expr, scope: Scope, following: Indexed) -> Node:
    """Evaluates the indices of an element, from left to right."""

    def go_on(values: tuple[Expr, ...], rest: tuple[model.Expr, ...], inner: Scope) -> Node:
        if not rest:
            return following(values, inner)
        return code.value(rest[0], inner, lambda v, s: go_on((*values, v), rest[1:], s))

    return go_on((), sizes.indices_of(expr), scope)


def within(code: ProgramCode, expr: model.Expr, indices: tuple[Expr, ...]) -> Expr:
    """Whether the indices are those of an element."""
    run = code.lowering.run
    extents = sizes.sizes(sizes.base_of(expr), run)
    return sizes.inside(sizes.indices_of(expr), indices, extents, run)


def element(code: ProgramCode, variable: model.Variable, indices: tuple[Expr, ...]) -> Location:
    """An element of an array of a driver, file or scenario."""
    base = code.global_place(variable)
    if not isinstance(base, Var):
        raise InternalError("lower", f"{variable.span}: an array in a register")
    position = sizes.flat(indices, sizes.sizes(variable, code.lowering.run))
    return Location(Var(base.name, position), variable, True, variable.name, position)


def element_of_field(base: Location, number: int) -> Location:
    """One element of an array in an object."""
    assert isinstance(base.variable.type, ArrayType)
    assert isinstance(base.place, Field)
    place = Field(HEAP, base.kind, f"{base.variable.name}[{number}]", base.place.reference)
    name = f"{base.name}[{number}]"
    return Location(place, base.variable, base.shared, name, base.object, base.kind, base.reference)


def _load_field(code: ProgramCode, expr: model.IndexUse, number: Expr, scope: Scope, after: After) -> Node:
    """The elements of a field are fields of their own, so the index decides which of them is read."""

    def indexed(base: Location, inner: Scope) -> Node:
        size = sizes.length(base.variable, code.lowering.run)
        if isinstance(number, Const):
            if not 0 <= number.value < size:
                return code.demand("index_out_of_range", FALSE, expr, inner, after(Const(0), inner))
            return code.load(element_of_field(base, number.value), expr, inner, after)
        temp, taken = inner.temp(code.sort(base.variable))
        joined = after(Read(temp), taken)
        node: Node = code.demand("index_out_of_range", FALSE, expr, taken, joined)
        for i in range(size - 1, -1, -1):
            one = code.load(
                element_of_field(base, i),
                expr,
                taken,
                lambda v, s: Local((Assign(temp, v),), code.clear(s, taken, joined)),
            )
            node = Branch(eq(number, i), one, node)
        return node

    return code.locate(expr.array, scope, indexed)


def _locate_in_field(
    code: ProgramCode, expr: model.IndexUse, number: Expr, scope: Scope, after: AfterLocation
) -> Node:
    def of_field(base: Location, inner: Scope) -> Node:
        size = sizes.length(base.variable, code.lowering.run)
        elements = [after(element_of_field(base, i), inner) for i in range(size)]
        outside = code.demand("index_out_of_range", FALSE, expr, inner, elements[0])
        if isinstance(number, Const):
            return elements[number.value] if 0 <= number.value < size else outside
        node = outside
        for i in range(size - 1, -1, -1):
            node = Branch(eq(number, i), elements[i], node)
        return node

    return code.locate(expr.array, scope, of_field)


def _store_field(
    code: ProgramCode,
    expr: model.IndexUse,
    number: Expr,
    what: Callable[[Location], Expr],
    text: str,
    scope: Scope,
    following: Node,
) -> Node:
    def found(base: Location, inner: Scope) -> Node:
        done = code.clear(inner, scope, following)
        node: Node = code.demand("index_out_of_range", FALSE, expr, inner, done)
        for i in range(sizes.length(base.variable, code.lowering.run) - 1, -1, -1):
            location = element_of_field(base, i)
            one = code.store(location, what(location), text, expr.span, inner, done)
            if not isinstance(number, Const):
                node = Branch(eq(number, i), one, node)
            elif number.value == i:
                node = one
        return node

    return code.locate(expr.array, scope, found)
