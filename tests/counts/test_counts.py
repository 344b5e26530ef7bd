"""The counts of small models are pinned, and no reduction changes a verdict of theirs."""

from __future__ import annotations

from functools import cache
from itertools import combinations

import pytest

from dmc.engines.interface import REDUCTIONS
from dmc.results.report import Report
from tests.counts.counting import MODELS, checked, counted, key, stored, written
from tests.counts.hand_written import HAND_WRITTEN, count

SUBSETS = [
    frozenset(subset)
    for size in range(len(REDUCTIONS) + 1)
    for subset in combinations(sorted(REDUCTIONS), size)
]

Verdicts = dict[tuple[str, str], tuple[str, bool]]


@cache
def unreduced(name: str) -> Report:
    return checked(name, ())


def verdicts(report: Report) -> Verdicts:
    """By run and property: the verdict, and whether it was expected."""
    return {(key(r), p.id): (p.verdict.value, p.as_expected) for r in report.runs for p in r.properties}


def test_all_models_are_pinned() -> None:
    assert sorted(stored()) == list(MODELS)
    assert (len(SUBSETS), len(MODELS) >= 12) == (8, True)


def test_the_table_is_as_the_command_writes_it() -> None:
    table = stored()
    assert written(table) == written({name: dict(runs) for name, runs in table.items()})


@pytest.mark.parametrize("name", MODELS)
def test_counts_are_as_pinned(name: str) -> None:
    assert counted(name) == stored()[name]


@pytest.mark.parametrize("name", sorted(HAND_WRITTEN))
def test_counts_are_those_of_a_search_by_hand(name: str) -> None:
    (counts,) = stored()[name].values()
    assert counts["none"] == count(*HAND_WRITTEN[name])


@pytest.mark.parametrize("name", MODELS)
def test_verdicts_are_as_expected(name: str) -> None:
    report = unreduced(name)
    assert [(run, p) for (run, p), (_, as_expected) in verdicts(report).items() if not as_expected] == []
    assert all(run.complete for run in report.runs)


@pytest.mark.parametrize("reductions", SUBSETS[1:], ids=lambda subset: "+".join(sorted(subset)))
@pytest.mark.parametrize("name", MODELS)
def test_reductions_change_no_verdict(name: str, reductions: frozenset[str]) -> None:
    reduced = checked(name, reductions)
    assert verdicts(reduced) == verdicts(unreduced(name))
    assert all(r.states <= u.states for r, u in zip(reduced.runs, unreduced(name).runs, strict=True))


@pytest.mark.parametrize("reductions", [frozenset[str](), REDUCTIONS], ids=["none", "all"])
def test_every_finding_has_a_trace(reductions: frozenset[str]) -> None:
    """A finding that did not replay would be an error, and not be reported."""
    violated = [
        p
        for name in MODELS
        for r in checked(name, reductions).runs
        for p in r.properties
        if p.verdict.value == "violated"
    ]
    assert len(violated) >= len(MODELS)
    assert all(p.trace is not None for p in violated)
