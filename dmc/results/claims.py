"""Claims that documents make about the runtime or about designs, and what the runs say of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from dmc.results.report import PropertyResult, Run
from dmc.results.verdict import Verdict


class Says(Enum):
    """What a claim says of its properties."""

    HOLDS = "holds"
    """They hold in every run of every setting."""
    HAPPENS = "happens"
    """Some run shows it: one of them is violated."""


class Answer(Enum):
    """What is found of a claim on one runtime."""

    TRUE = "true"
    FALSE = "false"
    OPEN = "open"
    """The searches were not complete, or were cut where it might happen."""
    VACUOUS = "vacuous"
    """It is said to hold, and no run could have violated it."""
    NOT_RUN = "."
    """The runtime cannot run the model, or the claim does not speak of it."""


@dataclass(frozen=True)
class Claim:
    """A claim in our own words, and the runs that decide it.

    `setting` are values of axes, as they are written on a command line. `document` is the name of the text
    that makes the claim.
    """

    document: str
    text: str
    says: Says
    model: str
    scenario: str
    properties: tuple[str, ...]
    setting: tuple[tuple[str, str], ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Evidence:
    """A run that decides a claim on its runtime, and the property that does so in it."""

    run: Run
    result: PropertyResult


@dataclass(frozen=True)
class Finding:
    """A claim on one runtime. `evidence` is the run that refutes it, or the one that shows it."""

    runtime: str
    answer: Answer
    evidence: Evidence | None = None


@dataclass(frozen=True)
class Unstated:
    """A claim that no model can say yet, and what is missing for it."""

    document: str
    text: str
    needs: str


@dataclass(frozen=True)
class Claims:
    """All claims of a file, with what was found, in the order of the file."""

    findings: tuple[tuple[Claim, tuple[Finding, ...]], ...]
    unstated: tuple[Unstated, ...]


def decide(claim: Claim, runtime: str, runs: tuple[Run, ...]) -> Finding:
    """The claim on one runtime, by all of its runs there."""
    results = [
        Evidence(run, result)
        for run in runs
        if not run.not_applicable
        for result in run.properties
        if result.id in claim.properties or result.name in claim.properties
    ]
    if not results:
        return Finding(runtime, Answer.NOT_RUN)
    violated = [found for found in results if found.result.verdict is Verdict.VIOLATED]
    if violated:
        shortest = min(violated, key=_length)
        answer = Answer.FALSE if claim.says is Says.HOLDS else Answer.TRUE
        return Finding(runtime, answer, shortest)
    return Finding(runtime, _without_violation(claim, results))


def _without_violation(claim: Claim, results: list[Evidence]) -> Answer:
    """A green that checked nothing is not green. A fault that ends a run is no cut here: nothing follows."""
    if any(not found.run.complete for found in results):
        return Answer.OPEN
    match claim.says:
        case Says.HOLDS:
            vacuous = all(found.result.verdict is Verdict.VACUOUS for found in results)
            return Answer.VACUOUS if vacuous else Answer.TRUE
        case Says.HAPPENS:
            cuts = [cut for found in results for cut, _ in found.run.cut_by if not cut.startswith("fault:")]
            return Answer.OPEN if cuts else Answer.FALSE


def _length(found: Evidence) -> int:
    return len(found.result.trace.steps) if found.result.trace is not None else 0
