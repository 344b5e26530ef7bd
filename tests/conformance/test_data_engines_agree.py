"""Data searched for all values at once, and value by value: the same verdicts, and every finding replays."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from dmc.base.source import SourceFile
from dmc.engines.interface import REDUCTIONS
from dmc.engines.reference.replay import replay
from dmc.engines.reference.search import check as by_value
from dmc.engines.symbolic.search import check as at_once
from dmc.ir.outcome import Limits, SearchResult
from dmc.ir.printer import print_system
from dmc.ir.system import System
from dmc.ir.text_parser import parse_system
from dmc.ir.verifier import problems
from dmc.lower.lowering import lower
from dmc.model.resolver import resolve
from dmc.pipeline.loading import catalogue, release_order
from dmc.pipeline.request import Request
from dmc.pipeline.selection import applies
from dmc.pipeline.table import cells
from dmc.syntax.parser import parse
from tests.conformance.random_data import random_model

SAMPLE = range(40)
MORE = range(1000, 1150)
LEAST_SHARE = 1 / 8
NONE: frozenset[str] = frozenset()
STATES = 60_000


@cache
def systems(seed: int) -> tuple[System, System]:
    """The system in which each value is an alternative of its own, and the one in which all are data."""
    text = random_model(seed)
    parsed = parse(SourceFile("random.dmc", text))
    assert parsed.file is not None, text
    model = resolve(parsed.file, lambda *_: None, catalogue(), release_order).model
    assert model is not None, text
    (cell,) = cells(model, model.scenarios[0], Request(()))
    rules = tuple(r for r in (*catalogue(), *model.rules) if applies(r, model, model.scenarios[0]))
    run = replace(cell.run, heap_scale=2)
    return lower(run, rules).system, lower(replace(run, enumerated=0), rules).system


def said(result: SearchResult) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """What must not depend on the way of searching.

    Whether an assertion was ever evaluated may: a small choice is part of the step that follows it.
    """
    violated = frozenset(finding.property for finding in result.findings)
    return violated, frozenset(result.cuts), result.covered - {"assertion"}


def agree(seed: int) -> frozenset[str]:
    """Compare, replay; what is violated."""
    explicit, symbolic = systems(seed)
    assert problems(symbolic) == []
    expected = by_value(explicit, Limits(states=STATES), REDUCTIONS)
    assert expected.stopped_by is None
    for reductions in (REDUCTIONS, NONE):
        found = at_once(symbolic, Limits(states=STATES), reductions)
        assert found.stopped_by is None, random_model(seed)
        assert found.undecided == {}, random_model(seed)
        assert said(found) == said(expected), random_model(seed)
        for finding in found.findings:
            replay(symbolic, finding)
    return said(expected)[0]


@pytest.mark.parametrize("seed", SAMPLE)
def test_all_values_at_once_is_value_by_value(seed: int) -> None:
    agree(seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", MORE)
def test_many_more(seed: int) -> None:
    agree(seed)


def test_the_sample_has_something_to_find() -> None:
    counts: dict[str, int] = {}
    for seed in SAMPLE:
        for claim in {f.property for f in at_once(systems(seed)[1], Limits(states=STATES)).findings}:
            counts[claim] = counts.get(claim, 0) + 1
    for claim in ("HNG001", "assertion", "small"):
        assert counts.get(claim, 0) >= LEAST_SHARE * len(SAMPLE), counts


@pytest.mark.parametrize("seed", SAMPLE[:10])
def test_systems_with_data_are_read_as_they_are_written(seed: int) -> None:
    symbolic = systems(seed)[1]
    assert parse_system(print_system(symbolic)) == symbolic
