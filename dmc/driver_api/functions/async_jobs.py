"""Jobs for the async threads: `driver_async` and its relatives."""

from __future__ import annotations

from dmc.base.types import INT, INTEGER_TYPES, PORT_HANDLE
from dmc.driver_api.api_function import ApiFunction, Loose
from dmc.driver_api.contexts import WITH_THE_PORT

FUNCTIONS = (
    ApiFunction(
        name="driver_async",
        result=INTEGER_TYPES["long"],
        parameters=(
            PORT_HANDLE,
            Loose("key"),
            Loose("job_function"),
            Loose("struct_pointer"),
            Loose("free_function"),
        ),
        contexts=WITH_THE_PORT,
        since="R7B",
        until="",
        port_argument=0,
        summary="posts a job to an async thread; gives its id, or -1 when the port is dead",
        source="erl_driver(3) driver_async; async.c driver_async",
        closing="works",
        dead="-1; the data stays with the caller, and its free function is not called",
    ),
    ApiFunction(
        name="driver_async_cancel",
        result=INT,
        parameters=(INTEGER_TYPES["long"],),
        contexts=WITH_THE_PORT,
        since="R7B",
        until="17.0",
        port_argument=None,
        summary="takes a waiting job out of its queue, on the releases where it works",
        source="erl_driver(3) driver_async_cancel; OTP-9302, OTP-11628",
    ),
    ApiFunction(
        name="driver_async_port_key",
        result=INTEGER_TYPES["unsigned"],
        parameters=(PORT_HANDLE,),
        contexts=WITH_THE_PORT,
        since="R16B02",
        until="",
        port_argument=0,
        summary="a key by which all jobs of a port go to one async thread",
        source="erl_driver(3) driver_async_port_key",
        closing="works",
        dead="a key, of no use",
    ),
)
