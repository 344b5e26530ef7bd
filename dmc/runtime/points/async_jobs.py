"""What happens to a job after its invoke function: who is told, where, in which order, under which lock."""

from __future__ import annotations

from dmc.runtime.points.base import BOTH, NON_SMP, SMP, PointValue, point


class DeadPortCompletion(PointValue):
    """What is done with a finished job whose port is dead."""

    FREE = "async_free is called with the job's data"
    LEAK = "nothing is called; the job's data is lost"


class ReplyAddress(PointValue):
    """How a finished job finds its port."""

    SLOT = "by index in the port table: a new port in the slot receives the old port's job"
    ID = "by the port's identity: a dead port is never mistaken for another"


class ReadyAsyncThread(PointValue):
    """The thread that runs `ready_async`, or `async_free` in its place."""

    EMULATOR = "the one emulator thread, when it checks for IO"
    ASYNC = "the async thread that ran the job, after it has taken the port's lock"
    SUBMITTER = "the scheduler on which `driver_async` was called"


class DeadPortAsyncFreeLock(PointValue):
    """What protects `async_free` when it is called because the port is dead."""

    EMULATOR = "no lock, but it runs on the one emulator thread: no callback runs beside it"
    GLOBAL = "the global IO lock"
    NOT_CALLED = "async_free is not called at all for a dead port"
    NONE = "no lock: it can run beside callbacks of other ports of the driver"


class ReplyOrder(PointValue):
    """The order of replies to jobs that ran on one async thread."""

    BATCH_LIFO = "those that finished since the last check are handed over newest first"
    FIFO = "in the order in which they finished"
    FIFO_PER_SUBMITTER = "in order among jobs submitted by one scheduler; otherwise any order"


class WorkerTakesPortLock(PointValue):
    """Whether an async thread waits for the port's lock before it turns to its next job."""

    NO = "the reply is queued and the thread goes on at once"
    YES = "the thread blocks until it owns the lock, calls back, and only then goes on"


class DriverAfterAsync(PointValue):
    """What keeps the driver's code loaded while it has jobs."""

    REFERENCE_PER_JOB = "each job holds a reference to the driver until its reply was handled"
    PERMANENT = "the first driver_async makes the driver permanent: finish never runs"


class JobPinsPdl(PointValue):
    """How long a job keeps the port data lock of its port alive."""

    NO_PDL = "there is no port data lock"
    UNTIL_INVOKE_ENDS = "until its invoke function has returned"
    UNTIL_REPLY_QUEUED = "until its reply is queued, which is before ready_async or async_free runs"
    UNTIL_REPLY_HANDLED = "until ready_async or async_free has returned"


DEAD_PORT_COMPLETION = point(
    3,
    "dead_port_completion",
    "What the runtime does with a finished job whose port has died in the meantime.",
    DeadPortCompletion,
    [
        (
            "R7B",
            BOTH,
            DeadPortCompletion.FREE,
            "erl_async.c:check_async_ready, async_main free when the slot is unused [R8B, R11B-2]",
        ),
        (
            "R11B-3",
            BOTH,
            DeadPortCompletion.LEAK,
            "erl_async.c:async_main, check_async_ready handle only a live port [R11B-3, R12B-5]",
        ),
        (
            "R13A",
            BOTH,
            DeadPortCompletion.FREE,
            "erl_async.c:async_main frees first when there is no port [R13A]; OTP-7784, ERTS 5.7 notes",
        ),
    ],
)

REPLY_ADDRESS = point(
    4,
    "reply_address",
    "How the reply of a job finds the port that submitted it.",
    ReplyAddress,
    [
        ("R7B", BOTH, ReplyAddress.SLOT, "erl_async.c:driver_async; io.c:async_ready [R8B, R11B-2]"),
        ("R11B-3", BOTH, ReplyAddress.ID, "erl_async.c:driver_async, async_main look up the id [R12B-5]"),
    ],
)

READY_ASYNC_THREAD = point(
    5,
    "ready_async_thread",
    "The thread on which the reply of a job is handled.",
    ReadyAsyncThread,
    [
        ("R7B", NON_SMP, ReadyAsyncThread.EMULATOR, "erl_async.c:check_async_ready [R8B, R12B-5, R14B]"),
        ("R11B", SMP, ReadyAsyncThread.ASYNC, "erl_async.c:async_main [R11B-0, R12B-5, R14B03]"),
        (
            "R15A",
            SMP,
            ReadyAsyncThread.SUBMITTER,
            "erl_async.c:call_async_ready; erl_process.c:handle_async_ready [R15A, 25]; OTP-9632",
        ),
    ],
)

