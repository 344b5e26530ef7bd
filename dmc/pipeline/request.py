"""What a command asks for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from dmc.ir.outcome import Limits

Progress = Callable[[str, int, int, int, int], None]
"""Is told a run's name, states, transitions, depth and the size of the frontier."""


PROVE_SECONDS = 60.0
"""How long a proof for all values is looked for in each run."""


@dataclass(frozen=True)
class Request:
    """Values of axes as written on the command line (None: as the model says), limits, selections.

    `reductions` is None for all of them. `jobs` is how many processes may search at a time.
    """

    paths: tuple[str, ...]
    runtimes: str | None = None
    locking: str | None = None
    async_threads: str | None = None
    schedulers: str | None = None
    axes: dict[str, str] = field(default_factory=dict)
    engine: str = "auto"
    reductions: tuple[str, ...] | None = None
    limits: Limits = field(default_factory=Limits)
    properties: tuple[str, ...] = ()
    strict: bool = False
    scenario: str | None = None
    cost: bool = False
    jobs: int = 1
    shorten: bool = True
    """Whether the runs into violations are made easier to read."""
    prove: bool = False
    prove_seconds: float = PROVE_SECONDS


@dataclass(frozen=True)
class RuleInfo:
    """A rule of the catalogue, for lists."""

    id: str
    slug: str
    text: str
    needs: tuple[str, ...]
    page: str
    advisory: bool = False
