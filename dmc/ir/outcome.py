"""What a search says about a system, in the system's own terms."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum


@dataclass(frozen=True)
class Choice:
    """Thread (number from 1) and alternative (index among the steps of its type).

    `values` are what the step's `Choose` statements give, in the order in which they are executed.
    """

    thread: int
    alternative: int
    values: tuple[int, ...] = ()


@dataclass(frozen=True)
class Path:
    """A run: the values of the system's initial choices, in order, and the steps taken, unreduced."""

    initial: tuple[int, ...]
    choices: tuple[Choice, ...]


class Limit(Enum):
    """Why a search ended before it was complete."""

    STATES = "states"
    DEPTH = "depth"
    SECONDS = "seconds"
    MEMORY = "memory"
    INTERRUPT = "interrupt"
    UNDECIDED = "undecided"
    """A question about data that the solver did not answer."""


@dataclass(frozen=True)
class Limits:
    """Bounds of a search: number of states, depth in levels, seconds, bytes; None is no bound."""

    states: int | None = None
    depth: int | None = None
    seconds: float | None = None
    memory: int | None = None


@dataclass(frozen=True)
class RacePair:
    """Two threads whose next steps conflict, by thread number and alternative, at one location."""

    first: Choice
    second: Choice
    location: str


@dataclass(frozen=True)
class StuckThread:
    """A thread that cannot leave: its number, the point it waits at or one of the loop it turns in."""

    thread: int
    point: str
    looping: bool
    waits: str = ""
    holder: int = 0


@dataclass(frozen=True)
class Finding:
    """How a property is violated: the run into it, and what there is to see at its end.

    `kind` is the kind of a fault, or "". `details` are the values of a `Violate`. `objects` are the
    slots of lost objects, numbered as in the unreduced run. `obligation` is the number of the one that
    cannot be met, `awaited` the parties that it has to do without and that still could make a step.
    """

    property: str
    path: Path
    kind: str = ""
    details: tuple[tuple[str, int], ...] = ()
    race: RacePair | None = None
    stuck: tuple[StuckThread, ...] = ()
    cycle: tuple[tuple[int, int], ...] = ()
    deadlock: bool = False
    obligation: int = 0
    awaited: tuple[str, ...] = ()


@dataclass(frozen=True)
class SearchResult:
    """All that a search established.

    `findings` has the first finding of each violated property by level, in the order of the
    properties. `cuts` maps the name of each cut, and of each fault kind as `fault:<kind>`, that some
    run ended with to its count. `covered` are the names covered, `relations` the pairs collected.
    `stopped_by` is None after a complete search. The id of a REACHABLE property is covered when its
    condition held, that of a CAN_REACH property when it was tested. `undecided` are properties of which a
    complete search could not tell, each with the reason; `doubt` is the question that stopped a search
    (UNDECIDED).
    """

    states: int
    transitions: int
    depth: int
    findings: tuple[Finding, ...]
    covered: frozenset[str]
    relations: dict[str, frozenset[tuple[int, int]]] = field(default_factory=dict)
    cuts: dict[str, int] = field(default_factory=dict)
    dropped: dict[str, int] = field(default_factory=dict)
    ends: int = 0
    stopped_by: Limit | None = None
    seconds: float = 0.0
    peak_bytes: int = 0
    reductions: tuple[str, ...] = ()
    points_visited: dict[str, int] = field(default_factory=dict)
    undecided: dict[str, str] = field(default_factory=dict)
    doubt: str = ""


def not_begun(stopped_by: Limit, reductions: frozenset[str]) -> SearchResult:
    """What is known when a limit was reached before the first state was."""
    return SearchResult(
        states=0,
        transitions=0,
        depth=0,
        findings=(),
        covered=frozenset(),
        stopped_by=stopped_by,
        reductions=tuple(sorted(reductions)),
    )
