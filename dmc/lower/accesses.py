"""What `forall` and `exists` in conditions read, for races: atomic accesses of shared locations."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dmc.ir.builder import eq, ite
from dmc.ir.expr import Const
from dmc.ir.sort import NULL
from dmc.ir.system import Access
from dmc.lower import sizes
from dmc.lower.constants import constant
from dmc.lower.pure import list_in, pure, struct_of
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
