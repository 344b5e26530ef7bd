"""The pool of async threads: its size, and what a job means when it is empty."""

from __future__ import annotations

from dmc.runtime.points.base import BOTH, PointValue, point


class AsyncThreadsDefault(PointValue):
    """The size of the pool without `+A`; the word is the number."""

    ZERO = "no threads: jobs run inside driver_async"
    ONE = "one thread"
    TEN = "ten threads"

    @property
    def count(self) -> int:
        """The number of threads."""
        return _COUNTS[self.name]

    @property
    def word(self) -> str:
        """The number, as text."""
        return str(self.count)


_COUNTS = {"ZERO": 0, "ONE": 1, "TEN": 10}


class AsyncThreadsZero(PointValue):
    """Whether `+A 0` gives an emulator without async threads."""

    POSSIBLE = "jobs, their replies and even stop run inside driver_async"
    IMPOSSIBLE = "it silently means one thread"


class InlineJobId(PointValue):
    """What `driver_async` returns for a job that it ran itself."""

    POSITIVE = "an id greater than 0, as for a queued job"
    ZERO = "0"
    NOT_APPLICABLE = "there always is an async thread"


ASYNC_THREADS_DEFAULT = point(
    12,
    "async_threads_default",
    "The number of async threads when none is asked for.",
    AsyncThreadsDefault,
    [
        ("R7B", BOTH, AsyncThreadsDefault.ZERO, "erl manual, flag +A [R8B, R12B, R15B]"),
        ("R16A", BOTH, AsyncThreadsDefault.TEN, "erl manual, flag +A [R16B]; OTP-10736"),
        ("21.0", BOTH, AsyncThreadsDefault.ONE, "erl manual, flag +A [21]; OTP-14928"),
    ],
)

ASYNC_THREADS_ZERO = point(
    12,
    "async_threads_zero",
    "Whether an emulator can be without async threads.",
    AsyncThreadsZero,
    [
        ("R7B", BOTH, AsyncThreadsZero.POSSIBLE, "erl_async.c:driver_async [R8B, R12B-5, R15B, 22]"),
        ("23.0", BOTH, AsyncThreadsZero.IMPOSSIBLE, "erl manual, flag +A [23]; OTP-16482; seen on 25.2.3"),
    ],
)

INLINE_JOB_ID = point(
    13,
    "inline_job_id",
    "The result of driver_async when there is no async thread.",
    InlineJobId,
    [
        ("R7B", BOTH, InlineJobId.POSITIVE, "erl_async.c:driver_async [R8B, R12B-5, R14B]"),
        ("R15A", BOTH, InlineJobId.ZERO, "erl_async.c:driver_async [R15B, R16B, 22]"),
        ("23.0", BOTH, InlineJobId.NOT_APPLICABLE, "see async_threads_zero [23]; OTP-16482"),
    ],
)
