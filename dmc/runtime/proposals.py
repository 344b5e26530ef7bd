"""Proposed runtimes: a release with some variation points changed, as a maintainer would try it.

Points depend on each other: who hands a reply over decides whether anything waits for a lock. What no
emulator could be is refused, as a mechanism would otherwise have to make up what it means.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from dmc.runtime.points.async_jobs import (
    DeadPortAsyncFreeLock,
    DeadPortCompletion,
    ReadyAsyncThread,
    ReplyOrder,
    WorkerTakesPortLock,
)
from dmc.runtime.points.pool import AsyncThreadsZero, InlineJobId
from dmc.runtime.points.scheduling import CallbackLock, EmulatorThreads
from dmc.runtime.profile import Profile, Refusal, with_point
from dmc.runtime.variation_points import VARIATION_POINTS, AnyPoint

_NO_BEHAVIOUR = frozenset({"async_threads_default"})
"""Points that a profile has a word for and no mechanism reads: runs say how many threads there are."""

READ_POINTS: tuple[AnyPoint, ...] = tuple(
    point
    for point in VARIATION_POINTS
    if isinstance(getattr(Profile, point.name, None), property) and point.name not in _NO_BEHAVIOUR
)
"""The points that some mechanism reads: they have a name of their own in `Profile`."""


def proposed(base: Profile, points: Iterable[tuple[str, str]], name: str) -> Profile | Refusal:
    """The runtime with these points changed, if there could be such an emulator."""
    found: Profile | Refusal = with_name(base, name)
    for point, word in points:
        if isinstance(found, Refusal):
            return found
        found = with_point(found, point, word, name)
    return found


def with_name(base: Profile, name: str) -> Profile:
    """The same runtime by another name."""
    return replace(base, name=name)


def contradiction(profile: Profile) -> str:
    """Why the values of the profile do not go together, or ""."""
    return impossible(profile) or next(_dead_ports(profile), "")


def impossible(profile: Profile) -> str:
    """Why no mechanism could be like that, or "".

    Other contradictions have a meaning: one of the two values then says nothing.
    """
    return next(_impossible(profile), "")


def changes(profile: Profile) -> str:
    """The points that were changed, as a model writes them."""
    changed = [point for point in VARIATION_POINTS if point.name in profile.changed]
    return ", ".join(f"{point.name} = {profile.value(point).word}" for point in changed)


def _impossible(profile: Profile) -> Iterator[str]:
    one = profile.emulator_threads is EmulatorThreads.ONE
    if one != (profile.callback_lock is CallbackLock.EMULATOR):
        yield "callback_lock is `emulator` where, and only where, emulator_threads is `one`"
    yield from _replies(profile, one)
    possible = profile.async_threads_zero is AsyncThreadsZero.POSSIBLE
    if possible == (profile.inline_job_id is InlineJobId.NOT_APPLICABLE):
        yield "inline_job_id is `not_applicable` where, and only where, async_threads_zero is `impossible`"


def _replies(profile: Profile, one: bool) -> Iterator[str]:
    thread = profile.ready_async_thread
    if (thread is ReadyAsyncThread.EMULATOR) != one:
        yield "ready_async_thread is `emulator` where, and only where, emulator_threads is `one`"
    blocks = profile.worker_takes_port_lock is WorkerTakesPortLock.YES
    if blocks != (thread is ReadyAsyncThread.ASYNC):
        yield "worker_takes_port_lock is `yes` where, and only where, ready_async_thread is `async`"
    orders = {
        ReadyAsyncThread.EMULATOR: (ReplyOrder.BATCH_LIFO, ReplyOrder.FIFO),
        ReadyAsyncThread.ASYNC: (ReplyOrder.FIFO,),
        ReadyAsyncThread.SUBMITTER: (ReplyOrder.FIFO_PER_SUBMITTER,),
    }[thread]
    if profile.reply_order not in orders:
        words = " or ".join(order.word for order in orders)
        yield f"where ready_async_thread is `{thread.word}`, reply_order is {words}"


def _dead_ports(profile: Profile) -> Iterator[str]:
    one = profile.emulator_threads is EmulatorThreads.ONE
    lock = profile.dead_port_async_free_lock
    if lock is DeadPortAsyncFreeLock.GLOBAL and profile.callback_lock is not CallbackLock.GLOBAL:
        yield "dead_port_async_free_lock is `global` only where callback_lock is"
    if lock is DeadPortAsyncFreeLock.EMULATOR and not one:
        yield "dead_port_async_free_lock is `emulator` only where emulator_threads is `one`"
    free = profile.dead_port_completion is DeadPortCompletion.FREE
    if free and lock is DeadPortAsyncFreeLock.NOT_CALLED:
        yield "dead_port_completion is `free`: dead_port_async_free_lock must say under what"
