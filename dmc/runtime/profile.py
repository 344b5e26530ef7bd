"""A profile: one release and build, and the value that each variation point has there.

A profile is data: it answers what this runtime does at a point, and nothing else. The mechanisms read it.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, replace

from dmc.base.exceptions import InternalError
from dmc.runtime.points import (
    async_jobs,
    cancel,
    pool,
    port_life,
    process_signals,
    queue_and_binaries,
    scheduling,
    threads_and_data,
    timers_and_select,
)
from dmc.runtime.points.async_jobs import (
    DeadPortAsyncFreeLock,
    DeadPortCompletion,
    JobPinsPdl,
    ReadyAsyncThread,
    ReplyAddress,
    ReplyOrder,
    WorkerTakesPortLock,
)
from dmc.runtime.points.base import PointValue, V, VariationPoint
from dmc.runtime.points.cancel import Cancel, CancelledJobPdl, CancelRunsAsyncFree
from dmc.runtime.points.pool import AsyncThreadsZero, InlineJobId
from dmc.runtime.points.port_life import PortHandle
from dmc.runtime.points.process_signals import ControlOnClosing, PortOperations
from dmc.runtime.points.queue_and_binaries import (
    CallReplyBuffer,
    DefaultBufferControl,
    FailedControlReply,
    NullReply,
    SmallBinaryReply,
)
from dmc.runtime.points.scheduling import CallbackLock, EmulatorThreads
from dmc.runtime.points.threads_and_data import MonitorCalls, PortDataLock
from dmc.runtime.points.timers_and_select import TimeoutInClosing, TimerWithoutTimeout
from dmc.runtime.release import LAST_READ_NUMBER, Build, Refusal, Release, release
from dmc.runtime.variation_points import POINT_NAMES, VARIATION_POINTS, AnyPoint

__all__ = [
    "AsyncThreadsZero",
    "Build",
    "CallbackLock",
    "Cancel",
    "CancelRunsAsyncFree",
    "CancelledJobPdl",
    "ControlOnClosing",
    "DeadPortAsyncFreeLock",
    "DeadPortCompletion",
    "EmulatorThreads",
    "InlineJobId",
    "JobPinsPdl",
    "PortDataLock",
    "PortHandle",
    "PortOperations",
    "Profile",
    "ReadyAsyncThread",
    "Refusal",
    "ReplyAddress",
    "ReplyOrder",
    "WorkerTakesPortLock",
    "builds_of",
    "differences",
    "resolve",
    "with_point",
]

LATER_THAN_READ = f"releases after {LAST_READ_NUMBER} were not read in source"

FIRST_WITHOUT_NON_SMP = release("R15A")
"""From here on non-SMP builds are refused, although OTP still offered them until 20."""

_OLDEST = release("R7B")
_FIRST_SMP = release("R11B")
_INDEX = {point.name: index for index, point in enumerate(VARIATION_POINTS)}


@dataclass(frozen=True)
class Profile:
    """One runtime. `values` is in the order of `VARIATION_POINTS`; `changed` names points set by a model."""

    name: str
    release: Release
    build: Build
    values: tuple[PointValue, ...]
    changed: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()

    def value(self, point: VariationPoint[V]) -> V:
        """What this runtime does at the point."""
        found = self.values[_INDEX[point.name]]
        if not isinstance(found, point.values):
            raise InternalError("runtime", f"{self.name} has a value of another point at {point.name}")
        return found

    @property
    def emulator_threads(self) -> EmulatorThreads:
        """V1: how many threads run callbacks."""
        return self.value(scheduling.EMULATOR_THREADS)

    @property
    def callback_lock(self) -> CallbackLock:
        """V2: the lock that callbacks run under."""
        return self.value(scheduling.CALLBACK_LOCK)

    @property
    def dead_port_completion(self) -> DeadPortCompletion:
        """V3: what is done with a finished job of a dead port."""
        return self.value(async_jobs.DEAD_PORT_COMPLETION)

    @property
    def reply_address(self) -> ReplyAddress:
        """V4: how a finished job finds its port."""
        return self.value(async_jobs.REPLY_ADDRESS)

    @property
    def ready_async_thread(self) -> ReadyAsyncThread:
        """V5: the thread that handles the reply of a job."""
        return self.value(async_jobs.READY_ASYNC_THREAD)

    @property
    def dead_port_async_free_lock(self) -> DeadPortAsyncFreeLock:
        """V6: what protects `async_free` of a dead port's job."""
        return self.value(async_jobs.DEAD_PORT_ASYNC_FREE_LOCK)

    @property
    def reply_order(self) -> ReplyOrder:
        """V7: the order of replies to jobs with one key."""
        return self.value(async_jobs.REPLY_ORDER)

    @property
    def worker_takes_port_lock(self) -> WorkerTakesPortLock:
        """V8: whether an async thread waits for the port's lock between jobs."""
        return self.value(async_jobs.WORKER_TAKES_PORT_LOCK)

    @property
    def job_pins_pdl(self) -> JobPinsPdl:
        """V15: how long a job keeps its reference to the port data lock."""
        return self.value(async_jobs.JOB_PINS_PDL)

    @property
    def cancel(self) -> Cancel:
        """V9: what `driver_async_cancel` does."""
        return self.value(cancel.CANCEL)

    @property
    def cancel_runs_async_free(self) -> CancelRunsAsyncFree:
        """V10: whether a cancel frees the job's data inside the call."""
        return self.value(cancel.CANCEL_RUNS_ASYNC_FREE)

    @property
    def cancelled_job_pdl(self) -> CancelledJobPdl:
        """V11: whether a cancelled job gives that reference back."""
        return self.value(cancel.CANCELLED_JOB_PDL)

    @property
    def async_threads_default(self) -> int:
        """V12: the size of the pool when none is asked for."""
        return self.value(pool.ASYNC_THREADS_DEFAULT).count

    @property
    def async_threads_zero(self) -> AsyncThreadsZero:
        """V12: whether the pool can be empty."""
        return self.value(pool.ASYNC_THREADS_ZERO)

    @property
    def inline_job_id(self) -> InlineJobId:
        """V13: what `driver_async` returns without threads."""
        return self.value(pool.INLINE_JOB_ID)

    @property
    def port_operations(self) -> PortOperations:
        """V16: whether operations of processes run at once or may be queued."""
        return self.value(process_signals.PORT_OPERATIONS)

    @property
    def port_data_lock(self) -> PortDataLock:
        """V26: whether there is a port data lock, and what a reference to it keeps."""
        return self.value(threads_and_data.PORT_DATA_LOCK)

    @property
    def control_on_closing(self) -> ControlOnClosing:
        """V17: whether `control` and `call` reach a port that is closing."""
        return self.value(process_signals.CONTROL_ON_CLOSING)

    @property
    def port_handle(self) -> PortHandle:
        """V18: what an `ErlDrvPort` is."""
        return self.value(port_life.PORT_HANDLE)

    @property
    def default_buffer_control(self) -> DefaultBufferControl:
        """V32: whether `control` may answer in binary mode from the buffer that it is lent."""
        return self.value(queue_and_binaries.DEFAULT_BUFFER_CONTROL)

    @property
    def failed_control_reply(self) -> FailedControlReply:
        """V40: what becomes of a buffer of the driver's own when `control` fails."""
        return self.value(queue_and_binaries.FAILED_CONTROL_REPLY)

    @property
    def null_reply(self) -> NullReply:
        """V41: what an answer that is `NULL` is."""
        return self.value(queue_and_binaries.NULL_REPLY)

    @property
    def small_binary_reply(self) -> SmallBinaryReply:
        """V42: whether a small binary that answers is shared."""
        return self.value(queue_and_binaries.SMALL_BINARY_REPLY)

    @property
    def call_reply_buffer(self) -> CallReplyBuffer:
        """V43: how many bytes there are for the answer of `call`."""
        return self.value(queue_and_binaries.CALL_REPLY_BUFFER)

    @property
    def timeout_in_closing(self) -> TimeoutInClosing:
        """V21: whether a timer that runs out while its port is closing calls `timeout`."""
        return self.value(timers_and_select.TIMEOUT_IN_CLOSING)

    @property
    def timer_without_timeout(self) -> TimerWithoutTimeout:
        """V44: what setting a timer gives to a driver without `timeout`."""
        return self.value(timers_and_select.TIMER_WITHOUT_TIMEOUT)

    @property
    def monitor_calls(self) -> MonitorCalls:
        """V38: whether the functions about monitors take the port data lock."""
        return self.value(threads_and_data.MONITOR_CALLS)


