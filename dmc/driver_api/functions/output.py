"""What a driver sends to the owner of its port."""

from __future__ import annotations

from dmc.base.types import BUFFER, INT, PORT_HANDLE
from dmc.driver_api.api_function import ApiFunction, Loose
from dmc.driver_api.contexts import WITH_THE_PORT

FUNCTIONS = (
    ApiFunction(
        name="driver_output",
        result=INT,
        parameters=(PORT_HANDLE, BUFFER, Loose("size")),
        contexts=WITH_THE_PORT,
        since="R7B",
        until="",
        port_argument=0,
        summary="sends bytes to the owner of the port",
        source="erl_driver(3) driver_output",
        closing="0, dropped",
        dead="-1",
    ),
)
