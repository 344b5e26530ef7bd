"""A port: its states, its data, its handle, the operations queued at it.

How it is opened is told by `dmc.runtime.port_opening`, how it ends by `dmc.runtime.port_closing`.
"""

from __future__ import annotations

from dmc.ir.builder import conj, eq, ite, ne
from dmc.ir.expr import Const, Expr, Item, Length, ListPlace, Read
from dmc.ir.logic import cell, plus, var
from dmc.ir.sort import Enum, Range, Ref
from dmc.ir.statement import Assign, If, Remove, Stmt
from dmc.ir.system import ListVariable, Variable
from dmc.runtime import processes
from dmc.runtime.points.async_jobs import ReplyAddress
from dmc.runtime.points.port_life import PortHandle
from dmc.runtime.world import HEAP, World

STATE = "port.state"
DATA = "port.data"
SLOT = "port.slot"
BUSY = "port.running"
TASKS = "port.tasks"
TASK_CALLER = "port.tasks.caller"
TASK_LENGTH = "port.tasks.length"
TASK_BYTE = "port.tasks.byte"
TASK_NUMBER = "port.tasks.command"

EXIT_ROLE = "exit"
FLUSH_ROLE = "flush"
"""The roles in which `stop` and `flush` are called."""

RESULT = "result"
"""Register of a scheduler: what `start` has returned, until it is stored."""

UNOPENED, OPENING, OPEN, EXITING, DEAD, CLOSING, STOPPING = range(7)
STATES = ("unopened", "opening", "open", "exiting", "dead", "closing", "stopping")
"""`EXITING` is inside of the exit routine, `stop` included; `CLOSING` has been flushed and waits for its
queue to be empty, `STOPPING` is such a port in its `stop`: the emulator has one flag for these two.
"""

NO_TASK, COMMAND_TASK, CLOSE_TASK, EXIT_TASK, KILL_TASK, CONTROL_TASK, CALL_TASK = range(7)
FORCED_TASK, PROMPT_TASK = 7, 8
"""Commands with `force` and with `nosuspend`."""
TASK_KINDS = (
    "none",
    "command",
    "close",
    "exit",
    "exit with reason kill",
    "control",
    "call",
    "command by force",
    "command without waiting",
)


def declare(world: World) -> tuple[Variable, ...]:
    """State, driver data and, where ports are known by slot, the slot of each port."""
    count = world.port_count
    if not count:
        return ()
    variables = [
        Variable(STATE, Enum("port state", STATES), count),
        Variable(DATA, Ref(HEAP), count),
    ]
    if uses_slots(world):
        variables.append(Variable(SLOT, Range(0, slot_count(world)), count))
    if has_tasks(world):
        variables.append(Variable(BUSY, Range(0, world.schedulers), count))
    return tuple(variables)


def declare_lists(world: World) -> tuple[ListVariable, ...]:
    """The queued signals of each port, where operations are queued."""
    if not has_tasks(world):
        return ()
    capacity, count = task_capacity(world), world.port_count
    return (
        ListVariable(TASKS, Enum("task", TASK_KINDS), capacity, count),
        ListVariable(TASK_CALLER, Range(0, len(world.processes)), capacity, count),
        ListVariable(TASK_LENGTH, world.lengths, capacity, count),
        ListVariable(TASK_BYTE, world.first_bytes, capacity, count),
        *((ListVariable(TASK_NUMBER, Range(*world.integers), capacity, count),) if world.has_control else ()),
    )


def has_tasks(world: World) -> bool:
    """Whether operations may be queued as tasks of the port (V16)."""
    from dmc.runtime.points.process_signals import PortOperations

    queued = world.profile.port_operations is PortOperations.IMMEDIATE_OR_QUEUED
    return queued and world.port_count > 0


def task_capacity(world: World) -> int:
    """Each process has at most one operation queued that it waits for, and a few that it does not."""
    return 2 * len(world.processes) + 1


def uses_slots(world: World) -> bool:
    """Whether anything addresses ports by their place in the port table (V4, V18)."""
    return world.profile.reply_address is ReplyAddress.SLOT or world.profile.port_handle is PortHandle.SLOT


def slot_count(world: World) -> int:
    """One slot more than ports can be open at once, so that reuse and no reuse both occur."""
    return world.port_count + 1


def state(port: Expr) -> Expr:
    """The state of a port (from 1)."""
    return cell(STATE, plus(port, -1))


def data(port: Expr) -> Expr:
    """The driver data that the emulator holds for the port."""
    return cell(DATA, plus(port, -1))


def is_alive(port: Expr) -> Expr:
    """A driver's call finds the port: it is neither dead nor never opened."""
    return conj([ne(state(port), UNOPENED), ne(state(port), DEAD)])


def is_open(port: Expr) -> Expr:
    """A process finds the port."""
    return eq(state(port), OPEN)


def is_known(port: Expr) -> Expr:
    """`control` and `call` find the port (V17): it has been opened and is not dead."""
    return conj([is_alive(port), ne(state(port), OPENING)])


def port_in_slot(world: World, slot: Expr) -> Expr:
    """The live port that has the slot, or 0."""
    result: Expr = Const(0)
    for number in range(world.port_count, 0, -1):
        port = Const(number)
        here = conj([is_alive(port), eq(cell(SLOT, number - 1), slot)])
        result = ite(here, port, result)
    return result


def handle_of(world: World, port: Expr) -> Expr:
    """The `ErlDrvPort` of a port: its slot, or a name that no other port ever has."""
    if world.profile.port_handle is PortHandle.SLOT:
        return cell(SLOT, plus(port, -1))
    return port


def port_of_handle(world: World, handle: Expr) -> Expr:
    """The port that a call with this handle acts on, or 0 if there is none (dead, or never one)."""
    if world.profile.port_handle is PortHandle.SLOT:
        return port_in_slot(world, handle)
    return ite(conj([ne(handle, 0), is_alive(handle)]), handle, Const(0))


def set_up(port: Expr) -> tuple[tuple[Stmt, ...], Expr]:
    """How a port is set up, and when it can be: nobody finds it by slot before it has its lock."""
    return (Assign(var(STATE, plus(port, -1)), Const(OPENING)),), eq(state(port), UNOPENED)


def clear_slot(world: World, port: Expr) -> tuple[Stmt, ...]:
    """The port's place in the table is free again."""
    return (Assign(var(SLOT, plus(port, -1)), Const(0)),) if uses_slots(world) else ()


def abort_tasks(world: World, port: Expr) -> tuple[Stmt, ...]:
    """Queued operations end in `badarg` for those who wait for them."""
    if not has_tasks(world):
        return ()
    index = plus(port, -1)
    statements: list[Stmt] = []
    for position in range(task_capacity(world)):
        caller = Read(Item(ListPlace(TASK_CALLER, index), Const(position)))
        waits = If(ne(caller, 0), processes.answer(caller, Const(0)))
        statements.append(If(_longer(index, position), (waits,)))
    statements += [If(_longer(index, 0), drop_first(world, index)) for _ in range(task_capacity(world))]
    return tuple(statements)


def drop_first(world: World, index: Expr) -> tuple[Stmt, ...]:
    """Takes the first task of the port with this index out of its queue."""
    lists = (TASKS, TASK_CALLER, TASK_LENGTH, TASK_BYTE, *((TASK_NUMBER,) if world.has_control else ()))
    return tuple(Remove(ListPlace(name, index), Const(0)) for name in lists)


def _longer(index: Expr, count: int) -> Expr:
    from dmc.ir.logic import gt

    return gt(Length(ListPlace(TASKS, index)), count)
