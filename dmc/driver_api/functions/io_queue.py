"""The IO queue of a port: bytes, copied or in binaries."""

from __future__ import annotations

from dmc.base.types import (
    BINARY,
    BUFFER,
    ERL_IO_VECTOR,
    INT,
    INTEGER_TYPES,
    IO_VECTOR,
    PORT_HANDLE,
    Type,
)
from dmc.driver_api.api_function import ApiFunction, Loose
from dmc.driver_api.contexts import EVERYWHERE

SIZE = INTEGER_TYPES["ErlDrvSSizeT"]
"""What `driver_deq` and `driver_sizeq` give: unsigned in C, but for the -1 that both can give."""


def _entry(name: str, result: Type, parameters: tuple[Type | Loose, ...], summary: str) -> ApiFunction:
    return ApiFunction(
        name=name,
        result=result,
        parameters=(PORT_HANDLE, *parameters),
        contexts=EVERYWHERE,
        since="R7B",
        until="",
        port_argument=0,
        summary=summary,
        source=f"erl_driver(3) {name}; io.c:{name}",
        closing="works",
        dead="NULL, and -1 elements" if result == IO_VECTOR else "-1",
    )


FUNCTIONS = (
    _entry("driver_enq", INT, (BUFFER, Loose("size")), "puts a copy of the bytes at the end of the IO queue"),
    _entry(
        "driver_pushq", INT, (BUFFER, Loose("size")), "puts a copy of the bytes at the head of the IO queue"
    ),
    _entry(
        "driver_enq_bin",
        INT,
        (BINARY, Loose("size"), Loose("size")),
        "puts part of a binary at the end of the IO queue, with a reference of the queue's own",
    ),
    _entry(
        "driver_pushq_bin",
        INT,
        (BINARY, Loose("size"), Loose("size")),
        "puts part of a binary at the head of the IO queue, with a reference of the queue's own",
    ),
    _entry(
        "driver_enqv",
        INT,
        (ERL_IO_VECTOR, Loose("size")),
        "puts a vector, less its first bytes, at the end of the IO queue, with references of its own",
    ),
    _entry(
        "driver_pushqv",
        INT,
        (ERL_IO_VECTOR, Loose("size")),
        "puts a vector, less its first bytes, at the head of the IO queue, with references of its own",
    ),
    _entry(
        "driver_deq",
        SIZE,
        (Loose("size"),),
        "takes bytes from the head of the IO queue; gives how many remain, -1 if there are not so many",
    ),
    _entry("driver_sizeq", SIZE, (), "the number of bytes in the IO queue, -1 when the port is dead"),
    _entry(
        "driver_peekq",
        IO_VECTOR,
        (Loose("int_address"),),
        "the elements of the IO queue, NULL for none; writes their number",
    ),
)

QUEUE_FUNCTIONS = tuple(entry.name for entry in FUNCTIONS)
"""The names: whoever uses one of them has an IO queue."""

WITH_BINARIES = ("driver_enq_bin", "driver_pushq_bin", "driver_enqv", "driver_pushqv")
"""Those that make the queue refer to binaries."""

ENQUEUING = ("driver_enq", "driver_pushq", *WITH_BINARIES)
"""Those that make the queue longer."""
