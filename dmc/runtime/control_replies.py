"""What `control` and `call` answer with, and who frees it (V32, V40 to V43).

`erts/emulator/beam/io.c`: `port_control` (to R9C), `erts_port_control` (R10B to R15B), `call_driver_control`,
`port_control_result_size`, `write_port_control_result`, `port_sig_control` (R16A and later);
`erl_bif_port.c:port_call_3` (to R15B), `io.c:call_driver_call, erts_port_call, port_sig_call`.

`*rbuf` is lent: some bytes on the stack of the emulator. The driver may put a buffer of `driver_alloc` there,
which the emulator frees, or, where the port has `PORT_CONTROL_FLAG_BINARY`, a driver binary: then the
driver's reference is the term's. The flags are looked at after the callback has returned. Nothing in
between tells these apart: what is handed over as the wrong one is taken for the other.
"""

from __future__ import annotations

from typing import assert_never

from dmc.ir.builder import conj, disj, eq, le, ne, neg
from dmc.ir.expr import FALSE, Binary, Const, Expr, Field, KindOf, Read, Register
from dmc.ir.logic import cell, gt, plus, var
from dmc.ir.program import Branch, Local, Node, Op
from dmc.ir.sort import DEAD, NULL, UNSET, Bool, Range, Ref
from dmc.ir.statement import Assign, If, Stmt
from dmc.ir.system import FieldDecl, Frame, Kind, RegisterDecl, Variable
from dmc.runtime import binaries, processes
from dmc.runtime.points.queue_and_binaries import (
    DefaultBufferControl,
    FailedControlReply,
    NullReply,
    SmallBinaryReply,
)
from dmc.runtime.profile import Profile
from dmc.runtime.world import BINARY, HEAP, World, at

REPLY = "reply"
"""Register of a scheduler: what `*rbuf` points to; unset for the buffer that the emulator has lent."""

CALL_FLAGS = "call flags"
"""Register of a scheduler: what `call` has set its flags to."""

BLOCK = "reply buffer"
BLOCK_SIZE = "size"
"""The kind of a block of bytes that `driver_alloc` gave for an answer, and its field."""

BINARY_MODE = "port.control.binary"
"""Of each port: whether answers of `control` are binaries."""

CONTROL_BUFFER = 64
"""The room for an answer of `control`, in all releases (`ERL_ONHEAP_BIN_LIMIT`, 64 before R13A)."""


def registers(world: World) -> tuple[RegisterDecl, ...]:
    """The registers, where some callback is given the place of its answer."""
    if not world.has_replies:
        return ()
    return (
        RegisterDecl(REPLY, Ref(HEAP, unset=True)),
        RegisterDecl(CALL_FLAGS, Range(*world.integers)),
    )


def declare(world: World) -> tuple[Variable, ...]:
    """The mode of each port, where some driver sets it."""
    return (Variable(BINARY_MODE, Bool(), world.port_count),) if world.has_control_flags else ()


def kinds(world: World) -> tuple[Kind, ...]:
    """The kind of blocks of bytes: the driver's to free, until the emulator has them."""
    return (Kind(BLOCK, (FieldDecl(BLOCK_SIZE, world.lengths),)),) if world.has_replies else ()


def set_flags(world: World, port: Expr, flags: Expr) -> tuple[Stmt, ...]:
    """`set_port_control_flags`: of a port that is alive."""
    is_binary = Binary("%", flags, Const(2))
    return (If(ne(port, 0), (Assign(var(BINARY_MODE, plus(port, -1)), ne(is_binary, 0)),)),)


def lent_bytes(profile: Profile, name: str) -> int:
    """How many bytes are lent to `control` or `call`: their `rlen`."""
    return CONTROL_BUFFER if name == "control" else profile.call_reply_buffer.size


def begin(world: World) -> tuple[Stmt, ...]:
    """A call of `control` or `call` is about to be made."""
    if not world.has_replies:
        return ()
    return (Assign(Register(REPLY), Const(UNSET)), Assign(Register(CALL_FLAGS), Const(0)))


def returned(world: World, name: str, port: Expr, result: Expr) -> tuple[Stmt, ...]:
    """What the emulator will make of the answer, checked where the callback gives it.

    Where an error leaves the buffer with the driver, that one alone can still refer to it.
    """
    answers = Binary(">=" if name == "control" else ">", result, Const(0))
    lent = Const(lent_bytes(world.profile, name))
    if not world.has_replies:
        return world.hooks.misuse("reply_too_long", disj([neg(answers), le(result, lent)]))
    reply = Read(Register(REPLY))
    is_block = _is(world, reply, BLOCK)
    size = Read(Field(HEAP, BLOCK, BLOCK_SIZE, reply))
    longer = [
        conj([eq(reply, UNSET), Binary(">", result, lent)]),
        conj([is_block, Binary(">", result, size)]),
    ]
    is_read = conj([eq(reply, NULL), gt(result, 0), _reads_null(world, name, port)])
    hooks = world.hooks
    checks = (
        *hooks.misuse("reply_too_long", neg(conj([answers, disj(longer)]))),
        *hooks.misuse("null_pointer", neg(conj([answers, is_read]))),
        *_kind_checks(world, name, port, answers),
    )
    left = _is_left(world, name, port)
    if left == FALSE:
        return checks
    return (*checks, If(conj([neg(answers), left]), (Assign(Register(REPLY), Const(UNSET)),)))


