"""Erlang processes as data: what they are about to do, and whether a scheduler may run them.

A process never runs beside itself; a scheduler that has nothing else to do takes any that is ready.
"""

from __future__ import annotations

from dmc.ir.builder import eq, ne
from dmc.ir.expr import FALSE, Const, Expr
from dmc.ir.logic import among, cell, plus, var
from dmc.ir.sort import Bool, Enum, Range
from dmc.ir.statement import Assign, If, Stmt
from dmc.ir.system import Variable
from dmc.runtime.world import World

STATUS = "process.status"
RESULT = "process.result"
DOOMED = "process.doomed"
"""An exit signal has reached the process: it is gone the next time it would run."""

UNBORN, READY, EXECUTING, WAITING, DEAD, LEAVING = range(6)
STATUSES = ("unborn", "ready", "executing", "waiting", "dead")
WITH_LEAVING = (*STATUSES, "leaving")
"""Where messages matter, a process that has begun to exit is told apart: it gets no more of them."""


def declare(world: World) -> tuple[Variable, ...]:
    """Status and the result of the last operation, for each process instance."""
    count = len(world.processes)
    if not count:
        return ()
    variables = [
        Variable(STATUS, Enum("status", WITH_LEAVING if _tells_leaving(world) else STATUSES), count, READY),
        Variable(RESULT, Range(0, max(1, world.port_count)), count),
    ]
    if world.has_exit_signals:
        variables.append(Variable(DOOMED, Bool(), count))
    return tuple(variables)


def become(process: Expr, status: int) -> Stmt:
    """The process (from 1) gets the status."""
    return Assign(var(STATUS, plus(process, -1)), Const(status))


def answer(process: Expr, value: Expr) -> tuple[Stmt, ...]:
    """The operation that the process waits for has this result; it can go on, unless it is gone."""
    answered = (Assign(var(RESULT, plus(process, -1)), value), become(process, READY))
    return (If(ne(cell(STATUS, plus(process, -1)), DEAD), answered),)


def doom(process: Expr) -> Stmt:
    """An exit signal to a process (from 1) that is neither dead nor unborn."""
    index = plus(process, -1)
    alive = among(cell(STATUS, index), (READY, EXECUTING, WAITING))
    return If(alive, (Assign(var(DOOMED, index), Const(1)),))


def begins_to_exit(world: World) -> int:
    """The status of a process whose ports are told of its exit."""
    return LEAVING if _tells_leaving(world) else EXECUTING


def _tells_leaving(world: World) -> bool:
    """Whether anybody can tell a process that has begun to exit from one that has not."""
    return world.mailboxes is not None or world.monitors > 0


def gets_messages(process: Expr) -> Expr:
    """Whether a message to the process (from 1) reaches its mailbox."""
    return among(cell(STATUS, plus(process, -1)), (READY, EXECUTING, WAITING))


def is_doomed(world: World, process: int) -> Expr:
    """Whether a process (from 1) has got an exit signal."""
    return cell(DOOMED, process - 1) if world.has_exit_signals else FALSE


def result_of(process: Expr) -> Expr:
    """The result of the last operation of a process (from 1)."""
    return cell(RESULT, plus(process, -1))


def is_status(process: Expr | int, status: int) -> Expr:
    """Whether the process (from 1) has the status."""
    index = plus(process, -1) if not isinstance(process, int) else Const(process - 1)
    return eq(cell(STATUS, index), status)
