"""A port's life: opening, the exit routine, death.

`erts/emulator/beam/io.c`: `erts_open_driver`, `erts_do_exit_port` (to R15B), `erts_deliver_port_exit`
(from R16B), `terminate_port`, `driver_failure_term`. Without an IO queue the exit routine always
terminates the port at once; `stop` runs in whatever thread and callback the exit came from.
"""

from __future__ import annotations

from dmc.ir.builder import conj, disj, eq, ite, ne
from dmc.ir.expr import FALSE, TRUE, Const, Expr, Item, Length, ListPlace, Read, Register
from dmc.ir.logic import among, cell, pick, plus, var
from dmc.ir.program import Branch, Choice, Local, Node, Op, Site
from dmc.ir.sort import NULL, UNSET, Enum, Range, Ref
from dmc.ir.statement import Assign, If, Remove, Stmt
from dmc.ir.system import Frame, ListVariable, Variable
from dmc.runtime import lock_regime, processes, vectors
from dmc.runtime.points.async_jobs import ReplyAddress
from dmc.runtime.points.port_life import PortHandle
from dmc.runtime.world import HEAP, Event, World, at

STATE = "port.state"
DATA = "port.data"
SLOT = "port.slot"
BUSY = "port.running"
TASKS = "port.tasks"
TASK_CALLER = "port.tasks.caller"
TASK_LENGTH = "port.tasks.length"
TASK_BYTE = "port.tasks.byte"

EXIT_ROLE = "exit"
"""The role in which `stop` is called."""

RESULT = "result"
"""Register of a scheduler: what `start` has returned, until it is stored."""

UNOPENED, OPENING, OPEN, EXITING, DEAD = range(5)
STATES = ("unopened", "opening", "open", "exiting", "dead")

NO_TASK, COMMAND_TASK, CLOSE_TASK, EXIT_TASK = range(4)
TASK_KINDS = ("none", "command", "close", "exit")


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
        ListVariable(TASK_LENGTH, Range(*world.buffers), capacity, count),
        ListVariable(TASK_BYTE, Range(*world.buffers), capacity, count),
        *vectors.declare_lists(world, capacity),
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
    return among(state(port), (OPENING, OPEN, EXITING))


def owner_of(world: World, port: Expr) -> Expr:
    """The process (from 1) that messages of the port (from 1) go to; 0 for no port."""
    return pick(port, [0, *(declared.owner for declared in world.ports)])


def puts_out(world: World, port: Expr) -> Expr:
    """What the port sends is sent, not dropped because the port is closing (`ERTS_PORT_SFLG_CLOSING`)."""
    del world, port
    return TRUE


def is_open(port: Expr) -> Expr:
    """A process finds the port."""
    return eq(state(port), OPEN)


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


def open_port(world: World, port: Expr, caller: Expr, frames: tuple[Frame, ...], idle: Node) -> Node:
    """What a scheduler does for `open_port`, from the moment when the port is set up.

    `start` runs under the port's lock; when it fails neither `stop` nor `flush` is called. Data and
    state become visible together, before the lock is given back.
    """
    site = at(frames)

    def started(result: Expr) -> Node:
        answer = processes.answer(caller, ite(eq(state(port), OPEN), port, Const(0)))
        answered = Local((*answer, Assign(Register(RESULT), Const(NULL))), idle)
        freed = lock_regime.release(world, port, site, answered)
        failed = Op(
            "start has failed: the port is freed",
            site,
            (
                Assign(var(STATE, plus(port, -1)), Const(DEAD)),
                *world.hooks.occur(Event("state", "dead", port=port)),
            ),
            freed,
        )
        stored = Op(
            "the port is open",
            site,
            (
                Assign(var(DATA, plus(port, -1)), result),
                Assign(var(STATE, plus(port, -1)), Const(OPEN)),
                *world.hooks.occur(Event("state", "open", port=port)),
            ),
            freed,
        )
        # A port that died inside of its own start stays dead: see `driver_failure` there.
        return Branch(conj([succeeded(result), eq(state(port), OPENING)]), stored, failed)

    body = world.hooks.callback("start", port, (handle_of(world, port),), frames, "open_port", started)
    return lock_regime.acquire(world, port, site, _take_slot(world, port, site, body))