def _kind_checks(world: World, name: str, port: Expr, answers: Expr) -> tuple[Stmt, ...]:
    """A binary where one is wanted, and nowhere else; of which the driver has a reference to give."""
    hooks, reply = world.hooks, Read(Register(REPLY))
    binary = _is(world, reply, BINARY)
    if name == "call":
        keeps = _keeps_buffer()
        return hooks.misuse("reply_wrong_kind", disj([keeps, neg(binary)]))
    freed = disj([answers, neg(_is_left(world, name, port))])
    mode = is_binary_mode(world, port)
    as_binary = conj([mode, answers])
    stale = conj([gt(reply, NULL), eq(KindOf(HEAP, reply), DEAD)])
    other = conj([gt(reply, NULL), neg(stale), neg(binary)])
    checks = hooks.misuse("reply_wrong_kind", neg(conj([as_binary, other])))
    checks += hooks.misuse("reply_wrong_kind", neg(conj([freed, neg(as_binary), binary])))
    checks += hooks.misuse("use_after_free", neg(conj([as_binary, stale])))
    if world.profile.default_buffer_control is DefaultBufferControl.BROKEN:
        # The bytes of the buffer that is lent are taken for a binary.
        checks += hooks.misuse("reply_wrong_kind", neg(conj([as_binary, eq(reply, UNSET)])))
    if world.profile.null_reply is NullReply.FOLLOWED:
        checks += hooks.misuse("null_pointer", neg(conj([as_binary, eq(reply, NULL)])))
    if world.has_binaries:
        held = gt(Read(binaries.of(reply, binaries.OWN)), 0)
        checks += hooks.misuse("reply_not_held", disj([neg(as_binary), neg(binary), held]))
    return checks


def _is(world: World, reply: Expr, kind: str) -> Expr:
    """Whether the answer is a live object of the kind."""
    number = world.hooks.kind_number(kind)
    return eq(KindOf(HEAP, reply), number) if number > 0 else FALSE


def _keeps_buffer() -> Expr:
    """Whether `call` has set `DRIVER_CALL_KEEP_BUFFER`."""
    return ne(Binary("%", Read(Register(CALL_FLAGS)), Const(2)), 0)


def settle(
    world: World,
    name: str,
    port: Expr,
    caller: Expr,
    answers: Expr,
    frames: tuple[Frame, ...],
    following: Node,
) -> Node:
    """The emulator takes what it was given; only a buffer of its own needs nothing."""
    if not world.has_replies:
        return following
    reply = Read(Register(REPLY))
    forget = Local(tuple(Assign(Register(r), Const(0)) for r in (REPLY, CALL_FLAGS)), following)
    freed = world.hooks.free_block(reply, frames, f"the answer of {name} is taken", forget)
    node = freed
    if name == "call":
        node = Branch(_keeps_buffer(), forget, freed)
    elif world.has_control_flags and world.has_binaries:
        taken = _hand_over(world, reply, caller, frames, forget)
        as_binary = conj([is_binary_mode(world, port), answers, ne(reply, NULL)])
        node = Branch(as_binary, taken, freed)
    return Branch(eq(reply, UNSET), forget, node)


def is_binary_mode(world: World, port: Expr) -> Expr:
    """Whether answers of `control` of the port are binaries."""
    return ne(cell(BINARY_MODE, plus(port, -1)), 0) if world.has_control_flags else FALSE


def _is_left(world: World, name: str, port: Expr) -> Expr:
    """Whether an error leaves the buffer with the driver."""
    if name == "call":
        return FALSE
    match world.profile.failed_control_reply:
        case FailedControlReply.FREED:
            return FALSE
        case FailedControlReply.FREED_AS_LIST:
            return is_binary_mode(world, port)
        case FailedControlReply.LEFT:
            return Const(1)
        case _:
            assert_never(world.profile.failed_control_reply)


def _reads_null(world: World, name: str, port: Expr) -> Expr:
    """Whether the bytes of `NULL` are read."""
    if name == "call":
        return Const(1)
    match world.profile.null_reply:
        case NullReply.FOLLOWED:
            return Const(1)
        case NullReply.EMPTY_BINARY:
            return neg(is_binary_mode(world, port))
        case NullReply.EMPTY:
            return FALSE
        case _:
            assert_never(world.profile.null_reply)


def _hand_over(world: World, reply: Expr, caller: Expr, frames: tuple[Frame, ...], following: Node) -> Node:
    """The reference of the driver to a binary becomes the term's, or is given back where that is a copy.

    Where the caller has died meanwhile, the emulator forgets what it holds (`port_sig_control` [25]):
    that is no fault of the driver's, and here it is given back.
    """
    own = binaries.of(reply, binaries.OWN)
    shared: Expr = Const(1)
    if world.profile.small_binary_reply is SmallBinaryReply.COPIED:
        shared = binaries.is_shared_size(Read(binaries.of(reply, binaries.SIZE)))
    lives = neg(processes.is_status(caller, processes.DEAD))
    referred = world.hooks.refer_unnamed(caller, Register(REPLY))
    statements: tuple[Stmt, ...] = (
        *world.hooks.misuse("use_after_free", ne(KindOf(HEAP, reply), DEAD)),
        If(gt(Read(own), 0), (Assign(own, plus(Read(own), -1)),)),
        If(conj([shared, lives]), referred, binaries.drop(world, reply)),
    )
    accesses = binaries.counts(world, reply)
    return Op("the answer of control is taken", at(frames), statements, following, accesses=accesses)


def block_is_used(world: World, reply: Expr) -> tuple[Stmt, ...]:
    """The driver works on the bytes of an answer that it has put there itself."""
    hooks = world.hooks
    return (
        *hooks.misuse("null_pointer", ne(reply, NULL)),
        *hooks.misuse("use_after_free", ne(KindOf(HEAP, reply), DEAD)),
    )
