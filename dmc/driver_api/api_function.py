"""What one function of the driver API is: an entry, not code."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from dmc.base.types import Type


class Context(Enum):
    """Where a function may be called from; the columns of the call-context matrix."""

    START = "start"
    STOP = "stop"
    CALLBACK = "callback"
    """Any other callback that holds the port lock, `ready_async` included."""
    ASYNC_INVOKE = "async_invoke"
    """A job, or a thread of the driver's own."""
    ASYNC_FREE = "async_free"


@dataclass(frozen=True)
class Loose:
    """A parameter that several types fit.

    `kind` is struct_pointer (any pointer to a struct), block (the same, or `*rbuf`), key (`NULL` or the
    address of an unsigned), job_function (takes the async data), free_function (takes the async data, or
    NULL, or `driver_free`), size, text (a string), address (of a local), int_address (of an int),
    time_address (of any integer), monitor_address (of an `ErlDrvMonitor`), monitor (the same, or one that is
    given), sizeof, thread_id and key_address (of an `ErlDrvTid`, an
    `ErlDrvTSDKey`), thread_function (takes the argument), no_options and no_result (`NULL`), stored (any
    pointer to a struct, or NULL).
    """

    kind: str


@dataclass(frozen=True)
class ApiFunction:
    """A function: its parameters, where it may be called, on which releases it exists.

    `since` is the first release that has it, `until` the first that lacks it again ("" for none).
    `port_argument` is the index of the `ErlDrvPort` that it acts on, or None. `summary` is one line,
    `source` where that is documented; `may_fail`: a `fault` clause can make it fail.
    """

    name: str
    result: Type
    parameters: tuple[Type | Loose, ...]
    contexts: frozenset[Context]
    since: str
    until: str
    port_argument: int | None
    summary: str
    source: str
    may_fail: bool = False
    closing: str = ""
    dead: str = ""
    """Of a function that acts on a port: what it does while the port is closing, and when it is dead."""
