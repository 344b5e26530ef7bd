"""A name in an expression: what it stands for depends on the scope, the place and what it meets."""

from __future__ import annotations

from dmc.base.types import INT, PID, VOID, EnumType, FunctionType, PointerType, Type
from dmc.driver_api.callbacks import CALLBACKS
from dmc.driver_api.registry import NOT_MODELLED, api_function, api_functions
from dmc.model import model
from dmc.model.constants import fold
from dmc.model.conversions import DRIVER_ERROR, convert
from dmc.model.environment import DATA, DRIVER, FUNCTION, LOCKING, REASON, UNKNOWN, Env, Place
from dmc.model.near_miss import did_you_mean
from dmc.model.scope import Constant, Enumerators, NamedType, Scope, Symbol
from dmc.model.type_names import type_of
from dmc.model.vocabulary import API_CONSTANTS, API_CONSTANTS_NOT_YET, DRIVER_ERRORS, PROCESS_CALLS, STATES
from dmc.syntax import ast

_SETTINGS: dict[str, Type] = {"async_threads": INT, "schedulers": INT, "locking": LOCKING}
_FREE_FUNCTION = "driver_free"


def is_contextual(node: ast.Expr, env: Env) -> bool:
    """Whether it is a name that gets its meaning from the type it is compared with."""
    if not isinstance(node, ast.Name):
        return False
    symbol = env.scope.find(node.text)
    if symbol is None:
        return node.text not in _SETTINGS
    return isinstance(symbol, Enumerators | model.Function | model.Driver)


def name(node: ast.Name, env: Env, expected: Type | None) -> model.Expr:
    """The value of a name."""
    symbol = env.scope.find(node.text)
    if expected in STATES:
        return _state(node, expected, env)
    if not isinstance(symbol, model.Variable):
        if isinstance(expected, EnumType) and node.text in expected.members:
            return model.Literal(expected.members.index(node.text), expected, node.span)
        if expected == REASON:
            return model.AtomValue(node.text, REASON, node.span)
        if expected == FUNCTION and symbol is None and (node.text in CALLBACKS or api_function(node.text)):
            return model.FunctionValue(None, node.text, FUNCTION, node.span)
    if symbol is None and expected == UNKNOWN:
        return model.Literal(0, UNKNOWN, node.span)
    if symbol is None:
        return _built_in(node, env, expected)
    return _symbol(node, symbol, env)


def _state(node: ast.Name, expected: Type, env: Env) -> model.Expr:
    states = STATES[expected]
    if node.text in states:
        return model.StateName(node.text, expected, node.span)
    note = f"the states of a {str(expected).split()[0]} are {', '.join(states)}"
    return env.refuse(
        "E322", f"unknown state `{node.text}`", node.span, note, did_you_mean(node.text, states)
    )


def _symbol(node: ast.Name, symbol: Symbol, env: Env) -> model.Expr:
    match symbol:
        case model.Variable():
            return model.VariableUse(symbol, symbol.type, node.span)
        case Constant():
            return constant_value(symbol, env)
        case Enumerators():
            return _enumerator(node, symbol, env)
        case model.Axis():
            env.world.axes_read.add(symbol)
            return model.AxisValue(symbol, symbol.type, node.span)
        case model.Function():
            return _function(node, symbol, env)
        case model.Driver():
            return model.DriverValue(symbol, DRIVER, node.span)
        case model.Process():
            return _process(node, symbol, env)
        case NamedType():
            hint = (f"for its size, write `sizeof({node.text})`",)
            return env.refuse("E212", f"`{node.text}` is a type, and a value is needed", node.span, "", hint)


def constant_value(symbol: Constant, env: Env) -> model.Expr:
    """The literal that a `const` is."""
    if symbol.folding:
        message = f"the value of `{symbol.declaration.name.text}` depends on itself"
        return env.refuse("E313", message, symbol.span)
    if symbol.value is None:
        symbol.folding = True
        symbol.value = _folded(symbol, env)
        symbol.folding = False
    return symbol.value


def _folded(symbol: Constant, env: Env) -> model.Literal:
    declaration = symbol.declaration
    unknown = model.Literal(0, UNKNOWN, declaration.span)
    inside = Env(env.world, symbol.scope, Place.CONSTANT, env.resolver)
    kind = type_of(declaration.type, inside)
    value = inside.expression(declaration.value, kind)
    if UNKNOWN in (kind, value.type):
        return unknown
    folded = fold(value)
    if folded is None:
        env.report("E313", f"the value of `{declaration.name.text}` is not constant", declaration.value.span)
        return unknown
    converted = convert(folded, kind)
    found = fold(converted) if converted is not None else None
    if found is None:
        message = f"a `{kind}` is needed here, and this is a `{value.type}`"
        env.report("E301", message, declaration.value.span)
        return unknown
    return found


