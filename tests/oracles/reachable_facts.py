"""The facts that `dmc` finds reachable in one run of a model, in the words of the oracles.

A search keeps one finding for each property. To get *sets* of facts, a property is made of each fact:

* jobs: the rules of `observers.dmc`, which are woven into the run beside those of the catalogue;
* faults: in the lowered system each fault names, beside its own properties, one for its kind in the function
  of the model that it ends in;
* leaks: a search tells the first object that is lost, so where one is lost there is another search, in which
  objects of its kind need not be freed; and so on until none is lost.

Both changes add names and take none away: which states there are does not depend on them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from dmc.base.source import SourceFile
from dmc.engines.interface import REDUCTIONS
from dmc.engines.reference.replay import replay
from dmc.engines.reference.search import check
from dmc.ir.outcome import Finding
from dmc.ir.statement import Check, Fault, If, Stmt
from dmc.ir.system import Point, Property, PropertyKind, System, ThreadType
from dmc.lower.lowering import lower
from dmc.lower.run import RunChoice
from dmc.model.model import Model, Rule
from dmc.model.resolver import resolve_rules
from dmc.pipeline import Request
from dmc.pipeline.loading import catalogue, load
from dmc.pipeline.table import cells
from dmc.syntax.parser import parse

HERE = Path(__file__).resolve().parent

COMPLETIONS = {
    "completion_by_ready_async": "completion by ready_async",
    "completion_by_async_free": "completion by async_free",
    "no_completion": "no completion",
}
HANG, LEAK = "HNG001", "MEM003"


@dataclass(frozen=True)
class Facts:
    """What is reachable, and how large the search was."""

    facts: tuple[str, ...]
    states: int


def run_of(model: Model, scenario: str, runtime: str, threads: int, axes: dict[str, str]) -> RunChoice:
    """The one run of a scenario that the values name."""
    request = Request(
        (), runtimes=runtime, locking="port", async_threads=str(threads), schedulers="2", axes=axes
    )
    chosen = next(s for s in model.scenarios if s.name == scenario)
    (cell,) = cells(model, chosen, request)
    assert not cell.refused, cell.refused
    return cell.run


def load_model(path: Path) -> Model:
    """The model of a file without errors."""
    loaded = load(str(path))
    assert loaded.model is not None, loaded.diagnostics
    return loaded.model


def reachable_facts(run: RunChoice, reductions: frozenset[str] = REDUCTIONS) -> Facts:
    """All facts of a run that some interleaving reaches, sorted."""
    system = _with_named_faults(lower(run, (*_hang_and_leak(), *observers())).system)
    result = check(system, reductions=reductions)
    assert result.stopped_by is None
    cut = [name for name in result.cuts if not name.startswith("fault:")]
    assert not cut, f"cut by {cut}: what is not reached is not known"
    found = {finding.property for finding in result.findings}
    facts = {COMPLETIONS.get(name, name) for name in found - {HANG, LEAK}}
    if HANG in found:
        facts.add("hang")
    leak = next((finding for finding in result.findings if finding.property == LEAK), None)
    facts.update(f"leak {kind.lower()}" for kind in _lost_kinds(system, leak, reductions))
    return Facts(tuple(sorted(facts)), result.states)


@cache
def observers() -> tuple[Rule, ...]:
    """The rules of `observers.dmc`."""
    path = HERE / "observers.dmc"
    parsed = parse(SourceFile(str(path), path.read_text(encoding="utf-8")))
    assert parsed.file is not None, parsed.diagnostics
    resolved = resolve_rules(parsed.file)
    assert not resolved.diagnostics, resolved.diagnostics
    return resolved.rules


def _hang_and_leak() -> tuple[Rule, ...]:
    return tuple(rule for rule in catalogue() if rule.id in (HANG, LEAK))


# --- faults ---------------------------------------------------------------------------------------


def _with_named_faults(system: System) -> System:
    """The system in which each kind of fault, in each function, is a property of its own."""
    threads = tuple(_named(thread_type) for thread_type in system.threads)
    steps = (step for thread_type in threads for step in thread_type.steps)
    names = sorted({name for step in steps for fault in _faults(step.body) for name in fault.properties})
    claims = tuple(Property(name, PropertyKind.FAULT) for name in names)
    return replace(system, threads=threads, properties=(*system.properties, *claims))


def _named(thread_type: ThreadType) -> ThreadType:
    functions = {point.name: _function(point) for point in thread_type.points}
    steps = tuple(
        replace(step, body=tuple(_rename(statement, functions[step.source]) for statement in step.body))
        for step in thread_type.steps
    )
    return replace(thread_type, steps=steps)


def _function(point: Point) -> str:
    """The innermost function of the model that a thread at the point is in."""
    names = [
        frame.function for frame in point.frames if not frame.function.startswith(("driver_", "erl_drv_"))
    ]
    return names[-1] if names else "the runtime"


def _rename(statement: Stmt, function: str) -> Stmt:
    match statement:
        case Check(outcome=Fault(kind=kind)):
            name = kind if kind == "double_free" else f"{kind} in {function}"
            return replace(statement, outcome=Fault(kind, (name,)))
        case If(then=then, otherwise=otherwise):
            return replace(
                statement,
                then=tuple(_rename(s, function) for s in then),
                otherwise=tuple(_rename(s, function) for s in otherwise),
            )
        case _:
            return statement


def _faults(body: tuple[Stmt, ...]) -> Iterator[Fault]:
    for statement in body:
        match statement:
            case Check(outcome=Fault() as fault):
                yield fault
            case If(then=then, otherwise=otherwise):
                yield from _faults((*then, *otherwise))


# --- leaks ----------------------------------------------------------------------------------------


def _lost_kinds(system: System, leak: Finding | None, reductions: frozenset[str]) -> set[str]:
    """The kinds of which an object is lost in some run; `leak` is the first finding."""
    (pool,) = system.pools
    claims = tuple(claim for claim in system.properties if claim.id == LEAK)
    lost: set[str] = set()
    while leak is not None:
        new = {thing.kind for thing in replay(system, leak).steps[-1].lost}
        assert new - lost, "a finding that loses nothing"
        lost |= new
        kinds = tuple(replace(kind, owned=kind.owned and kind.name not in lost) for kind in pool.kinds)
        system = replace(system, pools=(replace(pool, kinds=kinds),), properties=claims)
        leak = next(iter(check(system, reductions=reductions).findings), None)
    return lost
