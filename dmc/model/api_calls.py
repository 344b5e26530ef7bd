"""Calls of the driver API: argument by argument, as its header says."""

from __future__ import annotations

from dmc.base.types import (
    BUFFER,
    INT,
    INTEGER_TYPES,
    MONITOR,
    MONITOR_ADDRESS,
    REPLY,
    SYS_INFO,
    TID,
    TSD_KEY,
    IntType,
    NullType,
    PointerType,
    StructType,
    Type,
)
from dmc.driver_api.api_function import ApiFunction, Loose
from dmc.model import model
from dmc.model.checked import typed
from dmc.model.conversions import convert
from dmc.model.environment import DATA, SIZE, UNKNOWN, Env
from dmc.model.scope import NamedType
from dmc.model.terms import term
from dmc.syntax import ast

_UNSIGNED = INTEGER_TYPES["unsigned"]
_SIZE = INTEGER_TYPES["size_t"]
_ASYNC = "driver_async"
_THREAD = "erl_drv_thread_create"
_SYSTEM_INFO = "driver_system_info"
_RUN, _JOB_DATA, _FREE = 2, 3, 4


def api_call(node: ast.Call, name: ast.Name, entry: ApiFunction, env: Env) -> model.Expr:
    """A call of a function of the API."""
    env.world.api_calls.append((entry.name, name.span, env.function))
    if len(node.arguments) != len(entry.parameters):
        return _wrong_count(node, entry, env)
    if entry.name == "driver_alloc":
        return _alloc(node, env)
    arguments = tuple(
        _argument(argument, parameter, entry, i, env)
        for i, (argument, parameter) in enumerate(zip(node.arguments, entry.parameters, strict=True))
    )
    if entry.name == _ASYNC:
        _check_job(arguments, env)
    if entry.name == _THREAD:
        _check_thread(arguments, env)
    return model.ApiCall(entry.name, arguments, entry.result, node.span)


def _wrong_count(node: ast.Call, entry: ApiFunction, env: Env) -> model.Expr:
    for argument in node.arguments:
        if not isinstance(argument, ast.Name) or env.scope.find(argument.text) is not None:
            env.expression(argument)
    wanted, given = len(entry.parameters), len(node.arguments)
    plural = "argument" if wanted == 1 else "arguments"
    env.report(
        "E303", f"`{entry.name}` takes {wanted} {plural}, and here are {given}", node.span, entry.summary
    )
    return model.Literal(0, UNKNOWN if isinstance(entry.result, NullType) else entry.result, node.span)


def _alloc(node: ast.Call, env: Env) -> model.Expr:
    argument = node.arguments[0]
    if isinstance(argument, ast.Name) and isinstance(env.scope.find(argument.text), NamedType):
        hints = (f"as in C: `driver_alloc(sizeof({argument.text}))`",)
        return env.refuse("E305", "`driver_alloc` takes a size", argument.span, "", hints)
    size = env.expression(argument, SIZE)
    match size:
        case model.SizeOfType(of=StructType() as struct):
            return model.ApiCall("driver_alloc", (size,), PointerType(struct), node.span)
        case _ if size.type == UNKNOWN:
            return model.Literal(0, UNKNOWN, node.span)
        case model.SizeOfType():
            message = f"an allocated `{size.of}` is not in this version"
            return env.refuse("E390", message, argument.span, "only structs are allocated")
        case _ if isinstance(size.type, IntType):
            message = "a buffer of the driver's own is not in this version"
            hints = ("allocate a struct: `driver_alloc(sizeof(T))`; only `*rbuf` is given a block of bytes",)
            return env.refuse("E390", message, argument.span, "", hints)
        case _:
            return env.refuse("E305", "`driver_alloc` takes a size", argument.span)


def _argument(
    node: ast.Expr, parameter: Type | Loose, entry: ApiFunction, index: int, env: Env
) -> model.Expr:
    if isinstance(parameter, Loose) and parameter.kind == "term":
        return term(node, env)
    if not isinstance(parameter, Loose):
        return typed(node, parameter, env, "E304", f"`{entry.name}`: {entry.summary}")
    value = env.expression(node, SIZE if entry.name == _SYSTEM_INFO else None)
    if value.type == UNKNOWN:
        return value
    found = _loose(value, parameter)
    if found is not None:
        return found
    message, hints = _complaint(value, parameter, entry)
    return env.refuse("E304", message, node.span, f"`{entry.name}`: {entry.summary}", hints)


def _loose(value: model.Expr, parameter: Loose) -> model.Expr | None:
    """The value as such an argument, or None."""
    kind = value.type
    match parameter.kind:
        case "struct_pointer":
            return _pointer_to_struct(value)
        case "key":
            unsigned = kind == PointerType(_UNSIGNED)
            return value if unsigned else convert(value, PointerType(_UNSIGNED))
        case "block":
            return value if kind == REPLY else _pointer_to_struct(value)
        case "job_function":
            return value if functions_in(value) and None not in functions_in(value) else None
        case "free_function":
            return value if isinstance(kind, NullType) or functions_in(value) else None
        case "size":
            return convert(value, _SIZE)
        case "text":
            return convert(value, BUFFER)
        case "thread_function":
            return value if functions_in(value) and None not in functions_in(value) else None
        case "thread_id" | "key_address":
            wanted = TID if parameter.kind == "thread_id" else TSD_KEY
            return value if isinstance(value, model.AddressOf) and kind == wanted else None
        case "no_options" | "no_result":
            return value if isinstance(value, model.NullValue) else None
        case "stored":
            return _pointer_to_struct(value)
        case "address":
            return value if isinstance(value, model.AddressOf) and kind == SYS_INFO else None
        case "int_address":
            return value if isinstance(value, model.AddressOf) and kind == PointerType(INT) else None
        case "monitor_address":
            return value if isinstance(value, model.AddressOf) and kind == MONITOR else None
        case "monitor":
            given = isinstance(value, model.AddressOf) and kind == MONITOR
            return value if given or kind == MONITOR_ADDRESS else None
        case "time_address":
            return value if isinstance(value, model.AddressOf) and _is_integer_address(kind) else None
        case _:
            return None


