"""The program of an async thread.

`erts/emulator/beam/erl_async.c:async_main`.
"""

from __future__ import annotations

from dmc.ir.builder import conj, eq
from dmc.ir.expr import (
    Const,
    Instance,
    Item,
    Length,
    ListPlace,
    Read,
    Register,
)
from dmc.ir.logic import cell, gt
from dmc.ir.program import Choice, Local, Node, Op
from dmc.ir.statement import Assign, Remove, Stmt
from dmc.ir.system import Frame
from dmc.runtime.async_jobs import (
    FINISHED,
    JOB_REGISTER,
    QUEUE,
    RUNNING,
    WEDGED,
    bookkeeping,
    ends_pdl_reference,
    job_field,
    mine,
    port_of,
)
from dmc.runtime.async_replies import reply
from dmc.runtime.points.async_jobs import JobPinsPdl
from dmc.runtime.world import Event, World, at


def worker(world: World) -> Node:
    """The program of an async thread: take a job, run it, have its reply handled."""
    idle: Choice
    frames: tuple[Frame, ...] = ()
    job = Read(Register(JOB_REGISTER))
    me = ListPlace(QUEUE, Instance())
    idle = Choice([], at(frames), rest=True, name="idle")
    forget = Local((Assign(Register(JOB_REGISTER), Const(0)),), idle)
    after = reply(world, job, frames, forget)
    finished: tuple[Stmt, ...] = (
        Assign(job_field(job, "state"), Const(FINISHED)),
        *world.hooks.occur(Event("return", "async_invoke", port=port_of(job), job=job)),
        *ends_pdl_reference(world, job, JobPinsPdl.UNTIL_INVOKE_ENDS),
    )
    mover = bookkeeping(world)
    leave = Op("the job has run", at(frames), finished, after, accesses=mine(job), mover=mover)
    run = world.hooks.job_function(Read(job_field(job, "invoke")), "async_invoke", job, frames, leave)
    begin: tuple[Stmt, ...] = (
        Assign(Register(JOB_REGISTER), Read(Item(me, Const(0)))),
        Remove(me, Const(0)),
        Assign(job_field(job, "state"), Const(RUNNING)),
        *world.hooks.occur(Event("call", "async_invoke", port=port_of(job), job=job)),
    )
    unlocked = eq(cell(WEDGED, Instance()), 0) if world.has_job_ids else Const(1)
    idle.options.append(Op("take a job", at(frames), begin, run, guard=conj([gt(Length(me), 0), unlocked])))
    return idle
