"""Data that is only compared, as classes: a system without data, in which a choice has one value of each.

Obligation: the system with one value of each class has the same verdicts. It has, if the classes are exact,
that is, if no step can tell two values of a class apart. `dmc.engines.symbolic.classification` sees to it
that steps only copy values and compare them with constants: what a step makes of two values of a class is in
one class again. For each class and each comparison a question to another solver confirms that the class has
one answer, and one for each range that every value of it is in a class (`_check_stable`): a class that is
left out, or one value for two classes, would be a false proof.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import partial
from itertools import product
from typing import Any, TypeVar

from dmc.engines.symbolic.classification import SUBJECT, Classification, Family
from dmc.engines.symbolic.linear import Bounds, Condition, variable
from dmc.engines.symbolic.project import project
from dmc.engines.symbolic.region import Region, ways
from dmc.engines.symbolic.solver import Solver
from dmc.engines.symbolic.subsume import Group
from dmc.engines.symbolic.term import Term, Undecided
from dmc.ir.evaluate import Expression, compile_expression
from dmc.ir.expr import FALSE, Const, Place
from dmc.ir.layout import lay_out
from dmc.ir.outcome import Choice, Finding, Path, SearchResult
from dmc.ir.sort import UNSET, UNSET_INTEGER, Integer, Range
from dmc.ir.statement import Assign, Choose
from dmc.ir.system import Step, System, ThreadType, Variable
from dmc.ir.walk import nodes

MOST_CLASSES = 32
"""A choice with more classes than this is not tried class by class."""

MOST_ALTERNATIVES = 64
"""Nor a step that chooses several values with more combinations of classes."""

N = TypeVar("N")


@dataclass(frozen=True)
class ValueClass:
    """Values that no step can tell apart: the least one, and how they answer the comparisons."""

    least: int
    answers: tuple[bool, ...]


@dataclass(frozen=True)
class Use:
    """What the values of one range of choices are for: how many classes they have, or why they have none."""

    low: int
    high: int
    classes: int
    because: str = ""


@dataclass(frozen=True)
class Partitioned:
    """The system without data; of each thread type's alternatives the ones in place of which they are.

    With each of those come the values that it chooses.
    """

    system: System
    origins: tuple[tuple[tuple[int, tuple[int, ...]], ...], ...]
    uses: tuple[Use, ...]


@dataclass(frozen=True)
class Accumulated:
    """There are values that are more than compared: no classes. `uses` has the reason for each."""

    uses: tuple[Use, ...]


_Part = tuple[tuple[Bounds, ...], tuple[Condition, ...], int]
"""A region of a class, with its least value."""


class _NoClasses(Exception):
    """Why a family has none."""


def partition(system: System) -> Partitioned | Accumulated:
    """One value of each class in place of all, if all data of the system is only compared."""
    known = Classification(system)
    solver = Solver()
    uses: list[Use] = []
    classes: dict[int, dict[Bounds, list[ValueClass]]] = {}
    for family in known.families():
        own, because = _classes_of(family, solver)
        classes[id(family)] = own
        for low, high in sorted(family.choices):
            uses.append(Use(low, high, len(own.get((low, high), ())), because))
    if any(use.because for use in uses):
        return Accumulated(tuple(uses))
    try:
        return _Finite(system, known, classes).built(tuple(uses))
    except _NoClasses as reason:
        return Accumulated(tuple(replace(use, classes=0, because=str(reason)) for use in uses))


def _classes_of(family: Family, solver: Solver) -> tuple[dict[Bounds, list[ValueClass]], str]:
    if family.because:
        return {}, family.because
    tests = [_compiled(test) for test in family.tests]
    try:
        found = {ends: _split(tests, ends, solver) for ends in sorted(family.choices)}
        states = [test for test in family.tests if test in family.of_properties]
        of_data, finite = map(_compiled, states), [_compiled(_without_data(test)) for test in states]
        if found and _answers(finite, UNSET) != _answers(list(of_data), UNSET_INTEGER):
            raise _NoClasses("a comparison has another answer for what is unset")
    except (_NoClasses, Undecided) as reason:
        return {}, str(reason)
    return found, ""


def _compiled(test: Any) -> Expression:
    tiny = System((Variable(SUBJECT.name, Integer(unset=True)),), (), (), (), FALSE)
    return compile_expression(lay_out(tiny), test)


def _answers(tests: list[Expression], at: int | Term) -> tuple[bool, ...]:
    return tuple(bool(test([at], 0, 0, 0)) for test in tests)  # type: ignore[list-item]


def _split(tests: list[Expression], ends: Bounds, solver: Solver) -> list[ValueClass]:
    """The classes of a range, by their least values; each confirmed by a solver of its own."""
    region = Region((ends,), (), (min(max(0, ends[0]), ends[1]),))
    subject = Term(variable(0))
    parts: dict[tuple[bool, ...], list[_Part]] = {}
    for answers, way in ways(solver, region, lambda: _answers(tests, subject)):
        least, _ = solver.least(variable(0), way.bounds, way.conditions, way.point)
        parts.setdefault(answers, []).append((way.bounds, way.conditions, least))
        if len(parts) > MOST_CLASSES:
            raise _NoClasses(f"its values have more than {MOST_CLASSES} classes")
    _check_stable(tests, ends, parts, Solver())
    found = [ValueClass(min(least for _, _, least in own), answers) for answers, own in parts.items()]
    if any(one.least in (UNSET, UNSET_INTEGER) for one in found):
        raise _NoClasses("its least value is how an engine says that a cell is unset")
    return sorted(found, key=lambda one: one.least)


def _check_stable(
    tests: list[Expression],
    ends: Bounds,
    parts: dict[tuple[bool, ...], list[_Part]],
    solver: Solver,
) -> None:
    """For each class and each comparison: no value of the class has another answer than the class.

    And no value of the range is in none of them.
    """
    subject = Term(variable(0))
    group = Group(solver, (0,))
    for number, (bounds, conditions, least) in enumerate(part for own in parts.values() for part in own):
        group.add(number, *project((subject,), Region(bounds, conditions, (least,) * len(bounds))))
    if not group.covering((subject,), Region((ends,), (), (ends[0],))):
        raise _NoClasses("it is not sure that each of its values is in a class")
    for answers, own in parts.items():
        for bounds, conditions, least in own:
            point = solver.model(bounds, conditions)
            if point is None or _answers(tests, least) != answers:
                raise _NoClasses("a class has no values, or its least one is in another class")
            for test, answer in zip(tests, answers, strict=True):
                given = ways(solver, Region(bounds, conditions, point), partial(_answers, [test], subject))
                if {result for result, _ in given} != {(answer,)}:
                    raise _NoClasses("a class has values with different answers")


class _Finite:
    """Builds the system in which each choice has one value of each class."""

    def __init__(
        self, system: System, known: Classification, classes: dict[int, dict[Bounds, list[ValueClass]]]
    ):
        self._system = system
        self._known = known
        self._classes = classes
        numbers = {0}
        for family in known.families():
            numbers |= family.constants
            numbers |= {one.least for own in classes[id(family)].values() for one in own}
        if UNSET in numbers:
            raise _NoClasses("a constant is how an engine says that a cell is unset")
        self._low, self._high = min(numbers), max(numbers)

    def built(self, uses: tuple[Use, ...]) -> Partitioned:
        threads: list[ThreadType] = []
        origins: list[tuple[tuple[int, tuple[int, ...]], ...]] = []
        for number, thread in enumerate(self._system.threads):
            steps: list[Step] = []
            own: list[tuple[int, tuple[int, ...]]] = []
            for alternative, step in enumerate(thread.steps):
                for body, values in self._bodies(step, number):
                    steps.append(replace(step, body=body))
                    own.append((alternative, values))
            threads.append(replace(thread, steps=tuple(steps)))
            origins.append(tuple(own))
        finite = _without_data(replace(self._system, threads=tuple(threads)), self._low, self._high)
        return Partitioned(finite, tuple(origins), uses)

    def _bodies(self, step: Step, type_index: int) -> Iterator[tuple[Any, tuple[int, ...]]]:
        chosen = [n for n in nodes(step.body) if isinstance(n, Choose)]
        if not chosen:
            yield step.body, ()
            return
        options = [self._values(one.place, (one.low, one.high), type_index) for one in chosen]
        count = 1
        for one in options:
            count *= len(one)
        if count > MOST_ALTERNATIVES:
            raise _NoClasses(f"a step has more than {MOST_ALTERNATIVES} combinations of classes")
        if any(isinstance(n, Choose) for s in step.body if not isinstance(s, Choose) for n in nodes(s)):
            raise _NoClasses("it is chosen in one case of a step and not in another")
        for values in product(*options):
            left = list(values)
            body = tuple(
                Assign(s.place, Const(left.pop(0))) if isinstance(s, Choose) else s for s in step.body
            )
            yield body, values

    def _values(self, place: Place, ends: Bounds, type_index: int) -> list[int]:
        family = self._known.of_place(place, type_index)
        return [one.least for one in self._classes[id(family)][ends]]


def _without_data(node: N, low: int = 0, high: int = 0) -> N:
    """With finite cells in place of data, and their way of saying that a cell is unset."""
    found: Any = node
    if isinstance(node, Integer):
        found = Range(low, high, node.unset)
    elif isinstance(node, tuple):
        parts = tuple(_without_data(one, low, high) for one in node)
        found = node if all(a is b for a, b in zip(parts, node, strict=True)) else parts
    elif isinstance(node, int) and node == UNSET_INTEGER:
        found = UNSET
    elif is_dataclass(node) and not isinstance(node, type):
        changed = {}
        for one in fields(node):
            before = getattr(node, one.name)
            if (after := _without_data(before, low, high)) is not before:
                changed[one.name] = after
        found = replace(node, **changed) if changed else node
    result: N = found
    return result


def in_terms_of(parts: Partitioned, system: System, result: SearchResult) -> SearchResult:
    """What was found, as runs of the system with data."""
    types = [number for number, thread in enumerate(system.threads) for _ in range(thread.instances)]
    return replace(result, findings=tuple(_finding(parts, types, one) for one in result.findings))


def _finding(parts: Partitioned, types: list[int], found: Finding) -> Finding:
    def moved(choice: Choice) -> Choice:
        alternative, values = parts.origins[types[choice.thread - 1]][choice.alternative]
        return Choice(choice.thread, alternative, values)

    path = Path(found.path.initial, tuple(map(moved, found.path.choices)))
    race = found.race
    if race is not None:
        race = replace(race, first=moved(race.first), second=moved(race.second))
    return replace(found, path=path, race=race)
