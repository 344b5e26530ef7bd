"""One property over all releases: where it changes from violated to holding or back, and what changes it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from dmc.results.matrix import Cause, Flip, is_violated
from dmc.results.report import Report
from dmc.results.verdict import Verdict


@dataclass(frozen=True)
class Stretch:
    """Neighbouring releases of one build on which the property has one verdict; None where it cannot run.

    `first` and `last` are releases, `runs` the places of the runs in `Report.runs`. `reason` says why it
    cannot run.
    """

    first: str
    last: str
    verdict: Verdict | None
    runs: tuple[int, ...]
    reason: str = ""

    @property
    def violated(self) -> bool | None:
        """Whether it is violated there; None where nothing can be said."""
        return None if self.verdict is None else is_violated(self.verdict)


@dataclass(frozen=True)
class Line:
    """All releases of one build, in one scenario and setting, oldest first."""

    model: str
    scenario: str
    build: str
    setting: tuple[tuple[str, str], ...]
    stretches: tuple[Stretch, ...]

    @property
    def turns(self) -> tuple[tuple[Stretch, Stretch], ...]:
        """The neighbouring stretches between which the property is violated, or stops to be."""
        known = [stretch for stretch in self.stretches if stretch.violated is not None]
        return tuple((a, b) for a, b in pairwise(known) if a.violated != b.violated)

    @property
    def first_bad(self) -> str:
        """The first release on which it is violated; "" if there is none."""
        return next((stretch.first for stretch in self.stretches if stretch.violated), "")

    @property
    def first_good(self) -> str:
        """The first release, after one with a violation, on which it holds again; "" if there is none."""
        return next((after.first for _, after in self.turns if not after.violated), "")


@dataclass(frozen=True)
class Bisection:
    """The property, and its verdict on every release that can differ from the one before."""

    property: str
    name: str
    lines: tuple[Line, ...]


def causes_of(report: Report, before: Stretch, after: Stretch, identifier: str) -> Flip | None:
    """Why the verdict changes between two stretches, as far as that was searched for."""
    flips = report.matrix.flips if report.matrix is not None else ()
    pair = (before.runs[-1], after.runs[0])
    return next((f for f in flips if (f.before, f.after) == pair and f.property == identifier), None)


def turning_points(
    report: Report, bisection: Bisection
) -> Iterator[tuple[Line, Stretch, Stretch, Flip | None]]:
    """Each place at which the property is violated, or stops to be, line by line."""
    for line in bisection.lines:
        for before, after in line.turns:
            yield line, before, after, causes_of(report, before, after, bisection.property)


def main_causes(causes: tuple[Cause, ...]) -> tuple[Cause, ...]:
    """Those that flip the verdict both ways; else all."""
    both = tuple(cause for cause in causes if cause.forward and cause.back)
    return both or causes
