"""A port's handle, its way from closing to dead, and what halting the emulator means for it."""

from __future__ import annotations

from dmc.runtime.points.base import BOTH, NON_SMP, SMP, PointValue, point


class PortHandle(PointValue):
    """What an `ErlDrvPort` is."""

    SLOT = "a number in the port table: a stale handle names the next port in that slot"
    POINTER = "a pointer: a stale handle points into freed memory unless something pins the port"


class ClosedMessage(PointValue):
    """When the owner that sent `{Owner, close}` is told `{Port, closed}`."""

    BEFORE_STOP = "before stop is called"
    AFTER_STOP = "after the port is dead and removed"


class ExitOnClosing(PointValue):
    """What happens to a further exit of a port that waits for its IO queue to drain."""

    REFUSED_BY_LOOKUP = "processes cannot find a closing port, so none arrives"
    DROPPED_BY_FLAG = "the exit arrives and is ignored, because the port is closing"


class Halt(PointValue):
    """What `halt(0)` does to ports and jobs."""

    KILL = "the operating system process ends at once"
    JOIN_ASYNC_THREADS = "queued jobs are run and the async threads joined; no callback is called"
    FLUSH_PORTS = (
        "every port gets an exit and its flush is honoured; after the last port the async threads are drained"
    )


class PortMonitors(PointValue):
    """Whether a port can monitor a process."""

    NO = "there is no driver_monitor_process"
    YES = "driver_monitor_process and process_exit exist"


PORT_HANDLE = point(
    18,
    "port_handle",
    "What an ErlDrvPort that outlived its port refers to.",
    PortHandle,
    [
        ("R7B", BOTH, PortHandle.SLOT, "io.c: handles index the port table [R8B, R12B-5, R15B]"),
        ("R16A", BOTH, PortHandle.POINTER, "erl_port.h:ERTS_ErlDrvPort2Port; io.c:pdl_destroy [R16B]"),
    ],
)

CLOSED_MESSAGE = point(
    19,
    "closed_message",
    "The order of stop and of the message that tells the owner about the close it asked for.",
    ClosedMessage,
    [
        ("R7B", BOTH, ClosedMessage.BEFORE_STOP, "io.c:terminate_port [R8B, R11B-0..R11B-3]"),
        (
            "R11B-4",
            BOTH,
            ClosedMessage.AFTER_STOP,
            "io.c:terminate_port [R11B-4, R12B-5, 25]; OTP-6437, ERTS 5.5.3.1 notes",
        ),
    ],
)

EXIT_ON_CLOSING = point(
    20,
    "exit_on_closing",
    "Why a second exit cannot force a closing port down.",
    ExitOnClosing,
    [
        ("R7B", BOTH, ExitOnClosing.REFUSED_BY_LOOKUP, "erl_bif_port.c:id2port [R8B]; global.h [R12B-5]"),
        ("R16A", BOTH, ExitOnClosing.DROPPED_BY_FLAG, "io.c:erts_deliver_port_exit [R16B, 25]"),
    ],
)

PORT_MONITORS = point(
    25,
    "port_monitors",
    "Whether a driver can watch a process.",
    PortMonitors,
    [
        ("R7B", BOTH, PortMonitors.NO, "erl_driver.h [R8B]"),
        ("R11B-3", BOTH, PortMonitors.YES, "erl_driver.h, io.c:driver_monitor_process; ERTS 5.5.3 notes"),
    ],
)

HALT = point(
    29,
    "halt",
    "How much of a driver still runs when the emulator is halted with exit code 0.",
    Halt,
    [
        ("R7B", NON_SMP, Halt.KILL, "bif.c:halt_1; erl_init.c:erl_exit [R8B, R9C-2]"),
        (
            "R10B",
            NON_SMP,
            Halt.JOIN_ASYNC_THREADS,
            "erl_init.c:system_cleanup calls exit_async [R10B-10, R11B-2, R12B-5, R14B]",
        ),
        ("R11B", SMP, Halt.KILL, "bif.c:halt_1; erl_init.c:system_cleanup [R11B-2, R12B-5, R14B]"),
        ("R15A", SMP, Halt.JOIN_ASYNC_THREADS, "erl_init.c:system_cleanup [R15B]"),
        (
            "R15B01",
            SMP,
            Halt.FLUSH_PORTS,
            "bif.c:halt_1; erl_process.c:handle_reap_ports [R15B01, 25]; ERTS 5.9.1 notes",
        ),
    ],
)
