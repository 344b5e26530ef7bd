"""Jobs of `driver_async`: what the runtime knows of them, and where they wait.

`erts/emulator/beam/erl_async.c`: `driver_async`, `async_main`, `async_add`, `check_async_ready`,
`call_async_ready`; `io.c:async_ready`; `erl_process.c:handle_async_ready` from R15A on.
"""

from __future__ import annotations

from typing import assert_never

from dmc.ir.builder import eq, ne
from dmc.ir.expr import (
    Const,
    Expr,
    Field,
    Length,
    ListPlace,
    Read,
)
from dmc.ir.sort import NULL, Enum, Range, Ref
from dmc.ir.statement import If, Stmt
from dmc.ir.system import Access, FieldDecl, InitialChoice, Kind, ListVariable, Mover, Variable
from dmc.runtime import port_data_lock, port_lifecycle
from dmc.runtime.points.async_jobs import (
    JobPinsPdl,
    ReadyAsyncThread,
    ReplyAddress,
)
from dmc.runtime.world import HEAP, JOB, World

QUEUE = "async.queue"
REPLIES = "async.replies"
BATCH = "async.batch"
COUNTER = "async.counter"
NEXT_ID = "async.next_id"
WEDGED = "async.wedged"

QUEUED, RUNNING, FINISHED, SETTLED = range(4)
JOB_STATES = ("queued", "running", "finished", "settled")

JOB_REGISTER = "job"
PORT_OF_REPLY = "port of the reply"
"""Registers: the job that a thread has, and the port that its reply goes to."""
PDL_OF_JOB = "pdl"
"""Field: the port data lock to which the job has a reference."""
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
    if by_slot(world):
        fields.append(FieldDecl("slot", Range(0, port_lifecycle.slot_count(world))))
    if world.has_job_ids:
        fields.append(FieldDecl("id", Range(0, world.max_jobs)))
    if world.has_pdl:
        fields.append(FieldDecl(PDL_OF_JOB, Ref(HEAP)))
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
    conditions += [eq(Length(ListPlace(REPLIES, Const(r))), 0) for r in range(reply_queues(world))]
    return conditions


def by_slot(world: World) -> bool:
    """Whether replies find their port by its place in the port table (V4)."""
    return world.profile.reply_address is ReplyAddress.SLOT and world.port_count > 0


def _replies_in_batches(world: World) -> bool:
    return world.profile.ready_async_thread is ReadyAsyncThread.EMULATOR


def reply_queues(world: World) -> int:
    """How many queues of replies there are: none where async threads call back themselves."""
    match world.profile.ready_async_thread:
        case ReadyAsyncThread.ASYNC:
            return 0
        case ReadyAsyncThread.EMULATOR:
            return 1
        case ReadyAsyncThread.SUBMITTER:
            return world.schedulers
        case _:
            assert_never(world.profile.ready_async_thread)


def job_field(job: Expr, name: str) -> Field:
    """What the runtime keeps of a job."""
    return Field(HEAP, JOB, name, job)


def port_of(job: Expr) -> Expr:
    """The port that submitted a job."""
    return Read(job_field(job, "port"))


def ends_pdl_reference(world: World, job: Expr, when: JobPinsPdl) -> tuple[Stmt, ...]:
    """The job gives its reference to the port data lock back, on a runtime where that is now (V15)."""
    if not world.has_pdl or world.profile.job_pins_pdl is not when:
        return ()
    pdl = Read(job_field(job, PDL_OF_JOB))
    return (If(ne(pdl, NULL), port_data_lock.release(world, pdl)),)


def bookkeeping(world: World) -> Mover:
    """How a job's bookkeeping commutes: with everything, but for a reference that others count, too."""
    return Mover.NONE if world.has_pdl else Mover.BOTH


def mine(job: Expr) -> tuple[Access, ...]:
    """Bookkeeping of a job commutes with everything as long as no other thread can reach the job."""
    return (Access("job", job, write=True, frees=True),)
