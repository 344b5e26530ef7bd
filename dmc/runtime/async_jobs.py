"""Jobs of `driver_async`: queues, async threads, replies, and who disposes of a job (V3–V8, V12, V13).

`erts/emulator/beam/erl_async.c`: `driver_async`, `async_main`, `async_add`, `check_async_ready`,
`call_async_ready`; `io.c:async_ready`; `erl_process.c:handle_async_ready` from R15A on.
"""

from __future__ import annotations

from typing import assert_never

from dmc.ir.builder import conj, eq, ne
from dmc.ir.expr import (
    Binary,
    Const,
    Expr,
    Field,
    Instance,
    Item,
    Length,
    ListPlace,
    Place,
    Read,
    Register,
    Self,
)
from dmc.ir.logic import cell, gt, plus, var
from dmc.ir.program import Branch, Choice, Local, Node, Op, Site
from dmc.ir.sort import Enum, Range, Ref
from dmc.ir.statement import Assign, Check, Cut, Push, Remove, Stmt
from dmc.ir.system import Access, FieldDecl, Frame, InitialChoice, Kind, ListVariable, Mover, Variable
from dmc.runtime import lock_regime, port_lifecycle
from dmc.runtime.memory import allocate
from dmc.runtime.points.async_jobs import (
    DeadPortAsyncFreeLock,
    DeadPortCompletion,
    ReadyAsyncThread,
    ReplyAddress,
)
from dmc.runtime.points.pool import InlineJobId
from dmc.runtime.world import HEAP, JOB, Event, World, at, gives, inside

QUEUE = "async.queue"
REPLIES = "async.replies"
BATCH = "async.batch"
COUNTER = "async.counter"
NEXT_ID = "async.next_id"
WEDGED = "async.wedged"

QUEUED, RUNNING, FINISHED, SETTLED = range(4)
JOB_STATES = ("queued", "running", "finished", "settled")

JOB_REGISTER = "job"
NO_FUNCTION = 0
DRIVER_FREE = 1
"""Numbers of functions that a job may be given: `NULL`, `driver_free`, then those of the model."""


def job_kind(world: World) -> Kind:
    """What the runtime knows of a job. The driver owes it nothing: it is not `owned`."""
    fields = [
        FieldDecl("port", Range(0, world.port_count)),
        FieldDecl("data", Ref(HEAP, unset=True)),
        FieldDecl("invoke", Range(0, world.job_functions)),
        FieldDecl("free", Range(0, world.job_functions)),
        FieldDecl("state", Enum("job state", JOB_STATES)),
        FieldDecl("submitter", Range(0, world.threads)),
    ]
    if _by_slot(world):
        fields.append(FieldDecl("slot", Range(0, port_lifecycle.slot_count(world))))
    if world.has_job_ids:
        fields.append(FieldDecl("id", Range(0, world.max_jobs)))
    return Kind(JOB, tuple(fields), owned=False)


def declare(world: World) -> tuple[Variable, ...]:
    """The counter that spreads jobs without a key, batches, ids."""
    variables: list[Variable] = []
    if world.async_threads > 1:
        variables.append(Variable(COUNTER, Range(0, world.async_threads - 1)))
    if world.async_threads and _replies_in_batches(world):
        variables.append(Variable(BATCH, Range(0, world.max_jobs)))
    if world.has_job_ids:
        variables.append(Variable(NEXT_ID, Range(0, world.max_jobs)))
        if world.async_threads:
            variables.append(Variable(WEDGED, Range(0, world.threads), world.async_threads))
    return tuple(variables)


def declare_lists(world: World) -> tuple[ListVariable, ...]:
    """The queue of each async thread, and the replies that wait for an emulator thread."""
    if not world.async_threads:
        return ()
    lists = [ListVariable(QUEUE, Ref(HEAP), world.max_jobs, world.async_threads)]
    match world.profile.ready_async_thread:
        case ReadyAsyncThread.EMULATOR:
            lists.append(ListVariable(REPLIES, Ref(HEAP), world.max_jobs, 1))
        case ReadyAsyncThread.SUBMITTER:
            lists.append(ListVariable(REPLIES, Ref(HEAP), world.max_jobs, world.schedulers))
        case ReadyAsyncThread.ASYNC:
            pass
        case _:
            assert_never(world.profile.ready_async_thread)
    return tuple(lists)


