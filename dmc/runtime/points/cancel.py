"""What `driver_async_cancel` does, in the releases that have it."""

from __future__ import annotations

from dmc.runtime.points.base import BOTH, PointValue, point


class Cancel(PointValue):
    """The behaviour of `driver_async_cancel`."""

    HANGS = (
        "looks only at the newest job of each queue, first queue first; where the newest job is another one, "
        "it loops for ever with the queue locked"
    )
    WORKS = "removes the job if it is still queued and returns 1; otherwise returns 0"
    ALWAYS_ZERO = "does nothing and returns 0"
    ABSENT = "the function does not exist: a driver that uses it does not load"


class CancelRunsAsyncFree(PointValue):
    """Who frees the data of a job that was cancelled."""

    INLINE = "async_free runs inside the call of driver_async_cancel"
    NO = "no job is ever cancelled"


class CancelledJobPdl(PointValue):
    """What becomes of a cancelled job's reference to the port data lock."""

    NOT_APPLICABLE = "there is no port data lock, or no job is ever cancelled"
    LEAKED = "it is never given back: the lock and what it pins stay allocated"


CANCEL = point(
    9,
    "cancel",
    "The behaviour of driver_async_cancel for a job that is still queued.",
    Cancel,
    [
        (
            "R7B",
            BOTH,
            Cancel.HANGS,
            "erl_async.c:async_del never moves on [R7B-0, R12B-5, R14B02]",
        ),
        ("R14B03", BOTH, Cancel.WORKS, "erl_async.c:async_del [R14B03, R14B04]; OTP-9302"),
        (
            "R15A",
            BOTH,
            Cancel.ALWAYS_ZERO,
            "erl_async.c:driver_async_cancel [R15A, R15B, R16B]; deprecated, ERTS 5.9 notes",
        ),
        ("17", BOTH, Cancel.ABSENT, "erl_driver.h: not declared [17]; OTP-11628; not exported by 25.2.3"),
    ],
)

CANCEL_RUNS_ASYNC_FREE = point(
    10,
    "cancel_runs_async_free",
    "Whether a successful cancel calls async_free before it returns, under all that the caller holds.",
    CancelRunsAsyncFree,
    [
        ("R7B", BOTH, CancelRunsAsyncFree.INLINE, "erl_async.c:async_del [R8B, R12B-5, R14B03]"),
        ("R15A", BOTH, CancelRunsAsyncFree.NO, "erl_async.c:driver_async_cancel [R15A]"),
    ],
)

CANCELLED_JOB_PDL = point(
    11,
    "cancelled_job_pdl",
    "Whether a cancelled job gives its reference to the port data lock back.",
    CancelledJobPdl,
    [
        ("R7B", BOTH, CancelledJobPdl.NOT_APPLICABLE, "erl_driver.h: no driver_pdl_create [R8B]"),
        ("R11B-3", BOTH, CancelledJobPdl.LEAKED, "erl_async.c:async_del has no decrement [R12B-5, R14B04]"),
        ("R15A", BOTH, CancelledJobPdl.NOT_APPLICABLE, "erl_async.c:driver_async_cancel [R15A]"),
    ],
)
