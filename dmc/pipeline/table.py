"""The runs of a scenario: every combination of the values of its axes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from dmc.base.exceptions import UsageError
from dmc.driver_api.registry import api_function
from dmc.lower.run import RunChoice
from dmc.model.model import Model, RuntimeRange, Scenario, Settings
from dmc.pipeline.loading import release_order
from dmc.pipeline.request import Request
from dmc.runtime.points.pool import AsyncThreadsZero
from dmc.runtime.presets import NEWEST_PRESET, select
from dmc.runtime.profile import Profile, Refusal
from dmc.runtime.release import Build

LARGEST_POOL = 64
PORT_LOCKING_FLAG = "ERL_DRV_FLAG_USE_PORT_LOCKING"


@dataclass(frozen=True)
class Cell:
    """A run of the table; `refused` says why it cannot be searched, or is empty."""

    run: RunChoice
    refused: str = ""


def cells(model: Model, scenario: Scenario, request: Request) -> tuple[Cell, ...]:
    """All runs, in the order in which the axes' values are written."""
    settings = (scenario.settings, model.settings)
    profiles = _profiles(settings, request)
    lockings = _words(request.locking) or next(
        (s.locking for s in settings if s.locking), (_declared_locking(model),)
    )
    pools = _numbers(request.async_threads) or next(
        (s.async_threads for s in settings if s.async_threads), (1,)
    )
    schedulers = _numbers(request.schedulers) or next((s.schedulers for s in settings if s.schedulers), (2,))
    axes = list(_axes(model, settings, request))
    result = []
    for profile in profiles:
        counts = (1,) if profile.build is Build.NON_SMP else schedulers
        for locking, pool, count, values in product(lockings, pools, counts, axes):
            run = RunChoice(model, scenario, profile, locking, pool, count, values)
            result.append(Cell(run, refusal(run)))
    return tuple(result)


def covers(runtime: RuntimeRange, profile: Profile) -> bool:
    """Whether a profile is among what a runtime or range of an expectation means."""
    selection = select(runtime_text(runtime))
    if isinstance(selection, Refusal):
        raise UsageError(selection.reason)
    return selection.covers(profile)


def runtime_text(runtime: RuntimeRange) -> str:
    """A runtime or range as it is written."""
    return runtime.low or "" if runtime.single else f"{runtime.low or ''}..{runtime.high or ''}"


def _profiles(settings: tuple[Settings, ...], request: Request) -> list[Profile]:
    written = _words(request.runtimes)
    if not written:
        ranges = next((s.runtimes for s in settings if s.runtimes), ())
        written = tuple(runtime_text(r) for r in ranges) or (NEWEST_PRESET,)
    found: dict[str, Profile] = {}
    for text in written:
        selection = select(text)
        if isinstance(selection, Refusal):
            near = f"; did you mean {' or '.join(selection.near_misses)}?" if selection.near_misses else ""
            raise UsageError(f"runtime {text}: {selection.reason}{near}")
        for profile in selection.profiles:
            found.setdefault(profile.name, profile)
    return list(found.values())


def _declared_locking(model: Model) -> str:
    flags = {flag for driver in model.drivers for flag in driver.flags}
    return "port" if PORT_LOCKING_FLAG in flags else "driver"


def _axes(
    model: Model, settings: tuple[Settings, ...], request: Request
) -> Iterator[tuple[tuple[str, str], ...]]:
    unknown = [name for name in request.axes if name not in {a.name for a in model.axes}]
    if unknown:
        raise UsageError(f"{model.path} has no axis {unknown[0]}")
    values = []
    for axis in model.axes:
        chosen = _words(request.axes.get(axis.name)) or next(
            (s.axes[axis.name] for s in settings if axis.name in s.axes), axis.values
        )
        wrong = [value for value in chosen if value not in axis.values]
        if wrong:
            raise UsageError(f"axis {axis.name} has no value {wrong[0]}: it is {', '.join(axis.values)}")
        values.append([(axis.name, value) for value in chosen])
    yield from product(*values)


def refusal(run: RunChoice) -> str:
    """Why the runtime cannot run the model at all."""
    release = run.profile.release
    for name in run.model.api_uses:
        entry = api_function(name)
        if entry is None:
            continue
        if entry.since and release < release_order(entry.since, True):
            return f"{name} came with {entry.since}"
        if entry.until and release >= release_order(entry.until, True):
            return f"{name} went with {entry.until}"
    if run.async_threads > LARGEST_POOL:
        return f"more than {LARGEST_POOL} async threads are beyond any search"
    if not run.async_threads and run.profile.async_threads_zero is AsyncThreadsZero.IMPOSSIBLE:
        return "there always is an async thread: 0 means 1"
    return ""


def _words(text: str | None) -> tuple[str, ...]:
    return tuple(word for word in (text or "").split(",") if word)


def _numbers(text: str | None) -> tuple[int, ...]:
    result: list[int] = []
    for word in _words(text):
        low, _, high = word.partition("..")
        try:
            result.extend(range(int(low), int(high or low) + 1))
        except ValueError:
            raise UsageError(f"{word} is neither a number nor a range of numbers") from None
    return tuple(dict.fromkeys(result))