def _enumerator(node: ast.Name, symbol: Enumerators, env: Env) -> model.Expr:
    if len(symbol.members) == 1:
        kind, position = symbol.members[0]
        return model.Literal(position, kind, node.span)
    owners = ", ".join(f"`{kind}`" for kind, _ in symbol.members)
    return env.refuse("E210", f"`{node.text}` is a member of {owners}", node.span, "nothing here says which")


def _function(node: ast.Name, symbol: model.Function, env: Env) -> model.Expr:
    if env.place in (Place.PROPERTY, Place.RULE):
        return model.FunctionValue(symbol, "", FUNCTION, node.span)
    if symbol.callback:
        return callback_used(symbol, node, env)
    env.world.used.add(symbol)
    kind = FunctionType(symbol.result, tuple(p.type for p in symbol.parameters))
    return model.FunctionValue(symbol, "", kind, node.span)


def callback_used(symbol: model.Function, node: ast.Name, env: Env) -> model.Expr:
    """The refusal of a callback that the model itself calls or passes on."""
    return env.refuse(
        "E206",
        f"`{symbol.name}` is a callback of this driver: only the runtime calls it",
        node.span,
        "",
        ("give the helper another name, or let both call a third function",),
    )


def _process(node: ast.Name, symbol: model.Process, env: Env) -> model.Expr:
    if env.place is not Place.PROCESS:
        note = "only processes know each other"
        return env.refuse("E409", f"{env.place.value} cannot name a process", node.span, note)
    if symbol.count == 1:
        return model.ProcessValue(symbol, PID, node.span)
    message = f"`{node.text}` is {symbol.count} processes"
    return env.refuse("E212", message, node.span, "which of them is meant cannot be said")


def _built_in(node: ast.Name, env: Env, expected: Type | None) -> model.Expr:
    text = node.text
    if text in _SETTINGS and env.place is not Place.CONSTANT:
        return model.SettingValue(text, _SETTINGS[text], node.span)
    if env.place in (Place.CODE, Place.THREAD):
        if text in DRIVER_ERRORS:
            kind = expected if isinstance(expected, PointerType) else DRIVER_ERROR
            return model.Literal(DRIVER_ERRORS[text], kind, node.span)
        if text in API_CONSTANTS:
            return model.Literal(API_CONSTANTS[text], INT, node.span)
        if text == _FREE_FUNCTION:
            env.world.api_calls.append((text, node.span, env.function))
            return model.FunctionValue(None, text, FunctionType(VOID, (DATA,)), node.span)
        if api_function(text) is not None or text in NOT_MODELLED:
            message = f"`{text}` is called, not used as a value"
            return env.refuse(
                "E316", message, node.span, "only `driver_free` can be given as a free function"
            )
        if text in API_CONSTANTS_NOT_YET:
            return env.refuse("E290", f"`{text}` is not in this version", node.span)
    return unknown_name(node, env)


def unknown_name(node: ast.Name, env: Env) -> model.Expr:
    """The refusal of a name that nothing declares."""
    hints = did_you_mean(node.text, visible_names(env.scope, env.place))
    note = ""
    if env.place is Place.RUN:
        note = "a condition over runs knows the axes, `locking`, `async_threads`, `schedulers` and constants"
        if node.text == "runtime":
            hints = ("write `on R13B..` before `when`",)
    elif node.text == "runtime":
        note = "a model cannot ask which release it runs on"
    elif node.text == "nullptr":
        hints = ("write `NULL`",)
    return env.refuse("E200", f"unknown name `{node.text}`", node.span, note, hints)


def visible_names(scope: Scope, place: Place) -> list[str]:
    """All names that could have been meant."""
    names = [known for known, _ in scope.all()] + list(_SETTINGS)
    match place:
        case Place.CODE | Place.THREAD:
            return [*names, *api_functions(), *NOT_MODELLED, *DRIVER_ERRORS, *API_CONSTANTS]
        case Place.PROCESS:
            return [*names, *PROCESS_CALLS]
        case _:
            return names
