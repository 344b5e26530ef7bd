"""Calls of the driver API and of the language: what all of them have in common.

Arguments are evaluated left to right; then the call itself is a step, or several where it enters the
runtime (an exit, an inline job, a wait).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from dmc.base.exceptions import InternalError
from dmc.base.source import Span
from dmc.base.types import Type
from dmc.driver_api.api_function import Context
from dmc.driver_api.registry import api_function
from dmc.ir.expr import Const, Expr
from dmc.ir.program import Local, Node, Op
from dmc.ir.sort import UNSET
from dmc.ir.statement import Stmt
from dmc.lower.calls import (
    atomics,
    binaries,
    jobs,
    locks,
    memory,
    messages,
    monitors,
    pdl,
    port,
    queue,
    replies,
    thread_data,
    threads,
    timers,
)
from dmc.lower.calls.arguments import Call
from dmc.lower.calls.port import EXITS
from dmc.lower.code import After
from dmc.lower.pure import pure
from dmc.lower.scope import Scope
from dmc.lower.uses import nodes
from dmc.lower.words import words
from dmc.model import model
from dmc.model.api_structs import is_api_member
from dmc.runtime.world import Event

if TYPE_CHECKING:
    from dmc.lower.program import ProgramCode

CALLS: dict[str, Call] = {
    **memory.CALLS,
    **atomics.CALLS,
    **binaries.CALLS,
    **jobs.CALLS,
    **locks.CALLS,
    **port.CALLS,
    **messages.CALLS,
    **monitors.CALLS,
    **queue.CALLS,
    **pdl.CALLS,
    **replies.CALLS,
    **thread_data.CALLS,
    **threads.CALLS,
    **timers.CALLS,
}
"""Every function that can be called, with its meaning: the tables of the modules of `dmc.lower.calls`."""


def call(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
    """The call, checked against the contexts in which the function may be called."""
    lowered = CALLS.get(expr.function)
    if lowered is None:
        raise InternalError("lower", f"{expr.span}: no lowering for {expr.function}")
    forbidden = _forbidden(code, expr, scope)
    if forbidden is not None:
        return Op(f"{words(expr)}", scope.site(expr.span), forbidden, after(Const(0), scope))
    arguments = tuple(_told(code, argument, scope) for argument in expr.arguments)
    noticed = code.notices(Event("call", expr.function, port=scope.port, arguments=arguments))

    def returned(result: Expr, inner: Scope) -> Node:
        event = Event("return", expr.function, port=scope.port, arguments=arguments, result=result)
        told = code.notices(event)
        following = after(result, inner)
        return Local(told, following) if told else following

    node = lowered(code, expr, scope, returned)
    return Local(noticed, node) if noticed else node


def _told(code: ProgramCode, argument: model.Expr, scope: Scope) -> Expr:
    """What a rule sees of an argument: its value when the call begins; of `&x`, the value of `x`."""
    if isinstance(argument, model.AddressOf):
        return _told(code, argument.place, scope)
    environment = code.environment(scope)
    if any(
        is_api_member(part) for part in nodes(argument) if isinstance(part, model.FieldUse | model.IndexUse)
    ):
        return Const(UNSET)
    plain = all(
        isinstance(part, PLAIN)
        and (not isinstance(part, model.VariableUse) or part.variable in environment.places)
        for part in nodes(argument)
    )
    return pure(argument, environment) if plain else Const(UNSET)


PLAIN = (
    model.VariableUse,
    model.FieldUse,
    model.BinaryOp,
    model.UnaryOp,
    model.FunctionValue,
    model.Literal,
    model.NullValue,
    model.AxisValue,
    model.SettingValue,
    Span,
    *get_args(Type),
)
"""What an argument is made of whose value can be told without a step."""


def _forbidden(code: ProgramCode, expr: model.ApiCall, scope: Scope) -> tuple[Stmt, ...] | None:
    entry = api_function(expr.function)
    if entry is None or scope.context is None or scope.context in entry.contexts:
        return None
    if expr.function in EXITS and scope.context is Context.START:
        return code.misuse("exit_in_start", Const(0))
    if expr.function in EXITS and scope.context is Context.STOP:
        return None
    return code.misuse("forbidden_context", Const(0))
