"""C11's operations on `atomic` locations: read, change and write in one step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dmc.base.exceptions import InternalError
from dmc.ir.builder import eq, ite
from dmc.ir.expr import Binary, Const, Expr, Place, Read
from dmc.ir.program import Choice, Node, Op
from dmc.ir.statement import Assign, Stmt
from dmc.lower.calls.arguments import Call
from dmc.lower.code import After, Location
from dmc.lower.expressions import located, value
from dmc.lower.scope import Scope
from dmc.lower.words import words
from dmc.model import model
from dmc.runtime.world import gives

if TYPE_CHECKING:
    from dmc.lower.program import ProgramCode


def _target(expr: model.ApiCall) -> model.Expr:
    place = expr.arguments[0]
    return place.place if isinstance(place, model.AddressOf) else place


def _load(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
    return value(code, _target(expr), scope, after)


def _store(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
    def found(location: Location, inner: Scope) -> Node:
        return value(
            code,
            expr.arguments[1],
            inner,
            lambda v, s: code.store(location, v, words(expr), expr.span, s, after(Const(0), s)),
        )

    return located(code, _target(expr), scope, found)


def _fetch(operator: str) -> Call:
    """Gives the old value; without an operator, the operand itself is the new one."""

    def fetch(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
        def found(location: Location, operand: Expr, inner: Scope) -> Node:
            temp, taken = inner.temp(code.sort(location.variable))
            new = Binary(operator, Read(location.place), operand) if operator else operand
            following = after(Read(temp), taken)
            store = code.store(location, new, words(expr), expr.span, taken, following)
            return _before_the_write(
                store,
                (Assign(temp, Read(location.place)),),
                (gives(Read(temp), code.told(location.variable)),),
            )

        return located(
            code,
            _target(expr),
            scope,
            lambda loc, s: value(code, expr.arguments[1], s, lambda v, s2: found(loc, v, s2)),
        )

    return fetch


def _compare_exchange(weak: bool) -> Call:
    """Writes if the value is the expected one; else tells what it is. A weak one may fail all the same."""

    def exchange(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
        expected_place = _expected(expr, scope)
        expected = Read(expected_place)

        def found(location: Location, desired: Expr, inner: Scope) -> Node:
            temp, taken = inner.temp(code.sort(location.variable))
            current = Read(location.place)
            following = after(Read(temp), taken)
            told = (gives(Read(temp), "bool"),)
            new = ite(eq(current, expected), desired, current)
            before: tuple[Stmt, ...] = (Assign(temp, current),)
            # What was found is kept first; then it is the new expected value, and success is told.
            afterwards = (
                Assign(temp, eq(expected, Read(temp))),
                Assign(expected_place, ite(eq(Read(temp), 1), expected, current)),
                *told,
            )
            store = code.store(location, new, words(expr), expr.span, taken, following)
            strong = _before_the_write(store, before, afterwards)
            if not weak:
                return strong
            failing = Op(
                f"{words(expr)} fails for no reason",
                taken.site(expr.span),
                (Assign(temp, Const(0)), *told),
                following,
                guard=eq(current, expected),
                accesses=code.accesses(location, taken, write=False),
                spurious=True,
            )
            return Choice([strong, failing], taken.site(expr.span))

        return located(
            code,
            _target(expr),
            scope,
            lambda loc, s: value(code, expr.arguments[2], s, lambda v, s2: found(loc, v, s2)),
        )

    return exchange


def _expected(expr: model.ApiCall, scope: Scope) -> Place:
    match expr.arguments[1]:
        case model.AddressOf(place=model.VariableUse(variable=variable)):
            return scope.places[variable]
        case _:
            raise InternalError("lower", f"{expr.span}: no local to compare with")


def _before_the_write(store: Node, before: tuple[Stmt, ...], afterwards: tuple[Stmt, ...]) -> Node:
    """The step of a store, with something just before its last statement, the write, and after it."""
    if not isinstance(store, Op):
        raise InternalError("lower", "an atomic location that nobody else can reach")
    store.statements = (*store.statements[:-1], *before, store.statements[-1], *afterwards)
    return store


CALLS: dict[str, Call] = {
    "atomic_load": _load,
    "atomic_store": _store,
    "atomic_exchange": _fetch(""),
    "atomic_compare_exchange_strong": _compare_exchange(weak=False),
    "atomic_compare_exchange_weak": _compare_exchange(weak=True),
    "atomic_fetch_add": _fetch("+"),
    "atomic_fetch_sub": _fetch("-"),
    "atomic_fetch_or": _fetch("|"),
    "atomic_fetch_and": _fetch("&"),
    "atomic_fetch_xor": _fetch("^"),
}
