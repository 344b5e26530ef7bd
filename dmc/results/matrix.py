"""What a table of runs says as a whole: where verdicts change, along which axis, and for which reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from dmc.results.report import PropertyResult, Run
from dmc.results.verdict import Verdict

RUNTIME = "runtime"


@dataclass(frozen=True)
class PointChange:
    """A variation point that differs between two runtimes.

    `before` and `after` are the words of its values, the `_meaning`s say what they are. `since` is the
    release that brought the value after it, with the citation of that claim.
    """

    number: int
    point: str
    before: str
    after: str
    before_meaning: str
    after_meaning: str
    since: str
    citation: str


@dataclass(frozen=True)
class Cause:
    """Points that flip a verdict: one alone, or several of which none can be left out.

    `forward`: the older runtime with these values of the newer one has the newer one's verdict. `back`: the
    newer runtime with the older values has the older one's.
    """

    changes: tuple[PointChange, ...]
    forward: bool
    back: bool


@dataclass(frozen=True)
class Flip:
    """A property that is violated on one of two neighbouring runtimes and not on the other.

    `before` and `after` are places in `Report.runs`: runs that differ in the runtime alone. `differing` are
    all points in which the two runtimes differ, `hybrids` counts the mixtures that were searched. Without
    causes, `unexplained` says why there are none.
    """

    before: int
    after: int
    property: str
    causes: tuple[Cause, ...]
    differing: tuple[str, ...]
    hybrids: int
    unexplained: str = ""


@dataclass(frozen=True)
class Matrix:
    """What `dmc matrix` adds to the runs.

    `left_out` are runtimes that nobody asked for and that cannot run a model: model, runtime, reason.
    """

    flips: tuple[Flip, ...]
    left_out: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class AxisChange:
    """A property whose verdict changes between two values of an axis, all else being equal.

    Each of `pairs` is two runs, with the first and with the second value; `among` are all runs with the
    first value that have such a partner. `verdicts` are those of a pair, the same for all pairs.
    """

    axis: str
    values: tuple[str, str]
    property: str
    name: str
    verdicts: tuple[Verdict, Verdict]
    pairs: tuple[tuple[Run, Run], ...]
    among: tuple[Run, ...]


def is_violated(verdict: Verdict) -> bool | None:
    """Whether a verdict counts as violated; None for one that says nothing either way."""
    match verdict:
        case Verdict.VIOLATED:
            return True
        case Verdict.PROVED | Verdict.BOUNDED | Verdict.VACUOUS:
            return False
        case _:
            return None


def results_of(run: Run) -> Mapping[str, PropertyResult]:
    """The results of a run by property."""
    return {prop.id: prop for prop in run.properties}


def flipped(before: Run, after: Run) -> tuple[str, ...]:
    """The properties that are violated in one of the runs and hold in the other."""
    there = results_of(after)
    found = []
    for prop in before.properties:
        other = there.get(prop.id)
        sides = (is_violated(prop.verdict), is_violated(other.verdict) if other else None)
        if None not in sides and sides[0] != sides[1]:
            found.append(prop.id)
    return tuple(found)


def coordinates(run: Run) -> dict[str, str]:
    """What distinguishes a run from the others of its scenario."""
    return {
        RUNTIME: run.runtime,
        "locking": run.locking,
        "async_threads": str(run.async_threads),
        "schedulers": str(run.schedulers),
        **run.axes,
    }


def axes_of(runs: Sequence[Run]) -> dict[str, tuple[str, ...]]:
    """The values of each coordinate, in order of appearance."""
    values: dict[str, dict[str, None]] = {}
    for run in runs:
        for axis, value in coordinates(run).items():
            values.setdefault(axis, {})[value] = None
    return {axis: tuple(seen) for axis, seen in values.items()}


def compared_axes(runs: Sequence[Run]) -> tuple[str, ...]:
    """The axes, but for the runtime, along which some runs can be compared."""
    return tuple(axis for axis in axes_of(runs) if axis != RUNTIME and _neighbours(runs, axis))


def changes_along(runs: Sequence[Run], axis: str) -> tuple[AxisChange, ...]:
    """What changes from one value of an axis to the next, property by property."""
    pairs = _neighbours(runs, axis)
    found: dict[tuple[tuple[str, str], str, tuple[Verdict, Verdict]], list[tuple[Run, Run]]] = {}
    for low, high in pairs:
        values = (coordinates(low)[axis], coordinates(high)[axis])
        for identifier in flipped(low, high):
            verdicts = (results_of(low)[identifier].verdict, results_of(high)[identifier].verdict)
            found.setdefault((values, identifier, verdicts), []).append((low, high))
    return tuple(
        AxisChange(
            axis,
            values,
            identifier,
            results_of(own[0][0])[identifier].name,
            verdicts,
            tuple(own),
            tuple(low for low, high in pairs if (coordinates(low)[axis], coordinates(high)[axis]) == values),
        )
        for (values, identifier, verdicts), own in found.items()
    )


def _neighbours(runs: Sequence[Run], axis: str) -> list[tuple[Run, Run]]:
    """Runs that differ in this axis alone, by one place in the order of its values."""
    values = axes_of(runs).get(axis, ())
    places = {tuple(coordinates(run).items()): run for run in runs if not run.not_applicable}
    return [(run, other) for run in places.values() for other in _next(run, axis, values, places)]


def _next(
    run: Run, axis: str, values: Sequence[str], places: Mapping[tuple[tuple[str, str], ...], Run]
) -> Iterator[Run]:
    own = coordinates(run)
    for value in values[values.index(own[axis]) + 1 :]:
        other = places.get(tuple({**own, axis: value}.items()))
        if other is not None:
            yield other
            return
