"""The timer of a port: set, run out, taken up, cancelled (V21, V44).

`erts/emulator/beam/io.c`: `driver_set_timer, driver_cancel_timer, driver_read_timer, schedule_port_timeout,
terminate_port`; `utils.c:ptimer_timeout` (SMP, R11B to 17), `erl_hl_timer.c` (18 and later);
`erl_port_task.c:erts_port_task_execute`.

Time is not modelled: a timer that is set may run out at any moment, or later. When it has run out, a
task of the port waits for a scheduler. A timer that is set again or cancelled takes that task away, until
the callback has begun. `terminate_port` cancels it before `stop`; one that `stop` sets comes to nothing.
"""

from __future__ import annotations

from dmc.ir.builder import conj, eq, ite, ne
from dmc.ir.expr import Const, Expr, Place, Read, Self
from dmc.ir.logic import among, cell, plus, var
from dmc.ir.program import Branch, Local, Node, Op
from dmc.ir.sort import Enum
from dmc.ir.statement import Assign, If, Stmt
from dmc.ir.system import Frame, Variable
from dmc.runtime import lock_regime, port_closing, port_lifecycle
from dmc.runtime.points.timers_and_select import TimeoutInClosing, TimerWithoutTimeout
from dmc.runtime.port_lifecycle import BUSY
from dmc.runtime.timer_cells import ARMED, DUE, OFF, STATES, TAKEN, TIMER, clear, is_in
from dmc.runtime.world import World, at, gives


def declare(world: World) -> tuple[Variable, ...]:
    """The timer of each port, where some driver has timers."""
    return (Variable(TIMER, Enum("timer", STATES), world.port_count),) if world.has_timers else ()


# --- what drivers do ----------------------------------------------------------------------------


def set_timer(world: World, handle: Expr, result: Place) -> tuple[Stmt, ...]:
    """`driver_set_timer`: whatever was to come of the timer before does not come."""
    port = port_lifecycle.port_of_handle(world, handle)
    armed: tuple[Stmt, ...] = (Assign(var(TIMER, plus(port, -1)), Const(ARMED)), Assign(result, Const(0)))
    refused: tuple[Stmt, ...] = (Assign(result, Const(-1)),)
    called = world.hooks.has_callback("timeout", port)
    match world.profile.timer_without_timeout:
        case TimerWithoutTimeout.REFUSED:
            found = conj([ne(port, 0), called])
        case TimerWithoutTimeout.ACCEPTED:
            found = ne(port, 0)
    return (If(found, armed, refused), gives(Read(result)))


def cancel_timer(world: World, handle: Expr, result: Place) -> tuple[Stmt, ...]:
    """`driver_cancel_timer`: 0 also if there was nothing to cancel."""
    port = port_lifecycle.port_of_handle(world, handle)
    off: tuple[Stmt, ...] = (*clear(world, port), Assign(result, Const(0)))
    return (If(ne(port, 0), off, (Assign(result, Const(-1)),)), gives(Read(result)))


def read_timer(world: World, handle: Expr, result: Place, left: Place, much: int) -> tuple[Stmt, ...]:
    """`driver_read_timer`: 0 if it is not set; else some time is left, or next to none (`much` is 0)."""
    port = port_lifecycle.port_of_handle(world, handle)
    time = ite(is_in(port, ARMED), Const(much), Const(0))
    found: tuple[Stmt, ...] = (Assign(left, time), Assign(result, Const(0)))
    return (If(ne(port, 0), found, (Assign(result, Const(-1)),)), gives(Read(result)))


# --- what the emulator does ---------------------------------------------------------------------


def options(world: World, frames: tuple[Frame, ...], idle: Node) -> list[Node]:
    """For each port: its timer runs out; a scheduler takes up that it has."""
    if not world.has_timers:
        return []
    found: list[Node] = []
    for number in range(1, world.port_count + 1):
        found += [_runs_out(world, number, frames, idle), _taken_up(world, number, frames, idle)]
    return found


def _runs_out(world: World, number: int, frames: tuple[Frame, ...], idle: Node) -> Op:
    """Of a port that is closing, R11B-0 to R11B-2 forget it."""
    port = Const(number)
    due: tuple[Stmt, ...] = (Assign(var(TIMER, number - 1), Const(DUE)),)
    if world.profile.timeout_in_closing is TimeoutInClosing.LOST:
        closing = among(port_lifecycle.state(port), (port_lifecycle.CLOSING, port_lifecycle.STOPPING))
        due = (If(closing, clear(world, port), due),)
    return Op(f"the timer of port {number} runs out", at(frames), due, idle, guard=is_in(port, ARMED))


def _taken_up(world: World, number: int, frames: tuple[Frame, ...], idle: Node) -> Op:
    """`timeout`, under the port's lock, if nobody has cancelled it until then; the epilogue follows."""
    port, site = Const(number), at(frames)
    tasks = port_lifecycle.has_tasks(world)
    free: tuple[Stmt, ...] = (Assign(var(BUSY, number - 1), Const(0)),) if tasks else ()
    done = Local(free, idle) if free else idle
    released = lock_regime.release(world, port, site, done)
    epilogue = port_closing.epilogue(world, port, frames, released)
    data = port_lifecycle.data(port)
    called = world.hooks.callback("timeout", port, (data,), frames, "timeout", lambda _: epilogue)
    still = conj([is_in(port, TAKEN), port_lifecycle.is_alive(port)])
    begun = Branch(still, Local((Assign(var(TIMER, number - 1), Const(OFF)),), called), released)
    taken: tuple[Stmt, ...] = (
        Assign(var(TIMER, number - 1), Const(TAKEN)),
        *((Assign(var(BUSY, number - 1), Self()),) if tasks else ()),
    )
    guard = [is_in(port, DUE), *([eq(cell(BUSY, number - 1), 0)] if tasks else [])]
    return Op(
        "take up the timeout of the port",
        site,
        taken,
        lock_regime.acquire(world, port, site, begun),
        guard=conj(guard),
    )
