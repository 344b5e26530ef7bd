"""How the answers of `control` are given to Erlang."""

from __future__ import annotations

from dmc.base.types import INT, PORT_HANDLE, VOID
from dmc.driver_api.api_function import ApiFunction
from dmc.driver_api.contexts import WITH_THE_PORT

FUNCTIONS = (
    ApiFunction(
        name="set_port_control_flags",
        result=VOID,
        parameters=(PORT_HANDLE, INT),
        contexts=WITH_THE_PORT,
        since="R7B",
        until="",
        port_argument=0,
        summary="with `PORT_CONTROL_FLAG_BINARY`, answers of `control` are binaries, from this call of it on",
        source="erl_driver(3) set_port_control_flags; io.c:set_port_control_flags",
        closing="works",
        dead="nothing",
    ),
)
