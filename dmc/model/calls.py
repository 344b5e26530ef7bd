"""Calls: of the model's own functions, of function pointers, of the language; the API has its own module."""

from __future__ import annotations

from dataclasses import replace

from dmc.base.types import (
    BINARY_VALUE,
    BOOL,
    PID,
    PORT,
    VOID,
    FunctionType,
    Type,
)
from dmc.driver_api.callbacks import CALLBACKS
from dmc.driver_api.registry import NOT_MODELLED, api_function, api_functions
from dmc.model import model
from dmc.model.api_calls import api_call
from dmc.model.atomics import ATOMIC_CALLS, PLACES, atomic_call
from dmc.model.call_arguments import arguments_only, check_count, ordinal
from dmc.model.checked import typed
from dmc.model.conversions import convert
from dmc.model.environment import BYTES, REASON, UNKNOWN, Env, Place
from dmc.model.lists import LIST_CALLS, list_call
from dmc.model.names import callback_used
from dmc.model.near_miss import did_you_mean
from dmc.model.terms import term
from dmc.model.vocabulary import (
    CODE_CALLS,
    CODE_CALLS_NOT_YET,
    PROCESS_CALLS,
    PROCESS_CALLS_NOT_YET,
    RULE_CALLS,
    LanguageCall,
)
from dmc.syntax import ast

COMMAND_OPTIONS = ("force", "nosuspend")

_CODE = (Place.CODE, Place.THREAD)


def call(node: ast.Call, env: Env) -> model.Expr:
    """A call, whatever it calls."""
    if not isinstance(node.function, ast.Name):
        return _indirect(node, env.expression(node.function), env)
    symbol = env.scope.find(node.function.text)
    match symbol:
        case model.Function():
            return _own(node, node.function, symbol, env)
        case None:
            return _built_in(node, node.function, env)
        case _:
            return _indirect(node, env.expression(node.function), env)


def _own(node: ast.Call, name: ast.Name, function: model.Function, env: Env) -> model.Expr:
    if env.place not in _CODE:
        arguments_only(node, env)
        return env.refuse("E409", f"{env.place.value} cannot call a function of a driver", name.span)
    if function.callback:
        arguments_only(node, env)
        return callback_used(function, name, env)
    env.world.used.add(function)
    if env.function is not None:
        env.world.calls.setdefault(env.function, {}).setdefault(function, name.span)
    arguments = _arguments(node, name.text, tuple(p.type for p in function.parameters), env)
    return model.FunctionCall(function, arguments, function.result, node.span)


def _arguments(node: ast.Call, name: str, kinds: tuple[Type, ...], env: Env) -> tuple[model.Expr, ...]:
    check_count(node, name, len(kinds), len(kinds), env)
    values = [
        typed(argument, kind, env, "E304", f"the {ordinal(i)} argument of `{name}`")
        for i, (argument, kind) in enumerate(zip(node.arguments, kinds, strict=False))
    ]
    return (*values, *(env.expression(argument) for argument in node.arguments[len(kinds) :]))


def _indirect(node: ast.Call, pointer: model.Expr, env: Env) -> model.Expr:
    kind = pointer.type
    if not isinstance(kind, FunctionType):
        arguments_only(node, env)
        if kind == UNKNOWN:
            return model.Literal(0, UNKNOWN, node.span)
        return env.refuse("E316", f"a `{kind}` cannot be called", node.function.span)
    targets = _targets(kind, env)
    if not targets:
        note = f"no function of type `{kind}` is given to a pointer anywhere"
        env.report("E323", "this function pointer can only be NULL", node.function.span, note)
    if env.function is not None:
        known = env.world.calls.setdefault(env.function, {})
        for target in targets:
            known.setdefault(target, node.function.span)
    arguments = _arguments(node, "the function", kind.parameters, env)
    return model.IndirectCall(pointer, arguments, targets, kind.result, node.span)


def _targets(kind: FunctionType, env: Env) -> tuple[model.Function, ...]:
    found = []
    for name, symbol in env.scope.all():
        if isinstance(symbol, model.Function) and name in env.world.values_taken and not symbol.callback:
            parameters = tuple(p.type for p in symbol.parameters)
            if FunctionType(symbol.result, parameters) == kind:
                found.append(symbol)
    return tuple(found)


