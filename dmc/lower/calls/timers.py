"""The timer of a port."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from dmc.base.exceptions import InternalError
from dmc.driver_api.api_function import Context
from dmc.ir.expr import Expr, Place, Read
from dmc.ir.program import Choice, Node, Op
from dmc.ir.sort import Range
from dmc.ir.statement import Stmt
from dmc.lower.calls.arguments import Call, values_of
from dmc.lower.code import After
from dmc.lower.expressions import located
from dmc.lower.scope import Scope, leave
from dmc.lower.words import words
from dmc.model import model
from dmc.runtime import port_timers
from dmc.runtime.world import Event, World

if TYPE_CHECKING:
    from dmc.lower.program import ProgramCode


def _timer_call(work: Callable[[World, Expr, Place], tuple[Stmt, ...]], sets: bool = False) -> Call:
    """A call that is one step. What `stop` sets never runs out, and a rule hears of that."""

    def lowered(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
        temp, inner = scope.temp(Range(-1, 0, True))

        def with_values(values: tuple[Expr, ...], s: Scope) -> Node:
            in_vain = sets and s.context is Context.STOP
            told = code.occur(Event("fault", "timer_in_stop", port=s.port)) if in_vain else ()
            following = leave(s, inner, after(Read(temp), inner))
            return Op(words(expr), s.site(expr.span), (*told, *work(code.world, values[0], temp)), following)

        return values_of(code, expr.arguments, inner, with_values)

    return lowered


def _read_timer(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
    handle, target = expr.arguments
    if not isinstance(target, model.AddressOf):
        raise InternalError("lower", f"{expr.span}: driver_read_timer writes nowhere")
    temp, inner = scope.temp(Range(-1, 0, True))
    left, taken = inner.temp(Range(*code.world.integers, True))
    place = target.place

    def with_values(values: tuple[Expr, ...], s: Scope) -> Node:
        done = leave(s, inner, after(Read(temp), inner))
        text = f"driver_read_timer sets {words(place)}"
        stored = located(
            code,
            place,
            s,
            lambda found, s2: code.store(found, Read(left), text, expr.span, s2, leave(s2, s, done)),
        )
        site = s.site(expr.span)
        ways: list[Node] = [
            Op(words(expr), site, port_timers.read_timer(code.world, values[0], temp, left, much), stored)
            for much in (1, 0)
        ]
        return Choice(ways, site, name="time left")

    return values_of(code, (handle,), taken, with_values)


CALLS: dict[str, Call] = {
    "driver_set_timer": _timer_call(port_timers.set_timer, sets=True),
    "driver_cancel_timer": _timer_call(port_timers.cancel_timer),
    "driver_read_timer": _read_timer,
}
