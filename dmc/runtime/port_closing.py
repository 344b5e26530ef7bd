"""How a port ends: the exit routine, `flush`, a port that is closing, `stop`, death (V20).

`erts/emulator/beam/io.c`: `erts_do_exit_port` (to R15B), `erts_deliver_port_exit` (from R16B), `flush_port`,
`terminate_port`, `driver_failure_term`; the epilogue is `erl_port.h:erts_port_driver_callback_epilogue` from
R16B on, the end of `erl_port_task.c:erts_port_task_execute` and of `io.c:async_ready` before.

Only the size of the IO queue delays `stop`. It is looked at by the exit routine, unless the reason is
`kill`, and again after each callback of a port that is closing, once that callback has returned; nothing
else looks, so a thread that takes the last byte out starts nothing. `driver_failure*` throws the queue
away first, so that `flush` is not called. `stop` runs in whatever thread and callback the exit came from.
"""

from __future__ import annotations

from dmc.ir.builder import eq, neg
from dmc.ir.expr import FALSE, TRUE, Const, Expr
from dmc.ir.logic import among, plus, var
from dmc.ir.program import Branch, Node, Op, Site
from dmc.ir.sort import NULL
from dmc.ir.statement import Assign, Check, Cut, Stmt
from dmc.ir.system import Frame
from dmc.runtime import busy_ports, io_queue, links, monitor_cells, port_data_lock, timer_cells
from dmc.runtime.port_data_lock import Way, under_lock
from dmc.runtime.port_lifecycle import (
    CLOSING,
    DATA,
    DEAD,
    EXIT_ROLE,
    EXITING,
    FLUSH_ROLE,
    OPEN,
    OPENING,
    STATE,
    STOPPING,
    abort_tasks,
    clear_slot,
    data,
    state,
)
from dmc.runtime.world import Event, World, at


def exit_port(
    world: World, port: Expr, frames: tuple[Frame, ...], following: Node, *, killed: bool = False
) -> Node:
    """The exit routine, with the port's lock held: nothing if the port is dead or on its way already."""
    site = at(frames)
    lives = among(state(port), (OPEN, OPENING))
    if _ends_already(frames):
        # The copies of the callbacks have to end somewhere: only another port's can be told to exit here.
        deeper = Op("another port is told to exit", site, (Check(FALSE, Cut("nesting")),), following)
        return Branch(lives, deeper, following)
    begin = Op(
        "the port is told to exit",
        site,
        (
            *_becomes(world, port, EXITING, "exiting"),
            *busy_ports.is_over(world, port),
            *links.drop(world, port),
            *monitor_cells.drop(world, port),
        ),
        _flush_or_stop(world, port, frames, following, killed),
    )
    return Branch(lives, begin, following)


def _ends_already(frames: tuple[Frame, ...]) -> bool:
    return any(frame.role in (EXIT_ROLE, FLUSH_ROLE) for frame in frames)


def _becomes(world: World, port: Expr, new: int, name: str) -> tuple[Stmt, ...]:
    return (
        Assign(var(STATE, plus(port, -1)), Const(new)),
        *world.hooks.occur(Event("state", name, port=port)),
    )


def _flush_or_stop(
    world: World, port: Expr, frames: tuple[Frame, ...], following: Node, killed: bool
) -> Node:
    """The queue is asked, unless the port is killed."""
    stopped = _terminate(world, port, frames, following)
    if killed or not world.has_queue:
        return stopped
    empty = io_queue.is_empty(world, port)
    after = epilogue(world, port, frames, following)
    flushed = world.hooks.callback("flush", port, (data(port),), frames, FLUSH_ROLE, lambda _: after)
    closing = _becomes(world, port, CLOSING, "closing")
    ways = (
        Way("the queue is not empty: the port is closing", neg(empty), closing, flushed),
        Way("the queue is empty", empty, (), stopped),
    )
    return under_lock(world, port, ways, at(frames))


def epilogue(world: World, port: Expr, frames: tuple[Frame, ...], following: Node) -> Node:
    """What follows a callback: a port that is closing, and whose queue is empty, is stopped."""
    if not world.has_queue:
        return following
    empty = io_queue.is_empty(world, port)
    if any(frame.role == EXIT_ROLE for frame in frames):
        again = _second_stop(world, at(frames), following)
        ways = (
            Way("the queue is empty: stop is called again", empty, (), again),
            Way("the queue is not empty", neg(empty), (), following),
        )
        return Branch(eq(state(port), STOPPING), under_lock(world, port, ways, at(frames)), following)
    stopping = _becomes(world, port, STOPPING, "stopping")
    ways = (
        Way("the queue is empty: stop is due", empty, stopping, _terminate(world, port, frames, following)),
        Way("the queue is not empty", neg(empty), (), following),
    )
    return Branch(eq(state(port), CLOSING), under_lock(world, port, ways, at(frames)), following)


def fail_port(world: World, port: Expr, frames: tuple[Frame, ...], following: Node) -> Node:
    """`driver_failure*` and `driver_exit`, with a port that is alive.

    A port that is closing is stopped at once; in its `stop` it is stopped again. In a `stop` without a
    `flush` before it nothing happens. Otherwise the queue is emptied and the exit routine entered, which
    looks at the queue again: a thread may have put something in between.
    """
    if not world.has_queue:
        return exit_port(world, port, frames, following)
    site = at(frames)
    discard = Way(
        "the queue is thrown away",
        TRUE,
        io_queue.discard(world, port),
        exit_port(world, port, frames, following),
    )
    node = under_lock(world, port, (discard,), site)
    if any(frame.role == EXIT_ROLE for frame in frames):
        at_once = Op("another port is stopped", site, (Check(FALSE, Cut("nesting")),), following)
    else:
        at_once = Op(
            "a port that is closing is stopped",
            site,
            _becomes(world, port, STOPPING, "stopping"),
            _terminate(world, port, frames, following),
        )
    node = Branch(eq(state(port), CLOSING), at_once, node)
    return Branch(eq(state(port), STOPPING), _second_stop(world, site, following), node)


def _second_stop(world: World, site: Site, following: Node) -> Node:
    return Op("stop is called again", site, world.hooks.misuse("second_stop", FALSE), following)


def _terminate(world: World, port: Expr, frames: tuple[Frame, ...], following: Node) -> Node:
    """`stop`; then the queue goes, and the port is dead.

    Where other threads may use the queue these are two steps: in between, a thread that has the port data
    lock finds an empty queue of a port that is not dead yet (`terminate_port`: `stopq`, then `kill_port`,
    R11B-3 to 25).
    """
    discarded = io_queue.clear(world, port)
    statements: tuple[Stmt, ...] = (
        *(() if world.has_pdl else discarded),
        *port_data_lock.forget(world, port),
        *timer_cells.clear(world, port),
        *monitor_cells.drop(world, port),
        Assign(var(STATE, plus(port, -1)), Const(DEAD)),
        Assign(var(DATA, plus(port, -1)), Const(NULL)),
        *clear_slot(world, port),
        *abort_tasks(world, port),
        *world.hooks.occur(Event("state", "dead", port=port)),
    )
    dead: Node = Op("the port is dead", at(frames), statements, following)
    if world.has_pdl:
        dead = under_lock(world, port, (Way("the queue is cleared", TRUE, discarded, dead),), at(frames))
    stopped = world.hooks.callback("stop", port, (data(port),), frames, EXIT_ROLE, lambda _: dead)
    cancelled = timer_cells.clear(world, port)
    return Op("the timer is cancelled", at(frames), cancelled, stopped) if cancelled else stopped
