"""What a process does to a port: commands, `port_control`, `port_close`, exit signals (V16, V17).

To R15B an operation runs in the scheduler of the calling process, which waits for the port's lock
(`erts/emulator/beam/erl_bif_port.c`, `io.c:erts_port_command`). From R16B it is tried at once, when
the port has no tasks and its lock is free, and otherwise queued as a task of the port, which any
scheduler takes up later; the caller waits for the reply (`io.c:try_imm_drv_call, port_sig_outputv,
port_sig_control`, `erl_port_task.c:erts_port_task_execute`). The exit signal of a dying owner is always
queued, and so is `port_control` to a port that is closing. After each of them comes the epilogue.
"""

from __future__ import annotations

from collections.abc import Callable

from dmc.ir.builder import conj, eq, ne, neg
from dmc.ir.expr import Const, Expr, Item, Length, ListPlace, Read, Register, Self
from dmc.ir.logic import cell, gt, plus, var
from dmc.ir.program import Branch, Local, Node, Op
from dmc.ir.statement import Assign, Check, Cut, Push, Stmt
from dmc.ir.system import Frame
from dmc.runtime import (
    busy_ports,
    control_replies,
    lock_regime,
    port_closing,
    port_lifecycle,
    processes,
    vectors,
)
from dmc.runtime.points.process_signals import ControlOnClosing
from dmc.runtime.port_lifecycle import (
    BUSY,
    CALL_TASK,
    CLOSE_TASK,
    COMMAND_TASK,
    CONTROL_TASK,
    EXIT_TASK,
    FORCED_TASK,
    KILL_TASK,
    PROMPT_TASK,
    TASK_BYTE,
    TASK_CALLER,
    TASK_LENGTH,
    TASK_NUMBER,
    TASKS,
)
from dmc.runtime.world import World, at

CALLER = "caller"
PORT = "port"
LENGTH = "length"
BYTE = "first byte"
NUMBER = "command"
"""Registers of a scheduler: for whom it works (0: nobody who waits), on which port, with what."""

ANSWER = "answer"
"""Register of a scheduler: whether `control` or `call` has given a result, not an error."""

SIGNALS = (EXIT_TASK, KILL_TASK)
"""Operations that nobody waits for where they are queued."""

COMMANDS = (COMMAND_TASK, FORCED_TASK, PROMPT_TASK)
"""Operations that become `output`."""

ANSWERED = {CONTROL_TASK: "control", CALL_TASK: "call"}
"""Operations that have a result, by the callback that gives it."""


def command(world: World, frames: tuple[Frame, ...], idle: Node) -> Node:
    """`port_command` for the process, port and data in the registers."""
    return _operation(world, COMMAND_TASK, frames, idle)


def forced_command(world: World, frames: tuple[Frame, ...], idle: Node) -> Node:
    """`port_command` with `force`: `notsup` where the driver does not take it."""
    node = _operation(world, FORCED_TASK, frames, idle)
    refused = _without_data(world, _finish(world, Const(0), idle), is_queued=False)
    return Branch(busy_ports.takes_force(world, Read(Register(PORT))), node, refused)


def prompt_command(world: World, frames: tuple[Frame, ...], idle: Node) -> Node:
    """`port_command` with `nosuspend`: `false` while the port is busy.

    From R16B the port is asked before the command is queued, and not again; before, under the lock.
    """
    if not port_lifecycle.has_tasks(world):
        return _operation(world, PROMPT_TASK, frames, idle)
    node = _operation(world, FORCED_TASK, frames, idle)
    refused = _without_data(world, _finish(world, Const(0), idle), is_queued=False)
    return Branch(busy_ports.is_busy(world, Read(Register(PORT))), refused, node)


def command_again(world: World, frames: tuple[Frame, ...], idle: Node) -> Node:
    """A command that was put aside, with its references to its data, as one that was queued has them."""
    return _operation(world, COMMAND_TASK, frames, idle, is_queued=True)


