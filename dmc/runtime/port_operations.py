"""What a process does to a port: `port_command`, `port_close`, exit signals (V16).

To R15B an operation runs in the scheduler of the calling process, which waits for the port's lock
(`erts/emulator/beam/erl_bif_port.c`, `io.c:erts_port_command`). From R16B it is tried at once, when
the port has no tasks and its lock is free, and otherwise queued as a task of the port, which any
scheduler takes up later; the caller waits for the reply (`io.c:try_imm_drv_call, port_sig_outputv`,
`erl_port_task.c:erts_port_task_execute`). The exit signal of a dying owner is always queued.
"""

from __future__ import annotations

from dmc.ir.builder import conj, eq, ne, neg
from dmc.ir.expr import Const, Expr, Item, Length, ListPlace, Read, Register, Self
from dmc.ir.logic import cell, gt, plus, var
from dmc.ir.program import Branch, Local, Node, Op
from dmc.ir.statement import Assign, Check, Cut, Push, Stmt
from dmc.ir.system import Frame
from dmc.runtime import lock_regime, port_lifecycle, processes, vectors
from dmc.runtime.port_lifecycle import (
    BUSY,
    CLOSE_TASK,
    COMMAND_TASK,
    EXIT_TASK,
    TASK_BYTE,
    TASK_CALLER,
    TASK_LENGTH,
    TASKS,
)
from dmc.runtime.world import World, at

CALLER = "caller"
PORT = "port"
LENGTH = "length"
BYTE = "first byte"
"""Registers of a scheduler: for whom it works (0: nobody who waits), on which port, with what."""


def command(world: World, frames: tuple[Frame, ...], idle: Node) -> Node:
    """`port_command` for the process, port and data in the registers."""
    return _operation(world, COMMAND_TASK, frames, idle)


def close(world: World, frames: tuple[Frame, ...], idle: Node) -> Node:
    """`port_close`."""
    return _operation(world, CLOSE_TASK, frames, idle)


def exit_signal(world: World, frames: tuple[Frame, ...], idle: Node) -> Node:
    """`exit(Port, Reason)`: the caller does not wait for it where operations are queued."""
    return _operation(world, EXIT_TASK, frames, idle)


def deliver_exit(world: World, port: Expr, frames: tuple[Frame, ...], following: Node) -> Node:
    """The exit of the owner reaches a port over their link, in the scheduler of the dying process."""
    if port_lifecycle.has_tasks(world):
        queued = Local(_enqueue(world, EXIT_TASK, port, Const(0)), following)
        return Branch(port_lifecycle.is_open(port), queued, following)
    released = lock_regime.release(world, port, at(frames), following)
    body = port_lifecycle.exit_port(world, port, frames, released)
    return Branch(port_lifecycle.is_open(port), lock_regime.acquire(world, port, at(frames), body), following)


def run_tasks(world: World, port: int, frames: tuple[Frame, ...], idle: Node) -> Op:
    """A scheduler takes up the first task of a port (from 1)."""
    here = Const(port)
    index = Const(port - 1)
    site = at(frames)
    done = Local((Assign(var(BUSY, plus(Read(Register(PORT)), -1)), Const(0)),), _finish(Const(1), idle))
    failed = Local((Assign(var(BUSY, plus(Read(Register(PORT)), -1)), Const(0)),), _finish(Const(0), idle))
    body = _dispatch(world, frames, done, failed, is_queued=True)
    pop: tuple[Stmt, ...] = (
        Assign(Register(CALLER), Read(Item(ListPlace(TASK_CALLER, index), Const(0)))),
        Assign(Register(LENGTH), Read(Item(ListPlace(TASK_LENGTH, index), Const(0)))),
        Assign(Register(BYTE), Read(Item(ListPlace(TASK_BYTE, index), Const(0)))),
        Assign(Register(KIND), Read(Item(ListPlace(TASKS, index), Const(0)))),
        *vectors.take_up(world, index),
        *port_lifecycle.drop_first(world, index),
    )
    nothing = lock_regime.release(
        world, here, site, Local((Assign(var(BUSY, port - 1), Const(0)),), _finish(Const(0), idle))
    )
    has_task = gt(Length(ListPlace(TASKS, index)), 0)
    popped = Branch(has_task, Local(pop, body), nothing)
    return Op(
        label="run a task of the port",
        site=site,
        statements=(Assign(var(BUSY, port - 1), Self()), Assign(Register(PORT), here)),
        next=lock_regime.acquire(world, here, site, popped),
        guard=conj([has_task, eq(cell(BUSY, port - 1), 0)]),
    )


