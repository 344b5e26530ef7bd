"""A condition that somebody expects to be reached, and what keeps it from being so."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """Some of what the condition demands together; whether that happens, None if the search does not tell."""

    condition: str
    happens: bool | None


@dataclass(frozen=True)
class Situation:
    """Whether some state of some run is like that: None if the searches were not complete.

    `runs` counts the runs that were searched. `parts` are what it demands, one by one and together, fewest
    first. `elsewhere` are other settings in which it does happen, of `tried`.
    """

    condition: str
    happens: bool | None
    runs: int
    parts: tuple[Part, ...] = ()
    elsewhere: tuple[str, ...] = ()
    tried: int = 0

    @property
    def excluded(self) -> tuple[Part, ...]:
        """The smallest parts that never happen: what is in them keeps the rest from happening."""
        never = [part for part in self.parts if part.happens is False]
        least = min((part.condition.count(" && ") for part in never), default=0)
        return tuple(part for part in never if part.condition.count(" && ") == least)
