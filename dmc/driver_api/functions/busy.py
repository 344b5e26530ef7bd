"""Ports that have no time for commands."""

from __future__ import annotations

from dmc.base.types import INT, PORT_HANDLE, VOID
from dmc.driver_api.api_function import ApiFunction
from dmc.driver_api.contexts import WITH_THE_PORT

FUNCTIONS = (
    ApiFunction(
        name="set_busy_port",
        result=VOID,
        parameters=(PORT_HANDLE, INT),
        contexts=WITH_THE_PORT,
        since="R7B",
        until="",
        port_argument=0,
        summary="with 1, processes that send commands wait until it is called with 0",
        source="erl_driver(3) set_busy_port",
        closing="works",
        dead="nothing",
    ),
)
