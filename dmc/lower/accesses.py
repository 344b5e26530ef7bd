"""What conditions and `atomic` blocks read and write, for races: atomic accesses of shared locations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dmc.ir.expr import Const
from dmc.ir.system import Access
from dmc.lower.pure import pure, struct_of
from dmc.lower.scope import Scope
from dmc.model import model
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
        case model.IndexUse(array=model.VariableUse(variable=variable), index=index):
            number = pure(index, code.environment(scope))
            return (*accesses_of(code, index, scope), Access(variable.name, number, write, atomic=True))
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


def accesses_of_block(code: ProgramCode, node: model.Statement, scope: Scope) -> tuple[Access, ...]:
    """The same for all statements of an `atomic` block."""
    match node:
        case model.Block(statements=statements):
            return tuple(a for s in statements for a in accesses_of_block(code, s, scope))
        case model.Store(target=target, value=value):
            return (*accesses_of(code, target, scope, write=True), *accesses_of(code, value, scope))
        case model.If(condition=condition, then=then, otherwise=otherwise):
            inner = (then,) if otherwise is None else (then, otherwise)
            found = tuple(a for s in inner for a in accesses_of_block(code, s, scope))
            return (*accesses_of(code, condition, scope), *found)
        case (
            model.Await(condition=condition)
            | model.Assert(condition=condition)
            | model.Assume(condition=condition)
        ):
            return accesses_of(code, condition, scope)
        case _:
            return ()
