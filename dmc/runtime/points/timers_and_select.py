"""Timers and the selection of descriptors."""

from __future__ import annotations

from dmc.runtime.points.base import BOTH, NON_SMP, SMP, PointValue, point


class TimeoutInClosing(PointValue):
    """Whether a timer that expires while the port is closing calls `timeout`."""

    RUNS = "timeout is called"
    LOST = "the expiry is dropped"


class ZeroTimer(PointValue):
    """How `driver_set_timer(port, 0)` gets to its callback."""

    WHEEL = "through the timer wheel, like any other time"
    IMMEDIATE = "the timeout is queued as a task of the port at once"


class TimerWithoutTimeout(PointValue):
    """`driver_set_timer` of a driver that has no `timeout`."""

    REFUSED = "it gives -1"
    ACCEPTED = "it gives 0, and nothing is called"


class SafeClose(PointValue):
    """Whether a driver can learn when a descriptor may be closed."""

    NO = "there is no ERL_DRV_USE: another thread may still poll a deselected descriptor"
    YES = "deselecting with ERL_DRV_USE ends in one call of stop_select"


class StopSelectThread(PointValue):
    """The thread that runs `stop_select`."""

    NONE = "there is no stop_select"
    INLINE_OR_SCHEDULER = "the caller of driver_select, or later a scheduler that checks for IO"
    INLINE_OR_POLL_THREAD = "the caller of driver_select, or later a poll thread or a scheduler"


class DriverEvent(PointValue):
    """Whether the undocumented `driver_event` exists."""

    NO = "there is no driver_event"
    YES = "driver_event and the event callback exist"


TIMEOUT_IN_CLOSING = point(
    21,
    "timeout_in_closing",
    "Whether timers still work while a port waits for its IO queue to drain.",
    TimeoutInClosing,
    [
        ("R7B", NON_SMP, TimeoutInClosing.RUNS, "io.c: the timer is cancelled only on termination [R8B]"),
        (
            "R11B",
            SMP,
            TimeoutInClosing.LOST,
            "utils.c:ptimer_timeout drops the expiry of a closing port [R11B-2, R11B-3]",
        ),
        (
            "R11B-4",
            SMP,
            TimeoutInClosing.RUNS,
            "utils.c:ptimer_timeout [R11B-4]; OTP-6432, ERTS 5.5.3.1 notes; io.c [25]",
        ),
    ],
)

ZERO_TIMER = point(
    22,
    "zero_timer",
    "Whether a timer of 0 ms waits for the timer wheel.",
    ZeroTimer,
    [
        ("R7B", BOTH, ZeroTimer.WHEEL, "io.c:driver_set_timer [R8B, R12B-5, 20]"),
        ("21.2", BOTH, ZeroTimer.IMMEDIATE, "erl_hl_timer.c [25]; OTP-15472, ERTS 10.2 notes"),
    ],
)

TIMER_WITHOUT_TIMEOUT = point(
    44,
    "timer_without_timeout",
    "What setting a timer gives where there is no callback for it.",
    TimerWithoutTimeout,
    [
        ("R7B", BOTH, TimerWithoutTimeout.REFUSED, "io.c:driver_set_timer [R8B, R13B03]; R14 assumed"),
        ("R15A", BOTH, TimerWithoutTimeout.ACCEPTED, "io.c:init_driver, no_timeout_callback [R15B]"),
    ],
)

SAFE_CLOSE = point(
    23,
    "safe_close",
    "Whether there is a moment at which a selected descriptor can be closed safely.",
    SafeClose,
    [
        ("R7B", BOTH, SafeClose.NO, "erl_driver manual, driver_select [R8B, R12B]"),
        ("R13A", BOTH, SafeClose.YES, "erl_driver manual, driver_select and stop_select [R13]"),
    ],
)

STOP_SELECT_THREAD = point(
    24,
    "stop_select_thread",
    "Where stop_select runs, inside driver_select or later.",
    StopSelectThread,
    [
        ("R7B", BOTH, StopSelectThread.NONE, "driver_entry manual [R8B, R12B]"),
        ("R13A", BOTH, StopSelectThread.INLINE_OR_SCHEDULER, "erl_check_io.c:driver_select [R13A, 20]"),
        ("21.0", BOTH, StopSelectThread.INLINE_OR_POLL_THREAD, "erl_check_io.c:driver_select [25]"),
    ],
)

DRIVER_EVENT = point(
    31,
    "driver_event",
    "Whether driver_event can be used.",
    DriverEvent,
    [
        ("R7B", BOTH, DriverEvent.NO, "erl_driver.h [R8B]"),
        ("R9B", BOTH, DriverEvent.YES, "erl_driver.h [R9, R12B-5, 20]"),
        ("21.0", BOTH, DriverEvent.NO, "erl_driver.h [21]"),
    ],
)
