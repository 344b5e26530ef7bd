"""`driver_async`: a job is queued, or runs inside the call when there are no threads (V12, V13).

`erts/emulator/beam/erl_async.c:driver_async, async_add`.
"""

from __future__ import annotations

from dmc.ir.builder import conj, eq, ne
from dmc.ir.expr import (
    Binary,
    Const,
    Expr,
    Length,
    ListPlace,
    Place,
    Read,
    Self,
)
from dmc.ir.logic import cell, plus, var
from dmc.ir.program import Branch, Node, Op, Site
from dmc.ir.statement import Assign, Check, Cut, Push, Stmt
from dmc.ir.system import Frame
from dmc.runtime import port_closing, port_data_lock, port_lifecycle
from dmc.runtime.async_jobs import (
    COUNTER,
    FINISHED,
    NEXT_ID,
    PDL_OF_JOB,
    QUEUE,
    QUEUED,
    RUNNING,
    WEDGED,
    by_slot,
    job_field,
    port_of,
)
from dmc.runtime.async_replies import call_free, call_ready, settle
from dmc.runtime.memory import allocate
from dmc.runtime.points.pool import InlineJobId
from dmc.runtime.world import JOB, Event, World, at, gives, inside


def submit(
    world: World,
    *,
    handle: Expr,
    key: Expr | None,
    invoke: Expr,
    data: Expr,
    free: Expr,
    result: Place,
    scratch: Place,
    frames: tuple[Frame, ...],
    site: Site,
    depth: int,
    following: Node,
) -> Node:
    """`driver_async`: accepts the job and queues it, or runs it inline when there are no threads.

    `key` is None for a `NULL` key, else the value of the unsigned, which the caller writes back.
    `scratch` is a place for the job while it is made. A dead port gives -1, and the data stays with
    the caller.
    """
    port = port_lifecycle.port_of_handle(world, handle)
    called = site.words or "driver_async"
    dead = (Assign(result, Const(-1)), gives(Const(-1)))
    refused = Op(f"{called}: the port is dead", site, dead, following)
    if not world.async_threads:
        accepted = _run_inline(
            world, port, invoke, data, free, result, scratch, frames, site, depth, following
        )
    else:
        accepted = _enqueue(world, port, key, invoke, data, free, result, scratch, site, following)
    # Whether the port lives cannot change while a callback of its own runs: a local decision.
    return Branch(ne(port, 0), accepted, refused)


def _enqueue(
    world: World,
    port: Expr,
    key: Expr | None,
    invoke: Expr,
    data: Expr,
    free: Expr,
    result: Place,
    scratch: Place,
    site: Site,
    following: Node,
) -> Node:
    queue = Const(0) if world.async_threads == 1 else (cell(COUNTER) if key is None else _modulo(world, key))
    target = ListPlace(QUEUE, queue)
    statements: list[Stmt] = [
        *_make_job(world, port, invoke, data, free, scratch, QUEUED),
        *_pin_pdl(world, port, scratch),
        Check(Binary("<", Length(target), Const(world.max_jobs)), Cut("async queue")),
        Push(target, Read(scratch)),
        Assign(result, _job_id(world)),
    ]
    # The counter advances for every job; it is the job's id modulo the number of threads.
    if world.async_threads > 1:
        statements.append(Assign(var(COUNTER), _modulo(world, plus(cell(COUNTER), 1))))
    statements += world.hooks.occur(Event("submit", port=port, job=Read(scratch)))
    statements.append(Assign(scratch, Const(0)))
    blocked = _wedged(world, queue)
    return Op(
        site.words or "driver_async",
        site,
        tuple(statements),
        following,
        guard=blocked,
        blocking=world.has_job_ids,
        waits="the job queue, which driver_async_cancel holds" if world.has_job_ids else "",
    )


def _wedged(world: World, queue: Expr) -> Expr:
    return eq(cell(WEDGED, queue), 0) if world.has_job_ids and world.async_threads else Const(1)


def _modulo(world: World, value: Expr) -> Expr:
    return Binary("%", value, Const(world.async_threads))


def _make_job(
    world: World, port: Expr, invoke: Expr, data: Expr, free: Expr, scratch: Place, state: int
) -> tuple[Stmt, ...]:
    values = [
        ("port", port),
        ("data", data),
        ("invoke", invoke),
        ("free", free),
        ("state", Const(state)),
        ("submitter", Self()),
    ]
    before: tuple[Stmt, ...] = ()
    if by_slot(world):
        values.append(("slot", cell(port_lifecycle.SLOT, plus(port, -1))))
    if world.has_job_ids:
        room = Binary("<", cell(NEXT_ID), Const(world.max_jobs))
        before = (Check(room, Cut("job ids")), Assign(var(NEXT_ID), plus(cell(NEXT_ID), 1)))
        values.append(("id", cell(NEXT_ID)))
    return (*before, *allocate(world, scratch, JOB, tuple(values)))


def _pin_pdl(world: World, port: Expr, scratch: Place) -> tuple[Stmt, ...]:
    """A job that is queued has a reference to the port data lock, if there is one; inline it has none."""
    if not world.has_pdl:
        return ()
    pdl = port_data_lock.of_port(port)
    return (*port_data_lock.hold(world, pdl), Assign(job_field(Read(scratch), PDL_OF_JOB), pdl))


def _job_id(world: World) -> Expr:
    return cell(NEXT_ID) if world.has_job_ids else Const(1)


def _run_inline(
    world: World,
    port: Expr,
    invoke: Expr,
    data: Expr,
    free: Expr,
    result: Place,
    scratch: Place,
    frames: tuple[Frame, ...],
    site: Site,
    depth: int,
    following: Node,
) -> Node:
    """Without threads (to OTP 22): the job, and `ready_async` or `async_free`, run inside the call."""
    if depth >= world.nesting:
        return Op("driver_async", site, (Check(Const(0), Cut("nesting")),), following)
    job = Read(scratch)
    positive = world.profile.inline_job_id is not InlineJobId.ZERO
    value = _job_id(world) if positive else Const(0)
    done = Op(
        "driver_async returns",
        site,
        (Assign(result, value), gives(Read(result)), Assign(scratch, Const(0))),
        following,
    )
    inner = inside(frames, "driver_async")
    settled = settle(world, job, at(inner), done)
    free_it = call_free(world, job, inner, settled)
    epilogue = port_closing.epilogue(world, port_of(job), inner, settled)
    ready = call_ready(world, job, port_lifecycle.data(port_of(job)), port_of(job), inner, epilogue)
    has_ready = world.hooks.has_callback("ready_async", port_of(job))
    not_ready = port_closing.epilogue(world, port_of(job), inner, free_it)
    disposed = Branch(
        conj([ne(port_of(job), 0), port_lifecycle.is_alive(port_of(job))]),
        Branch(has_ready, ready, not_ready),
        free_it,
    )
    ran: tuple[Stmt, ...] = (
        Assign(job_field(job, "state"), Const(FINISHED)),
        *world.hooks.occur(Event("return", "async_invoke", port=port_of(job), job=job)),
    )
    leave = Op("the job has run", at(inner), ran, disposed)
    run = world.hooks.job_function(invoke, "async_invoke", job, inner, leave)
    statements = (
        *_make_job(world, port, invoke, data, free, scratch, RUNNING),
        *world.hooks.occur(Event("submit", port=port, job=job)),
        *world.hooks.occur(Event("call", "async_invoke", port=port, job=job)),
    )
    return Op(f"{site.words or 'driver_async'} runs the job itself", site, statements, run)
