"""Threads that a driver creates itself: `erl_drv_thread_create` and its kin (V27).

`erts/emulator/beam/erl_drv_thread.c` since R12B. A thread ends when its function returns; somebody has to
join it, once. There is no way to detach one. A thread is created before its id is stored: it may run
first.
"""

from __future__ import annotations

from dmc.ir.builder import conj, disj, eq, ite, ne
from dmc.ir.expr import Binary, Const, Expr, Instance, Place, Read, Register, Self
from dmc.ir.logic import among, cell, plus, var
from dmc.ir.program import Branch, Choice, End, Node, Op, Site
from dmc.ir.sort import NULL, UNSET, Enum, Range, Ref
from dmc.ir.statement import Assign, Check, Cut, If, Stmt
from dmc.ir.system import Frame, Variable
from dmc.runtime.world import HEAP, Event, World, at, gives

STATE = "driver_thread.state"
FUNCTION = "driver_thread.function"
ARGUMENT = "driver_thread.argument"
COUNT = "driver_thread.count"

DRIVER_THREAD = "driver thread"
"""What such a thread is called; also the role of the activation of its function."""

UNBORN, RUNNING, ENDED, JOINED = range(4)
STATES = ("unborn", "running", "ended", "joined")

GIVEN = "argument"
"""Register of a driver thread: what its function is called with."""

EAGAIN, EINVAL, EDEADLK = 11, 22, 35
"""Error numbers (Linux `errno.h`): no more threads, no thread of a driver, a thread that joins itself."""

JOINS = "the end of a thread"
"""What a thread that joins another waits for."""


def declare(world: World) -> tuple[Variable, ...]:
    """What is known of each thread; they are numbered in the order in which they are created."""
    count = world.own_threads
    if not count:
        return ()
    return (
        Variable(STATE, Enum("driver thread state", STATES), count),
        Variable(FUNCTION, Range(0, world.job_functions), count),
        Variable(ARGUMENT, Ref(HEAP, unset=True), count),
        Variable(COUNT, Range(0, count)),
    )


def first_number(world: World) -> int:
    """The thread number of the first of them; its id is that number."""
    return world.schedulers + world.async_threads + 1


def state_of(world: World, thread: Expr) -> Expr:
    """The state of a thread by its number; `UNBORN` for one that no driver has created."""
    result: Expr = Const(UNBORN)
    for index in range(world.own_threads - 1, -1, -1):
        result = ite(eq(thread, first_number(world) + index), cell(STATE, index), result)
    return result


def create(world: World, function: Expr, argument: Expr, thread_id: Place, site: Site, following: Node) -> Op:
    """`erl_drv_thread_create`, up to the moment at which the thread may run; `thread_id` is then its id."""
    number = cell(COUNT)
    room = Binary("<", number, Const(world.own_threads))
    return Op(
        site.words or "erl_drv_thread_create",
        site,
        (
            Check(room, Cut("driver threads")),
            Assign(var(STATE, number), Const(RUNNING)),
            Assign(var(FUNCTION, number), function),
            Assign(var(ARGUMENT, number), argument),
            Assign(thread_id, plus(number, first_number(world))),
            Assign(var(COUNT), plus(number, 1)),
        ),
        following,
    )


def join(world: World, thread: Expr, result: Place, site: Site, following: Node) -> Node:
    """`erl_drv_thread_join`: waits for the end; ids that are no driver thread's are refused."""
    state = state_of(world, thread)
    own, itself = ne(state, UNBORN), eq(thread, Self())
    joined = tuple(
        If(eq(thread, first_number(world) + index), (Assign(var(STATE, index), Const(JOINED)),))
        for index in range(world.own_threads)
    )
    refused = ite(own, Const(EDEADLK), Const(EINVAL))
    body: tuple[Stmt, ...] = (
        *world.hooks.misuse("unset_value", ne(thread, UNSET)),
        *world.hooks.misuse("joined_twice", ne(state, JOINED)),
        If(
            conj([eq(state, ENDED), ne(thread, Self())]),
            (*joined, Assign(result, Const(0))),
            (Assign(result, refused),),
        ),
        gives(Read(result)),
    )
    return Op(
        label=site.words or "erl_drv_thread_join",
        site=site,
        statements=body,
        next=following,
        guard=disj([ne(state, RUNNING), itself]),
        blocking=True,
        waits=JOINS,
        holder=ite(eq(state, RUNNING), thread, Const(0)),
    )


def program(world: World, functions: dict[int, Node], end: Node) -> Choice:
    """The program of a driver thread: wait to be created, run the function of that number."""
    me = Instance()
    body: Node = end
    for number, node in functions.items():
        body = Branch(eq(cell(FUNCTION, me), number), node, body)
    begin = Op(
        "the thread begins",
        at(()),
        (Assign(Register(GIVEN), cell(ARGUMENT, me)), Assign(var(ARGUMENT, me), Const(NULL))),
        body,
        guard=eq(cell(STATE, me), RUNNING),
    )
    return Choice([begin], at(()), rest=True, name="not created")


def ending(world: World, frames: tuple[Frame, ...] = ()) -> Node:
    """The thread's function has returned, or called `erl_drv_thread_exit`."""
    ended = (
        Assign(var(STATE, Instance()), Const(ENDED)),
        Assign(Register(GIVEN), Const(NULL)),
        *world.hooks.occur(Event("thread", "ended")),
    )
    return Op("the thread ends", at(frames), ended, End(at(()), name="ended"))


def is_over(world: World, index: int) -> Expr:
    """Whether a thread (from 0) has nothing to do any more, or never had."""
    return among(cell(STATE, index), (UNBORN, ENDED, JOINED))
