"""Lengths searched value by value, all at once, and class by class: one answer, which proofs agree with."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from dmc.base.source import SourceFile
from dmc.engines.interface import REDUCTIONS
from dmc.engines.reference.replay import replay
from dmc.engines.reference.search import check as by_value
from dmc.engines.symbolic.partition import Partitioned, in_terms_of, partition
from dmc.engines.symbolic.proving import Task, attempt
from dmc.engines.symbolic.search import check as at_once
from dmc.ir.outcome import Limits, SearchResult
from dmc.ir.system import System
from dmc.lower.lowering import lower
from dmc.model.resolver import resolve
from dmc.pipeline.loading import catalogue, release_order
from dmc.pipeline.request import Request
from dmc.pipeline.selection import applies
from dmc.pipeline.table import cells
from dmc.syntax.parser import parse
from tests.conformance.random_lengths import random_driver

SAMPLE = range(12)
MORE = range(500, 560)
STATES = 60_000


@cache
def systems(seed: int) -> tuple[System, System]:
    """The system in which each value is an alternative of its own, and the one in which all are data."""
    text = random_driver(seed)
    parsed = parse(SourceFile("random.dmc", text))
    assert parsed.file is not None, text
    resolved = resolve(parsed.file, lambda *_: None, catalogue(), release_order)
    model = resolved.model
    assert model is not None, (text, resolved.diagnostics)
    (cell,) = cells(model, model.scenarios[0], Request(()))
    rules = tuple(r for r in (*catalogue(), *model.rules) if applies(r, model, model.scenarios[0]))
    run = replace(cell.run, heap_scale=2)
    return lower(run, rules).system, lower(replace(run, enumerated=0), rules).system


def said(result: SearchResult) -> tuple[frozenset[str], frozenset[str]]:
    """What must not depend on the way of searching."""
    return frozenset(finding.property for finding in result.findings), frozenset(result.cuts)


@cache
def agree(seed: int) -> tuple[frozenset[str], bool]:
    """Compare all ways; what is violated, and whether there are classes."""
    explicit, symbolic = systems(seed)
    text = random_driver(seed)
    expected = by_value(explicit, Limits(states=STATES), REDUCTIONS)
    assert expected.stopped_by is None
    found = at_once(symbolic, Limits(states=STATES), REDUCTIONS)
    assert found.stopped_by is None, text
    assert said(found) == said(expected), text
    for finding in found.findings:
        replay(symbolic, finding)
    parts = partition(symbolic)
    if isinstance(parts, Partitioned):
        by_class = in_terms_of(parts, symbolic, by_value(parts.system, Limits(states=STATES), REDUCTIONS))
        assert said(by_class) == said(expected), text
        for finding in by_class.findings:
            replay(symbolic, finding)
    return said(expected)[0], isinstance(parts, Partitioned)


@pytest.mark.parametrize("seed", SAMPLE)
def test_three_ways_give_one_answer(seed: int) -> None:
    agree(seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", MORE)
def test_many_more(seed: int) -> None:
    agree(seed)


@pytest.mark.parametrize("seed", SAMPLE[::4])
def test_what_is_proved_is_not_violated(seed: int) -> None:
    symbolic = systems(seed)[1]
    proof = attempt(Task(symbolic, REDUCTIONS))
    assert proof.proved.isdisjoint(agree(seed)[0]), random_driver(seed)


def test_the_sample_has_something_to_find_and_both_kinds_of_data() -> None:
    found = [agree(seed) for seed in SAMPLE]
    assert sum(bool(violated - {"HNG001"}) for violated, _ in found) >= len(SAMPLE) / 5
    assert len(SAMPLE) / 4 <= sum(classes for _, classes in found) <= 3 * len(SAMPLE) / 4
