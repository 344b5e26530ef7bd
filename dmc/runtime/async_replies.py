"""What becomes of a job that has run: exactly one of `ready_async`, `async_free` and nothing (V3–V8).

`erts/emulator/beam/erl_async.c`: `check_async_ready`, `call_async_ready`, `async_main`; `io.c:async_ready`;
`erl_process.c:handle_async_ready` from R15A on.
"""

from __future__ import annotations

from typing import assert_never

from dmc.ir.builder import conj, eq, ne
from dmc.ir.expr import (
    Binary,
    Const,
    Expr,
    Instance,
    Item,
    Length,
    ListPlace,
    Read,
    Register,
)
from dmc.ir.logic import cell, gt, plus, var
from dmc.ir.program import Branch, Local, Node, Op, Site
from dmc.ir.statement import Assign, Check, Cut, Push, Remove
from dmc.ir.system import Frame, Mover
from dmc.runtime import lock_regime, port_closing, port_lifecycle
from dmc.runtime.async_jobs import (
    BATCH,
    JOB_REGISTER,
    NO_FUNCTION,
    PORT_OF_REPLY,
    REPLIES,
    SETTLED,
    bookkeeping,
    by_slot,
    ends_pdl_reference,
    job_field,
    mine,
    port_of,
)
from dmc.runtime.points.async_jobs import (
    DeadPortAsyncFreeLock,
    DeadPortCompletion,
    JobPinsPdl,
    ReadyAsyncThread,
)
from dmc.runtime.world import Event, World, at


def handle_replies(world: World, frames: tuple[Frame, ...], idle: Node) -> list[Node]:
    """What a scheduler can do about replies when it is idle."""
    if not world.async_threads:
        return []
    match world.profile.ready_async_thread:
        case ReadyAsyncThread.ASYNC:
            return []
        case ReadyAsyncThread.SUBMITTER:
            return [_handle_first(world, frames, idle)]
        case ReadyAsyncThread.EMULATOR:
            return [_handle_batch(world, frames, idle)]
        case _:
            assert_never(world.profile.ready_async_thread)


def reply(world: World, job: Expr, frames: tuple[Frame, ...], following: Node) -> Node:
    """What an async thread does when a job has run."""
    site = at(frames)
    match world.profile.ready_async_thread:
        case ReadyAsyncThread.SUBMITTER:
            target = ListPlace(REPLIES, plus(Read(job_field(job, "submitter")), -1))
        case ReadyAsyncThread.EMULATOR:
            target = ListPlace(REPLIES)
        case ReadyAsyncThread.ASYNC:
            return _dispose(world, job, frames, following)
        case _:
            assert_never(world.profile.ready_async_thread)
    room = Check(Binary("<", Length(target), Const(world.max_jobs)), Cut("replies"))
    unpin = ends_pdl_reference(world, job, JobPinsPdl.UNTIL_REPLY_QUEUED)
    return Op("hand the reply over", site, (room, Push(target, job), *unpin), following)


def _handle_first(world: World, frames: tuple[Frame, ...], idle: Node) -> Node:
    here = ListPlace(REPLIES, Instance())
    job = Read(Register(JOB_REGISTER))
    forget = Local((Assign(Register(JOB_REGISTER), Const(0)),), idle)
    take = (Assign(Register(JOB_REGISTER), Read(Item(here, Const(0)))), Remove(here, Const(0)))
    return Op(
        "take up the reply of a job",
        at(frames),
        take,
        _dispose(world, job, frames, forget),
        guard=gt(Length(here), 0),
    )


def _handle_batch(world: World, frames: tuple[Frame, ...], idle: Node) -> Node:
    """All replies that are there are taken together, and handled newest first, one after the other."""
    here = ListPlace(REPLIES)
    job = Read(Register(JOB_REGISTER))
    last = plus(cell(BATCH), -1)
    take_last = (
        Assign(Register(JOB_REGISTER), Read(Item(here, last))),
        Remove(here, last),
        Assign(var(BATCH), last),
    )
    again = Op("take up the next reply of the batch", at(frames), take_last, idle)
    forget = Local((Assign(Register(JOB_REGISTER), Const(0)),), Branch(gt(cell(BATCH), 0), again, idle))
    disposing = _dispose(world, job, frames, forget)
    again.next = disposing
    return Op(
        "take up the replies of all finished jobs",
        at(frames),
        (Assign(var(BATCH), Length(here)), *take_last),
        disposing,
        guard=gt(Length(here), 0),
    )


def _dispose(world: World, job: Expr, frames: tuple[Frame, ...], following: Node) -> Node:
    """Exactly one of `ready_async`, `async_free` and nothing, by the state of the port."""
    settled = settle(world, job, at(frames), following)
    match world.profile.dead_port_async_free_lock:
        case DeadPortAsyncFreeLock.GLOBAL:
            return _dispose_under_io_lock(world, job, frames, settled)
        case DeadPortAsyncFreeLock.NONE | DeadPortAsyncFreeLock.EMULATOR | DeadPortAsyncFreeLock.NOT_CALLED:
            return _dispose_by_lookup(world, job, frames, settled)
        case _:
            assert_never(world.profile.dead_port_async_free_lock)


