"""From the syntax tree of a file to its model: every name bound, every expression typed, or diagnostics.

    imports -> declarations -> scenarios -> properties -> expectations -> checks of the whole

All mistakes of a file are told in one pass: what could not be resolved has an unknown type, which fits
everywhere and silences what would follow from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from dmc.base.diagnostic import Diagnostic
from dmc.base.source import Span
from dmc.model import model
from dmc.model.checked import tested
from dmc.model.declarations import Declarations, declare_all
from dmc.model.environment import Env, Place, World, report_clash
from dmc.model.expectations import Subject, expectations, is_property, report_unknown_property
from dmc.model.expressions import expression
from dmc.model.faults import check_faults
from dmc.model.imports import Load, imported_items
from dmc.model.releases import ReleaseOrder, check_releases
from dmc.model.rule_bodies import Watched, rule
from dmc.model.rule_kinds import check_rules_named
from dmc.model.runtimes import OrderWithProposed, RuntimeBook, check_runtimes, proposed_runtimes
from dmc.model.scenarios import allowances, default_scenario, scenarios
from dmc.model.scope import Scope
from dmc.model.settings import settings
from dmc.model.terms import check_receives
from dmc.model.values_taken import values_taken
from dmc.model.whole_model import api_uses, check_whole
from dmc.syntax import ast

T = TypeVar("T")

ASSERTIONS = "assertion"
"""The id of the property that all `assert` statements are."""
ASSERTIONS_NAME = "assertion"
"""Its name in expectations and reports."""
ASSERTIONS_WORD = "assert"
"""Expectations may call the property as the statement is called, too."""


@dataclass(frozen=True)
class Resolution:
    """The model, or None if there was an error; diagnostics in the order of the text."""

    model: model.Model | None
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True)
class RuleResolution:
    """The rules of a file of the catalogue."""

    rules: tuple[model.Rule, ...]
    diagnostics: tuple[Diagnostic, ...]


def resolve(
    file: ast.File,
    load: Load,
    catalogue: Sequence[model.Rule] | None = None,
    release_order: ReleaseOrder | None = None,
    runtimes: RuntimeBook | None = None,
    runs_as_written: bool = True,
) -> Resolution:
    """Resolve a file and what it imports.

    Without a catalogue any id of its form (`MEM001`) passes as known; without an order of releases their
    names are not looked at; without a book of runtimes, the points of proposed ones are not.
    """
    world = World()
    items = (*imported_items(file, load, world), *file.items)
    world.values_taken = values_taken(items)
    env = Env(world, Scope(), Place.CODE, expression)
    declared = declare_all(items, env)
    found = _model(file, declared, catalogue, env)
    check_whole(world, declared.axes, file.path)
    check_faults(found, world)
    check_receives(found, world)
    if release_order is not None:
        check_releases(found, OrderWithProposed(found.runtimes, release_order), world, runs_as_written)
        if runtimes is not None:
            check_runtimes(found, release_order, runtimes, world)
    diagnostics = _in_order(world.diagnostics, file.path)
    return Resolution(None if world.has_errors else found, diagnostics)


def resolve_rules(file: ast.File) -> RuleResolution:
    """Resolve a file of the catalogue: its rules know the API and the callbacks, but no model."""
    world = World()
    env = Env(world, Scope(), Place.CODE, expression)
    declare_all(file.items, env)
    rules = _rules(file.items, Watched(None), env)
    return RuleResolution(() if world.has_errors else rules, _in_order(world.diagnostics, file.path))


def _model(
    file: ast.File, declared: Declarations, catalogue: Sequence[model.Rule] | None, env: Env
) -> model.Model:
    file_settings = settings(_of(ast.Setting, file.items), env)
    found_scenarios = scenarios(_of(ast.Scenario, file.items), env)
    if not found_scenarios and declared.drivers:
        found_scenarios = (default_scenario(tuple(declared.drivers)),)
    rules = _rules(file.items, _watched(declared), env)
    invariants, reachables = _properties(file.items, env)
    known_rules = (*(catalogue or ()), *rules)
    check_rules_named(rules, known_rules, catalogue is None, env)
    _check_names(catalogue or (), rules, (*invariants, *reachables), env)
    subject = Subject(
        properties=_titles(known_rules, invariants, reachables),
        ids={one.slug: one.id for one in known_rules if one.slug}
        | {ASSERTIONS_NAME: ASSERTIONS, ASSERTIONS_WORD: ASSERTIONS},
        open_catalogue=catalogue is None,
        scenarios=found_scenarios,
        settings=file_settings,
        axes=tuple(declared.axes),
        drivers=tuple(declared.drivers),
        functions=frozenset(f.name for f in _all_functions(declared)),
    )
    _check_allows(file.items, subject, env)
    return model.Model(
        path=file.path,
        structs=tuple(declared.structs),
        axes=tuple(declared.axes),
        variables=tuple(declared.variables),
        drivers=tuple(declared.drivers),
        functions=tuple(declared.functions),
        scenarios=found_scenarios,
        rules=rules,
        invariants=invariants,
        reachables=reachables,
        expects=expectations(_of(ast.Expect, file.items), subject, env),
        settings=file_settings,
        allows=allowances(_of(ast.Allow, file.items)),
        runtimes=proposed_runtimes(_of(ast.Runtime, file.items), env),
        api_uses=api_uses(env.world),
    )


def _of(kind: type[T], items: Iterable[object]) -> list[T]:
    return [item for item in items if isinstance(item, kind)]


def _all_functions(declared: Declarations) -> list[model.Function]:
    return [*declared.functions, *(f for driver in declared.drivers for f in driver.functions)]


def _watched(declared: Declarations) -> Watched:
    """By name; callbacks only where one driver has them, as others see their arguments by kind."""
    functions = _all_functions(declared)
    if len(declared.drivers) > 1:
        functions = [function for function in functions if not function.callback]
    return Watched({function.name: function for function in functions})


def _rules(items: Iterable[ast.Item], watched: Watched, env: Env) -> tuple[model.Rule, ...]:
    found: dict[str, model.Rule] = {}
    for item in _of(ast.Rule, items):
        one = rule(item, watched, env)
        if one.id in found:
            report_clash(env.world, one.id, one.span, found[one.id].span)
        found.setdefault(one.id, one)
    return tuple(found.values())


def _properties(
    items: Iterable[ast.Item], outer: Env
) -> tuple[tuple[model.Invariant, ...], tuple[model.Reachable, ...]]:
    env = replace(outer, place=Place.PROPERTY)
    invariants: list[model.Invariant] = []
    reachables: dict[str, model.Reachable] = {}
    seen: dict[str, model.Invariant | model.Reachable] = {}
    for item in items:
        if not isinstance(item, ast.Invariant | ast.Reachable):
            continue
        condition, span = tested(item.condition, env), item.name.span
        found: model.Invariant | model.Reachable
        if isinstance(item, ast.Invariant):
            found = model.Invariant(item.name.text, condition, span)
            invariants.append(found)
        else:
            found = model.Reachable(item.name.text, condition, span)
            reachables.setdefault(found.name, found)
        first = seen.setdefault(found.name, found)
        if first is not found:
            report_clash(env.world, found.name, span, first.span)
    for name, span in outer.world.marks.items():
        if name in seen:
            report_clash(env.world, name, span, seen[name].span)
        reachables.setdefault(name, model.Reachable(name, None, span))
    return tuple(invariants), tuple(reachables.values())


def _check_names(
    catalogue: Sequence[model.Rule],
    rules: Sequence[model.Rule],
    others: Sequence[model.Invariant | model.Reachable],
    env: Env,
) -> None:
    """Every property has a name of its own, or an expectation would speak of two."""
    taken = {name for one in catalogue for name in (one.id, one.slug)} | {ASSERTIONS_NAME}
    own: dict[str, Span] = {}
    for rule_ in rules:
        for name in dict.fromkeys((rule_.id, rule_.slug)):
            if name:
                _check_name(name, rule_.span, taken, own, env)
    for one in others:
        _check_name(one.name, one.span, taken, own, env)


def _check_name(name: str, span: Span, taken: set[str], own: dict[str, Span], env: Env) -> None:
    first = own.setdefault(name, span)
    if name in taken:
        note = "a rule of the catalogue" if name != ASSERTIONS_NAME else "all assertions of the model"
        hints = ("give it another name",)
        env.report("E205", f"`{name}` is the name of another property", span, note, hints)
    elif first != span:
        report_clash(env.world, name, span, first)


def _titles(
    rules: Sequence[model.Rule], invariants: Sequence[model.Invariant], reachables: Sequence[model.Reachable]
) -> dict[str, str]:
    titles = {
        ASSERTIONS: "all assertions of the model",
        ASSERTIONS_NAME: ASSERTIONS,
        ASSERTIONS_WORD: ASSERTIONS,
    }
    for one in rules:
        titles[one.id] = one.slug.replace("_", " ")
        if one.slug:
            titles[one.slug] = one.id
    titles |= {one.name: "" for one in invariants}
    return titles | {one.name: "" for one in reachables}


def _check_allows(items: Iterable[ast.Item], subject: Subject, env: Env) -> None:
    inside = [one for scenario in _of(ast.Scenario, items) for one in scenario.items]
    for allow in _of(ast.Allow, [*items, *inside]):
        if not is_property(allow.rule.text, subject):
            report_unknown_property(allow.rule, "E602", subject, env)


def _in_order(diagnostics: list[Diagnostic], path: str) -> tuple[Diagnostic, ...]:
    """Those of the file itself in the order of the text, then those of its imports."""
    return tuple(sorted(diagnostics, key=lambda d: (d.span.path != path, d.span, d.code, d.message)))
