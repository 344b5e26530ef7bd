"""Releases that a model names, and the functions that they lack.

Which releases there are is knowledge of the runtime: it arrives as a function.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from dmc.base.diagnostic import Severity
from dmc.base.source import Span
from dmc.driver_api.registry import api_function
from dmc.model import model
from dmc.model.environment import World

ReleaseOrder = Callable[[str, bool], Any]
"""What a name of a release or preset means, as something that can be compared by age, or None if it
means nothing. The second argument says whether the name stands as the low end of a range.
"""


def check_releases(found: model.Model, order: ReleaseOrder, world: World, as_written: bool = True) -> None:
    """Names that are no release, ranges that are empty, functions that some or all releases lack.

    `as_written`: the runs are those that the file names, so that it can be said what they lack.
    """
    for runtime in _written(found):
        _check_names(runtime, order, world)
    if not as_written:
        return
    for runtimes in _ran(found):
        for name, use in found.api_uses.items():
            _check_function(name, use, runtimes, order, world)


def _ran(found: model.Model) -> Iterator[tuple[model.RuntimeRange, ...]]:
    """What scenarios run: their own setting, or that of the file, which some may all have overridden."""
    own = [scenario.settings.runtimes for scenario in found.scenarios]
    general = found.settings.runtimes
    if general and (not own or not all(own)):
        yield general
    yield from (runtimes for runtimes in own if runtimes)


def _settings(found: model.Model) -> Iterator[model.Settings]:
    yield found.settings
    for scenario in found.scenarios:
        yield scenario.settings


def _written(found: model.Model) -> Iterator[model.RuntimeRange]:
    for settings in _settings(found):
        yield from settings.runtimes or ()
    told: set[Span] = set()
    for expect in found.expects:
        for line in expect.lines:
            for runtime in line.runtimes:
                if runtime.span not in told:
                    told.add(runtime.span)
                    yield runtime


def _check_names(runtime: model.RuntimeRange, order: ReleaseOrder, world: World) -> None:
    low, high = runtime.low, runtime.high
    for text, is_low in ((low, not runtime.single), (high, False)):
        if text is not None and order(text, is_low) is None:
            hints = ("write a release (`R12B-5`, `17.5`), a preset (`otp23`) or a range (`R12B..`)",)
            world.report("E501", f"`{text}` is no release", runtime.span, "", hints)
            return
    if low is not None and high is not None and not runtime.single and order(low, True) > order(high, False):
        world.report(
            "E314", f"the range {low}..{high} is empty", runtime.span, "its ends are in the wrong order"
        )


def _check_function(
    name: str, use: Span, runtimes: tuple[model.RuntimeRange, ...], order: ReleaseOrder, world: World
) -> None:
    entry = api_function(name)
    if entry is None:
        return
    since = order(entry.since, True)
    until = order(entry.until, True) if entry.until else None
    lacking = [r for r in runtimes if _before(r, since, order) or _after(r, until, order)]
    severity = Severity.ERROR if _all_lack(lacking, runtimes, since, until, order) else Severity.WARNING
    for runtime in lacking:
        place = f"used at {use.path.rsplit('/', 1)[-1]}:{use.line}"
        if _before(runtime, since, order):
            since_when = f"{runtime.low or 'the first releases'}: it came with {entry.since}"
            hints = (f"`runtime = {entry.since}..;`",)
        else:
            since_when = f"{runtime.high or 'later releases'}: it went with {entry.until}"
            hints = (f"run only releases before {entry.until}",)
        text = f"`{name}` does not exist on {since_when}"
        world.report("E502", text, runtime.span, place, hints, severity=severity)


def _before(runtime: model.RuntimeRange, since: Any, order: ReleaseOrder) -> bool:
    if runtime.low is None:
        return True
    low = order(runtime.low, not runtime.single)
    return low is not None and since is not None and bool(low < since)


def _after(runtime: model.RuntimeRange, until: Any, order: ReleaseOrder) -> bool:
    if until is None:
        return False
    if runtime.high is None:
        return True
    high = order(runtime.high, False)
    return high is not None and bool(high >= until)


def _all_lack(
    lacking: list[model.RuntimeRange],
    runtimes: tuple[model.RuntimeRange, ...],
    since: Any,
    until: Any,
    order: ReleaseOrder,
) -> bool:
    """Whether no release at all is left of those that are named."""
    if len(lacking) < len(runtimes):
        return False
    return all(_lies_before(r, since, order) or _lies_after(r, until, order) for r in runtimes)


def _lies_before(runtime: model.RuntimeRange, since: Any, order: ReleaseOrder) -> bool:
    high = order(runtime.high, False) if runtime.high is not None else None
    return high is not None and since is not None and bool(high < since)


def _lies_after(runtime: model.RuntimeRange, until: Any, order: ReleaseOrder) -> bool:
    low = order(runtime.low, not runtime.single) if runtime.low is not None else None
    return low is not None and until is not None and bool(low >= until)
