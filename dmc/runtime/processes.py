"""Erlang processes as data: what they are about to do, and whether a scheduler may run them.

A process never runs beside itself; a scheduler that has nothing else to do takes any that is ready.
"""

from __future__ import annotations

from dmc.ir.expr import Const, Expr
from dmc.ir.logic import cell, eq, plus, var
from dmc.ir.sort import Enum, Range
from dmc.ir.statement import Assign, Stmt
from dmc.ir.system import Variable
from dmc.runtime.world import World

STATUS = "process.status"
RESULT = "process.result"

UNBORN, READY, EXECUTING, WAITING, DEAD = range(5)
STATUSES = ("unborn", "ready", "executing", "waiting", "dead")


def declare(world: World) -> tuple[Variable, ...]:
    """Status and the result of the last operation, for each process instance."""
    count = len(world.processes)
    if not count:
        return ()
    return (
        Variable(STATUS, Enum("status", STATUSES), count, READY),
        Variable(RESULT, Range(0, max(1, world.port_count)), count),
    )


def become(process: Expr, status: int) -> Stmt:
    """The process (from 1) gets the status."""
    return Assign(var(STATUS, plus(process, -1)), Const(status))


def answer(process: Expr, value: Expr) -> tuple[Stmt, ...]:
    """The operation that the process waits for has this result; it can go on."""
    return (Assign(var(RESULT, plus(process, -1)), value), become(process, READY))


def result_of(process: Expr) -> Expr:
    """The result of the last operation of a process (from 1)."""
    return cell(RESULT, plus(process, -1))


def is_status(process: Expr | int, status: int) -> Expr:
    """Whether the process (from 1) has the status."""
    index = plus(process, -1) if not isinstance(process, int) else Const(process - 1)
    return eq(cell(STATUS, index), status)
