"""What conditions and `atomic` blocks read and write, for races: atomic accesses of shared locations."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dmc.ir.builder import eq, ite
from dmc.ir.expr import Binary, Const, Expr, Item, Read
from dmc.ir.logic import truth_of
from dmc.ir.sort import NULL
from dmc.ir.system import Access
from dmc.lower import sizes
from dmc.lower.constants import constant
from dmc.lower.pure import Env, list_in, pure, struct_of
from dmc.lower.scope import Scope
from dmc.model import model
from dmc.model.lists import PURE_LIST_CALLS
from dmc.model.model import Storage

if TYPE_CHECKING:
    from dmc.lower.program import ProgramCode


def accesses_of(code: ProgramCode, expr: model.Expr, scope: Scope, write: bool = False) -> tuple[Access, ...]:
    """The shared locations that evaluating the expression reads (or, for a target, writes)."""
    match expr:
        case model.VariableUse(variable=variable) if variable.storage in (Storage.DRIVER, Storage.FILE):
            return (Access(variable.name, Const(0), write, atomic=True),)
        case model.FieldUse(object=base, field=field):
            own = Access(
                f"{struct_of(base)}.{field.name}", pure(base, code.environment(scope)), write, atomic=True
            )
            return (*accesses_of(code, base, scope), own)
        case model.IndexUse():
            return _element(code, expr, scope, write)
        case model.ListCall(function=function, list=use, argument=argument):
            changes = function not in PURE_LIST_CALLS
            on_list = _list(code, use, scope, changes)
            return on_list if argument is None else (*on_list, *accesses_of(code, argument, scope))
        case model.QuantifiedOp():
            return _quantified(code, expr, scope)
        case model.UnaryOp(operand=operand):
            return accesses_of(code, operand, scope)
        case model.BinaryOp(left=left, right=right):
            return (*accesses_of(code, left, scope), *accesses_of(code, right, scope))
        case model.ConditionalOp(condition=condition, then=then, otherwise=otherwise):
            return tuple(a for e in (condition, then, otherwise) for a in accesses_of(code, e, scope))
        case model.InValues(operand=operand):
            return accesses_of(code, operand, scope)
        case _:
            return ()


def _element(code: ProgramCode, expr: model.IndexUse, scope: Scope, write: bool) -> tuple[Access, ...]:
    indices = sizes.indices_of(expr)
    found = [a for index in indices for a in accesses_of(code, index, scope)]
    variable, env = sizes.base_of(expr), code.environment(scope)
    numbers = tuple(pure(index, env) for index in indices)
    extents = sizes.sizes(variable, env.run)
    match expr.array:
        case model.FieldUse(object=base):
            kind, reference = struct_of(base), pure(base, env)
            found += accesses_of(code, base, scope)
            for i in range(extents[0]):
                # Through `NULL` there is no access: so only the element that is meant is one.
                meant = ite(eq(numbers[0], i), reference, NULL)
                found.append(Access(f"{kind}.{variable.name}[{i}]", meant, write, atomic=True))
        case _:
            found.append(Access(variable.name, sizes.flat(numbers, extents), write, atomic=True))
    return tuple(found)


def _list(code: ProgramCode, use: model.Expr, scope: Scope, write: bool) -> tuple[Access, ...]:
    place = list_in(use, code.environment(scope))
    read = [a for index in sizes.indices_of(use) for a in accesses_of(code, index, scope)]
    return (*read, Access(place.name, place.index, write, atomic=True))


def _quantified(code: ProgramCode, expr: model.QuantifiedOp, scope: Scope) -> tuple[Access, ...]:
    """What the body accesses for each of the values."""
    scopes = [scope]
    for variable, bounds in expr.variables:
        if bounds is None:
            return ()
        low, high = (constant(bound, code.lowering.run) or 0 for bound in bounds)
        scopes = [
            replace(s, values={**s.values, variable: Const(n)}) for s in scopes for n in range(low, high + 1)
        ]
    return tuple(dict.fromkeys(a for s in scopes for a in accesses_of(code, expr.body, s)))


def accesses_of_block(code: ProgramCode, node: model.Statement, scope: Scope) -> tuple[Access, ...]:
    """The same for all statements of an `atomic` block.

    The step begins before its first statement, so an index that a local gives counts with what the block
    itself has put into that local.
    """
    return _of_statement(code, node, scope)[0]


def _of_statement(code: ProgramCode, node: model.Statement, scope: Scope) -> tuple[tuple[Access, ...], Scope]:
    match node:
        case model.Block(statements=statements):
            found: tuple[Access, ...] = ()
            for statement in statements:
                more, scope = _of_statement(code, statement, scope)
                found += more
            return found, scope
        case model.Store(target=target, value=value):
            found = (*accesses_of(code, target, scope, write=True), *accesses_of(code, value, scope))
            return found, _after_store(code, node, scope)
        case model.Evaluate(call=call):
            return accesses_of(code, call, scope), scope
        case model.If(condition=condition, then=then, otherwise=otherwise):
            yes, after_yes = _of_statement(code, then, scope)
            no, after_no = ((), scope) if otherwise is None else _of_statement(code, otherwise, scope)
            test = truth_of(pure(condition, code.environment(scope)))
            joined = replace(scope, values=_joined(test, after_yes, after_no, scope))
            return (*accesses_of(code, condition, scope), *yes, *no), joined
        case (
            model.Await(condition=condition)
            | model.Assert(condition=condition)
            | model.Assume(condition=condition)
        ):
            return accesses_of(code, condition, scope), scope
        case _:
            return (), scope


def _after_store(code: ProgramCode, node: model.Store, scope: Scope) -> Scope:
    """What a local stands for after an assignment to it, in terms of the state before the step."""
    match node:
        case model.Store(target=model.VariableUse(variable=variable)) if variable in scope.places:
            env = code.environment(scope)
            new = _before(node.value, scope, env)
            if node.operator:
                new = Binary(node.operator, pure(node.target, env), new)
            return replace(scope, values={**scope.values, variable: new})
        case _:
            return scope


def _before(value: model.Expr, scope: Scope, env: Env) -> Expr:
    """A value of the state before the step; of `take`, the item that is then the first."""
    match value:
        case model.ListCall(function="take", list=use):
            return Read(Item(list_in(use, env), Const(0)))
        case _:
            return pure(value, env)


def _joined(test: Expr, yes: Scope, no: Scope, before: Scope) -> dict[model.Variable, Expr]:
    values: dict[model.Variable, Expr] = {}
    for variable in {**yes.values, **no.values}:
        unchanged = Read(before.places[variable]) if variable in before.places else Const(0)
        one, other = yes.values.get(variable, unchanged), no.values.get(variable, unchanged)
        values[variable] = one if one == other else ite(test, one, other)
    return values
