"""What acts on the port itself: its end; and what there is to know of the system."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dmc.ir.builder import eq, ne
from dmc.ir.expr import Const, Expr, Read
from dmc.ir.program import Branch, Node, Op
from dmc.ir.sort import Range
from dmc.ir.statement import Assign, If
from dmc.ir.system import Frame, Mover
from dmc.lower.calls.arguments import Call, values_of
from dmc.lower.code import After
from dmc.lower.scope import Scope, leave
from dmc.lower.words import words
from dmc.model import model
from dmc.runtime import busy_ports, port_closing, port_lifecycle
from dmc.runtime.world import gives

if TYPE_CHECKING:
    from dmc.lower.program import ProgramCode


def _driver_exit(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
    """`driver_failure*`, `driver_exit`: `stop` runs in here; 0, or -1 when the port is dead."""
    temp, inner = scope.temp(Range(*code.world.integers, True))
    joined = after(Read(temp), inner)

    def with_values(values: tuple[Expr, ...], s: Scope) -> Node:
        world = code.nested(s).world
        following = leave(s, inner, joined)
        port = port_lifecycle.port_of_handle(world, values[0])
        failed = (Assign(temp, Const(-1)), gives(Const(-1)))
        dead = Op(words(expr), s.site(expr.span), failed, following)
        ended = (Assign(temp, Const(0)), gives(Const(0)))
        done = Op(f"{expr.function} returns", s.site(expr.span), ended, following)
        frames = (*s.frames, Frame(expr.function, "call", expr.span))
        node: Node = dead
        for number in range(world.port_count, 0, -1):
            body = port_closing.fail_port(world, Const(number), frames, done)
            node = Branch(eq(port, number), body, node)
        return node

    return values_of(code, expr.arguments, inner, with_values)


def _set_busy_port(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
    """A dead port stays as it is."""

    def with_values(values: tuple[Expr, ...], s: Scope) -> Node:
        port = port_lifecycle.port_of_handle(code.world, values[0])
        changes = (If(ne(port, 0), busy_ports.set_busy(port, values[1])),)
        return Op(words(expr), s.site(expr.span), changes, after(Const(0), s))

    return values_of(code, expr.arguments, scope, with_values)


def _driver_system_info(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
    return Op(words(expr), scope.site(expr.span), (), after(Const(0), scope), mover=Mover.BOTH)


EXITS = frozenset(
    {
        "driver_failure",
        "driver_failure_atom",
        "driver_failure_posix",
        "driver_failure_eof",
        "driver_exit",
    }
)

CALLS: dict[str, Call] = {
    "driver_system_info": _driver_system_info,
    "set_busy_port": _set_busy_port,
    **dict.fromkeys(EXITS, _driver_exit),
}