def resume(world: World, process: int, following: Node) -> Op:
    """A command that was put aside is tried again, by any scheduler that is idle."""
    index = process - 1
    return Op(
        label=f"the command of {world.processes[index]} is tried again",
        site=at(()),
        statements=(
            Assign(Register(CALLER), Const(process)),
            Assign(Register(PORT), cell(busy_ports.PORT, index)),
            Assign(Register(LENGTH), cell(busy_ports.LENGTH, index)),
            Assign(Register(BYTE), cell(busy_ports.BYTE, index)),
            *vectors.take_again(world, process),
            *busy_ports.resume(process),
        ),
        next=following,
        guard=busy_ports.can_resume(world, process),
    )


def _suspend(world: World, idle: Node, is_queued: bool) -> Node:
    names = (CALLER, PORT, LENGTH, BYTE)
    data = vectors.put_aside(world, Read(Register(CALLER)), is_queued)
    aside = busy_ports.suspend(*(Read(Register(name)) for name in names))
    return Local((*data, *aside, *clear_registers(world)), idle)


def control(world: World, frames: tuple[Frame, ...], idle: Node) -> Node:
    """`port_control`."""
    return _operation(world, CONTROL_TASK, frames, idle)


def call(world: World, frames: tuple[Frame, ...], idle: Node) -> Node:
    """`port_call`."""
    return _operation(world, CALL_TASK, frames, idle)


def close(world: World, frames: tuple[Frame, ...], idle: Node) -> Node:
    """`port_close`."""
    return _operation(world, CLOSE_TASK, frames, idle)


def exit_signal(world: World, frames: tuple[Frame, ...], idle: Node) -> Node:
    """`exit(Port, Reason)`: the caller does not wait for it where operations are queued."""
    return _operation(world, EXIT_TASK, frames, idle)


def kill_signal(world: World, frames: tuple[Frame, ...], idle: Node) -> Node:
    """`exit(Port, kill)`: the queue of the port is not asked."""
    return _operation(world, KILL_TASK if world.has_queue else EXIT_TASK, frames, idle)


def deliver_exit(world: World, port: Expr, frames: tuple[Frame, ...], following: Node) -> Node:
    """The exit of the owner reaches a port over their link, in the scheduler of the dying process.

    Its reason is not `kill`, even if the owner was killed: links are told `killed`.
    """
    if port_lifecycle.has_tasks(world):
        queued = Local(_enqueue(world, EXIT_TASK, port, Const(0)), following)
        return Branch(port_lifecycle.is_open(port), queued, following)
    released = lock_regime.release(world, port, at(frames), following)
    body = port_closing.exit_port(world, port, frames, released)
    return Branch(port_lifecycle.is_open(port), lock_regime.acquire(world, port, at(frames), body), following)


