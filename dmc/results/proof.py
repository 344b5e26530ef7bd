"""A claim of its own beside the verdicts: properties proved for all values, with the certificate."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ForAllValues:
    """What a proof by an invariant says of a run.

    `proved` are properties that hold for all values, in any number of steps of the scenario; `open` are the
    others, each with the reason. `invariant` is the certificate in source names, over `controls` control
    states; `initiation`, `consecution` and `safety` count the questions with which another solver confirmed
    it.
    """

    proved: tuple[str, ...] = ()
    open: tuple[tuple[str, str], ...] = ()
    invariant: tuple[str, ...] = ()
    controls: int = 0
    initiation: int = 0
    consecution: int = 0
    safety: int = 0
    seconds: float = 0.0
