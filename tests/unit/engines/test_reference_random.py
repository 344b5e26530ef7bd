"""Reductions change counts, never verdicts: measured on random systems, each finding replayed."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings

from dmc.engines.reference.replay import replay
from dmc.engines.reference.search import check
from dmc.ir.outcome import Limits, SearchResult
from dmc.ir.system import System
from tests.support.system_strategies import seeded_system, systems

NONE: frozenset[str] = frozenset()
HEAP = frozenset({"heap"})
DEAD = frozenset({"heap", "dead"})
BUDGET = Limits(states=3000)


def verdicts(result: SearchResult) -> tuple[set[str], frozenset[str], set[str], set[str]]:
    claims = {finding.property for finding in result.findings}
    return claims, result.covered, set(result.cuts), set(result.dropped)


def agree(system: System, plain: SearchResult, reductions: frozenset[str]) -> None:
    reduced = check(system, reductions=reductions)
    assert verdicts(reduced) == verdicts(plain)
    for finding in reduced.findings:
        replay(system, finding)


@given(systems())
@settings(max_examples=40, derandomize=True, deadline=None)
def test_every_finding_replays_and_renumbering_and_fusion_keep_verdicts(system: System) -> None:
    plain = check(system, BUDGET, NONE)
    for finding in plain.findings:
        assert not replay(system, finding).cleared
    if plain.stopped_by is None:
        agree(system, plain, HEAP)
        agree(system, plain, HEAP | {"fusion"})
        agree(system, plain, frozenset({"fusion"}))


@given(systems())
@settings(max_examples=40, derandomize=True, deadline=None)
def test_clearing_dead_registers_can_only_show_more_losses(system: System) -> None:
    plain = check(system, BUDGET, HEAP)
    if plain.stopped_by is None:
        cleared = check(system, reductions=DEAD)
        if system.pools[0].size > 2:
            assert {f.property for f in cleared.findings} - {f.property for f in plain.findings} <= {"lost"}
            assert {f.property for f in plain.findings} <= {f.property for f in cleared.findings}
        agree(system, cleared, DEAD | {"fusion"})


@pytest.mark.slow
def test_reductions_on_many_systems() -> None:
    for seed in range(150):
        system = seeded_system(seed)
        plain = check(system, BUDGET, HEAP)
        if plain.stopped_by is None:
            agree(system, plain, HEAP | {"fusion"})
            agree(system, check(system, reductions=DEAD), DEAD | {"fusion"})


def test_random_systems_are_worth_testing() -> None:
    found: Counter[str] = Counter()
    searched = 0
    for seed in range(100):
        result = check(seeded_system(seed), BUDGET, HEAP)
        if result.stopped_by is None:
            searched += 1
            found.update(finding.property for finding in result.findings)
    assert searched >= 75
    for claim in ("hang", "fault", "race", "lost"):
        assert found[claim] >= searched / 5, found


def test_fusion_does_reduce() -> None:
    plain = fused = 0
    for seed in range(30):
        result = check(seeded_system(seed), BUDGET, DEAD)
        if result.stopped_by is None:
            plain += result.states
            fused += check(seeded_system(seed), reductions=DEAD | {"fusion"}).states
    assert fused < plain * 2 / 3
