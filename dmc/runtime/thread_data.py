"""Thread specific data: `erl_drv_tsd_key_create` and its kin.

`erts/emulator/beam/erl_drv_thread.c` since R12B. Keys belong to the whole emulator. What a callback stores
stays with the scheduler, not with the port: the next callback may run on another one. A key that is none
aborts the emulator.
"""

from __future__ import annotations

from dmc.ir.builder import conj, disj, eq, ne
from dmc.ir.expr import Binary, Const, Expr, Place, Read, Self
from dmc.ir.logic import cell, plus, var
from dmc.ir.program import Node, Op, Site
from dmc.ir.sort import NULL, UNSET, Enum, Range, Ref
from dmc.ir.statement import Assign, Check, Cut, If, Stmt
from dmc.ir.system import Variable
from dmc.runtime.world import HEAP, Event, World

VALUE = "tsd.value"
STATE = "tsd.key"
COUNT = "tsd.count"

UNBORN, ALIVE, DESTROYED = range(3)
STATES = ("unborn", "alive", "destroyed")

ENOMEM = 12
"""What a creation gives that fails (Linux `errno.h`)."""


def declare(world: World) -> tuple[Variable, ...]:
    """A pointer for each key and thread; keys are numbered from 1, in the order of their creation."""
    keys = world.tsd_keys
    if not keys:
        return ()
    return (
        Variable(VALUE, Ref(HEAP, unset=True), keys * world.threads),
        Variable(STATE, Enum("key", STATES), keys),
        Variable(COUNT, Range(0, keys)),
    )


def create(world: World, key: Place, site: Site, following: Node) -> Op:
    """`erl_drv_tsd_key_create`: a new key, without data in any thread."""
    number = cell(COUNT)
    return Op(
        site.words,
        site,
        (
            Check(Binary("<", number, Const(world.tsd_keys)), Cut("keys of thread specific data")),
            Assign(var(STATE, number), Const(ALIVE)),
            Assign(key, plus(number, 1)),
            Assign(var(COUNT), plus(number, 1)),
        ),
        following,
    )


def destroy(world: World, key: Expr, site: Site, following: Node) -> Op:
    """`erl_drv_tsd_key_destroy`: data that a thread still has there turns up under the next key."""
    kept = disj(ne(Read(_place(world, key, thread)), NULL) for thread in range(1, world.threads + 1))
    forgotten = tuple(Assign(_place(world, key, t), Const(NULL)) for t in range(1, world.threads + 1))
    return Op(
        site.words,
        site,
        (
            *_usable(world, key),
            If(kept, world.hooks.occur(Event("fault", "data_kept"))),
            *forgotten,
            Assign(var(STATE, plus(key, -1)), Const(DESTROYED)),
        ),
        following,
    )


def store(world: World, key: Expr, data: Expr, site: Site, following: Node) -> Op:
    """`erl_drv_tsd_set`, for the executing thread."""
    return Op(site.words, site, (*_usable(world, key), Assign(_place(world, key, Self()), data)), following)


def fetch(
    world: World, key: Expr, result: Place, checks: tuple[Stmt, ...], site: Site, following: Node
) -> Op:
    """`erl_drv_tsd_get`, for the executing thread; `checks` are made of the result."""
    got = Assign(result, Read(_place(world, key, Self())))
    return Op(site.words, site, (*_usable(world, key), got, *checks), following)


def kept_by_self(world: World) -> Expr:
    """The executing thread has data under some key."""
    return disj(ne(Read(_place(world, Const(key), Self())), NULL) for key in range(1, world.tsd_keys + 1))


def _place(world: World, key: Expr, thread: Expr | int) -> Place:
    """Where the data of a thread (from 1) under a key (from 1) is kept."""
    row = Binary("*", plus(key, -1), Const(world.threads))
    offset = Const(thread - 1) if isinstance(thread, int) else plus(thread, -1)
    return var(VALUE, Binary("+", row, offset))


def _usable(world: World, key: Expr) -> tuple[Stmt, ...]:
    hooks = world.hooks
    alive = conj([ne(key, 0), eq(cell(STATE, plus(key, -1)), ALIVE)])
    return (*hooks.misuse("unset_value", ne(key, UNSET)), *hooks.misuse("destroyed_key", alive))
