"""Monitors of a port: which processes a driver wants to hear the end of."""

from __future__ import annotations

from dmc.base.types import INT, PORT_HANDLE, TERM_DATA, Type
from dmc.driver_api.api_function import ApiFunction, Loose
from dmc.driver_api.contexts import EVERYWHERE


def _entry(
    name: str, result: Type, parameters: tuple[Type | Loose, ...], summary: str, dead: str = ""
) -> ApiFunction:
    return ApiFunction(
        name=name,
        result=result,
        parameters=parameters,
        contexts=EVERYWHERE,
        since="R11B-3",
        until="",
        port_argument=0 if parameters[0] == PORT_HANDLE else None,
        summary=summary,
        source=f"erl_driver(3) {name}; io.c:{name}",
        closing="works; nothing comes of it" if dead else "",
        dead=dead,
    )


FUNCTIONS = (
    _entry(
        "driver_monitor_process",
        INT,
        (PORT_HANDLE, TERM_DATA, Loose("monitor_address")),
        "wants to hear of the end of a process; 0, below 0 without `process_exit`, above 0 if it has ended",
        "-1",
    ),
    _entry(
        "driver_demonitor_process",
        INT,
        (PORT_HANDLE, Loose("monitor")),
        "does not want to hear of it any more; gives 0, or 1 if there is no such monitor any more",
        "1",
    ),
    _entry(
        "driver_get_monitored_process",
        TERM_DATA,
        (PORT_HANDLE, Loose("monitor")),
        "the process of a monitor, or nobody",
        "nobody",
    ),
    _entry(
        "driver_compare_monitors",
        INT,
        (Loose("monitor"), Loose("monitor")),
        "0 if both are the same monitor",
    ),
)
