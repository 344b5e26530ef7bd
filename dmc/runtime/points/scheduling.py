"""Which threads run callbacks, and the lock that a callback is entered with."""

from __future__ import annotations

from dmc.runtime.points.base import BOTH, NON_SMP, SMP, PointValue, point


class EmulatorThreads(PointValue):
    """How many threads may run callbacks at the same time, locks aside."""

    ONE = "one thread runs every Erlang process and every callback"
    MANY = "each scheduler is a thread, and any of them may run a callback"


class CallbackLock(PointValue):
    """What keeps two callbacks apart."""

    EMULATOR = "no lock: there is only the one emulator thread"
    GLOBAL = "one IO lock of the whole emulator, taken around every callback and port operation"
    DRIVER_OR_PORT = "the driver's mutex, or the port's own with ERL_DRV_FLAG_USE_PORT_LOCKING"


class CreatePortUnderDriverLock(PointValue):
    """What `driver_create_port` does for a driver that uses the driver's mutex."""

    NOT_AVAILABLE = "there is no such function"
    WORKS = "the new port shares the lock that the caller already holds"
    DEADLOCKS = "the driver's mutex is locked a second time by the thread that holds it"


EMULATOR_THREADS = point(
    1,
    "emulator_threads",
    "The number of threads on which callbacks can run side by side.",
    EmulatorThreads,
    [
        ("R7B", NON_SMP, EmulatorThreads.ONE, "sys/unix/sys.c: the main loop polls and calls [R8B]"),
        ("R11B", SMP, EmulatorThreads.MANY, "erl_process.c: scheduler threads of the SMP emulator [R11B-0]"),
    ],
)

CALLBACK_LOCK = point(
    2,
    "callback_lock",
    "The lock that a thread must own to run a callback of a port.",
    CallbackLock,
    [
        ("R7B", NON_SMP, CallbackLock.EMULATOR, "io.c: callbacks are plain calls [R8B, R12B-5]"),
        ("R11B", SMP, CallbackLock.GLOBAL, "io.c, erl_async.c: the IO lock [R11B-0..R11B-2]"),
        (
            "R11B-3",
            SMP,
            CallbackLock.DRIVER_OR_PORT,
            "io.c:erts_open_driver, erl_port_task.c:erts_port_task_execute [R12B-5, 25]; ERTS 5.5.3 notes",
        ),
    ],
)

CREATE_PORT_UNDER_DRIVER_LOCK = point(
    34,
    "create_port_under_driver_lock",
    "Whether a driver with driver-level locking can create a port from a callback.",
    CreatePortUnderDriverLock,
    [
        ("R7B", BOTH, CreatePortUnderDriverLock.NOT_AVAILABLE, "erl_driver.h: not declared [R8B]"),
        ("R11B", BOTH, CreatePortUnderDriverLock.WORKS, "io.c:driver_create_port [R12B-5, R15B]"),
        (
            "R16A",
            BOTH,
            CreatePortUnderDriverLock.DEADLOCKS,
            "io.c:create_port locks the driver's mutex again [R16B, 25]; hangs when run on 25.2.3",
        ),
    ],
)
