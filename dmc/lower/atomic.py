"""`atomic { }`: its body as the statements of one step.

An `await` that is its first statement is the guard of the step. Everything else happens in order, and
each use of memory is checked as it is reached.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dmc.base.exceptions import InternalError
from dmc.ir.builder import neg
from dmc.ir.expr import TRUE, Binary, Const, Expr, Field, Place, Read, Var
from dmc.ir.logic import truth_of
from dmc.ir.program import Node, Op
from dmc.ir.statement import Assign, Check, Cover, Drop, If, Stmt, Violate
from dmc.lower.pure import Env, pure, struct_of
from dmc.lower.scope import Scope
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


def _store(
    code: ProgramCode, target: model.Expr, operator: str, value: model.Expr, env: Env, scope: Scope
) -> list[Stmt]:
    place, variable = _place(target, env)
    new = pure(value, env)
    if operator:
        new = Binary(operator, Read(place), new)
    checks = code.store_checks(variable, new)
    return [*_uses(code, value, env), *_uses(code, target, env), *checks, Assign(place, new)]


def _place(target: model.Expr, env: Env) -> tuple[Place, model.Variable]:
    match target:
        case model.VariableUse(variable=variable):
            return env.places[variable], variable
        case model.FieldUse(object=base, field=field):
            return Field(HEAP, struct_of(base), field.name, pure(base, env)), field
        case model.IndexUse(array=model.VariableUse(variable=variable), index=index):
            place = env.places[variable]
            if isinstance(place, Var):
                return replace(place, index=pure(index, env)), variable
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
        case model.IndexUse(array=array, index=index):
            size = getattr(array.type, "size", 0)
            number = pure(index, env)
            if isinstance(number, Const):
                return []
            inside = Binary("and", Binary(">=", number, Const(0)), Binary("<", number, Const(size)))
            return list(code.world.hooks.misuse("index_out_of_range", inside))
        case _:
            return []
