"""What one measurement of one tool gives."""

from __future__ import annotations

from dataclasses import dataclass

from tests.benchmarks.measuring import Cost


@dataclass(frozen=True)
class Result:
    """`search` is the run of a verifier that is already built, `total` is all of it, from the text on."""

    states: int
    transitions: int
    search: Cost
    total: Cost
