"""Whether a driver's callbacks are declared as the runtime calls them."""

from __future__ import annotations

from dmc.base.types import IntType, PointerType, StructType, Type
from dmc.driver_api.callback import AsyncData, Callback, DriverData
from dmc.driver_api.callbacks import CALLBACKS
from dmc.model import model
from dmc.model.environment import UNKNOWN, Env


def check_callbacks(driver: model.Driver, env: Env) -> None:
    """All callbacks of the driver; settles the type of its driver data."""
    start = driver.callbacks.get("start")
    if start is None:
        env.report(
            "E217",
            f"driver `{driver.name}` has no `start`",
            driver.span,
            "no port of it could be opened",
            ("write `Port *start(ErlDrvPort port) { ... }`, which returns the data of the port",),
        )
    data = _driver_data(start) if start is not None else None
    if data is not None:
        env.world.driver_data[driver] = data
    for name, function in driver.callbacks.items():
        _check_callback(CALLBACKS[name], function, driver, env)


def _driver_data(start: model.Function) -> Type | None:
    return start.result if _is_struct_pointer(start.result) else None


def _is_struct_pointer(kind: Type) -> bool:
    return isinstance(kind, PointerType) and isinstance(kind.target, StructType)


def _check_callback(callback: Callback, function: model.Function, driver: model.Driver, env: Env) -> None:
    if not callback.supported:
        note = f"{callback.summary}: nothing in this version would call it"
        env.report("E290", f"the callback `{callback.name}` is not in this version", function.span, note)
        return
    _check_result(callback, function, env)
    if len(function.parameters) > len(callback.parameters):
        message = f"`{callback.name}` is called with {len(callback.parameters)} arguments"
        extra = function.parameters[len(callback.parameters)]
        env.report("E310", message, extra.span, "trailing parameters may be left out, but not added")
    for parameter, wanted in zip(function.parameters, callback.parameters, strict=False):
        _check_parameter(callback, parameter, wanted, driver, env)


def _check_result(callback: Callback, function: model.Function, env: Env) -> None:
    result = function.result
    if result == UNKNOWN:
        return
    if isinstance(callback.result, DriverData):
        if not _is_struct_pointer(result):
            message = f"`{callback.name}` gives the driver data, not a `{result}`"
            note = "the driver data is a pointer to a struct"
            env.report("E310", message, function.span, note)
        return
    if not _fits(result, callback.result):
        message = f"`{callback.name}` gives `{callback.result}`, not a `{result}`"
        env.report("E310", message, function.span)


def _fits(kind: Type, wanted: Type) -> bool:
    """Any integer type will do for another, as drivers of different ages write them."""
    return kind in (wanted, UNKNOWN) or (isinstance(kind, IntType) and isinstance(wanted, IntType))


def _check_parameter(
    callback: Callback,
    parameter: model.Variable,
    wanted: Type | DriverData | AsyncData,
    driver: model.Driver,
    env: Env,
) -> None:
    kind = parameter.type
    match wanted:
        case DriverData():
            _check_data(callback, parameter, driver, env)
        case AsyncData():
            if not _is_struct_pointer(kind) and kind != UNKNOWN:
                message = f"`{callback.name}` gets the data of a job, and a `{kind}` is none"
                env.report("E310", message, parameter.span, "it is a pointer to a struct")
        case _:
            if not _fits(kind, wanted):
                message = f"`{callback.name}` gets a `{wanted}` here, not a `{kind}`"
                env.report("E310", message, parameter.span)


def _check_data(callback: Callback, parameter: model.Variable, driver: model.Driver, env: Env) -> None:
    data = env.world.driver_data.get(driver)
    kind = parameter.type
    if kind in (UNKNOWN, data):
        return
    if data is None:
        if not _is_struct_pointer(kind):
            message = f"`{callback.name}` gets the driver data, and a `{kind}` is none"
            env.report("E310", message, parameter.span)
        return
    start = driver.callbacks["start"]
    message = f"`{callback.name}` takes a `{kind}`, but `start` returns a `{data}`"
    env.report("E312", message, parameter.span, f"`start` is at {start.span}", (f"let it take a `{data}`",))
