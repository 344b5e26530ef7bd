"""What became of a golden trace in the model of today."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class GoldenTrace:
    """A kept run into an expected violation.

    `problem` is "" while it replays and violates; `step` is where not.
    """

    model: str
    identifier: str
    functions: tuple[str, ...]
    where: str
    steps: int
    problem: str = ""
    step: int = 0

    @property
    def text(self) -> str:
        """In a line."""
        inside = f" in {', '.join(self.functions)}" if self.functions else ""
        state = self.problem or f"{self.steps} steps, as they were"
        return f"{self.identifier}{inside}, {self.where}: {state}"
