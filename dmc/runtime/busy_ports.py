"""Busy ports: `set_busy_port`, and the processes whose commands wait for the port to have time again.

`erts/emulator/beam/io.c:set_busy_port`; `erl_bif_port.c:port_command` (to R15B) looks under the port's
lock and suspends the process; from R16B `io.c:erts_port_output` and
`erl_port_task.c:check_sig_dep_move_to_busy_queue` put its command aside. Control, call, close and exit
signals do not wait. What was past the check goes on: `output` can be called while the port is busy.

Commands of several processes that are put aside are taken up in any order here, which no release promises.
"""

from __future__ import annotations

from dmc.ir.builder import conj, disj, eq, ne
from dmc.ir.expr import FALSE, Const, Expr
from dmc.ir.logic import cell, pick, plus, var
from dmc.ir.sort import Bool, Range
from dmc.ir.statement import Assign, Stmt
from dmc.ir.system import Variable
from dmc.runtime import processes
from dmc.runtime.world import World

IS_BUSY = "port.is_busy"
PORT = "suspended.port"
LENGTH = "suspended.length"
BYTE = "suspended.byte"


def declare(world: World) -> tuple[Variable, ...]:
    """Whether each port is busy; for each process, the command that is put aside: its port, its data."""
    if not world.has_busy:
        return ()
    count = len(world.processes)
    return (
        Variable(IS_BUSY, Bool(), world.port_count),
        Variable(PORT, Range(0, world.port_count), count),
        Variable(LENGTH, world.lengths, count),
        Variable(BYTE, world.first_bytes, count),
    )


def is_busy(world: World, port: Expr) -> Expr:
    """The port has said that it has no time."""
    return ne(cell(IS_BUSY, plus(port, -1)), 0) if world.has_busy else FALSE


def set_busy(port: Expr, busy: Expr) -> tuple[Stmt, ...]:
    """`set_busy_port`, for a port that is alive."""
    return (Assign(var(IS_BUSY, plus(port, -1)), ne(busy, 0)),)


def is_over(world: World, port: Expr) -> tuple[Stmt, ...]:
    """A port that is told to exit is not busy any more: those who wait hear that it is gone."""
    return (Assign(var(IS_BUSY, plus(port, -1)), Const(0)),) if world.has_busy else ()


def suspend(caller: Expr, port: Expr, length: Expr, byte: Expr) -> tuple[Stmt, ...]:
    """The process waits until its command can be tried again."""
    index = plus(caller, -1)
    return (
        Assign(var(PORT, index), port),
        Assign(var(LENGTH, index), length),
        Assign(var(BYTE, index), byte),
        processes.become(caller, processes.WAITING),
    )


def can_resume(world: World, process: int) -> Expr:
    """A process (from 1) has a command put aside, and its port has time or is gone."""
    index = process - 1
    ways = [
        conj([eq(cell(PORT, index), port), eq(cell(IS_BUSY, port - 1), 0)])
        for port in range(1, world.port_count + 1)
    ]
    waits = processes.is_status(process, processes.WAITING)
    return conj([waits, disj(ways)])


def resume(process: int) -> tuple[Stmt, ...]:
    """The command of a process (from 1) is not put aside any more."""
    index = process - 1
    forgotten = tuple(Assign(var(name, index), Const(0)) for name in (PORT, LENGTH, BYTE))
    return (*forgotten, processes.become(Const(process), processes.EXECUTING))


def takes_force(world: World, port: Expr) -> Expr:
    """Whether the driver of the port has `ERL_DRV_FLAG_SOFT_BUSY`."""
    flags = [world.soft_busy[p.driver] for p in world.ports] or [False]
    return ne(pick(port, [int(flag) for flag in (flags[0], *flags)]), 0)
