"""What conditions of `await` read, for races: atomic accesses of shared locations."""

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


def accesses_of(code: ProgramCode, expr: model.Expr, scope: Scope) -> tuple[Access, ...]:
    """The shared locations that evaluating the expression reads."""
    match expr:
        case model.VariableUse(variable=variable) if variable.storage in (Storage.DRIVER, Storage.FILE):
            return (Access(variable.name, Const(0), write=False, atomic=True),)
        case model.FieldUse(object=base, field=field):
            thing = pure(base, code.environment(scope))
            own = Access(f"{struct_of(base)}.{field.name}", thing, write=False, atomic=True)
            return (*accesses_of(code, base, scope), own)
        case model.IndexUse(array=model.VariableUse(variable=variable), index=index):
            number = pure(index, code.environment(scope))
            return (*accesses_of(code, index, scope), Access(variable.name, number, write=False, atomic=True))
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
