"""What a driver ends its own port with; `stop` runs inside the call."""

from __future__ import annotations

from dmc.base.types import INT, PORT_HANDLE, Type
from dmc.driver_api.api_function import ApiFunction, Loose
from dmc.driver_api.contexts import WHILE_ALIVE


def _entry(name: str, parameters: tuple[Type | Loose, ...], summary: str) -> ApiFunction:
    return ApiFunction(
        name=name,
        result=INT,
        parameters=parameters,
        contexts=WHILE_ALIVE,
        since="R7B",
        until="",
        port_argument=0,
        summary=summary,
        source=f"erl_driver(3) {name}",
        closing="`stop` at once, inside of the call",
        dead="-1",
    )


FUNCTIONS = (
    _entry("driver_failure", (PORT_HANDLE, INT), "ends the port with an error number as reason"),
    _entry("driver_failure_atom", (PORT_HANDLE, Loose("text")), "ends the port with an atom as reason"),
    _entry("driver_failure_posix", (PORT_HANDLE, INT), "ends the port with the name of a POSIX error"),
    _entry("driver_failure_eof", (PORT_HANDLE,), "ends the port; its owner may hear of it as `eof`"),
    _entry("driver_exit", (PORT_HANDLE, INT), "ends the port, normally when the number is 0"),
)
