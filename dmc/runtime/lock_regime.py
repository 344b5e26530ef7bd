"""The lock that callbacks of a port run under, by regime (V2).

`erts_port_lock` and the driver's `lock` in `erts/emulator/beam/io.c` since R11B-3; the one IO lock of
`erts/emulator/beam/global.h` in R11B-0..2; none on an emulator of one thread.
"""

from __future__ import annotations

from typing import assert_never

from dmc.ir.builder import eq
from dmc.ir.expr import TRUE, Const, Expr, Self
from dmc.ir.logic import cell, plus, var
from dmc.ir.program import Local, Node, Op, Site
from dmc.ir.sort import Range
from dmc.ir.statement import Assign, Stmt
from dmc.ir.system import Mover, Variable
from dmc.runtime.points.process_signals import PortOperations
from dmc.runtime.world import Event, Regime, World

LOCK = "port_lock"


def declare(world: World) -> tuple[Variable, ...]:
    """A cell for each lock: the number of the thread that holds it, or 0."""
    count = lock_count(world)
    return (Variable(LOCK, Range(0, world.threads), count),) if count else ()


def lock_count(world: World) -> int:
    """How many such locks there are."""
    match world.regime:
        case Regime.PORT:
            return world.port_count
        case Regime.DRIVER:
            return world.drivers
        case Regime.GLOBAL:
            return 1
        case Regime.EMULATOR:
            return 0
        case _:
            assert_never(world.regime)


def lock_index(world: World, port: Expr) -> Expr:
    """Which of them is the port's, from 0."""
    match world.regime:
        case Regime.PORT:
            return plus(port, -1)
        case Regime.DRIVER:
            return world.driver_of(port)
        case Regime.GLOBAL | Regime.EMULATOR:
            return Const(0)
        case _:
            assert_never(world.regime)


def acquire(world: World, port: Expr, site: Site, following: Node) -> Node:
    """Wait for the port's lock and take it."""
    if world.regime is Regime.EMULATOR:
        return following
    return Op(
        label=f"take {lock_name(world)}",
        site=site,
        statements=take(world, port),
        next=following,
        guard=is_free(world, port),
        mover=Mover.NONE if _is_tried(world) else Mover.RIGHT,
        blocking=True,
        waits=lock_name(world),
        holder=holder(world, port),
    )


def release(world: World, port: Expr, site: Site, following: Node) -> Node:
    """Give the port's lock back."""
    if world.regime is Regime.EMULATOR:
        return Local((), following)
    return Op(
        label=f"give {lock_name(world)} back",
        site=site,
        statements=(
            Assign(var(LOCK, lock_index(world, port)), Const(0)),
            *world.hooks.occur(Event("unlock", lock=lock_class(world, port), port=port)),
        ),
        next=following,
        mover=Mover.NONE if _is_tried(world) else Mover.LEFT,
    )


def take(world: World, port: Expr) -> tuple[Stmt, ...]:
    """Statements that take a free lock."""
    if world.regime is Regime.EMULATOR:
        return ()
    return (
        *world.hooks.occur(Event("lock", lock=lock_class(world, port), port=port)),
        Assign(var(LOCK, lock_index(world, port)), Self()),
    )


def is_free(world: World, port: Expr) -> Expr:
    """Nobody holds the port's lock."""
    return TRUE if world.regime is Regime.EMULATOR else eq(holder(world, port), 0)


def holder(world: World, port: Expr) -> Expr:
    """The number of the thread that holds it, or 0."""
    return Const(0) if world.regime is Regime.EMULATOR else cell(LOCK, lock_index(world, port))


def lock_class(world: World, port: Expr) -> Expr:
    """Its number among all locks of a lock order: port locks come first, from 0."""
    return lock_index(world, port)


def lock_name(world: World) -> str:
    """What to call it."""
    match world.regime:
        case Regime.PORT:
            return "the port's lock"
        case Regime.DRIVER:
            return "the driver's lock"
        case Regime.GLOBAL:
            return "the IO lock"
        case Regime.EMULATOR:
            return "no lock"
        case _:
            assert_never(world.regime)


def _is_tried(world: World) -> bool:
    """Whether someone tries the lock and does something else when it is taken: it then moves nowhere."""
    return world.profile.port_operations is PortOperations.IMMEDIATE_OR_QUEUED