def _dispose_by_lookup(world: World, job: Expr, frames: tuple[Frame, ...], settled: Node) -> Node:
    """The port is looked up without its lock, and again once the lock is held (`erts_id2port_sflgs`)."""
    site = at(frames)
    keep = Register(PORT_OF_REPLY)
    port = Read(keep)
    dead = Local((Assign(keep, Const(0)),), _dispose_dead(world, job, frames, settled))
    released = lock_regime.release(world, port, site, settled)
    gone = lock_regime.release(world, port, site, dead)
    locked = Branch(port_lifecycle.is_alive(port), _dispose_alive(world, job, port, frames, released), gone)
    waiting = lock_regime.acquire(world, port, site, locked)
    found = conj([ne(port, 0), port_lifecycle.is_alive(port)])
    return Op(
        "look the port up", site, (Assign(keep, _reply_port(world, job)),), Branch(found, waiting, dead)
    )


def _dispose_under_io_lock(world: World, job: Expr, frames: tuple[Frame, ...], settled: Node) -> Node:
    """R11B-0 to R11B-2: all of it under the one IO lock, `async_free` for a dead port included."""
    site, any_port = at(frames), Const(1)
    keep = Register(PORT_OF_REPLY)
    port = Read(keep)
    released = lock_regime.release(world, any_port, site, settled)
    alive = _dispose_alive(world, job, port, frames, released)
    dead = call_free(world, job, frames, released)
    found = conj([ne(port, 0), port_lifecycle.is_alive(port)])
    look = Op("look the port up", site, (Assign(keep, _reply_port(world, job)),), Branch(found, alive, dead))
    return lock_regime.acquire(world, any_port, site, look)


def _dispose_alive(world: World, job: Expr, port: Expr, frames: tuple[Frame, ...], released: Node) -> Node:
    """The epilogue comes before the free function where there is no `ready_async` (`io.c:async_ready`)."""
    epilogue = port_closing.epilogue(world, port, frames, released)
    ready = call_ready(world, job, port_lifecycle.data(port), port, frames, epilogue)
    free = port_closing.epilogue(world, port, frames, call_free(world, job, frames, released))
    return Branch(world.hooks.has_callback("ready_async", port), ready, free)


def _dispose_dead(world: World, job: Expr, frames: tuple[Frame, ...], settled: Node) -> Node:
    match world.profile.dead_port_completion:
        case DeadPortCompletion.LEAK:
            return settled
        case DeadPortCompletion.FREE:
            return call_free(world, job, frames, settled)
        case _:
            assert_never(world.profile.dead_port_completion)


def call_ready(
    world: World, job: Expr, data: Expr, port: Expr, frames: tuple[Frame, ...], following: Node
) -> Node:
    """`ready_async`, with the data that the emulator holds for the port."""
    return world.hooks.callback("ready_async", port, (data, job), frames, "reply", lambda _: following)


def call_free(world: World, job: Expr, frames: tuple[Frame, ...], following: Node) -> Node:
    """`async_free`, if the job has one: an operation of its own, then the function's."""
    returned = Op(
        "async_free returns",
        at(frames),
        world.hooks.occur(Event("return", "async_free", port=port_of(job), job=job)),
        following,
        accesses=mine(job),
        mover=Mover.BOTH,
    )
    body = world.hooks.job_function(Read(job_field(job, "free")), "async_free", job, frames, returned)
    call = Op(
        "call async_free",
        at(frames),
        world.hooks.occur(Event("call", "async_free", port=port_of(job), job=job)),
        body,
        accesses=mine(job),
        mover=Mover.BOTH,
    )
    return Branch(eq(Read(job_field(job, "free")), NO_FUNCTION), following, call)


def settle(world: World, job: Expr, site: Site, following: Node) -> Node:
    """The runtime has finished with the job."""
    statements = (
        Assign(job_field(job, "state"), Const(SETTLED)),
        *world.hooks.occur(Event("settle", port=port_of(job), job=job)),
        *ends_pdl_reference(world, job, JobPinsPdl.UNTIL_REPLY_HANDLED),
    )
    forget_port = Local((Assign(Register(PORT_OF_REPLY), Const(0)),), following)
    mover = bookkeeping(world)
    return Op("the job is settled", site, statements, forget_port, accesses=mine(job), mover=mover)


def _reply_port(world: World, job: Expr) -> Expr:
    """The port that a reply is delivered to, or 0: by slot it may be another one than submitted it."""
    if by_slot(world):
        return port_lifecycle.port_in_slot(world, Read(job_field(job, "slot")))
    return port_of(job)