def succeeded(result: Expr) -> Expr:
    """What `start` returned is driver data, not an error code: those come as `UNSET`."""
    return ne(result, UNSET)


def set_up(port: Expr) -> tuple[tuple[Stmt, ...], Expr]:
    """How a port is set up, and when it can be: nobody finds it by slot before it has its lock."""
    return (Assign(var(STATE, plus(port, -1)), Const(OPENING)),), eq(state(port), UNOPENED)


def _take_slot(world: World, port: Expr, site: Site, following: Node) -> Node:
    """Any free place in the port table, once the lock is held: from then on the port is found there."""
    if not uses_slots(world):
        return following
    options: list[Node] = [
        Op(
            f"the port gets slot {slot}",
            site,
            (Assign(var(SLOT, plus(port, -1)), Const(slot)),),
            following,
            guard=eq(port_in_slot(world, Const(slot)), 0),
        )
        for slot in range(1, slot_count(world) + 1)
    ]
    return Choice(options, site, name="slot")


def exit_port(world: World, port: Expr, frames: tuple[Frame, ...], following: Node) -> Node:
    """The exit routine, with the port's lock held: nothing if the port is dead or exiting already."""
    site = at(frames)
    if any(frame.role == EXIT_ROLE for frame in frames):
        # Only a `stop` that is under way could get here, and its port is exiting already.
        again = Op("stop is called again", site, world.hooks.misuse("second_stop", FALSE), following)
        return Branch(disj([eq(state(port), OPEN), eq(state(port), OPENING)]), again, following)
    begin = Op(
        "the port is told to exit",
        site,
        (
            Assign(var(STATE, plus(port, -1)), Const(EXITING)),
            *world.hooks.occur(Event("state", "exiting", port=port)),
        ),
        _terminate(world, port, frames, following),
    )
    return Branch(disj([eq(state(port), OPEN), eq(state(port), OPENING)]), begin, following)


def _terminate(world: World, port: Expr, frames: tuple[Frame, ...], following: Node) -> Node:
    site = at(frames)
    dead = Op(
        "the port is dead",
        site,
        (
            Assign(var(STATE, plus(port, -1)), Const(DEAD)),
            Assign(var(DATA, plus(port, -1)), Const(NULL)),
            *_clear_slot(world, port),
            *_abort_tasks(world, port),
            *world.hooks.occur(Event("state", "dead", port=port)),
        ),
        following,
    )
    return world.hooks.callback("stop", port, (data(port),), frames, EXIT_ROLE, lambda _: dead)


def _clear_slot(world: World, port: Expr) -> tuple[Stmt, ...]:
    return (Assign(var(SLOT, plus(port, -1)), Const(0)),) if uses_slots(world) else ()


def _abort_tasks(world: World, port: Expr) -> tuple[Stmt, ...]:
    """Queued operations end in `badarg` for those who wait for them."""
    if not has_tasks(world):
        return ()
    index = plus(port, -1)
    statements: list[Stmt] = []
    for position in range(task_capacity(world)):
        caller = Read(Item(ListPlace(TASK_CALLER, index), Const(position)))
        waits = If(ne(caller, 0), processes.answer(caller, Const(0)))
        length = Item(ListPlace(TASK_LENGTH, index), Const(position))
        dropped = vectors.abort(world, index, position, length)
        statements.append(If(_longer(index, position), (waits, *dropped)))
    statements += [If(_longer(index, 0), drop_first(world, index)) for _ in range(task_capacity(world))]
    return tuple(statements)


def drop_first(world: World, index: Expr) -> tuple[Stmt, ...]:
    """Takes the first task of the port with this index out of its queue."""
    own = (vectors.TASK_VECTOR,) if world.has_vectors else ()
    lists = (TASKS, TASK_CALLER, TASK_LENGTH, TASK_BYTE, *own)
    return tuple(Remove(ListPlace(name, index), Const(0)) for name in lists)


def _longer(index: Expr, count: int) -> Expr:
    from dmc.ir.logic import gt

    return gt(Length(ListPlace(TASKS, index)), count)
