"""`driver_async_cancel`, in all that it has been (V9, V10, V11).

`erts/emulator/beam/erl_async.c:driver_async_cancel, async_del`: R7B to R14B02 never advance in the
queue (OTP-9302); R14B03 and R14B04 find a queued job; R15B to R16B03 return 0; gone in 17.
"""

from __future__ import annotations

from typing import assert_never

from dmc.ir.builder import conj, eq, neg
from dmc.ir.expr import FALSE, Binary, Const, Expr, Field, Item, Length, ListPlace, Place, Read, Self
from dmc.ir.logic import gt, plus, var
from dmc.ir.program import Branch, Choice, Node, Op, Site
from dmc.ir.statement import Assign, Remove, Stmt
from dmc.ir.system import Frame
from dmc.runtime.async_jobs import NO_FUNCTION, QUEUE, SETTLED, WEDGED, ends_pdl_reference
from dmc.runtime.points.cancel import Cancel, CancelledJobPdl
from dmc.runtime.world import HEAP, JOB, Event, World, at, gives, inside


def cancel(
    world: World,
    *,
    job_id: Expr,
    result: Place,
    scratch: Place,
    frames: tuple[Frame, ...],
    site: Site,
    following: Node,
) -> Node:
    """The call; 1 in `result` if the job was cancelled and its `async_free` has run, inside the call."""
    called = _called(site)
    none = (Assign(result, Const(0)), gives(Const(0)))
    zero = Op(f"{called} finds no such job", site, none, following)
    match world.profile.cancel:
        case Cancel.ALWAYS_ZERO | Cancel.ABSENT:
            return Op(called, site, none, following)
        case Cancel.WORKS:
            return _search_all(world, job_id, result, scratch, frames, site, following, zero)
        case Cancel.HANGS:
            return _search_heads(world, job_id, result, scratch, frames, site, following, zero)
        case _:
            assert_never(world.profile.cancel)


def _search_all(
    world: World,
    job_id: Expr,
    result: Place,
    scratch: Place,
    frames: tuple[Frame, ...],
    site: Site,
    following: Node,
    zero: Node,
) -> Node:
    """Each queue in turn, under its mutex: one step for each."""
    node = zero
    for queue in range(world.async_threads - 1, -1, -1):
        options: list[Node] = []
        missing: list[Expr] = []
        for position in range(world.max_jobs):
            found = _is_at(queue, Const(position), job_id)
            options.append(
                _remove(world, queue, Const(position), found, result, scratch, frames, site, following)
            )
            missing.append(neg(found))
        options.append(Op(f"{_called(site)} looks further", site, (), node, guard=conj(missing)))
        node = Choice(options, site, name=f"cancel in queue {queue + 1}")
    return node


def _search_heads(
    world: World,
    job_id: Expr,
    result: Place,
    scratch: Place,
    frames: tuple[Frame, ...],
    site: Site,
    following: Node,
    zero: Node,
) -> Node:
    """Only the newest entry of a queue is compared; any other entry there and it never comes back."""
    node = zero
    for queue in range(world.async_threads - 1, -1, -1):
        newest = plus(Length(ListPlace(QUEUE, Const(queue))), -1)
        found = _is_at(queue, newest, job_id)
        empty = eq(Length(ListPlace(QUEUE, Const(queue))), 0)
        spin = Op(
            f"{_called(site)} loops for ever",
            site,
            (),
            node,
            guard=FALSE,
            blocking=True,
            waits="nothing: it loops for ever, with the job queue locked",
            holder=Self(),
        )
        options: list[Node] = [
            _remove(world, queue, newest, found, result, scratch, frames, site, following),
            Op(f"{_called(site)} looks further", site, (), node, guard=empty),
            Op(
                f"{_called(site)} starts to loop",
                site,
                (Assign(var(WEDGED, queue), Self()),),
                spin,
                guard=conj([neg(empty), neg(found)]),
            ),
        ]
        node = Choice(options, site, name=f"cancel in queue {queue + 1}")
    return node


def _pdl_reference(world: World, job: Expr) -> tuple[Stmt, ...]:
    """What becomes of the reference to the port data lock of a job that is cancelled (V11)."""
    match world.profile.cancelled_job_pdl:
        case CancelledJobPdl.LEAKED:
            return ()
        case CancelledJobPdl.NOT_APPLICABLE:
            return ends_pdl_reference(world, job, world.profile.job_pins_pdl)
        case _:
            assert_never(world.profile.cancelled_job_pdl)


def _called(site: Site) -> str:
    return site.words or "driver_async_cancel"


def _is_at(queue: int, position: Expr, job_id: Expr) -> Expr:
    here = ListPlace(QUEUE, Const(queue))
    in_range = conj([gt(plus_one(position), 0), Binary("<", position, Length(here))])
    return conj([in_range, eq(Read(Field(HEAP, JOB, "id", Read(Item(here, position)))), job_id)])


def plus_one(value: Expr) -> Expr:
    """The number after."""
    return plus(value, 1) if isinstance(value, Const) else Binary("+", value, Const(1))


def _remove(
    world: World,
    queue: int,
    position: Expr,
    found: Expr,
    result: Place,
    scratch: Place,
    frames: tuple[Frame, ...],
    site: Site,
    following: Node,
) -> Node:
    here = ListPlace(QUEUE, Const(queue))
    job = Read(scratch)
    port = Read(Field(HEAP, JOB, "port", job))
    inner = inside(frames, "driver_async_cancel")
    settled = Op(
        "the job is settled",
        site,
        (
            Assign(Field(HEAP, JOB, "state", job), Const(SETTLED)),
            *world.hooks.occur(Event("settle", port=port, job=job)),
            *_pdl_reference(world, job),
            Assign(scratch, Const(0)),
            Assign(result, Const(1)),
            gives(Const(1)),
        ),
        following,
    )
    returned = Op(
        "async_free returns",
        at(inner),
        world.hooks.occur(Event("return", "async_free", port=port, job=job)),
        settled,
    )
    body = world.hooks.job_function(Read(Field(HEAP, JOB, "free", job)), "async_free", job, inner, returned)
    call = Op(
        "call async_free",
        at(inner),
        world.hooks.occur(Event("call", "async_free", port=port, job=job)),
        body,
    )
    no_free = eq(Read(Field(HEAP, JOB, "free", job)), NO_FUNCTION)
    return Op(
        f"{_called(site)} takes the job out",
        site,
        (Assign(scratch, Read(Item(here, position))), Remove(here, position)),
        Branch(no_free, settled, call),
        guard=found,
    )