KIND = "task"


def _dispatch(
    world: World, frames: tuple[Frame, ...], done: Node, failed: Node, is_queued: bool = False
) -> Node:
    """Executes the task in the registers, with the lock held, and gives the lock back."""
    port = Read(Register(PORT))
    kind = Read(Register(KIND))
    site = at(frames)
    release_done = lock_regime.release(world, port, site, done)
    release_failed = lock_regime.release(world, port, site, failed)
    nothing = vectors.over(world, Read(Register(LENGTH)), is_queued)
    output = _output(world, frames, release_done, is_queued)
    exiting = port_lifecycle.exit_port(world, port, frames, release_done)
    return Branch(
        port_lifecycle.is_open(port),
        Branch(eq(kind, COMMAND_TASK), output, exiting),
        Local(nothing, release_failed) if nothing else release_failed,
    )


def _output(world: World, frames: tuple[Frame, ...], following: Node, is_queued: bool) -> Node:
    """`outputv` where the driver has it, else `output`."""
    port = Read(Register(PORT))
    arguments = (port_lifecycle.data(port), Read(Register(BYTE)), Read(Register(LENGTH)))
    plain = world.hooks.callback("output", port, arguments, frames, "command", lambda _: following)
    if not world.has_vectors:
        return plain
    data, _, length = arguments
    vector = vectors.call(world, port, data, length, frames, is_queued, following)
    return Branch(world.hooks.has_callback("outputv", port), vector, plain)


def _operation(world: World, kind: int, frames: tuple[Frame, ...], idle: Node) -> Node:
    port = Read(Register(PORT))
    begin = Local((Assign(Register(KIND), Const(kind)),), _begin(world, kind, frames, idle))
    nothing = vectors.over(world, Read(Register(LENGTH)), is_queued=False) if kind == COMMAND_TASK else ()
    finished = _finish(Const(0), idle)
    refused = Local(nothing, finished) if nothing else finished
    found = conj([ne(port, 0), port_lifecycle.is_open(port)])
    return Branch(found, begin, refused)


def _begin(world: World, kind: int, frames: tuple[Frame, ...], idle: Node) -> Node:
    port = Read(Register(PORT))
    done = _finish(Const(1), idle)
    failed = _finish(Const(0), idle)
    body = _dispatch(world, frames, done, failed)
    if not port_lifecycle.has_tasks(world):
        return lock_regime.acquire(world, port, at(frames), body)
    index = plus(port, -1)
    at_once = conj(
        [
            eq(Length(ListPlace(TASKS, index)), 0),
            eq(cell(BUSY, index), 0),
            lock_regime.is_free(world, port),
        ]
    )
    caller = Const(0) if kind == EXIT_TASK else Read(Register(CALLER))
    queue = _enqueue(world, kind, port, caller)
    after = _finish(Const(1), idle) if kind == EXIT_TASK else _wait(idle)
    return Branch(at_once, Local(lock_regime.take(world, port), body), Local(queue, after))


def _enqueue(world: World, kind: int, port: Expr, caller: Expr) -> tuple[Stmt, ...]:
    index = plus(port, -1)
    room = neg(gt(Length(ListPlace(TASKS, index)), port_lifecycle.task_capacity(world) - 1))
    is_command = kind == COMMAND_TASK
    return (
        Check(room, Cut("port tasks")),
        Push(ListPlace(TASKS, index), Const(kind)),
        Push(ListPlace(TASK_CALLER, index), caller),
        Push(ListPlace(TASK_LENGTH, index), Read(Register(LENGTH)) if is_command else Const(0)),
        Push(ListPlace(TASK_BYTE, index), Read(Register(BYTE)) if is_command else Const(0)),
        *vectors.queue(world, index, is_command),
    )


def _wait(idle: Node) -> Node:
    caller = Read(Register(CALLER))
    return Local((processes.become(caller, processes.WAITING), *clear_registers()), idle)


def _finish(result: Expr, idle: Node) -> Node:
    """The caller, if any, gets the result; the scheduler is idle again."""
    caller = Read(Register(CALLER))
    answered = Local((*processes.answer(caller, result), *clear_registers()), idle)
    return Branch(ne(caller, 0), answered, Local(clear_registers(), idle))


def clear_registers() -> tuple[Stmt, ...]:
    """A scheduler without work has nothing in its registers."""
    return tuple(Assign(Register(name), Const(0)) for name in (CALLER, PORT, LENGTH, BYTE, KIND))