def _is_integer_address(kind: Type) -> bool:
    return isinstance(kind, PointerType) and isinstance(kind.target, IntType)


def _pointer_to_struct(value: model.Expr) -> model.Expr | None:
    match value.type:
        case PointerType(StructType()):
            return value
        case NullType():
            return convert(value, PointerType(StructType("void")))
        case kind if kind == DATA:
            return value
        case _:
            return None


def _complaint(value: model.Expr, parameter: Loose, entry: ApiFunction) -> tuple[str, tuple[str, ...]]:
    kind = value.type
    match parameter.kind:
        case "struct_pointer" | "block":
            return f"a pointer to a struct is needed here, and this is a `{kind}`", ()
        case "key":
            hints: tuple[str, ...] = ("write `unsigned key = ...;` and `&key`",)
            return f"the key is `NULL` or the address of an `unsigned`, and this is a `{kind}`", hints
        case "job_function":
            return f"a function of the driver is needed here, and this is a `{kind}`", ()
        case "free_function":
            hints = ("write a function, `driver_free` or `NULL`",)
            return f"a free function is needed here, and this is a `{kind}`", hints
        case "thread_function":
            return f"a function of the driver is needed here, and this is a `{kind}`", ()
        case "thread_id":
            return f"the address of an `ErlDrvTid` is needed here, and this is a `{kind}`", (
                "write `&` before it",
            )
        case "key_address":
            hints = ("write `&` before it",)
            return f"the address of an `ErlDrvTSDKey` is needed here, and this is a `{kind}`", hints
        case "no_options":
            return "options of a thread are not in this version", ("write `NULL`",)
        case "no_result":
            return "the result of a thread is not in this version", ("write `NULL`",)
        case "stored":
            return f"a pointer to a struct is needed here, and this is a `{kind}`", ()
        case "text":
            return f"a text is needed here, and this is a `{kind}`", ()
        case "address":
            hints = ("write `ErlDrvSysInfo info;` and `&info`",)
            return f"the address of an `ErlDrvSysInfo` is needed here, and this is a `{kind}`", hints
        case "int_address":
            hints = ("write `int vlen;` and `&vlen`",)
            return f"the address of an `int` is needed here, and this is a `{kind}`", hints
        case "monitor_address" | "monitor":
            hints = ("write `ErlDrvMonitor m;` and `&m`",)
            return f"the address of an `ErlDrvMonitor` is needed here, and this is a `{kind}`", hints
        case "time_address":
            hints = ("write `long left;` and `&left`",)
            return f"the address of a number is needed here, and this is a `{kind}`", hints
        case _:
            return f"a size is needed here, and this is a `{kind}`", ()


def functions_in(value: model.Expr) -> tuple[model.Function | None, ...]:
    """The functions that a value can be, None for one of the API; empty if that is not fixed here."""
    match value:
        case model.FunctionValue():
            return (value.function,)
        case model.ConditionalOp():
            then, otherwise = functions_in(value.then), functions_in(value.otherwise)
            return (*then, *otherwise) if then and otherwise else ()
        case model.NullValue():
            return (None,)
        case _:
            return ()


def _check_job(arguments: tuple[model.Expr, ...], env: Env) -> None:
    """What is given to `driver_async` is what its functions are called with."""
    for position in (_RUN, _FREE):
        for function in functions_in(arguments[position]):
            if function is not None:
                _check_takes(function, arguments[_JOB_DATA], arguments[position], env)


def _check_thread(arguments: tuple[model.Expr, ...], env: Env) -> None:
    """What is given to `erl_drv_thread_create` is what the thread's function is called with."""
    for function in functions_in(arguments[_RUN]):
        if function is not None:
            _check_takes(function, arguments[_JOB_DATA], arguments[_RUN], env, "the argument")


def _check_takes(
    function: model.Function, data: model.Expr, value: model.Expr, env: Env, what: str = "async_data"
) -> None:
    name = function.name
    if len(function.parameters) != 1:
        message = f"`{name}` takes {len(function.parameters)} arguments, and would be given one"
        env.report("E311", message, value.span, f"the runtime calls it with {what} alone")
        return
    wanted = function.parameters[0].type
    if wanted == UNKNOWN or data.type == UNKNOWN or _is_null(data):
        return
    if not isinstance(wanted, PointerType) or not isinstance(wanted.target, StructType):
        message = f"`{name}` takes a `{wanted}`, and it is called with a pointer to a struct"
        env.report("E311", message, value.span)
        return
    if wanted == data.type:
        return
    place = f"{function.span.path.rsplit('/', 1)[-1]}:{function.span.line}"
    env.report(
        "E311",
        f"`{name}` takes a `{wanted}` but would be given a `{data.type}`",
        data.span,
        f"{what} is what `{name}` is called with ({place})",
        (f"allocate a `{wanted.target}` that points to it, or let `{name}` take a `{data.type}`",),
    )


def _is_null(data: model.Expr) -> bool:
    return isinstance(data, model.NullValue)
