"""Everything that a reporter may show, and nothing that it would have to look up."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dmc.base.diagnostic import Diagnostic
from dmc.base.source import NOWHERE, Span
from dmc.results.ledger import LedgerEntry
from dmc.results.proof import ForAllValues
from dmc.results.verdict import Verdict

if TYPE_CHECKING:
    from dmc.results.bisection import Bisection
    from dmc.results.coverage import ModelCoverage
    from dmc.results.matrix import Matrix
    from dmc.results.runtime_diff import RuntimeDiff
    from dmc.results.situation import Situation


@dataclass(frozen=True)
class Change:
    """A named thing that a step changed, in the model's words: `d->pending`, "1", "0"."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class TraceStep:
    """One step, told.

    `lane` is the thread's name ("scheduler 1", "async thread 2", a thread of the model) and `actor`
    who acts in it ("owner", "scheduler 1", ...). `frames` are the functions it is inside of,
    outermost first. `action` is the call or statement as written, `result` what it gave. `marks` says
    why the step matters ("violates MEM001"), `notes` what it brings about ("wakes scheduler 1").
    `held` are the locks that the lane holds after the step. An `operand` step only fetches what the
    next step works on. `thread`, `alternative` and, where values were chosen, `values` identify the
    choice for replay.
    """

    thread: int
    alternative: int
    lane: str
    actor: str
    frames: tuple[str, ...]
    action: str
    place: Span
    result: str = ""
    changes: tuple[Change, ...] = ()
    held: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    operand: bool = False
    values: tuple[int, ...] = ()
    ledger: tuple[LedgerEntry, ...] = ()
    """What the step changes in the ledger."""
    name: str = ""
    """What the step is called in the system, with lane and frames: the same after edits elsewhere."""


@dataclass(frozen=True)
class Reason:
    """Something without which the run would not end like this: the steps it is about, and what it is."""

    steps: tuple[int, ...]
    text: str


@dataclass(frozen=True)
class Trace:
    """A run from the start. `initial` says what was chosen before the first step (name, value).

    `owed` says, at the end of the trace, what each job and allocation still owes, one line each.
    `stuck` says, for a hang, what each thread that cannot leave waits for, one line each.
    `summary` is the closing sentence in plain words. `environment` says by name and value in what the run
    differs from the one that the trace is told of: empty but for rules about other environments. `reasons`
    are what `dmc why` found to matter; where there are some, other steps can be folded.
    """

    initial: tuple[tuple[str, str], ...]
    steps: tuple[TraceStep, ...]
    owed: tuple[str, ...] = ()
    stuck: tuple[str, ...] = ()
    summary: str = ""
    initial_values: tuple[int, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    reasons: tuple[Reason, ...] = ()

    @property
    def matters(self) -> tuple[int, ...]:
        """The numbers, from 1, of the steps that some reason is about."""
        return tuple(sorted({step for reason in self.reasons for step in reason.steps}))


@dataclass(frozen=True)
class PropertyResult:
    """The verdict of one property in one run.

    `expected` is None where nothing was expected, else the expected verdict's word (with " in f").
    `functions` are the functions in which a violation ended ("in F" of an expectation). `message` is
    what was found, or why nothing could be said; `claim` is what the property claims.
    """

    id: str
    name: str
    verdict: Verdict
    message: str
    where: Span = NOWHERE
    expected: str | None = None
    as_expected: bool = True
    functions: tuple[str, ...] = ()
    trace: Trace | None = None
    claim: str = ""


@dataclass(frozen=True)
class CostLine:
    """What a modeller sees to bound: a thread's point or a variable, and its share of the states."""

    name: str
    count: int


@dataclass(frozen=True)
class Cost:
    """Where the states are: stored states by thread and point, distinct values by variable."""

    points: tuple[CostLine, ...] = ()
    values: tuple[CostLine, ...] = ()


def how_it_ended(stopped_by: str) -> str:
    """Of a search that is not complete: by what (`Run.stopped_by`)."""
    match stopped_by:
        case "interrupt":
            return "the search was ended by an interrupt"
        case "undecided":
            return "the search was ended by a question that the solver did not decide"
        case _:
            return f"the search was ended by the limit of {stopped_by}"


@dataclass(frozen=True)
class Run:
    """One search: one scenario in one runtime, locking, pool and choice of axes.

    `locking` is port or driver, `regime` what it comes to on this runtime (port, driver, global,
    emulator). `instance` states the bounds of the scenario in a sentence ("at most 2 commands, ...").
    `cut_by` names each cut, with the number of runs that it ended. `stopped_by` is "" after a
    complete search, else states, depth, seconds, memory or interrupt.
    """

    model: str
    scenario: str
    runtime: str
    locking: str
    regime: str
    async_threads: int
    schedulers: int
    axes: dict[str, str]
    engine: str
    reductions: tuple[str, ...]
    assumptions: tuple[str, ...]
    complete: bool
    cut_by: tuple[tuple[str, int], ...]
    stopped_by: str
    states: int
    transitions: int
    depth: int
    seconds: float
    peak_bytes: int
    instance: str
    properties: tuple[PropertyResult, ...]
    equivalent_preset: str = ""
    dropped: tuple[tuple[str, int], ...] = ()
    cost: Cost = field(default_factory=Cost)
    not_applicable: str = ""
    """Why this cell was not searched at all (a release lacks a function), or ""."""
    build: str = ""
    """SMP or non-SMP, as the report names it, or "" where it goes without saying."""
    engine_note: str = ""
    """Why no faster engine searched it, or ""."""
    faults: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """For each kind of fault in `cut_by`, the properties that it violates."""
    data: tuple[str, ...] = ()
    """For each large choice, a sentence: how its values were searched, and why that is exact."""
    proof: ForAllValues | None = None
    """What is proved for all values, where that was asked for."""


@dataclass(frozen=True)
class Report:
    """The whole answer of a command."""

    runs: tuple[Run, ...]
    diagnostics: tuple[Diagnostic, ...]
    exit: int
    matrix: Matrix | None = None
    """What `dmc matrix` has to say of the runs together."""
    bisection: Bisection | None = None
    """What `dmc bisect` has to say of one property."""
    difference: RuntimeDiff | None = None
    """What `dmc diff` has to say of two runtimes."""
    situation: Situation | None = None
    """What `dmc why-not` has to say of a condition."""
    coverage: tuple[ModelCoverage, ...] = ()
    """What the runs of each model put to use, where that was asked for."""