def _built_in(node: ast.Call, name: ast.Name, env: Env) -> model.Expr:
    if name.text in LIST_CALLS and env.place not in (Place.PROCESS, Place.RULE):
        return list_call(node, name, env)
    match env.place:
        case Place.CODE | Place.THREAD:
            return _code_call(node, name, env)
        case Place.PROCESS:
            return _process_call(node, name, env)
        case Place.RULE:
            return _rule_call(node, name, env)
        case _:
            arguments_only(node, env)
            return env.refuse("E409", f"{env.place.value} cannot call anything", name.span)


# --- in drivers and threads ---------------------------------------------------------------------


def _code_call(node: ast.Call, name: ast.Name, env: Env) -> model.Expr:
    text = name.text
    entry = api_function(text)
    if entry is not None:
        return api_call(node, name, entry, env)
    if text in ATOMIC_CALLS:
        return atomic_call(node, name, env)
    if text in CODE_CALLS:
        return _access(node, name, env)
    arguments_only(node, env)
    if text in NOT_MODELLED:
        note = "a function of the driver API without a meaning here yet"
        return env.refuse("E290", f"`{text}` is not in this version", name.span, note)
    if text in CODE_CALLS_NOT_YET:
        message = f"`{text}` is not in this version"
        note = f"{CODE_CALLS_NOT_YET[text]} not in it"
        return env.refuse("E390", message, name.span, note)
    return _unknown_function(name, env)


def _unknown_function(name: ast.Name, env: Env) -> model.Expr:
    own = [known for known, symbol in env.scope.all() if isinstance(symbol, model.Function)]
    hints = did_you_mean(name.text, [*own, *api_functions(), *NOT_MODELLED, *CODE_CALLS, *ATOMIC_CALLS])
    note = ""
    if name.text in PROCESS_CALLS or name.text in PROCESS_CALLS_NOT_YET:
        note = "this is a call of Erlang processes"
    elif name.text in ("malloc", "free", "realloc", "calloc"):
        hints = ("a driver uses `driver_alloc` and `driver_free`",)
    elif name.text in CALLBACKS:
        note = "this is the name of a callback, and only the runtime calls those"
        hints = ()
    return env.refuse("E204", f"unknown function `{name.text}`", name.span, note, hints)


def _access(node: ast.Call, name: ast.Name, env: Env) -> model.Expr:
    """`reads(place)` and `writes(place)`."""
    if not check_count(node, name.text, 1, 1, env):
        arguments_only(node, env)
        return model.Literal(0, UNKNOWN, node.span)
    place = env.expression(node.arguments[0])
    if not isinstance(place, PLACES) and place.type != UNKNOWN:
        return env.refuse("E307", f"`{name.text}` needs a variable or a field", node.arguments[0].span)
    return model.ApiCall(name.text, (place,), VOID, node.span)


# --- in processes -------------------------------------------------------------------------------


def _process_call(node: ast.Call, name: ast.Name, env: Env) -> model.Expr:
    text = name.text
    if text == "exit" and len(node.arguments) == 2:
        return _exit_other(node, env)
    if text == "send":
        return _send(node, env)
    known = PROCESS_CALLS.get(text)
    if known is None:
        arguments_only(node, env)
        return _unknown_process_call(name, env)
    least = len(known.parameters) - known.optional
    if text == "port_command" and len(node.arguments) == 3:
        return _command_with_option(node, env)
    if not check_count(node, text, least, len(known.parameters), env):
        arguments_only(node, env)
        return model.Literal(0, known.result, node.span)
    arguments = tuple(
        _process_argument(argument, kind or UNKNOWN, text, i, env)
        for i, (argument, kind) in enumerate(zip(node.arguments, known.parameters, strict=False))
    )
    if arguments and isinstance(arguments[0], model.DriverValue):
        env.world.opened.add(arguments[0].driver)
        if env.repeated:
            note = "each `open_port` in the text is one port"
            return env.refuse("E490", "`open_port` in a repetition is not in this version", node.span, note)
    return model.ProcessCall(text, arguments, known.result, node.span)


def _command_with_option(node: ast.Call, env: Env) -> model.Expr:
    """`port_command(p, bytes(n), force)` and `nosuspend`: what is done where the port is busy."""
    option = node.arguments[2]
    plain = _process_call(replace(node, arguments=node.arguments[:2]), _name_of(node), env)
    if not isinstance(option, ast.Name) or option.text not in COMMAND_OPTIONS:
        note = " or ".join(f"`{one}`" for one in COMMAND_OPTIONS)
        hints = did_you_mean(option.text, COMMAND_OPTIONS) if isinstance(option, ast.Name) else ()
        return env.refuse("E304", "`port_command` has no such option", option.span, note, hints)
    if not isinstance(plain, model.ProcessCall):
        return plain
    word = model.AtomValue(option.text, REASON, option.span)
    return replace(plain, arguments=(*plain.arguments, word), span=node.span)