def initial_choices(world: World) -> tuple[InitialChoice, ...]:
    """The counter is shared with every other driver of the emulator: it starts anywhere."""
    if world.async_threads < 2:
        return ()
    return (InitialChoice(COUNTER, 0, tuple(range(world.async_threads))),)


def all_settled(world: World) -> list[Expr]:
    """Conditions under which no job is queued, running or waiting for its reply to be handled."""
    if not world.async_threads:
        return []
    conditions = [eq(Length(ListPlace(QUEUE, Const(w))), 0) for w in range(world.async_threads)]
    conditions += [eq(Length(ListPlace(REPLIES, Const(r))), 0) for r in range(_reply_queues(world))]
    return conditions


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


def worker(world: World) -> Node:
    """The program of an async thread: take a job, run it, have its reply handled."""
    idle: Choice
    frames: tuple[Frame, ...] = ()
    job = Read(Register(JOB_REGISTER))
    me = ListPlace(QUEUE, Instance())
    idle = Choice([], at(frames), rest=True, name="idle")
    forget = Local((Assign(Register(JOB_REGISTER), Const(0)),), idle)
    after = _reply(world, job, frames, forget)
    finished: tuple[Stmt, ...] = (
        Assign(_field(job, "state"), Const(FINISHED)),
        *world.hooks.occur(Event("return", "async_invoke", port=_port(job), job=job)),
    )
    leave = Op("the job has run", at(frames), finished, after, accesses=_mine(job), mover=Mover.BOTH)
    run = world.hooks.job_function(Read(_field(job, "invoke")), "async_invoke", job, frames, leave)
    begin: tuple[Stmt, ...] = (
        Assign(Register(JOB_REGISTER), Read(Item(me, Const(0)))),
        Remove(me, Const(0)),
        Assign(_field(job, "state"), Const(RUNNING)),
        *world.hooks.occur(Event("call", "async_invoke", port=_port(job), job=job)),
    )
    unlocked = eq(cell(WEDGED, Instance()), 0) if world.has_job_ids else Const(1)
    idle.options.append(Op("take a job", at(frames), begin, run, guard=conj([gt(Length(me), 0), unlocked])))
    return idle


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
    if _by_slot(world):
        values.append(("slot", cell(port_lifecycle.SLOT, plus(port, -1))))
    if world.has_job_ids:
        room = Binary("<", cell(NEXT_ID), Const(world.max_jobs))
        before = (Check(room, Cut("job ids")), Assign(var(NEXT_ID), plus(cell(NEXT_ID), 1)))
        values.append(("id", cell(NEXT_ID)))
    return (*before, *allocate(world, scratch, JOB, tuple(values)))


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
    settled = _settle(world, job, at(inner), done)
    free_it = _call_free(world, job, inner, settled)
    ready = _call_ready(world, job, port_lifecycle.data(_port(job)), _port(job), inner, settled)
    has_ready = world.hooks.has_callback("ready_async", _port(job))
    disposed = Branch(
        conj([ne(_port(job), 0), port_lifecycle.is_alive(_port(job))]),
        Branch(has_ready, ready, free_it),
        free_it,
    )
    ran: tuple[Stmt, ...] = (
        Assign(_field(job, "state"), Const(FINISHED)),
        *world.hooks.occur(Event("return", "async_invoke", port=_port(job), job=job)),
    )
    leave = Op("the job has run", at(inner), ran, disposed)
    run = world.hooks.job_function(invoke, "async_invoke", job, inner, leave)
    statements = (
        *_make_job(world, port, invoke, data, free, scratch, RUNNING),
        *world.hooks.occur(Event("submit", port=port, job=job)),
        *world.hooks.occur(Event("call", "async_invoke", port=port, job=job)),
    )
    return Op(f"{site.words or 'driver_async'} runs the job itself", site, statements, run)


