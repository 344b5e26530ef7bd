"""The releases on which something changes: between two of them every run is the same.

So a question about all releases of a build is answered by one run for each of these, and no verdict has to be
assumed to change only once.
"""

from __future__ import annotations

from dataclasses import dataclass

from dmc.driver_api.registry import api_function
from dmc.model.model import Model
from dmc.pipeline.loading import release_order
from dmc.runtime.presets import Selection
from dmc.runtime.profile import builds_of
from dmc.runtime.proposals import READ_POINTS
from dmc.runtime.release import Build, Release, known_names, parse_name, release


@dataclass(frozen=True)
class Era:
    """Releases of one build that a model cannot tell apart. `name` is the first of them, as a runtime."""

    build: Build
    first: Release
    last: Release

    @property
    def name(self) -> str:
        """The runtime that stands for all of them."""
        return f"{self.first}/{self.build.value}" if len(builds_of(self.first)) > 1 else str(self.first)


OLDEST = release("R7B")


def eras(model: Model, within: Selection | None = None) -> tuple[Era, ...]:
    """All eras of a model's runs, or those of a range: the non-SMP build first, oldest first."""
    found: list[Era] = []
    for build in (Build.NON_SMP, Build.SMP):
        if within is None or build in within.builds:
            found += _of_build(model, build, within)
    return tuple(found)


def _of_build(model: Model, build: Build, within: Selection | None) -> list[Era]:
    releases = [r for r in _known() if build in builds_of(r) and _lies(r, within)]
    starts = {entry.since for point in READ_POINTS for entry in point.entries if build in entry.builds}
    starts |= _of_calls(model)
    bounds = [
        r for number, r in enumerate(releases) if not number or _begins(r, releases[number - 1], starts)
    ]
    ends = [*bounds[1:], None]
    return [
        Era(build, first, max(r for r in releases if r >= first and (end is None or r < end)))
        for first, end in zip(bounds, ends, strict=True)
    ]


def _begins(this: Release, before: Release, starts: set[Release]) -> bool:
    return any(before < start <= this for start in starts)


def _of_calls(model: Model) -> set[Release]:
    """Where functions that the model calls come and go."""
    found = set()
    for name in model.api_uses:
        entry = api_function(name)
        if entry is not None:
            found |= {release_order(text, True) for text in (entry.since, entry.until) if text}
    return found


def _known() -> list[Release]:
    names = (parse_name(text) for text in known_names())
    single = {end for name in names if name is not None for end in (name.first, name.last)}
    return sorted(r for r in single if r >= OLDEST)


def _lies(when: Release, within: Selection | None) -> bool:
    if within is None:
        return True
    return (within.low is None or within.low <= when) and (within.high is None or when <= within.high)
