"""What two runtimes answer differently about the same models."""

from __future__ import annotations

from dataclasses import dataclass

from dmc.results.matrix import Cause
from dmc.results.report import Trace
from dmc.results.verdict import Verdict


@dataclass(frozen=True)
class VerdictDiff:
    """A property that comes out differently on the two sides, all else being equal.

    `left` and `right` are places in `Report.runs`. A verdict is None where that side cannot run the model.
    """

    property: str
    name: str
    left: int
    right: int
    verdicts: tuple[Verdict | None, Verdict | None]
    functions: tuple[tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True)
class OutcomeDiff:
    """Something that can happen on one side only. `runs` are the places of the runs of that side."""

    text: str
    side: int
    runs: tuple[int, ...]
    trace: Trace | None


@dataclass(frozen=True)
class Turn:
    """The release between the two sides on which the verdict of a property turns, and why.

    `settings` says where that is so, in words.
    """

    model: str
    property: str
    release: str
    violated: bool
    settings: tuple[str, ...]
    causes: tuple[Cause, ...]
    unexplained: str


@dataclass(frozen=True)
class RuntimeDiff:
    """Everything that differs between `left` and `right`, in the order of the models."""

    left: str
    right: str
    verdicts: tuple[VerdictDiff, ...]
    outcomes: tuple[OutcomeDiff, ...]
    turns: tuple[Turn, ...]
    complete: bool
    """Whether all searches were: only then what is not here does not differ."""

    @property
    def differs(self) -> bool:
        """Whether a driver can notice the difference."""
        return bool(self.verdicts or self.outcomes)
