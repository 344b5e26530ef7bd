"""`atomic { }`: its body as the statements of one step.

An `await` that is its first statement is the guard of the step. Everything else happens in order, and
each use of memory is checked as it is reached.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dmc.base.exceptions import InternalError
from dmc.ir.builder import eq, neg
from dmc.ir.expr import FALSE, TRUE, Binary, Const, Expr, Field, Place, Read
from dmc.ir.logic import truth_of
from dmc.ir.program import Node, Op
from dmc.ir.statement import Assign, Check, Cover, Drop, If, Stmt, Violate
from dmc.lower import sizes
from dmc.lower.list_operations import changes, first, is_pointer
from dmc.lower.pure import Env, element_of, list_in, pure, struct_of
from dmc.lower.scope import Scope
from dmc.lower.sorts import store_checks
from dmc.lower.words import words
from dmc.model import model
from dmc.runtime.memory import usable
from dmc.runtime.world import HEAP

ASSERT = "assertion"
"""The property that all `assert`s outside of rules are."""

if TYPE_CHECKING:
    from dmc.lower.program import ProgramCode


def atomic_step(code: ProgramCode, node: model.Atomic, scope: Scope, following: Node) -> Node:
    """The block as one operation."""
    statements = node.body.statements
    guard: Expr = TRUE
    env = code.environment(scope)
    waits = ""
    if statements and isinstance(statements[0], model.Await):
        test = statements[0].condition
        guard, waits = truth_of(pure(test, env)), f"for {words(test)}"
        statements = statements[1:]
    body = tuple(s for item in statements for s in _statement(code, item, env, scope))
    return Op(
        label="atomic",
        site=scope.site(node.span),
        statements=body,
        next=following,
        guard=guard,
        blocking=guard != TRUE,
        waits=waits,
        accesses=code.accesses_within(node.body, scope),
    )


def _statement(code: ProgramCode, node: model.Statement, env: Env, scope: Scope) -> list[Stmt]:
    match node:
        case model.Block(statements=statements):
            return [s for item in statements for s in _statement(code, item, env, scope)]
        case model.Store(target=target, operator=operator, value=value):
            return _store(code, target, operator, value, env, scope)
        case model.Evaluate(call=model.ListCall() as call):
            return [*_uses(code, call, env), *_list_change(code, call, env)]
        case model.If(condition=condition, then=then, otherwise=otherwise):
            yes = tuple(_statement(code, then, env, scope))
            no = tuple(_statement(code, otherwise, env, scope)) if otherwise is not None else ()
            return [*_uses(code, condition, env), If(truth_of(pure(condition, env)), yes, no)]
        case model.Assert(condition=condition):
            test = truth_of(pure(condition, env))
            return [*_uses(code, condition, env), Cover(ASSERT), If(neg(test), (Violate(ASSERT),))]
        case model.Assume(condition=condition):
            return [Check(truth_of(pure(condition, env)), Drop(f"{node.span}"))]
        case model.MarkReached(name=name):
            return [Cover(name)]
        case model.Await(condition=condition):
            # Whoever has to wait inside of an atomic block was never meant to: a finding, not a hang.
            return list(code.world.hooks.misuse("wait_in_atomic", truth_of(pure(condition, env))))
        case _:
            raise InternalError("lower", f"{node.span}: {type(node).__name__} inside of `atomic`")


def _list_change(code: ProgramCode, call: model.ListCall, env: Env) -> tuple[Stmt, ...]:
    item = None if call.argument is None else pure(call.argument, env)
    return changes(call, list_in(call.list, env), item, code.world, env.run)


def _store(
    code: ProgramCode, target: model.Expr, operator: str, value: model.Expr, env: Env, scope: Scope
) -> list[Stmt]:
    uses = [*_uses(code, value, env), *_uses(code, target, env)]
    if isinstance(value, model.ListCall) and value.function == "take":
        return [*uses, *_take(code, target, value, env, scope)]
    stored: list[Stmt] = []
    for meant, place, variable in _places(target, env):
        new = pure(value, env)
        if operator:
            new = Binary(operator, Read(place), new)
        checks = store_checks(variable, new, env.world, env.run, code.world.hooks)
        body = (*checks, Assign(place, new))
        stored += body if meant == TRUE else [If(meant, body)]
    return [*uses, *stored]


def _take(
    code: ProgramCode, target: model.Expr, call: model.ListCall, env: Env, scope: Scope
) -> Iterator[Stmt]:
    """The first item goes into the target, by way of a register: the list may be found by the target."""
    item, _ = scope.temp(code.sort(sizes.base_of(call.list), unset=is_pointer(call)))
    yield from first(call, list_in(call.list, env), item, code.world.hooks)
    yield from _list_change(code, call, env)
    for meant, place, variable in _places(target, env):
        checks = store_checks(variable, Read(item), env.world, env.run, code.world.hooks)
        yield If(meant, (*checks, Assign(place, Read(item))))
    yield Assign(item, Const(0))


def _places(target: model.Expr, env: Env) -> Iterator[tuple[Expr, Place, model.Variable]]:
    """Where the target may be, each with the condition under which it is there."""
    match target:
        case model.VariableUse(variable=variable):
            yield TRUE, env.places[variable], variable
        case model.FieldUse(object=base, field=field):
            yield TRUE, Field(HEAP, struct_of(base), field.name, pure(base, env)), field
        case model.IndexUse(array=model.FieldUse(object=base, field=field), index=index):
            # An element of a field is a field of its own.
            for i in range(sizes.length(field, env.run)):
                meant = eq(pure(index, env), i)
                if meant != FALSE:
                    yield meant, Field(HEAP, struct_of(base), f"{field.name}[{i}]", pure(base, env)), field
        case model.IndexUse():
            indices = tuple(pure(index, env) for index in sizes.indices_of(target))
            yield TRUE, element_of(target, indices, env), sizes.base_of(target)
        case _:
            raise InternalError("lower", f"{target.span}: no place for `atomic`")


def _uses(code: ProgramCode, expr: model.Expr, env: Env) -> list[Stmt]:
    """Checks that every pointer followed in the expression may be."""
    match expr:
        case model.FieldUse(object=base):
            return [*_uses(code, base, env), *usable(code.world, pure(base, env))]
        case model.BinaryOp(left=left, right=right):
            return [*_uses(code, left, env), *_uses(code, right, env)]
        case model.UnaryOp(operand=operand):
            return _uses(code, operand, env)
        case model.IndexUse():
            base_uses = _uses(code, expr.array, env) if isinstance(expr.array, model.FieldUse) else []
            return [*base_uses, *_inside(code, expr, env)]
        case model.ListCall(list=use, argument=argument):
            return [*_inside(code, use, env), *(_uses(code, argument, env) if argument is not None else [])]
        case _:
            return []


def _inside(code: ProgramCode, expr: model.Expr, env: Env) -> list[Stmt]:
    """Checks that the indices are those of an element."""
    written = sizes.indices_of(expr)
    checks = [check for index in written for check in _uses(code, index, env)]
    values = tuple(pure(index, env) for index in written)
    known = sizes.inside(written, values, sizes.sizes(sizes.base_of(expr), env.run), env.run)
    return checks if known == TRUE else [*checks, *code.world.hooks.misuse("index_out_of_range", known)]
