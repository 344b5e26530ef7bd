"""What the runs of a model have put to use, and what they have not: the confidence card."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class LineCount:
    """A line of a model with steps: in how many of the runs that have them some run executes it."""

    line: int
    executed: int
    runs: int


@dataclass(frozen=True)
class Situation:
    """A callback (or `async_invoke`, `async_free`) called in a state of its port, in so many of the runs."""

    callback: str
    state: str
    runs: int


@dataclass(frozen=True)
class ModelCoverage:
    """One model. `callbacks` are all that it has; `reproduce` is the command line that searches the same.

    `complete` says whether every search was: if not, what was not reached may still be. `cuts` name what
    ended runs early.
    """

    model: str
    runs: int
    lines: tuple[LineCount, ...]
    situations: tuple[Situation, ...]
    callbacks: tuple[str, ...]
    states: tuple[str, ...]
    complete: bool
    cuts: tuple[str, ...]
    reproduce: str

    @property
    def never(self) -> tuple[int, ...]:
        """The lines that no run executes."""
        return tuple(count.line for count in self.lines if not count.executed)
