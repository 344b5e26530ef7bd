"""The cells of monitors: what is known of each, apart from what is done with it."""

from __future__ import annotations

from dmc.ir.builder import eq
from dmc.ir.expr import Const, Expr
from dmc.ir.logic import cell, plus, var
from dmc.ir.statement import Assign, If, Stmt
from dmc.runtime.world import World

MADE = "monitors"
PORT = "monitor.port"
PROCESS = "monitor.process"


def port_of(which: Expr) -> Expr:
    """The port of a monitor (from 1), 0 if it is gone."""
    return cell(PORT, plus(which, -1))


def process_of(which: Expr) -> Expr:
    """The process of a monitor (from 1)."""
    return cell(PROCESS, plus(which, -1))


def drop(world: World, port: Expr) -> tuple[Stmt, ...]:
    """A port that is told to exit forgets its monitors."""
    return tuple(
        If(
            eq(cell(PORT, index), port),
            (Assign(var(PORT, index), Const(0)), Assign(var(PROCESS, index), Const(0))),
        )
        for index in range(world.monitors)
    )
