"""Commands as vectors of binaries: what `outputv` is lent, and for how long.

`erts/emulator/beam/io.c`: `erts_port_output`, `io_list_to_vec`, `port_sig_outputv`. Data of more than 64
bytes is lent as it is: the binary that the sender refers to. Less is copied into a binary of the emulator's
own. Neither gives the driver a reference. Where operations are queued the task has a reference of its own
(R16B and later), until the callback has returned or the port is dead.
"""

from __future__ import annotations

from dmc.ir.builder import conj, le, ne
from dmc.ir.expr import TRUE, Const, Expr, Item, ListPlace, Place, Read, Register
from dmc.ir.logic import cell, gt, plus, var
from dmc.ir.program import Branch, Local, Node, Op
from dmc.ir.sort import NULL, Ref
from dmc.ir.statement import Assign, If, Push, Stmt
from dmc.ir.system import Frame, ListVariable, RegisterDecl, Variable
from dmc.runtime import binaries, busy_ports
from dmc.runtime.world import HEAP, World, at

VECTOR = "vector"
"""Register of a scheduler: the binary of the command that it serves, if its driver has `outputv`."""

TASK_VECTOR = "port.tasks.vector"
ASIDE = "suspended.vector"


def registers(world: World) -> tuple[RegisterDecl, ...]:
    """The register, where some driver has `outputv`."""
    return (RegisterDecl(VECTOR, Ref(HEAP)),) if world.has_vectors else ()


def declare(world: World) -> tuple[Variable, ...]:
    """For each process, what its command that waits for a busy port refers to."""
    if not (world.has_vectors and world.has_busy):
        return ()
    return (Variable(ASIDE, Ref(HEAP), len(world.processes)),)


def declare_lists(world: World, capacity: int) -> tuple[ListVariable, ...]:
    """What queued commands refer to."""
    if not world.has_vectors:
        return ()
    return (ListVariable(TASK_VECTOR, Ref(HEAP), capacity, world.port_count),)


def given(world: World, port: Expr, length: Expr) -> Expr:
    """Whether the command becomes a vector with data."""
    return conj([world.hooks.has_callback("outputv", port), gt(length, 0)])


def copied(world: World, length: Expr) -> tuple[Stmt, ...]:
    """Small data, in a binary of the emulator's."""
    return binaries.make_foreign(world, Register(VECTOR), length)


def call(
    world: World,
    port: Expr,
    data: Expr,
    length: Expr,
    frames: tuple[Frame, ...],
    is_queued: bool,
    following: Node,
) -> Node:
    """`outputv`: the driver may use the elements until it returns."""
    binary = Read(Register(VECTOR))
    counted = Op(
        "the data of the command is given back",
        at(frames),
        over(world, length, is_queued),
        following,
        accesses=binaries.counts(world, binary),
    )
    forgotten = Local((Assign(Register(VECTOR), Const(NULL)),), following)
    own = conj([ne(binary, NULL), TRUE if is_queued else le(length, binaries.SHARED_ABOVE)])
    returned = Local(binaries.lend(world, binary, -1), Branch(own, counted, forgotten))
    body = world.hooks.callback("outputv", port, (data, binary), frames, "command", lambda _: returned)
    return Local(binaries.lend(world, binary, 1), body)


def over(world: World, length: Expr, is_queued: bool) -> tuple[Stmt, ...]:
    """The command is done with, or came to nothing: the emulator's own references to its data go."""
    if not world.has_vectors:
        return ()
    given_back = _given_back(world, Read(Register(VECTOR)), length, is_queued)
    return (*given_back, Assign(Register(VECTOR), Const(NULL)))


def queue(world: World, index: Expr, is_command: bool, is_queued: bool) -> tuple[Stmt, ...]:
    """A command is queued: its task refers to the data, too, unless it did already (`is_queued`)."""
    if not world.has_vectors:
        return ()
    box = ListPlace(TASK_VECTOR, index)
    if not is_command:
        return (Push(box, Const(NULL)),)
    binary = Read(Register(VECTOR))
    held = () if is_queued else (If(ne(binary, NULL), binaries.hold(world, binary)),)
    return (*held, Push(box, binary), Assign(Register(VECTOR), Const(NULL)))


def put_aside(world: World, caller: Expr, is_queued: bool) -> tuple[Stmt, ...]:
    """A command waits for a busy port, and refers to its data as a task does.

    To R15B it is the arguments of the suspended process that do.
    """
    if not world.has_vectors:
        return ()
    binary = Read(Register(VECTOR))
    held = () if is_queued else (If(ne(binary, NULL), binaries.hold(world, binary)),)
    return (*held, Assign(var(ASIDE, plus(caller, -1)), binary), Assign(Register(VECTOR), Const(NULL)))


def take_again(world: World, process: int) -> tuple[Stmt, ...]:
    """The command that a process (from 1) had put aside is tried again."""
    if not world.has_vectors:
        return ()
    aside = var(ASIDE, process - 1)
    return (Assign(Register(VECTOR), Read(aside)), Assign(aside, Const(NULL)))


def forget_aside(world: World, process: int) -> tuple[Stmt, ...]:
    """A process (from 1) is gone, and the command that it had put aside with it."""
    if not (world.has_vectors and world.has_busy):
        return ()
    aside, length = cell(ASIDE, process - 1), cell(busy_ports.LENGTH, process - 1)
    dropped = _given_back(world, aside, length, is_queued=True)
    return (*dropped, Assign(var(ASIDE, process - 1), Const(NULL)))


def aside(process: int) -> Expr:
    """The data of the command that a process (from 1) has put aside."""
    return cell(ASIDE, process - 1)


def take_up(world: World, index: Expr) -> tuple[Stmt, ...]:
    """A scheduler takes up the first task."""
    if not world.has_vectors:
        return ()
    return (Assign(Register(VECTOR), Read(Item(ListPlace(TASK_VECTOR, index), Const(0)))),)


def abort(world: World, index: Expr, position: int, length: Place) -> tuple[Stmt, ...]:
    """A queued command comes to nothing."""
    if not world.has_vectors:
        return ()
    binary = Read(Item(ListPlace(TASK_VECTOR, index), Const(position)))
    return _given_back(world, binary, Read(length), is_queued=True)


def _given_back(world: World, binary: Expr, length: Expr, is_queued: bool) -> tuple[Stmt, ...]:
    own = binaries.drop(world, binary)
    copy = If(gt(length, binaries.SHARED_ABOVE), (), own)
    return (If(ne(binary, NULL), (copy, *(own if is_queued else ()))),)
