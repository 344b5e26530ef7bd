"""All variation points in the order of their numbers, and the mechanism whose page tells each of them."""

from __future__ import annotations

from typing import Any

from dmc.runtime.points import async_jobs as jobs
from dmc.runtime.points import (
    cancel,
    loading,
    pool,
    port_life,
    process_signals,
    queue_and_binaries,
    scheduling,
    threads_and_data,
    timers_and_select,
)
from dmc.runtime.points.base import VariationPoint

AnyPoint = VariationPoint[Any]

MECHANISMS: dict[str, tuple[AnyPoint, ...]] = {
    "scheduling_and_locks": (
        scheduling.EMULATOR_THREADS,
        scheduling.CALLBACK_LOCK,
        scheduling.CREATE_PORT_UNDER_DRIVER_LOCK,
    ),
    "port_life_cycle": (
        port_life.PORT_HANDLE,
        port_life.CLOSED_MESSAGE,
        port_life.EXIT_ON_CLOSING,
        port_life.PORT_MONITORS,
        port_life.HALT,
    ),
    "async_jobs": (
        jobs.DEAD_PORT_COMPLETION,
        jobs.REPLY_ADDRESS,
        jobs.READY_ASYNC_THREAD,
        jobs.DEAD_PORT_ASYNC_FREE_LOCK,
        jobs.REPLY_ORDER,
        jobs.WORKER_TAKES_PORT_LOCK,
        jobs.DRIVER_AFTER_ASYNC,
        jobs.JOB_PINS_PDL,
    ),
    "cancel": (
        cancel.CANCEL,
        cancel.CANCEL_RUNS_ASYNC_FREE,
        cancel.CANCELLED_JOB_PDL,
    ),
    "async_pool": (
        pool.ASYNC_THREADS_DEFAULT,
        pool.ASYNC_THREADS_ZERO,
        pool.INLINE_JOB_ID,
    ),
    "process_signals": (
        process_signals.PORT_OPERATIONS,
        process_signals.CONTROL_ON_CLOSING,
        process_signals.BUSY_MESSAGE_QUEUE,
    ),
    "timers_and_select": (
        timers_and_select.TIMEOUT_IN_CLOSING,
        timers_and_select.ZERO_TIMER,
        timers_and_select.TIMER_WITHOUT_TIMEOUT,
        timers_and_select.SAFE_CLOSE,
        timers_and_select.STOP_SELECT_THREAD,
        timers_and_select.DRIVER_EVENT,
    ),
    "threads_and_data": (
        threads_and_data.PORT_DATA_LOCK,
        threads_and_data.THREAD_API,
        threads_and_data.SEND_TERM_FROM_THREADS,
        threads_and_data.TERM_PORT,
        threads_and_data.BINARY_REFCOUNT,
        threads_and_data.MONITOR_CALLS,
    ),
    "queue_and_binaries": (
        queue_and_binaries.DEFAULT_BUFFER_CONTROL,
        queue_and_binaries.PUSHQV_WITHOUT_BINARY,
        queue_and_binaries.FAILED_CONTROL_REPLY,
        queue_and_binaries.NULL_REPLY,
        queue_and_binaries.SMALL_BINARY_REPLY,
        queue_and_binaries.CALL_REPLY_BUFFER,
    ),
    "loading": (
        loading.EXTENDED_INTERFACE,
        loading.INIT_ACK,
    ),
}
"""The points of each mechanism; the keys are the names of the pages in `specs/runtime`."""

VARIATION_POINTS: tuple[AnyPoint, ...] = tuple(
    sorted((point for points in MECHANISMS.values() for point in points), key=lambda point: point.number)
)
"""Every point, by number."""

POINT_NAMES: dict[str, AnyPoint] = {point.name: point for point in VARIATION_POINTS}
"""Every point, by the name that models use."""
