"""Monitors: a driver hears of the end of a process in `process_exit` (V25, V38).

`erts/emulator/beam/io.c`: `driver_monitor_process, driver_demonitor_process, driver_get_monitored_process,
erts_fire_port_monitor`, since R11B-3; `erl_process.c:doit_exit_monitor, erts_proc_exit_handle_monitor` fire
them in the scheduler of the dying process, which waits for the port's lock, before links are told. A port
that is told to exit forgets its monitors before `flush`, and one that is closing is not found.

From R14A on the functions take the port data lock themselves, if there is one: then jobs and threads may call
them, and nobody who holds it. What two threads do at once is one step each here.
"""

from __future__ import annotations

from functools import partial

from dmc.ir.builder import conj, disj, eq, ite, ne
from dmc.ir.expr import TRUE, Binary, Const, Expr, Place, Read
from dmc.ir.logic import among, cell, gt, plus, var
from dmc.ir.program import Branch, Local, Node, Op, Site
from dmc.ir.sort import Range
from dmc.ir.statement import Assign, Check, Cut, If, Stmt
from dmc.ir.system import Frame, Variable
from dmc.runtime import lock_regime, port_data_lock, port_lifecycle, processes
from dmc.runtime.monitor_cells import MADE, PORT, PROCESS, port_of, process_of
from dmc.runtime.points.threads_and_data import MonitorCalls
from dmc.runtime.port_data_lock import Way, under_lock
from dmc.runtime.world import Event, World, at, gives


def declare(world: World) -> tuple[Variable, ...]:
    """How many monitors were made; of each, its port (0: it is gone) and its process."""
    if not world.monitors:
        return ()
    return (
        Variable(MADE, Range(0, world.monitors)),
        Variable(PORT, Range(0, world.port_count), world.monitors),
        Variable(PROCESS, Range(0, len(world.processes)), world.monitors),
    )


# --- what drivers do ----------------------------------------------------------------------------


def call(world: World, handle: Expr, statements: tuple[Stmt, ...], site: Site, following: Node) -> Node:
    """One of the functions, with the port data lock taken where the release does that."""
    plain = Op(site.words, site, statements, following)
    if world.profile.monitor_calls is not MonitorCalls.TAKE_PDL or not world.has_pdl:
        return plain
    node: Node = plain
    for number in range(1, world.port_count + 1):
        way = Way(site.words, TRUE, statements, following)
        locked = under_lock(world, Const(number), (way,), site)
        node = Branch(eq(port_lifecycle.port_of_handle(world, handle), number), locked, node)
    return node


def monitor(world: World, handle: Expr, who: Expr, made: Place, result: Place) -> tuple[Stmt, ...]:
    """`driver_monitor_process`: 0 and a monitor, -1 without `process_exit`, 1 if it has ended."""
    port = port_lifecycle.port_of_handle(world, handle)
    lives = conj([gt(who, 0), Binary("<=", who, Const(len(world.processes))), _lives(who)])
    told = world.hooks.occur(Event("fault", "monitor_in_vain", port=port))
    usable = among(port_lifecycle.state(port), (port_lifecycle.OPEN, port_lifecycle.OPENING))
    number = plus(cell(MADE), 1)
    done: tuple[Stmt, ...] = (
        Check(Binary("<", cell(MADE), Const(world.monitors)), Cut(f"{world.monitors} monitors")),
        If(usable, (), told),
        Assign(var(PORT, cell(MADE)), port),
        Assign(var(PROCESS, cell(MADE)), who),
        Assign(made, number),
        Assign(var(MADE), number),
        Assign(result, Const(0)),
    )
    refused: tuple[Stmt, ...] = (Assign(result, Const(-1)),)
    known = conj([ne(port, 0), world.hooks.has_callback("process_exit", port)])
    ended: tuple[Stmt, ...] = (Assign(result, Const(1)),)
    return (If(known, (If(lives, done, ended),), refused), gives(Read(result)))


def demonitor(world: World, handle: Expr, which: Expr, result: Place) -> tuple[Stmt, ...]:
    """`driver_demonitor_process`: 1 if there is no such monitor of the port any more."""
    port = port_lifecycle.port_of_handle(world, handle)
    removed = (*_forget(which), Assign(result, Const(0)))
    return (If(_is_of(port, which), removed, (Assign(result, Const(1)),)), gives(Read(result)))


def monitored(world: World, handle: Expr, which: Expr, result: Place) -> tuple[Stmt, ...]:
    """`driver_get_monitored_process`: the process, or nobody."""
    port = port_lifecycle.port_of_handle(world, handle)
    found = Assign(result, ite(_is_of(port, which), process_of(which), Const(0)))
    return (found, gives(Read(result), "ErlDrvTermData"))


def may_call_from_thread(world: World, handle: Expr) -> Expr:
    """Whether jobs and threads may call the functions for a port: the port data lock makes that safe."""
    if world.profile.monitor_calls is not MonitorCalls.TAKE_PDL:
        return Const(0)
    port = port_lifecycle.port_of_handle(world, handle)
    return disj([eq(port, 0), port_data_lock.exists(world, port)])


# --- what the emulator does ---------------------------------------------------------------------


def process_ends(world: World, process: int, frames: tuple[Frame, ...], following: Node) -> Node:
    """A process (from 1) has ended: each port that monitors it is told, one after the other."""
    node = following
    for number in range(world.monitors, 0, -1):
        node = _fire(world, number, process, frames, node)
    return node


def _fire(world: World, number: int, process: int, frames: tuple[Frame, ...], following: Node) -> Node:
    """`process_exit`, unless the port has begun to exit or has taken the monitor back."""
    which, site = Const(number), at(frames)
    node = following
    for port in range(world.port_count, 0, -1):
        here = Const(port)
        there = conj([eq(port_of(which), port), eq(process_of(which), process)])
        released = lock_regime.release(world, here, site, following)
        forgotten = Local(_forget(which), released)
        data = port_lifecycle.data(here)
        after = partial(_then, forgotten)
        called = world.hooks.callback("process_exit", here, (data, which), frames, "monitor", after)
        still = conj([there, port_lifecycle.is_open(here)])
        looked = Op("look the monitor up", site, (), Branch(still, called, released))
        node = Branch(there, lock_regime.acquire(world, here, site, looked), node)
    return node


def _then(following: Node, _result: Expr) -> Node:
    return following


def _lives(process: Expr) -> Expr:
    alive = (processes.READY, processes.EXECUTING, processes.WAITING)
    return among(cell(processes.STATUS, plus(process, -1)), alive)


def _is_of(port: Expr, which: Expr) -> Expr:
    return conj([ne(port, 0), gt(which, 0), eq(port_of(which), port)])


def _forget(which: Expr) -> tuple[Stmt, ...]:
    return (
        Assign(var(PORT, plus(which, -1)), Const(0)),
        Assign(var(PROCESS, plus(which, -1)), Const(0)),
    )
