"""Which engine searches a system: by what was asked for and by counts of states, never by time."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dmc.base.exceptions import UsageError
from dmc.engines.interface import Inspect, Progress
from dmc.engines.reference.search import check as reference
from dmc.ir.data import has_data
from dmc.ir.outcome import Limit, Limits, SearchResult, not_begun
from dmc.ir.system import System

if TYPE_CHECKING:
    from dmc.engines.symbolic.partition import Use

ENGINES = ("auto", "reference", "compiled", "symbolic")

FIRST_STATES = 6_000
"""As long as a search has no more states than this, it is over before a compiler would be."""

Search = Callable[[System, Limits, frozenset[str], Progress | None, Inspect | None], SearchResult]


@dataclass(frozen=True)
class Searched:
    """What was found, the engine that found it, and why that was not a faster one.

    `data` says how each large choice was searched, and why that is exact.
    """

    result: SearchResult
    engine: str
    note: str = ""
    data: tuple[str, ...] = ()


def search(
    system: System,
    engine: str,
    limits: Limits,
    reductions: frozenset[str],
    progress: Progress | None,
    inspect: Inspect | None,
    known_states: int = 0,
) -> Searched:
    """Search with the engine asked for. `known_states` is how many states there are at least."""
    if has_data(system):
        return _of_data(system, engine, limits, reductions, progress, inspect)
    match engine:
        case "reference":
            return Searched(reference(system, limits, reductions, progress, inspect), "reference")
        case "compiled":
            return _compiled(system, limits, reductions, progress, inspect)
        case "symbolic":
            return _symbolic(system, limits, reductions, progress, inspect)
        case _:
            return _auto(system, limits, reductions, progress, inspect, known_states)


def _of_data(
    system: System,
    engine: str,
    limits: Limits,
    reductions: frozenset[str],
    progress: Progress | None,
    inspect: Inspect | None,
) -> Searched:
    """Only one engine searches all values at once; the others can take one value of each class."""
    from dmc.engines.symbolic import partition

    if engine == "symbolic":
        return _symbolic(system, limits, reductions, progress, inspect)
    parts = partition.partition(system)
    uses = tuple(map(_told, parts.uses))
    if isinstance(parts, partition.Partitioned):
        found = search(parts.system, engine, limits, reductions, progress, None)
        moved = partition.in_terms_of(parts, system, found.result)
        return replace(found, result=moved, data=uses)
    if engine == "auto":
        return replace(_symbolic(system, limits, reductions, progress, inspect), data=uses)
    raise UsageError(
        f"--engine {engine}: the model chooses from more values than are tried one by one, and computes"
        " with them; leave the engine to dmc, or choose from fewer"
    )


def _told(use: Use) -> str:
    """How the values of a choice were searched, in a sentence."""
    name = f"choose({use.low}..{use.high})"
    if use.because:
        return f"{name}: all values at once, since of what it gives {use.because}"
    count = f"{use.classes} class{'es' if use.classes != 1 else ''}"
    exact = "it is only compared, so no step tells two values of a class apart"
    return f"{name}: the least value of each of {count}; {exact}"


def _symbolic(
    system: System,
    limits: Limits,
    reductions: frozenset[str],
    progress: Progress | None,
    inspect: Inspect | None,
) -> Searched:
    from dmc.engines.symbolic import search as symbolic

    return Searched(symbolic.check(system, limits, reductions, progress, inspect), "symbolic")


def _compiled(
    system: System,
    limits: Limits,
    reductions: frozenset[str],
    progress: Progress | None,
    inspect: Inspect | None,
) -> Searched:
    from dmc.engines.compiled import engine
    from dmc.engines.compiled.toolchain import OutOfTime
    from dmc.engines.compiled.unsupported import Unsupported

    try:
        return Searched(engine.check(system, limits, reductions, progress, inspect), "compiled")
    except OutOfTime:
        return Searched(not_begun(Limit.SECONDS, reductions), "compiled")
    except Unsupported as reason:
        raise UsageError(f"--engine compiled: {reason}") from None


def _auto(
    system: System,
    limits: Limits,
    reductions: frozenset[str],
    progress: Progress | None,
    inspect: Inspect | None,
    known_states: int,
) -> Searched:
    """The reference engine while there are few states; then, from the start, the compiled one."""
    begun = time.monotonic()
    first: SearchResult | None = None
    if known_states <= FIRST_STATES:
        few = limits.states is not None and limits.states <= FIRST_STATES
        first_limits = limits if few else replace(limits, states=FIRST_STATES)
        first = reference(system, first_limits, reductions, progress, inspect)
        if few or first.stopped_by is not Limit.STATES:
            return Searched(first, "reference")
    found = _more_states(system, _left(limits, begun), reductions, progress, inspect)
    if first is not None and found.result.stopped_by in _ANY_TIME and found.result.states < first.states:
        # What the first engine has found is more than what the other one found in the time that was left.
        found = Searched(replace(first, stopped_by=found.result.stopped_by), "reference", found.note)
    return replace(found, result=replace(found.result, seconds=time.monotonic() - begun))


def _more_states(
    system: System,
    limits: Limits,
    reductions: frozenset[str],
    progress: Progress | None,
    inspect: Inspect | None,
) -> Searched:
    from dmc.engines.compiled import engine
    from dmc.engines.compiled.toolchain import OutOfTime
    from dmc.engines.compiled.unsupported import Unsupported

    begun = time.monotonic()
    try:
        return Searched(engine.check(system, limits, reductions, progress, inspect), "compiled")
    except OutOfTime:
        return Searched(not_begun(Limit.SECONDS, reductions), "compiled")
    except KeyboardInterrupt:
        return Searched(not_begun(Limit.INTERRUPT, reductions), "compiled")
    except Unsupported as reason:
        found = reference(system, _left(limits, begun), reductions, progress, inspect)
        return Searched(found, "reference", str(reason))


_ANY_TIME = (Limit.SECONDS, Limit.INTERRUPT)
"""What can end a search before it has as many states as an earlier one."""


def _left(limits: Limits, begun: float) -> Limits:
    """The limits for a search that begins now and belongs to one that was begun before."""
    if limits.seconds is None:
        return limits
    return replace(limits, seconds=max(0.0, limits.seconds - (time.monotonic() - begun)))
