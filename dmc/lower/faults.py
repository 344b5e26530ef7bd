"""Calls that a scenario's `fault` clauses let fail, as their manual pages say they may.

A clause is one quota for all that it names: a cell counts how much of it is used up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dmc.ir.expr import TRUE, Binary, Const, Expr, Place, Read
from dmc.ir.logic import cell, plus, var
from dmc.ir.program import Choice, Node, Op
from dmc.ir.sort import Range
from dmc.ir.statement import Assign, Emit, Stmt
from dmc.ir.system import Variable
from dmc.lower.words import words
from dmc.model import model
from dmc.runtime.world import gives

if TYPE_CHECKING:
    from dmc.lower.program import ProgramCode
    from dmc.lower.scope import Scope

FAULT = "fails"
"""The kind of the event by which a trace tells that a call has failed."""

USED = "faults of clause"


def declare(scenario: model.Scenario) -> tuple[Variable, ...]:
    """How many faults of each clause have happened, where that is limited."""
    return tuple(
        Variable(_used(number), Range(0, clause.count))
        for number, clause in enumerate(scenario.faults)
        if clause.count is not None and any(name != "spurious_wakeup" for name in clause.names)
    )


def may_fail(
    code: ProgramCode,
    expr: model.ApiCall,
    scope: Scope,
    succeeds: Node,
    result: Place,
    failure: Expr,
    following: Node,
) -> Node:
    """The call, or its failure with that result where a fault clause allows it."""
    for number, clause in enumerate(code.lowering.run.scenario.faults):
        if expr.function in clause.names:
            guard, used = _quota(number, clause)
            told = Emit(f"{FAULT} {expr.function}")
            statements: tuple[Stmt, ...] = (
                *used,
                Assign(result, failure),
                told,
                gives(Read(result), str(expr.type)),
            )
            site = scope.site(expr.span)
            failed = Op(f"{words(expr)} fails", site, statements, following, guard=guard)
            return Choice([succeeds, failed], site, name=f"{expr.function} or its failure")
    return succeeds


def _quota(number: int, clause: model.FaultClause) -> tuple[Expr, tuple[Stmt, ...]]:
    if clause.count is None:
        return TRUE, ()
    used = cell(_used(number))
    return Binary("<", used, Const(clause.count)), (Assign(var(_used(number)), plus(used, 1)),)


def _used(number: int) -> str:
    return f"{USED} {number + 1}"
