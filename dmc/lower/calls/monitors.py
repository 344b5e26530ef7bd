"""Monitors of processes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from dmc.base.exceptions import InternalError
from dmc.driver_api.api_function import Context
from dmc.ir.builder import ne
from dmc.ir.expr import Expr, Place, Read
from dmc.ir.program import Node, Op
from dmc.ir.sort import Range
from dmc.ir.statement import Stmt
from dmc.lower.calls.arguments import Call
from dmc.lower.code import After
from dmc.lower.expressions import located, value
from dmc.lower.scope import Scope, leave
from dmc.lower.words import words
from dmc.model import model
from dmc.runtime import port_monitors
from dmc.runtime.world import World, gives

if TYPE_CHECKING:
    from dmc.lower.program import ProgramCode

FROM_THREADS = (Context.ASYNC_INVOKE, Context.ASYNC_FREE)


def _which(code: ProgramCode, argument: model.Expr, scope: Scope, after: After) -> Node:
    """A monitor: `&d->mon`, or what `process_exit` was given."""
    place = argument.place if isinstance(argument, model.AddressOf) else argument
    return value(code, place, scope, after)


def _checked(code: ProgramCode, handle: Expr, scope: Scope) -> tuple[Stmt, ...]:
    if scope.context not in FROM_THREADS:
        return ()
    return code.misuse("forbidden_context", ne(port_monitors.may_call_from_thread(code.world, handle), 0))


def _monitor(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
    handle, who, target = expr.arguments
    if not isinstance(target, model.AddressOf):
        raise InternalError("lower", f"{expr.span}: driver_monitor_process writes nowhere")
    place = target.place
    temp, inner = scope.temp(Range(-1, 1, True))
    made, taken = inner.temp(Range(0, code.world.monitors, True))

    def with_values(port: Expr, process: Expr, s: Scope) -> Node:
        done = leave(s, inner, after(Read(temp), inner))
        text = f"driver_monitor_process sets {words(place)}"
        stored = located(
            code,
            place,
            s,
            lambda found, s2: code.store(found, Read(made), text, expr.span, s2, leave(s2, s, done)),
        )
        work = (
            *_checked(code, port, s),
            *port_monitors.monitor(code.world, port, process, made, temp),
        )
        return port_monitors.call(code.world, port, work, s.site(expr.span, words(expr)), stored)

    return value(code, handle, taken, lambda p, s: value(code, who, s, lambda w, s2: with_values(p, w, s2)))


def _of_monitor(
    work: Callable[[World, Expr, Expr, Place], tuple[Stmt, ...]],
) -> Call:
    """A call about a monitor that there may be."""

    def lowered(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
        handle, monitor = expr.arguments
        temp, inner = scope.temp(Range(0, len(code.world.processes) + code.world.port_count + 1, True))

        def with_values(port: Expr, which: Expr, s: Scope) -> Node:
            statements = (*_checked(code, port, s), *work(code.world, port, which, temp))
            following = leave(s, inner, after(Read(temp), inner))
            return port_monitors.call(code.world, port, statements, s.site(expr.span, words(expr)), following)

        return value(
            code,
            handle,
            inner,
            lambda p, s: _which(code, monitor, s, lambda m, s2: with_values(p, m, s2)),
        )

    return lowered


def _compare(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
    first, second = expr.arguments

    def compared(a: Expr, b: Expr, s: Scope) -> Node:
        return Op(words(expr), s.site(expr.span), (gives(ne(a, b)),), after(ne(a, b), s))

    return _which(code, first, scope, lambda a, s: _which(code, second, s, lambda b, s2: compared(a, b, s2)))


CALLS: dict[str, Call] = {
    "driver_monitor_process": _monitor,
    "driver_demonitor_process": _of_monitor(port_monitors.demonitor),
    "driver_get_monitored_process": _of_monitor(port_monitors.monitored),
    "driver_compare_monitors": _compare,
}
