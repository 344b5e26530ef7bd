"""The compiled engine says what the reference engine says: verdicts, counts, and the paths of findings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from dmc.engines.compiled import engine
from dmc.engines.compiled.toolchain import Compiler, find_compiler
from dmc.engines.reference.search import check as reference
from dmc.ir.outcome import Limits, SearchResult
from dmc.ir.system import System
from dmc.lower.lowering import lower
from dmc.pipeline.loading import load
from dmc.pipeline.request import Request
from dmc.pipeline.selection import applies, selected_rules
from dmc.pipeline.table import cells
from tests.support.system_strategies import seeded_system
from tests.support.tiny_systems import heap, producer_consumer, two_locks
from tests.unit.rules.rule_pages import examples

pytestmark = pytest.mark.skipif(not isinstance(find_compiler(), Compiler), reason="there is no C compiler")

ROOT = Path(__file__).parents[2]
MODELS = (
    *sorted((ROOT / "models" / "tutorial").glob("*.dmc")),
    *sorted((ROOT / "tests" / "counts" / "models").glob("*.dmc")),
    ROOT / "models" / "seeds" / "2008-stop-and-async" / "barrier.dmc",
    ROOT / "models" / "seeds" / "2008-stop-and-async" / "cancel.dmc",
)
EXAMPLES = tuple(e for e in examples() if e.heading in ("Violates", "Satisfies") and e.number == 1)
RUNS_OF_A_MODEL = 2
STATES = 3000
SEEDS = range(60)

NONE: frozenset[str] = frozenset()
CHOICES = (NONE, frozenset({"heap"}), frozenset({"heap", "dead"}), frozenset({"heap", "dead", "fusion"}))

TINY = {
    "two locks, opposite": two_locks(True),
    "two locks": two_locks(False),
    "lost wake-up": producer_consumer(True),
    "wake-up": producer_consumer(False),
    **{variant: heap(variant) for variant in ("ok", "use", "lose")},
}


def _agree(system: System, reductions: frozenset[str], limits: Limits = Limits()) -> None:  # noqa: B008
    ours = _compared(engine.check(system, limits, reductions))
    theirs = _compared(reference(system, limits, reductions))
    assert (ours.states, ours.transitions, ours.depth) == (theirs.states, theirs.transitions, theirs.depth)
    assert ours.findings == theirs.findings
    assert ours == theirs


def _compared(result: SearchResult) -> SearchResult:
    return replace(result, seconds=0.0, peak_bytes=0)


@cache
def _systems(path: Path) -> tuple[System, ...]:
    return tuple(_runs(path))[:RUNS_OF_A_MODEL]


def _runs(path: Path) -> Iterator[System]:
    model = load(str(path)).model
    assert model is not None
    for scenario in model.scenarios:
        for cell in cells(model, scenario, Request((str(path),))):
            if not cell.refused:
                rules = tuple(r for r in selected_rules(model, ()) if applies(r, model, scenario))
                yield lower(cell.run, rules).system


def _named(reductions: frozenset[str]) -> str:
    return "+".join(sorted(reductions)) or "none"


@pytest.mark.parametrize("reductions", CHOICES, ids=_named)
@pytest.mark.parametrize("name", TINY)
def test_tiny_systems(name: str, reductions: frozenset[str]) -> None:
    _agree(TINY[name], reductions)


@pytest.mark.parametrize("seed", SEEDS)
def test_random_systems(seed: int) -> None:
    system = seeded_system(seed)
    for reductions in (CHOICES[seed % 4], CHOICES[-1]):
        _agree(system, reductions, Limits(states=STATES))
    _agree(system, CHOICES[seed % 4], Limits(states=5 + seed))
    _agree(system, CHOICES[seed % 4], Limits(depth=seed % 9))


@pytest.mark.slow
@pytest.mark.parametrize("reductions", CHOICES, ids=_named)
@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_models(path: Path, reductions: frozenset[str]) -> None:
    for system in _systems(path):
        _agree(system, reductions, Limits(states=STATES))


@pytest.mark.slow
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: e.name)
def test_examples_of_the_rules(example: object, tmp_path: Path) -> None:
    path = tmp_path / example.name  # type: ignore[attr-defined]
    path.write_text(example.text, encoding="utf-8")  # type: ignore[attr-defined]
    for system in tuple(_runs(path))[:1]:
        _agree(system, CHOICES[-1], Limits(states=STATES))
