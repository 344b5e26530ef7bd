"""Where `control` and `call` put their answer: `*rbuf`, and the flags of `call`.

Each of the two is one place of the emulator's, whatever the parameter is called, and whichever helper it is
passed on to: nobody else can make such a pointer.
"""

from __future__ import annotations

from dmc.base.source import NOWHERE
from dmc.base.types import CALL_FLAGS_ADDRESS, INTEGER_TYPES, REPLY, REPLY_ADDRESS
from dmc.model import model
from dmc.model.checked import typed
from dmc.model.environment import UNKNOWN, Env
from dmc.syntax import ast

REPLY_PLACE = model.Variable("*rbuf", REPLY, model.Storage.PARAMETER, NOWHERE)
CALL_FLAGS = model.Variable("*flags", INTEGER_TYPES["unsigned"], model.Storage.PARAMETER, NOWHERE)

_ALLOC = "driver_alloc"


def dereference(node: ast.Unary, env: Env) -> model.Expr:
    """`*rbuf`, `*flags`; nothing else can stand behind a star."""
    symbol = env.scope.find(node.operand.text) if isinstance(node.operand, ast.Name) else None
    kind = symbol.type if isinstance(symbol, model.Variable) else None
    if kind == REPLY_ADDRESS:
        return model.VariableUse(REPLY_PLACE, REPLY, node.span)
    if kind == CALL_FLAGS_ADDRESS:
        return model.VariableUse(CALL_FLAGS, CALL_FLAGS.type, node.span)
    if kind == UNKNOWN:
        return model.Literal(0, UNKNOWN, node.span)
    message = "`*` before an expression is not in this version"
    note = "an object is reached with `->`; only `*rbuf` and the flags of `call` are written so"
    return env.refuse("E390", message, node.span, note)


def is_reply(value: model.Expr) -> bool:
    """Whether it is `*rbuf`."""
    return isinstance(value, model.VariableUse) and value.variable is REPLY_PLACE


def assigned(node: ast.Expr, env: Env) -> model.Expr:
    """What `*rbuf` is set to: a block of `driver_alloc(n)`, a struct, a binary, or `NULL`."""
    size = _block_size(node)
    if size is None:
        note = "an answer is `driver_alloc(n)`, an object, a binary or `NULL`"
        return typed(node, REPLY, env, "E301", note)
    env.world.api_calls.append((_ALLOC, node.span, env.function))
    value = typed(size, INTEGER_TYPES["size_t"], env, "E304")
    return model.ApiCall(_ALLOC, (value,), REPLY, node.span)


def _block_size(node: ast.Expr) -> ast.Expr | None:
    """The size in `driver_alloc(n)`, if it is not that of a type."""
    match node:
        case ast.Call(function=ast.Name(text=name), arguments=(size,)) if name == _ALLOC:
            return None if isinstance(size, ast.SizeOf) else size
        case _:
            return None


def has_replies(m: model.Model) -> bool:
    """Whether some driver's `control` or `call` is given the place of its answer."""
    return any(
        parameter.type == REPLY_ADDRESS
        for driver in m.drivers
        for name in ("control", "call")
        if name in driver.callbacks
        for parameter in driver.callbacks[name].parameters
    )
