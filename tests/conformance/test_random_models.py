"""Random models on their whole way: text, meaning, system, search, with and without reductions.

A failure shows the model. Those of the fixed sample are named by the number that they grow from.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from dmc.base.source import SourceFile
from dmc.engines.interface import REDUCTIONS
from dmc.ir.printer import print_system
from dmc.ir.text_parser import parse_system
from dmc.ir.verifier import problems
from dmc.syntax import ast
from dmc.syntax.parser import parse
from dmc.syntax.unparser import unparse
from tests.conformance.random_models import models
from tests.conformance.searching import (
    COMBINATIONS,
    LARGE,
    NONE,
    STATES,
    Sampled,
    is_complete,
    lowered,
    replayed,
    resolved,
    sampled,
    searched,
    verdicts,
    walked,
)
from tests.support.ast_strategies import without_places

SAMPLE = range(60)
MORE = range(1000, 1150)
LEAST_SHARE = 1 / 5

fixed = settings(derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))


# --- text, meaning, system ------------------------------------------------------------------------


@given(models())
@settings(fixed, max_examples=80)
def test_text_is_read_as_it_was_meant(file: ast.File) -> None:
    text = unparse(file)
    again = parse(SourceFile(file.path, text)).file
    assert without_places(again) == without_places(file), text


@given(models())
@settings(fixed, max_examples=40)
def test_text_is_written_the_same_again(file: ast.File) -> None:
    text = unparse(file)
    again = parse(SourceFile(file.path, text)).file
    assert again is not None
    assert unparse(again) == text


@given(models())
@settings(fixed, max_examples=25)
def test_systems_are_well_formed_and_have_a_text(file: ast.File) -> None:
    system = lowered(resolved(file))
    assert problems(system) == []
    assert parse_system(print_system(system)) == system


@pytest.mark.parametrize("seed", SAMPLE)
def test_no_promise_about_values_is_broken(seed: int) -> None:
    assert walked(sampled(seed).system, states=400) > 1


# --- searches -------------------------------------------------------------------------------------


def agree(one: Sampled, states: int) -> None:
    """Each reduction, and all together, say what the unreduced search says; all findings replay."""
    replayed(one.system, one.plain)
    for reductions in COMBINATIONS:
        reduced = searched(one.system, reductions, states)
        assert verdicts(reduced) == verdicts(one.plain), f"{sorted(reductions)} differ:\n{one.text}"
        if reductions == REDUCTIONS:
            replayed(one.system, reduced)


@pytest.mark.parametrize("seed", SAMPLE)
def test_reductions_change_no_verdict(seed: int) -> None:
    one = sampled(seed)
    if not is_complete(one.plain):
        pytest.skip(f"more than {STATES} states")
    agree(one, STATES)


@given(models())
@settings(fixed, max_examples=12)
def test_reductions_change_no_verdict_of_what_hypothesis_finds(file: ast.File) -> None:
    system = lowered(resolved(file))
    plain = searched(system, NONE, 2_000)
    if is_complete(plain):
        agree(Sampled(-1, unparse(file), system, plain), 2_000)


@pytest.mark.slow
@pytest.mark.parametrize("seed", MORE)
def test_reductions_change_no_verdict_of_many_more(seed: int) -> None:
    one = sampled(seed, LARGE)
    if not is_complete(one.plain):
        pytest.skip(f"more than {LARGE} states")
    agree(one, LARGE)


# --- the generator --------------------------------------------------------------------------------


def complete() -> list[Sampled]:
    return [one for one in map(sampled, SAMPLE) if is_complete(one.plain)]


def share(holds: list[bool]) -> float:
    return sum(holds) / len(holds)


def test_at_most_half_of_the_sample_is_skipped() -> None:
    assert len(complete()) >= len(SAMPLE) / 2


@pytest.mark.parametrize("rule", ["HNG001", "RAC001"])
def test_many_models_hang_and_many_race(rule: str) -> None:
    found = [any(f.property == rule for f in one.plain.findings) for one in complete()]
    assert share(found) >= LEAST_SHARE


def test_many_models_have_a_fault_and_some_have_nothing_wrong() -> None:
    faults = [any(cut.startswith("fault:") for cut in one.plain.cuts) for one in complete()]
    clean = [not one.plain.findings for one in complete()]
    assert share(faults) >= LEAST_SHARE
    assert share(clean) >= LEAST_SHARE / 4
