"""What changed between two results of the same command, an old one and a new one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from dmc.results.verdict import Verdict


class Change(Enum):
    """What became of a verdict, as somebody who waits for green sees it."""

    BROKEN = "violated now"
    FIXED = "not violated any more"
    WEAKER = "says less"
    STRONGER = "says more"
    ELSEWHERE = "violated in another place"
    EXPECTATION = "expected otherwise"
    REMOVED = "not there any more"
    ADDED = "new"


WORSE = frozenset({Change.BROKEN, Change.WEAKER, Change.ELSEWHERE, Change.REMOVED})

_STRENGTH = {
    Verdict.PROVED: 4,
    Verdict.BOUNDED: 3,
    Verdict.VACUOUS: 2,
    Verdict.NOT_APPLICABLE: 2,
    Verdict.INCONCLUSIVE: 1,
}


@dataclass(frozen=True)
class Side:
    """A property in one of the results; `number` is that of its run, from 1."""

    verdict: Verdict
    functions: tuple[str, ...]
    expected: str | None
    as_expected: bool
    message: str
    steps: int
    number: int


@dataclass(frozen=True)
class Difference:
    """One property of one run that is not as it was."""

    change: Change
    model: str
    scenario: str
    setting: tuple[tuple[str, str], ...]
    property: str
    name: str
    old: Side | None
    new: Side | None


@dataclass(frozen=True)
class Comparison:
    """All differences, and what was compared. `only_old` and `only_new` are runs that the other lacks."""

    differences: tuple[Difference, ...]
    compared: int
    only_old: tuple[str, ...]
    only_new: tuple[str, ...]

    @property
    def exit(self) -> int:
        """1 if a verdict changed or is lost; new runs and properties change nothing; 4 if nothing was
        compared.
        """
        if any(d.change is not Change.ADDED for d in self.differences) or self.only_old:
            return 1
        return 0 if self.compared else 4


def change_of(old: Side | None, new: Side | None) -> Change | None:
    """What became of it, None for nothing worth a word."""
    if old is None:
        return Change.ADDED if new is not None else None
    if new is None:
        return Change.REMOVED
    violated = (old.verdict is Verdict.VIOLATED, new.verdict is Verdict.VIOLATED)
    if violated == (False, True):
        return Change.BROKEN
    if violated == (True, False):
        return Change.FIXED
    if violated == (True, True):
        if old.functions != new.functions:
            return Change.ELSEWHERE
    elif old.verdict is not new.verdict:
        return Change.WEAKER if _STRENGTH[new.verdict] <= _STRENGTH[old.verdict] else Change.STRONGER
    same = (old.expected, old.as_expected) == (new.expected, new.as_expected)
    return None if same else Change.EXPECTATION
