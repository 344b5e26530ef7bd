"""One run of a model: which scenario, on what runtime, with which values of all axes."""

from __future__ import annotations

from dataclasses import dataclass

from dmc.model.model import Model, Scenario
from dmc.runtime.profile import Profile

ENUMERATED = 1024


@dataclass(frozen=True)
class RunChoice:
    """A cell of the table that a file's axes span. `axes` maps an author's axis to a value as text."""

    model: Model
    scenario: Scenario
    profile: Profile
    locking: str
    async_threads: int
    schedulers: int
    axes: tuple[tuple[str, str], ...]
    heap_scale: int = 1
    """How many times the estimated size of the heap is made available."""
    enumerated: int = ENUMERATED
    """A choice of more numbers than this is not looked at value by value: what is chosen is data."""

    def axis(self, name: str) -> str:
        """The value of an author's axis."""
        return dict(self.axes)[name]
