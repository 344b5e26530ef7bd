"""Verdicts that flip between releases, told by what flips them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dmc.reporters.run_groups import describe
from dmc.reporters.terminal import Paint, wrap
from dmc.results.matrix import Cause, Flip, PointChange, results_of
from dmc.results.report import Report, Run
from dmc.results.verdict import Verdict

_FIRST = "  "
_SECOND = "    "
_THIRD = "      "


def flip_lines(report: Report, width: int, paint: Paint) -> Iterator[str]:
    """All flips, below the change of the runtime that brings them about; those without one at the end."""
    flips = report.matrix.flips if report.matrix is not None else ()
    if not flips:
        yield "no verdict flips from one release to the next"
        return
    yield paint.strong("verdicts that flip from one release to the next")
    by_cause: dict[Cause, list[Flip]] = {}
    by_reason: dict[str, list[Flip]] = {}
    for flip in flips:
        for cause in flip.causes:
            by_cause.setdefault(cause, []).append(flip)
        if not flip.causes:
            by_reason.setdefault(flip.unexplained, []).append(flip)
    for cause, own in by_cause.items():
        yield ""
        yield from _cause(cause, width, paint)
        yield from _flips(own, report, width)
    for reason, own in by_reason.items():
        yield ""
        yield from wrap(f"not explained: {reason}", width, _FIRST, _SECOND)
        yield from _flips(own, report, width)


def _cause(cause: Cause, width: int, paint: Paint) -> Iterator[str]:
    for change in cause.changes:
        yield from change_lines(change, width, paint)
    yield from wrap(_ways(cause), width, _SECOND)


def _ways(cause: Cause) -> str:
    if len(cause.changes) > 1:
        text = f"only these {len(cause.changes)} together flip it on the older runtime"
        return f"{text}; set back together, they flip it back on the newer one" if cause.back else text
    if cause.forward and cause.back:
        return "changed alone it flips both ways: on the older runtime, and back on the newer one"
    if cause.forward:
        return "changed alone it flips on the older runtime; set back on the newer one it does not"
    return "set back alone it flips on the newer runtime; on the older one it takes more"


def change_lines(change: PointChange, width: int, paint: Paint) -> Iterator[str]:
    """A variation point that changes: what it was, what it is now, and where that was read."""
    since = f", since {change.since}" if change.since else ""
    head = f"V{change.number} {change.point}: {change.before} -> {change.after}{since}"
    yield from (paint.strong(line) for line in wrap(head, width, _FIRST, _SECOND))
    yield from wrap(f"was: {change.before_meaning}", width, _SECOND, _SECOND + "     ")
    yield from wrap(f"now: {change.after_meaning}", width, _SECOND, _SECOND + "     ")
    if change.citation:
        yield from wrap(f"source: {change.citation}", width, _SECOND, _THIRD)


def _flips(flips: Sequence[Flip], report: Report, width: int) -> Iterator[str]:
    """A line for each property and pair of runtimes, and one for where that is so."""
    groups: dict[tuple[str, str], list[Flip]] = {}
    for flip in flips:
        before, after = report.runs[flip.before], report.runs[flip.after]
        groups.setdefault((flip.property, _between(flip, before, after)), []).append(flip)
    alike: dict[tuple[str, str], list[str]] = {}
    for (identifier, between), own in groups.items():
        alike.setdefault((between, _where(own, report)), []).append(identifier)
    for (between, where), names in alike.items():
        yield from wrap(f"{', '.join(names)}: {between}", width, _SECOND, _THIRD)
        yield from wrap(f"in {where}", width, _THIRD)


def _between(flip: Flip, before: Run, after: Run) -> str:
    if results_of(before)[flip.property].verdict is Verdict.VIOLATED:
        return f"violated on {before.runtime}, not on {after.runtime}"
    return f"not violated on {before.runtime}, but on {after.runtime}"


def _where(group: Sequence[Flip], report: Report) -> str:
    """The scenarios, each with the settings in which it is so."""
    chosen: dict[str, list[Run]] = {}
    for flip in group:
        run = report.runs[flip.before]
        chosen.setdefault(run.scenario, []).append(run)
    first = report.runs[group[0].before]
    parts = []
    for scenario, runs in chosen.items():
        among = [
            run
            for run in report.runs
            if (run.model, run.scenario, run.runtime) == (first.model, scenario, first.runtime)
        ]
        settings = describe(runs, among, complete=False)
        parts.append(f"{scenario} ({settings})" if settings else scenario)
    return ", ".join(parts)