DEAD_PORT_ASYNC_FREE_LOCK = point(
    6,
    "dead_port_async_free_lock",
    "What excludes other callbacks while async_free runs for a dead port.",
    DeadPortAsyncFreeLock,
    [
        ("R7B", NON_SMP, DeadPortAsyncFreeLock.EMULATOR, "erl_async.c:check_async_ready [R8B]"),
        ("R11B", SMP, DeadPortAsyncFreeLock.GLOBAL, "erl_async.c:async_main [R11B-0..R11B-2]"),
        ("R11B-3", BOTH, DeadPortAsyncFreeLock.NOT_CALLED, "erl_async.c: see dead_port_completion [R12B-5]"),
        ("R13A", NON_SMP, DeadPortAsyncFreeLock.EMULATOR, "erl_async.c:check_async_ready [R13A, R14B]"),
        (
            "R13A",
            SMP,
            DeadPortAsyncFreeLock.NONE,
            "erl_async.c:async_main [R13A], call_async_ready [R15A, 25]; overlap seen when run on 25.2.3",
        ),
    ],
)

REPLY_ORDER = point(
    7,
    "reply_order",
    "The order in which replies to jobs with one key arrive.",
    ReplyOrder,
    [
        ("R7B", NON_SMP, ReplyOrder.BATCH_LIFO, "erl_async.c:check_async_ready takes a stack [R8B, R12B-5]"),
        ("R11B", SMP, ReplyOrder.FIFO, "erl_async.c:async_main replies between two jobs [R11B-0, R13A]"),
        (
            "R15A",
            SMP,
            ReplyOrder.FIFO_PER_SUBMITTER,
            "erl_async.c: one ready queue for each scheduler [R15A, 25]; reordering seen when run on 25.2.3",
        ),
    ],
)

WORKER_TAKES_PORT_LOCK = point(
    8,
    "worker_takes_port_lock",
    "Whether the reply to one job can hold up the jobs behind it on the same async thread.",
    WorkerTakesPortLock,
    [
        ("R7B", NON_SMP, WorkerTakesPortLock.NO, "erl_async.c:async_main, async_add [R8B, R12B-5]"),
        (
            "R11B",
            SMP,
            WorkerTakesPortLock.YES,
            "erl_async.c:async_main: the IO lock [R11B-0], later the port's by erts_id2port_sflgs [R12B-5]",
        ),
        ("R15A", SMP, WorkerTakesPortLock.NO, "erl_async.c:async_main queues the reply [R15A, 25]; OTP-9632"),
    ],
)

DRIVER_AFTER_ASYNC = point(
    14,
    "driver_after_async",
    "What the first driver_async does to the unloading of its driver.",
    DriverAfterAsync,
    [
        ("R7B", BOTH, DriverAfterAsync.REFERENCE_PER_JOB, "erl_async.c:driver_async [R8B]"),
        (
            "R11B-2",
            BOTH,
            DriverAfterAsync.PERMANENT,
            "erl_async.c:driver_async calls driver_lock_driver [R12B-5]; OTP-6410, ERTS 5.5.2 notes",
        ),
        (
            "R15A",
            BOTH,
            DriverAfterAsync.REFERENCE_PER_JOB,
            "erl_async.c:driver_async, call_async_ready [R15A, 25]; OTP-9632",
        ),
    ],
)

JOB_PINS_PDL = point(
    15,
    "job_pins_pdl",
    "How long an accepted job holds its reference to the port data lock.",
    JobPinsPdl,
    [
        ("R7B", BOTH, JobPinsPdl.NO_PDL, "erl_driver.h: no driver_pdl_create [R8B]"),
        ("R11B-3", NON_SMP, JobPinsPdl.UNTIL_INVOKE_ENDS, "erl_async.c:async_main [R12B-5]"),
        ("R11B-3", SMP, JobPinsPdl.UNTIL_REPLY_HANDLED, "erl_async.c:async_main [R12B-5, R14B]"),
        ("R15A", SMP, JobPinsPdl.UNTIL_REPLY_QUEUED, "erl_async.c: the reply is queued without it [R15B]"),
        (
            "R15B02",
            SMP,
            JobPinsPdl.UNTIL_REPLY_HANDLED,
            "erl_async.c:call_async_ready, async_reply [R15B03, 25]; OTP-10249",
        ),
    ],
)
