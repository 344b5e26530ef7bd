"""The shape of a variation point: a claim, its possible values, and from which release which one holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeVar

from dmc.runtime.release import Build, Release, release


class PointValue(Enum):
    """A value of a point; the member's text is its meaning, its name in lower case the word in models."""

    @property
    def word(self) -> str:
        """How a model file and a page spell the value."""
        return self.name.lower()

    @property
    def meaning(self) -> str:
        """What the runtime does under this value."""
        return str(self.value)


V = TypeVar("V", bound=PointValue)

SMP = frozenset({Build.SMP})
NON_SMP = frozenset({Build.NON_SMP})
BOTH = SMP | NON_SMP


@dataclass(frozen=True)
class Entry(Generic[V]):
    """From `since` on, on these builds, the value holds; the citation says where that was read."""

    since: Release
    builds: frozenset[Build]
    value: V
    citation: str


@dataclass(frozen=True)
class VariationPoint(Generic[V]):
    """One way in which runtimes differ. A point has no behaviour: the mechanism it governs reads it."""

    number: int
    name: str
    claim: str
    values: type[V]
    entries: tuple[Entry[V], ...]

    def at(self, when: Release, build: Build) -> V:
        """The value of the newest entry for that build which is not newer than the release."""
        found = [entry.value for entry in self.entries if entry.since <= when and build in entry.builds]
        return found[-1]

    def parse(self, word: str) -> V | None:
        """The value that a model file spells so."""
        return next((value for value in self.values if value.word == word.strip().lower()), None)


def point(
    number: int,
    name: str,
    claim: str,
    values: type[V],
    rows: Sequence[tuple[str, frozenset[Build], V, str]],
) -> VariationPoint[V]:
    """A point from a table whose rows name the first release as text."""
    entries = tuple(Entry(release(since), builds, value, text) for since, builds, value, text in rows)
    return VariationPoint(number, name, claim, values, entries)
