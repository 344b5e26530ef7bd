"""Messages to Erlang processes: binaries to the owner of the port, terms to anybody."""

from __future__ import annotations

from dmc.base.types import BINARY, BUFFER, ERL_IO_VECTOR, INT, PORT_HANDLE, TERM_DATA, Type
from dmc.driver_api.api_function import ApiFunction, Context, Loose
from dmc.driver_api.contexts import EVERYWHERE, WITH_THE_PORT

_SIZE = Loose("size")


def _entry(
    name: str,
    result: Type,
    parameters: tuple[Type | Loose, ...],
    summary: str,
    contexts: frozenset[Context] = WITH_THE_PORT,
    since: str = "R7B",
) -> ApiFunction:
    closing = dead = ""
    if parameters[0] == PORT_HANDLE:
        sends = result == INT
        closing, dead = ("0, dropped", "-1") if sends else ("the name", "nobody, or not defined")
    return ApiFunction(
        name=name,
        result=result,
        parameters=parameters,
        contexts=contexts,
        since=since,
        until="",
        port_argument=0 if parameters[0] == PORT_HANDLE else None,
        summary=summary,
        source=f"erl_driver(3) {name}",
        closing=closing,
        dead=dead,
    )


FUNCTIONS = (
    _entry(
        "driver_output_binary",
        INT,
        (PORT_HANDLE, BUFFER, _SIZE, BINARY, _SIZE, _SIZE),
        "sends part of a binary to the owner of the port: shared if it is larger than 64 bytes, else copied",
    ),
    _entry(
        "driver_outputv",
        INT,
        (PORT_HANDLE, BUFFER, _SIZE, ERL_IO_VECTOR, _SIZE),
        "sends a vector, less its first bytes, to the owner of the port; shared or copied as by size",
    ),
    _entry(
        "driver_output2",
        INT,
        (PORT_HANDLE, BUFFER, _SIZE, BUFFER, _SIZE),
        "sends bytes with others before them to the owner of the port",
    ),
    _entry("driver_output_term", INT, (PORT_HANDLE, Loose("term")), "sends a term to the owner of the port"),
    _entry(
        "driver_send_term",
        INT,
        (PORT_HANDLE, TERM_DATA, Loose("term")),
        "sends a term to a process; from other threads only on SMP emulators from R11B-5 to R15B",
        contexts=EVERYWHERE,
    ),
    _entry(
        "erl_drv_output_term",
        INT,
        (TERM_DATA, Loose("term")),
        "sends a term to the owner of the port, from any thread",
        contexts=EVERYWHERE,
        since="R16A",
    ),
    _entry(
        "erl_drv_send_term",
        INT,
        (TERM_DATA, TERM_DATA, Loose("term")),
        "sends a term to a process, from any thread",
        contexts=EVERYWHERE,
        since="R16A",
    ),
    _entry("driver_mk_port", TERM_DATA, (PORT_HANDLE,), "the port as a term"),
    _entry("driver_connected", TERM_DATA, (PORT_HANDLE,), "the owner of the port"),
    _entry("driver_caller", TERM_DATA, (PORT_HANDLE,), "the process whose operation the callback serves"),
)
