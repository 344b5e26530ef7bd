"""The numbers under which C knows what a system names: outcomes, covers, relations, locations, sites."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import TypeVar

from dmc.ir.statement import Cut, Drop, Fault
from dmc.ir.system import PropertyKind, System

Outcome = Fault | Cut | Drop
T = TypeVar("T", bound=Hashable)


@dataclass(frozen=True)
class Site:
    """A statement that reports: `kind` as in `dmc_site_kind`, the number of its target, its values."""

    kind: int
    target: int
    details: tuple[str, ...]


VIOLATES, COLLECTS, COVERS = 1, 2, 3


@dataclass
class Numbering:
    """Numbers in the order of first use; equal things have one number."""

    system: System
    outcomes: dict[Outcome, int] = field(default_factory=dict)
    covers: dict[str, int] = field(default_factory=dict)
    relations: dict[str, int] = field(default_factory=dict)
    locations: dict[str, int] = field(default_factory=dict)
    sites: dict[Site, int] = field(default_factory=dict)
    protections: dict[int, dict[str, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.properties = {claim.id: n for n, claim in enumerate(self.system.properties)}

    def outcome(self, outcome: Outcome) -> int:
        """The number of a way to end."""
        return _numbered(self.outcomes, outcome)

    def location(self, name: str) -> int:
        """The number of a location."""
        return _numbered(self.locations, name)

    def protection(self, location: int, name: str) -> int:
        """The number of a named protection among those of its location."""
        return _numbered(self.protections.setdefault(location, {}), name)

    def violation(self, claim: str, details: tuple[str, ...]) -> int | None:
        """The site of a violation; None if the system has no such property."""
        number = self.properties.get(claim)
        return None if number is None else _numbered(self.sites, Site(VIOLATES, number, details))

    def collection(self, relation: str) -> int:
        """The site of the pairs of a relation."""
        number = _numbered(self.relations, relation)
        return _numbered(self.sites, Site(COLLECTS, number, ("source", "target")))

    def cover(self, name: str) -> tuple[int, int]:
        """The number of a cover, and its site."""
        number = _numbered(self.covers, name)
        return number, _numbered(self.sites, Site(COVERS, number, ()))

    def claims(self, *kinds: PropertyKind) -> list[tuple[str, int]]:
        """The properties of these kinds, with their numbers, in order."""
        return [(c.id, self.properties[c.id]) for c in self.system.properties if c.kind in kinds]


def _numbered(table: dict[T, int], key: T) -> int:
    return table.setdefault(key, len(table))
