"""The one timer that each port has."""

from __future__ import annotations

from dmc.base.types import INT, PORT_HANDLE
from dmc.driver_api.api_function import ApiFunction, Loose
from dmc.driver_api.contexts import WITH_THE_PORT


def _entry(name: str, parameters: tuple[Loose, ...], summary: str) -> ApiFunction:
    return ApiFunction(
        name=name,
        result=INT,
        parameters=(PORT_HANDLE, *parameters),
        contexts=WITH_THE_PORT,
        since="R7B",
        until="",
        port_argument=0,
        summary=summary,
        source=f"erl_driver(3) {name}; io.c:{name}",
        closing="works (R11B-0 to R11B-3: what runs out is lost)",
        dead="-1",
    )


FUNCTIONS = (
    _entry(
        "driver_set_timer",
        (Loose("size"),),
        "sets the timer of the port, in place of what it was set to; gives -1 when the port is dead",
    ),
    _entry(
        "driver_cancel_timer",
        (),
        "the timer is not set any more; gives 0, whether it was set or not, or -1 when the port is dead",
    ),
    _entry(
        "driver_read_timer",
        (Loose("time_address"),),
        "writes how much time is left, 0 if the timer is not set; gives -1 when the port is dead",
    ),
)

TIMER_FUNCTIONS = tuple(entry.name for entry in FUNCTIONS)
"""The names: whoever uses one of them has a timer."""
