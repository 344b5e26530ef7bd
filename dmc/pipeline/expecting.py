"""What a file expects of its properties, held against the verdicts."""

from __future__ import annotations

from dataclasses import dataclass, replace

from dmc.lower.constants import constant
from dmc.lower.run import RunChoice
from dmc.model.model import Expect, ExpectLine, Model, Scenario
from dmc.pipeline.table import covers
from dmc.results.report import PropertyResult
from dmc.results.verdict import Verdict

WORDS = {
    "violated": Verdict.VIOLATED,
    "vacuous": Verdict.VACUOUS,
    "bounded": Verdict.BOUNDED,
    "inconclusive": Verdict.INCONCLUSIVE,
}


@dataclass(frozen=True)
class Expectations:
    """What is expected in one run: None where a file says nothing."""

    block: Expect | None
    lines: tuple[ExpectLine, ...]
    allowed: frozenset[str]


def expectations(model: Model, scenario: Scenario, run: RunChoice) -> Expectations:
    """The lines that speak of this run."""
    block = _block(model, scenario)
    allowed = frozenset(rule for rule, _, _ in (*model.allows, *scenario.allows))
    if block is None:
        return Expectations(None, (), allowed)
    return Expectations(block, tuple(line for line in block.lines if _speaks_of(line, run)), allowed)


def compare(result: PropertyResult, expected: Expectations) -> PropertyResult:
    """The result, with what was expected of it and whether it is so."""
    if result.id in expected.allowed or result.name in expected.allowed:
        return replace(result, expected="allowed", as_expected=True)
    lines = [line for line in expected.lines if line.property in (result.id, result.name)]
    if lines:
        return _against(result, lines)
    if expected.block is None:
        return replace(result, as_expected=result.verdict is not Verdict.VIOLATED)
    if expected.block.rest_any:
        return replace(result, expected="any", as_expected=True)
    word = "proved" if expected.block.all_verdict == "proved" else "holds"
    if result.verdict is Verdict.NOT_APPLICABLE:
        return result
    good = result.verdict is Verdict.PROVED or (
        word == "holds" and result.verdict in (Verdict.BOUNDED, Verdict.VACUOUS)
    )
    return replace(result, expected=word, as_expected=good)


def _against(result: PropertyResult, lines: list[ExpectLine]) -> PropertyResult:
    line = lines[0]
    functions = [one.function for one in lines if one.function]
    verdict = WORDS[line.verdict]
    text = line.verdict + (f" in {' or '.join(functions)}" if functions else "")
    right_place = not functions or any(f in result.functions for f in functions)
    return replace(result, expected=text, as_expected=result.verdict is verdict and right_place)


def _block(model: Model, scenario: Scenario) -> Expect | None:
    own = [e for e in model.expects if e.scenario == scenario.name]
    general = [e for e in model.expects if e.scenario is None]
    found = own or general
    return found[0] if found else None


def _speaks_of(line: ExpectLine, run: RunChoice) -> bool:
    if line.runtimes and not any(covers(r, run.profile, run.model) for r in line.runtimes):
        return False
    return line.condition is None or bool(constant(line.condition, run))