def _reply(world: World, job: Expr, frames: tuple[Frame, ...], following: Node) -> Node:
    """What an async thread does when a job has run."""
    site = at(frames)
    match world.profile.ready_async_thread:
        case ReadyAsyncThread.SUBMITTER:
            target = ListPlace(REPLIES, plus(Read(_field(job, "submitter")), -1))
        case ReadyAsyncThread.EMULATOR:
            target = ListPlace(REPLIES)
        case ReadyAsyncThread.ASYNC:
            return _dispose(world, job, frames, following)
        case _:
            assert_never(world.profile.ready_async_thread)
    room = Check(Binary("<", Length(target), Const(world.max_jobs)), Cut("replies"))
    return Op("hand the reply over", site, (room, Push(target, job)), following)


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
    settled = _settle(world, job, at(frames), following)
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
    dead = _call_free(world, job, frames, released)
    found = conj([ne(port, 0), port_lifecycle.is_alive(port)])
    look = Op("look the port up", site, (Assign(keep, _reply_port(world, job)),), Branch(found, alive, dead))
    return lock_regime.acquire(world, any_port, site, look)


def _dispose_alive(world: World, job: Expr, port: Expr, frames: tuple[Frame, ...], released: Node) -> Node:
    ready = _call_ready(world, job, port_lifecycle.data(port), port, frames, released)
    free = _call_free(world, job, frames, released)
    return Branch(world.hooks.has_callback("ready_async", port), ready, free)


def _dispose_dead(world: World, job: Expr, frames: tuple[Frame, ...], settled: Node) -> Node:
    match world.profile.dead_port_completion:
        case DeadPortCompletion.LEAK:
            return settled
        case DeadPortCompletion.FREE:
            return _call_free(world, job, frames, settled)
        case _:
            assert_never(world.profile.dead_port_completion)


PORT_OF_REPLY = "port of the reply"


def _call_ready(
    world: World, job: Expr, data: Expr, port: Expr, frames: tuple[Frame, ...], following: Node
) -> Node:
    return world.hooks.callback("ready_async", port, (data, job), frames, "reply", lambda _: following)


def _call_free(world: World, job: Expr, frames: tuple[Frame, ...], following: Node) -> Node:
    """`async_free`, if the job has one: an operation of its own, then the function's."""
    returned = Op(
        "async_free returns",
        at(frames),
        world.hooks.occur(Event("return", "async_free", port=_port(job), job=job)),
        following,
        accesses=_mine(job),
        mover=Mover.BOTH,
    )
    body = world.hooks.job_function(Read(_field(job, "free")), "async_free", job, frames, returned)
    call = Op(
        "call async_free",
        at(frames),
        world.hooks.occur(Event("call", "async_free", port=_port(job), job=job)),
        body,
        accesses=_mine(job),
        mover=Mover.BOTH,
    )
    return Branch(eq(Read(_field(job, "free")), NO_FUNCTION), following, call)


def _settle(world: World, job: Expr, site: Site, following: Node) -> Node:
    """The runtime has finished with the job."""
    statements = (
        Assign(_field(job, "state"), Const(SETTLED)),
        *world.hooks.occur(Event("settle", port=_port(job), job=job)),
    )
    forget_port = Local((Assign(Register(PORT_OF_REPLY), Const(0)),), following)
    return Op("the job is settled", site, statements, forget_port, accesses=_mine(job), mover=Mover.BOTH)


def _mine(job: Expr) -> tuple[Access, ...]:
    """Bookkeeping of a job commutes with everything as long as no other thread can reach the job."""
    return (Access("job", job, write=True, frees=True),)


def _reply_port(world: World, job: Expr) -> Expr:
    """The port that a reply is delivered to, or 0: by slot it may be another one than submitted it."""
    if _by_slot(world):
        return port_lifecycle.port_in_slot(world, Read(_field(job, "slot")))
    return _port(job)


def _by_slot(world: World) -> bool:
    return world.profile.reply_address is ReplyAddress.SLOT and world.port_count > 0


def _replies_in_batches(world: World) -> bool:
    return world.profile.ready_async_thread is ReadyAsyncThread.EMULATOR


def _reply_queues(world: World) -> int:
    match world.profile.ready_async_thread:
        case ReadyAsyncThread.ASYNC:
            return 0
        case ReadyAsyncThread.EMULATOR:
            return 1
        case ReadyAsyncThread.SUBMITTER:
            return world.schedulers
        case _:
            assert_never(world.profile.ready_async_thread)


def _field(job: Expr, name: str) -> Field:
    return Field(HEAP, JOB, name, job)


def _port(job: Expr) -> Expr:
    return Read(_field(job, "port"))