def builds_of(when: Release) -> tuple[Build, ...]:
    """The builds that a release is modelled with, non-SMP first; empty before the oldest release known."""
    builds = []
    if _OLDEST <= when < FIRST_WITHOUT_NON_SMP:
        builds.append(Build.NON_SMP)
    if when >= _FIRST_SMP:
        builds.append(Build.SMP)
    return tuple(builds)


def resolve(when: Release, build: Build, name: str | None = None) -> Profile | Refusal:
    """The profile of a release and build; by default named after them, the build only where both existed."""
    builds = builds_of(when)
    if build not in builds:
        return Refusal(_no_such_build(when, build))
    suffix = f"/{build.value}" if len(builds) > 1 else ""
    values = tuple(point.at(when, build) for point in VARIATION_POINTS)
    assumptions = (LATER_THAN_READ,) if when.key[0] > LAST_READ_NUMBER else ()
    return Profile(name or f"{when}{suffix}", when, build, values, (), assumptions)


def with_point(profile: Profile, point_name: str, word: str, name: str | None = None) -> Profile | Refusal:
    """The same runtime with one point changed: what `runtime mine extends otp25 { point = word; }` means."""
    point = POINT_NAMES.get(point_name)
    if point is None:
        near = difflib.get_close_matches(point_name, POINT_NAMES, cutoff=0.5)
        return Refusal(f"there is no variation point `{point_name}`", tuple(near))
    value = point.parse(word)
    if value is None:
        words = tuple(member.word for member in point.values)
        return Refusal(f"`{point_name}` cannot be `{word}`; it is one of {', '.join(words)}", words)
    values = list(profile.values)
    values[_INDEX[point_name]] = value
    changed = tuple(dict.fromkeys((*profile.changed, point_name)))
    return replace(profile, name=name or profile.name, values=tuple(values), changed=changed)


def differences(a: Profile, b: Profile) -> tuple[tuple[AnyPoint, PointValue, PointValue], ...]:
    """The points at which two runtimes differ, each with the value in `a` and the value in `b`."""
    rows = zip(VARIATION_POINTS, a.values, b.values, strict=True)
    return tuple((point, left, right) for point, left, right in rows if left is not right)


def _no_such_build(when: Release, build: Build) -> str:
    if when < _OLDEST:
        return f"{when} is older than {_OLDEST}, the oldest release known here"
    if build is Build.SMP:
        return f"{when} has no SMP build: it came with R11B"
    return f"the non-SMP build of {when} is not modelled: non-SMP builds are known up to R14B"