def run_tasks(world: World, port: int, frames: tuple[Frame, ...], idle: Node) -> Op:
    """A scheduler takes up the first task of a port (from 1)."""
    here = Const(port)
    index = Const(port - 1)
    site = at(frames)

    def finished(result: Expr) -> Node:
        done = (Assign(var(BUSY, plus(Read(Register(PORT)), -1)), Const(0)),)
        return Local(done, _finish(world, result, idle))

    idle_again = (Assign(var(BUSY, plus(Read(Register(PORT)), -1)), Const(0)),)
    suspended = Local(idle_again, _suspend(world, idle, is_queued=True)) if world.has_busy else idle
    body = _dispatch(world, frames, finished, suspended, is_queued=True)
    pop: tuple[Stmt, ...] = (
        Assign(Register(CALLER), Read(Item(ListPlace(TASK_CALLER, index), Const(0)))),
        Assign(Register(LENGTH), Read(Item(ListPlace(TASK_LENGTH, index), Const(0)))),
        Assign(Register(BYTE), Read(Item(ListPlace(TASK_BYTE, index), Const(0)))),
        Assign(Register(KIND), Read(Item(ListPlace(TASKS, index), Const(0)))),
        *_number_of_first(world, index),
        *vectors.take_up(world, index),
        *port_lifecycle.drop_first(world, index),
    )
    nothing = lock_regime.release(
        world, here, site, Local((Assign(var(BUSY, port - 1), Const(0)),), _finish(world, Const(0), idle))
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


def _number_of_first(world: World, index: Expr) -> tuple[Stmt, ...]:
    if not world.has_control:
        return ()
    return (Assign(Register(NUMBER), Read(Item(ListPlace(TASK_NUMBER, index), Const(0)))),)


def _dispatch(
    world: World,
    frames: tuple[Frame, ...],
    finished: Callable[[Expr], Node],
    suspended: Node,
    is_queued: bool,
) -> Node:
    """Executes the task in the registers, with the lock held, and gives the lock back.

    `suspended` is what becomes of a command for which the port has no time. What `is_queued` has a
    reference of its own to the data of a command.
    """
    port = Read(Register(PORT))
    kind = Read(Register(KIND))
    site = at(frames)

    def after(result: Expr) -> Node:
        released = lock_regime.release(world, port, site, finished(result))
        if not port_lifecycle.has_tasks(world):
            return released
        return port_closing.epilogue(world, port, frames, released)

    done, failed = after(Const(1)), after(Const(0))
    node: Node = port_closing.exit_port(world, port, frames, done)
    if world.has_queue:
        killed = port_closing.exit_port(world, port, frames, done, killed=True)
        node = Branch(eq(kind, KILL_TASK), killed, node)
    refused = _without_data(world, failed, is_queued)
    put_aside = lock_regime.release(world, port, site, suspended)
    node = Branch(
        port_lifecycle.is_open(port),
        _commands(world, frames, done, refused, put_aside, node, is_queued),
        refused,
    )
    if world.has_control:
        reached = port_lifecycle.is_known(port) if reaches_closing(world) else port_lifecycle.is_open(port)
        answered = after(Read(Register(ANSWER)))
        for task, name in ANSWERED.items():
            here = Branch(reached, _answered(world, name, frames, answered, failed), failed)
            node = Branch(eq(kind, task), here, node)
    return node


def _commands(
    world: World,
    frames: tuple[Frame, ...],
    done: Node,
    failed: Node,
    suspended: Node,
    others: Node,
    is_queued: bool,
) -> Node:
    """A command becomes `output`, unless it has to wait for a busy port, or does not want to."""
    kind = Read(Register(KIND))
    output = _output(world, frames, done, is_queued)
    if not world.has_busy:
        return Branch(eq(kind, COMMAND_TASK), output, others)
    busy = busy_ports.is_busy(world, Read(Register(PORT)))
    node = Branch(eq(kind, PROMPT_TASK), Branch(busy, failed, output), others)
    node = Branch(eq(kind, FORCED_TASK), output, node)
    return Branch(eq(kind, COMMAND_TASK), Branch(busy, suspended, output), node)


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


def _answered(world: World, name: str, frames: tuple[Frame, ...], answered: Node, failed: Node) -> Node:
    """`control` or `call`, which a driver may do without: then it is `badarg`."""
    port = Read(Register(PORT))
    data = (Read(Register(NUMBER)), Read(Register(BYTE)), Read(Register(LENGTH)))
    lent = (Const(0), Const(control_replies.lent_bytes(world.profile, name)), Const(0))
    arguments = (port_lifecycle.data(port), *data, *lent)
    caller = Read(Register(CALLER))

    def returned(result: Expr) -> Node:
        return control_replies.settle(world, name, port, caller, ne(result, 0), frames, answered)

    called: Node = world.hooks.callback(name, port, arguments, frames, name, returned)
    prepared = control_replies.begin(world)
    called = Local(prepared, called) if prepared else called
    return Branch(world.hooks.has_callback(name, port), called, failed)


def reaches_closing(world: World) -> bool:
    """Whether `control` and `call` can run on a port that is closing (V17)."""
    return world.profile.control_on_closing is ControlOnClosing.YES


def _operation(
    world: World, kind: int, frames: tuple[Frame, ...], idle: Node, is_queued: bool = False
) -> Node:
    port = Read(Register(PORT))
    begin = Local((Assign(Register(KIND), Const(kind)),), _begin(world, kind, frames, idle, is_queued))
    refused = _finish(world, Const(0), idle)
    refused = _without_data(world, refused, is_queued) if kind in COMMANDS else refused
    late = kind in ANSWERED and reaches_closing(world)
    reached = port_lifecycle.is_known(port) if late else port_lifecycle.is_open(port)
    return Branch(conj([ne(port, 0), reached]), begin, refused)


def _without_data(world: World, following: Node, is_queued: bool) -> Node:
    """A command comes to nothing."""
    nothing = vectors.over(world, Read(Register(LENGTH)), is_queued)
    return Local(nothing, following) if nothing else following


def _begin(world: World, kind: int, frames: tuple[Frame, ...], idle: Node, is_queued: bool) -> Node:
    port = Read(Register(PORT))
    suspended = _suspend(world, idle, is_queued) if world.has_busy else idle
    body = _dispatch(world, frames, lambda result: _finish(world, result, idle), suspended, is_queued)
    if not port_lifecycle.has_tasks(world):
        return lock_regime.acquire(world, port, at(frames), body)
    index = plus(port, -1)
    at_once = conj(
        [
            eq(Length(ListPlace(TASKS, index)), 0),
            eq(cell(BUSY, index), 0),
            lock_regime.is_free(world, port),
            *([port_lifecycle.is_open(port)] if kind in ANSWERED else []),
        ]
    )
    caller = Const(0) if kind in SIGNALS else Read(Register(CALLER))
    queue = _enqueue(world, kind, port, caller, is_queued)
    after = _finish(world, Const(1), idle) if kind in SIGNALS else _wait(world, idle)
    return Branch(at_once, Local(lock_regime.take(world, port), body), Local(queue, after))


def _enqueue(world: World, kind: int, port: Expr, caller: Expr, is_queued: bool = False) -> tuple[Stmt, ...]:
    index = plus(port, -1)
    room = neg(gt(Length(ListPlace(TASKS, index)), port_lifecycle.task_capacity(world) - 1))
    is_command = kind in COMMANDS or kind in ANSWERED
    number = Read(Register(NUMBER)) if kind in ANSWERED else Const(0)
    return (
        Check(room, Cut("port tasks")),
        Push(ListPlace(TASKS, index), Const(kind)),
        Push(ListPlace(TASK_CALLER, index), caller),
        Push(ListPlace(TASK_LENGTH, index), Read(Register(LENGTH)) if is_command else Const(0)),
        Push(ListPlace(TASK_BYTE, index), Read(Register(BYTE)) if is_command else Const(0)),
        *((Push(ListPlace(TASK_NUMBER, index), number),) if world.has_control else ()),
        *vectors.queue(world, index, kind in COMMANDS, is_queued),
    )


def _wait(world: World, idle: Node) -> Node:
    caller = Read(Register(CALLER))
    return Local((processes.become(caller, processes.WAITING), *clear_registers(world)), idle)


def _finish(world: World, result: Expr, idle: Node) -> Node:
    """The caller, if any, gets the result; the scheduler is idle again."""
    caller = Read(Register(CALLER))
    answered = Local((*processes.answer(caller, result), *clear_registers(world)), idle)
    return Branch(ne(caller, 0), answered, Local(clear_registers(world), idle))


def clear_registers(world: World) -> tuple[Stmt, ...]:
    """A scheduler without work has nothing in its registers."""
    names = (CALLER, PORT, LENGTH, BYTE, KIND, *((NUMBER, ANSWER) if world.has_control else ()))
    return tuple(Assign(Register(name), Const(0)) for name in names)
