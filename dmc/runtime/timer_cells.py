"""The cell of each port's timer: what is known of it, apart from what is done with it."""

from __future__ import annotations

from dmc.ir.builder import eq
from dmc.ir.expr import Const, Expr
from dmc.ir.logic import cell, plus, var
from dmc.ir.statement import Assign, Stmt
from dmc.runtime.world import World

TIMER = "port.timer"

OFF, ARMED, DUE, TAKEN = range(4)
STATES = ("off", "set", "run out", "taken up")
"""`DUE` has run out and waits for a scheduler, `TAKEN` has one, which may still wait for the port's lock."""


def is_in(port: Expr, state: int) -> Expr:
    """Whether the timer of a port (from 1) is in that state."""
    return eq(cell(TIMER, plus(port, -1)), state)


def clear(world: World, port: Expr) -> tuple[Stmt, ...]:
    """The timer of a port (from 1) is not set, and what it was set to does not come."""
    return (Assign(var(TIMER, plus(port, -1)), Const(OFF)),) if world.has_timers else ()