def _name_of(node: ast.Call) -> ast.Name:
    assert isinstance(node.function, ast.Name)
    return node.function


def _process_argument(node: ast.Expr, kind: Type, call_name: str, index: int, env: Env) -> model.Expr:
    value = env.expression(node, kind)
    found = convert(value, kind)
    if found is not None and not (kind == BINARY_VALUE and value.type == BYTES):
        return found
    if kind == BINARY_VALUE and value.type == BYTES:
        hints = ("give it a name first: `binary b = bytes(n);`",)
        return env.refuse("E304", "only a binary with a name can be read", node.span, "", hints)
    if isinstance(value, model.DriverValue) and kind == PORT:
        hints = (f"write `port p = open_port({value.driver.name});`",)
        return env.refuse("E304", "this is a driver, and a port is needed", node.span, "", hints)
    if kind == BYTES:
        hints = ("write `bytes(n)` for n bytes",)
        message = f"`{call_name}` takes bytes, and this is a `{value.type}`"
        return env.refuse("E304", message, node.span, "", hints)
    note = f"the {ordinal(index)} argument of `{call_name}`"
    return env.refuse("E304", f"a `{kind}` is needed here, and this is a `{value.type}`", node.span, note)


def _exit_other(node: ast.Call, env: Env) -> model.Expr:
    who = env.expression(node.arguments[0])
    if who.type not in (PORT, PID, UNKNOWN):
        message = f"`exit` needs a port or a process, and this is a `{who.type}`"
        who = env.refuse("E304", message, node.arguments[0].span)
    reason = _process_argument(node.arguments[1], REASON, "exit", 1, env)
    return model.ProcessCall("exit", (who, reason), BOOL, node.span)


def _send(node: ast.Call, env: Env) -> model.Expr:
    """`send(who, { ... })`."""
    if not check_count(node, "send", 2, 2, env):
        return model.Literal(0, VOID, node.span)
    who = _process_argument(node.arguments[0], PID, "send", 0, env)
    return model.ProcessCall("send", (who, term(node.arguments[1], env)), VOID, node.span)


def _unknown_process_call(name: ast.Name, env: Env) -> model.Expr:
    text = name.text
    if text in PROCESS_CALLS_NOT_YET or text in CODE_CALLS or text in ATOMIC_CALLS:
        return env.refuse("E490", f"`{text}` is not in this version", name.span)
    note = ""
    if api_function(text) is not None or text in NOT_MODELLED:
        note = "this is a function of the driver API: a driver calls it, a process cannot"
    hints = did_you_mean(text, [*PROCESS_CALLS, *PROCESS_CALLS_NOT_YET])
    return env.refuse("E204", f"unknown call `{text}`", name.span, note, hints)


# --- in rules -----------------------------------------------------------------------------------


def _rule_call(node: ast.Call, name: ast.Name, env: Env) -> model.Expr:
    if name.text == "collect":
        return _collect(node, env)
    known = RULE_CALLS.get(name.text)
    if known is None:
        arguments_only(node, env)
        hints = did_you_mean(name.text, [*RULE_CALLS, "collect"])
        return env.refuse("E204", f"unknown call `{name.text}`", name.span, "a rule only watches", hints)
    return _vocabulary_call(node, name.text, known, env)


def _vocabulary_call(node: ast.Call, name: str, known: LanguageCall, env: Env) -> model.Expr:
    check_count(node, name, len(known.parameters) - known.optional, len(known.parameters), env)
    arguments = tuple(env.expression(argument) for argument in node.arguments)
    return model.ApiCall(name, arguments, known.result, node.span)


def _collect(node: ast.Call, env: Env) -> model.Expr:
    if not check_count(node, "collect", 3, 3, env):
        return model.Literal(0, VOID, node.span)
    relation = node.arguments[0]
    if not isinstance(relation, ast.Name):
        return env.refuse("E304", "`collect` begins with the name of what it collects", relation.span)
    name = model.AtomValue(relation.text, REASON, relation.span)
    pair = tuple(env.expression(argument) for argument in node.arguments[1:])
    return model.ApiCall("collect", (name, *pair), VOID, node.span)
