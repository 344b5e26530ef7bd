"""From a syntax tree to what searches with different reductions say about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from dmc.base.diagnostic import Diagnostic
from dmc.base.source import SourceFile, Span
from dmc.engines.interface import REDUCTIONS
from dmc.engines.reference.collect import collector
from dmc.engines.reference.replay import replay
from dmc.engines.reference.search import check
from dmc.ir.evaluate import CompiledSystem, Record, compile_system
from dmc.ir.outcome import Limits, SearchResult
from dmc.ir.system import System
from dmc.lower.lowering import lower
from dmc.model.model import Model
from dmc.model.resolver import resolve
from dmc.pipeline.loading import catalogue, release_order
from dmc.pipeline.request import Request
from dmc.pipeline.selection import applies
from dmc.pipeline.table import cells
from dmc.syntax import ast
from dmc.syntax.parser import parse
from dmc.syntax.unparser import unparse
from tests.conformance.random_models import seeded_model

NONE: frozenset[str] = frozenset()
COMBINATIONS = (*(frozenset({one}) for one in sorted(REDUCTIONS)), REDUCTIONS)
STATES = 6_000
LARGE = 20_000
HEAP_CUT = "heap of "


@dataclass(frozen=True)
class Verdicts:
    """What no reduction may change."""

    violated: frozenset[str]
    covered: frozenset[str]
    cuts: frozenset[str]
    dropped: frozenset[str]


def resolved(file: ast.File) -> Model:
    """The model of a tree, by way of its text."""
    source = SourceFile(file.path, unparse(file))
    parsed = parse(source)
    assert not parsed.diagnostics, (parsed.diagnostics, source.text)
    assert parsed.file is not None
    resolution = resolve(parsed.file, _no_imports, catalogue(), release_order)
    errors = [d for d in resolution.diagnostics if d.severity.value == "error"]
    assert not errors, (errors, source.text)
    assert resolution.model is not None
    return resolution.model


def lowered(model: Model) -> System:
    """The system of the model's one run, with the heap twice as large as estimated."""
    scenario = model.scenarios[0]
    (cell,) = cells(model, scenario, Request(()))
    assert not cell.refused, cell.refused
    rules = tuple(r for r in (*catalogue(), *model.rules) if applies(r, model, scenario))
    return lower(replace(cell.run, heap_scale=2), rules).system


def searched(system: System, reductions: frozenset[str], states: int = STATES) -> SearchResult:
    """A search of limited size."""
    return check(system, Limits(states=states), reductions)


def is_complete(result: SearchResult) -> bool:
    """Nothing was left out, neither by a limit nor by a full heap."""
    return result.stopped_by is None and not any(cut.startswith(HEAP_CUT) for cut in result.cuts)


def verdicts(result: SearchResult) -> Verdicts:
    """What the search says, without its counts."""
    return Verdicts(
        frozenset(finding.property for finding in result.findings),
        result.covered,
        frozenset(result.cuts),
        frozenset(result.dropped),
    )


def replayed(system: System, result: SearchResult) -> None:
    """Every finding, in the unreduced and checked system; raises if one does not hold."""
    for finding in result.findings:
        replay(system, finding)


def walked(system: System, states: int) -> int:
    """Every step from the first so many states, unreduced, with every promise about values checked."""
    compiled = compile_system(system, checked=True)
    collect = collector(compiled.layout, renumber=False)
    frontier = [tuple(state) for _, state in compiled.layout.initial_states()]
    seen = set(frontier)
    for state in frontier:
        for after in _successors(compiled, state):
            collect(after)
            if tuple(after) not in seen and len(seen) < states:
                seen.add(tuple(after))
                frontier.append(tuple(after))
    return len(seen)


def _successors(compiled: CompiledSystem, state: tuple[int, ...]) -> Iterator[list[int]]:
    for thread in compiled.layout.threads:
        for step in compiled.steps[state[thread.base]]:
            if step.guard is None or step.guard(state, thread.base, thread.number, thread.instance):
                after = list(state)
                if step.body(after, thread.base, thread.number, thread.instance, Record()) is None:
                    yield after


@dataclass(frozen=True)
class Sampled:
    """A model of the fixed sample, and its unreduced search."""

    seed: int
    text: str
    system: System
    plain: SearchResult


@cache
def sampled(seed: int, states: int = STATES) -> Sampled:
    """The model of a number, searched once for all tests."""
    file = seeded_model(seed)
    system = lowered(resolved(file))
    return Sampled(seed, unparse(file), system, searched(system, NONE, states))


def _no_imports(_written: str, _place: Span) -> ast.File | Sequence[Diagnostic]:
    raise AssertionError("random models import nothing")
