"""All callbacks of `ErlDrvEntry`, by the names of its members."""

from __future__ import annotations

from types import MappingProxyType

from dmc.base.types import (
    BUFFER,
    CALL_FLAGS_ADDRESS,
    ERL_IO_VECTOR,
    INT,
    INTEGER_TYPES,
    MONITOR_ADDRESS,
    PORT_HANDLE,
    REPLY_ADDRESS,
    VOID,
    HandleType,
    Type,
)
from dmc.driver_api.callback import AsyncData, Callback, DriverData

_SIZE = INTEGER_TYPES["ErlDrvSizeT"]
_SIGNED_SIZE = INTEGER_TYPES["ErlDrvSSizeT"]
_UNSIGNED = INTEGER_TYPES["unsigned"]
_DATA = DriverData()
_EVENT = HandleType("ErlDrvEvent", pointer=False)


def _entry(
    name: str,
    parameters: tuple[Type | DriverData | AsyncData, ...],
    summary: str,
    *,
    result: Type | DriverData = VOID,
    since: str = "R7B",
    supported: bool = False,
) -> Callback:
    return Callback(name, result, parameters, since, "", supported, summary)


_ALL = (
    _entry("init", (), "the driver has been loaded", result=INT),
    _entry(
        "start",
        (PORT_HANDLE, BUFFER),
        "a port is opened; gives its driver data",
        result=_DATA,
        supported=True,
    ),
    _entry("stop", (_DATA,), "the port has been closed", supported=True),
    _entry("output", (_DATA, BUFFER, _SIZE), "a command with its bytes", supported=True),
    _entry("ready_input", (_DATA, _EVENT), "a selected descriptor can be read"),
    _entry("ready_output", (_DATA, _EVENT), "a selected descriptor can be written"),
    _entry("finish", (), "the driver is about to be unloaded"),
    _entry(
        "control",
        (_DATA, _UNSIGNED, BUFFER, _SIZE, REPLY_ADDRESS, _SIZE),
        "port_control, answered at once",
        result=_SIGNED_SIZE,
        supported=True,
    ),
    _entry("timeout", (_DATA,), "the timer of the port has run out", supported=True),
    _entry("outputv", (_DATA, ERL_IO_VECTOR), "a command as a vector of binaries", supported=True),
    _entry("ready_async", (_DATA, AsyncData()), "a job has run", supported=True),
    _entry("flush", (_DATA,), "the port is closing and its queue is not empty", supported=True),
    _entry(
        "call",
        (_DATA, _UNSIGNED, BUFFER, _SIZE, REPLY_ADDRESS, _SIZE, CALL_FLAGS_ADDRESS),
        "port_call, a control with terms",
        result=_SIGNED_SIZE,
        supported=True,
    ),
    _entry("event", (_DATA, _EVENT, HandleType("ErlDrvEventData", pointer=False)), "an event (unused)"),
    _entry(
        "process_exit",
        (_DATA, MONITOR_ADDRESS),
        "a monitored process has ended",
        since="R11B-3",
        supported=True,
    ),
    _entry(
        "stop_select",
        (_EVENT, HandleType("void", pointer=True)),
        "a descriptor may be closed now",
        since="R13A",
    ),
    _entry("emergency_close", (_DATA,), "the node is crashing", since="19.0"),
)

CALLBACKS: MappingProxyType[str, Callback] = MappingProxyType({entry.name: entry for entry in _ALL})
