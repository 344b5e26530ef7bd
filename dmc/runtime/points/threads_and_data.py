"""What a driver may use from threads of its own: data locks, the thread API, messages, binaries, monitors."""

from __future__ import annotations

from dmc.runtime.points.base import BOTH, NON_SMP, SMP, PointValue, point


class PortDataLock(PointValue):
    """Whether there is a port data lock, and what it keeps alive."""

    NO = "there is no driver_pdl_create"
    YES = "a lock with a reference count protects the port's IO queue"
    PINS_PORT = "as before; a reference also keeps the port structure from being freed"


class ThreadApi(PointValue):
    """Whether the emulator gives drivers threads and locks."""

    NO = "a driver uses the operating system's threads"
    YES = "erl_drv_thread_create, erl_drv_mutex_create and their kin exist"


class SendTermFromThreads(PointValue):
    """Which function may send a term from a thread of the driver."""

    NO = "none"
    DRIVER_SEND_TERM = "driver_send_term"
    ERL_DRV_TERM = "erl_drv_send_term and erl_drv_output_term"


class TermPort(PointValue):
    """What sending a term asks of the port that it is sent from."""

    ALIVE = "a port that is dead gives -1, and nothing is sent"
    NOT_ASKED = "driver_output_term of a dead port gives -1; driver_send_term does not look at the port"
    OPEN = "a dead port gives -1, a closing one 0, and nothing is sent"


class BinaryRefcount(PointValue):
    """Whether the reference count of a binary may be changed by several threads."""

    PLAIN = "it is an ordinary integer: only the emulator thread may change it"
    ATOMIC = "changes from any thread are safe"


class MonitorCalls(PointValue):
    """What the functions that monitor processes lock."""

    NOT_AVAILABLE = "there are no such functions"
    NO_PDL = "they leave the port data lock alone and work on emulator threads only"
    TAKE_PDL = "they take the port data lock themselves; with one, they work on any thread"


PORT_DATA_LOCK = point(
    26,
    "port_data_lock",
    "What driver_pdl_create offers.",
    PortDataLock,
    [
        ("R7B", BOTH, PortDataLock.NO, "erl_driver.h [R8B]"),
        ("R11B-3", BOTH, PortDataLock.YES, "erl_driver.h, io.c:driver_pdl_create [R12B-5]"),
        ("R16A", BOTH, PortDataLock.PINS_PORT, "io.c:driver_pdl_create, pdl_destroy [R16B, 25]"),
    ],
)

THREAD_API = point(
    27,
    "thread_api",
    "Whether a driver can create threads and locks through the emulator.",
    ThreadApi,
    [
        ("R7B", BOTH, ThreadApi.NO, "erl_driver.h [R8B]"),
        ("R12B", BOTH, ThreadApi.YES, "erl_drv_thread.c [R12B-5]; ERTS 5.6 notes"),
    ],
)

SEND_TERM_FROM_THREADS = point(
    28,
    "send_term_from_threads",
    "Which message function is safe outside of emulator threads.",
    SendTermFromThreads,
    [
        ("R7B", BOTH, SendTermFromThreads.NO, "erl_driver manual, driver_send_term [R8B]"),
        ("R11B-5", SMP, SendTermFromThreads.DRIVER_SEND_TERM, "erl_driver manual, driver_send_term [R12B]"),
        ("R16A", BOTH, SendTermFromThreads.ERL_DRV_TERM, "erl_driver manual, erl_drv_send_term [R16]"),
    ],
)

TERM_PORT = point(
    39,
    "term_port",
    "What sending a term asks of the port that it is sent from.",
    TermPort,
    [
        ("R7B", BOTH, TermPort.ALIVE, "io.c:driver_send_term, driver_output_term [R8B]"),
        (
            "R11B",
            BOTH,
            TermPort.NOT_ASKED,
            "io.c:driver_send_term, driver_output_term [R14B]; R11B to R13A assumed",
        ),
        ("R16A", BOTH, TermPort.OPEN, "io.c:driver_send_term, erl_drv_send_term [R16B, 25]; OTP-13866"),
    ],
)

BINARY_REFCOUNT = point(
    37,
    "binary_refcount",
    "Whether threads of a driver may share a binary.",
    BinaryRefcount,
    [
        ("R7B", NON_SMP, BinaryRefcount.PLAIN, "erl_driver manual, driver_binary_inc_refc [R12B, 17]"),
        ("R11B", SMP, BinaryRefcount.ATOMIC, "erl_driver manual, driver_binary_inc_refc [R12B, 25]"),
    ],
)

MONITOR_CALLS = point(
    38,
    "monitor_calls",
    "Whether driver_monitor_process and its kin take the port data lock.",
    MonitorCalls,
    [
        ("R7B", BOTH, MonitorCalls.NOT_AVAILABLE, "erl_driver.h [R8B]"),
        ("R11B-3", BOTH, MonitorCalls.NO_PDL, "io.c:driver_monitor_process [R12B-5]"),
        ("R14A", BOTH, MonitorCalls.TAKE_PDL, "io.c:driver_monitor_process [R14B, 25]"),
    ],
)
