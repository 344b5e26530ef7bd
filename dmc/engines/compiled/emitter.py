"""A system as one file of C: functions for its expressions and bodies, and the tables of `model.h`.

Nothing of a model reaches C but through the names made here; what the model calls things stands in
comments alone. Functions with equal texts are one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import accumulate

from dmc.engines.analysis.obligations import obligations, parties
from dmc.engines.compiled import cell_text
from dmc.engines.compiled.c_expressions import Expressions, PointSets, sort_of
from dmc.engines.compiled.c_statements import BodyWriter
from dmc.engines.compiled.c_text import array, comment, number
from dmc.engines.compiled.numbering import Numbering
from dmc.engines.compiled.state_layout import packing
from dmc.engines.compiled.successors_text import Case, is_small, successor_functions
from dmc.engines.compiled.tables import Tables, condition_tables, heap_tables, thread_tables
from dmc.engines.compiled.unsupported import Unsupported
from dmc.ir.evaluate import changes_references
from dmc.ir.expr import TRUE, Expr, Full, Ite, Read
from dmc.ir.layout import Layout, lay_out
from dmc.ir.sort import Ref
from dmc.ir.system import Access, PropertyKind, Step, System
from dmc.ir.walk import nodes

CHANGES_HEAP, SPURIOUS = 1, 2
WRITES, ATOMIC, IS_OBJECT, RACES, CHANGES, LIFETIME = 1, 2, 4, 8, 16, 32
MOST_POOLS = 64
MOST_PROTECTIONS = 62
MOST_PARTIES = 63


@dataclass(frozen=True)
class Emitted:
    """The C text of a system, and the numbers in it."""

    text: str
    layout: Layout
    numbering: Numbering
    initial_values: tuple[tuple[int, ...], ...]


def emit(system: System) -> Emitted:
    """Write the system in C, with all that any reduction asks for."""
    return _Emitter(system).emitted()


@dataclass
class _Functions:
    """The functions so far, by their text after the name."""

    lines: list[str] = field(default_factory=list)
    names: dict[tuple[str, ...], str] = field(default_factory=dict)

    def add(self, kind: str, head: str, body: list[str], remark: str = "") -> str:
        key = (head, *body)
        if key not in self.names:
            self.names[key] = f"{kind}_{len(self.names)}"
            said = [remark] if remark else []
            self.lines += [*said, head.format(self.names[key]), "{", *body, "}", ""]
        return self.names[key]


class _Emitter:
    """Gathers the parts of the file."""

    def __init__(self, system: System):
        self.system = system
        self.layout = lay_out(system)
        self.packed = packing(self.layout)
        self.numbering = Numbering(system)
        self.sets = PointSets(self.layout)
        self.functions = _Functions()
        self.tables = Tables()
        self.effects = 0
        self.accesses: list[str] = []
        self.protections: list[str] = []
        self.racing = _racing_locations(system)
        self.parties = parties(system)
        if len(self.parties) > MOST_PARTIES:
            raise Unsupported(f"there are more than {MOST_PARTIES} parties to do without")

    def emitted(self) -> Emitted:
        initial = list(self.layout.initial_states())
        if not initial:
            raise Unsupported("the system has no initial state")
        thread_tables(self.layout, self.packed, self.tables)
        heap_tables(self.layout, self.tables)
        self._steps()
        self._conditions()
        words = [f"{word:#x}u" for _, state in initial for word in self.packed.packed(state)]
        self.tables.add("uint64_t", "initial", words)
        condition_tables(self.numbering, self.tables)
        text = "\n".join([*self._head(), *self._parts(), *self._model(len(initial))]) + "\n"
        return Emitted(text, self.layout, self.numbering, tuple(values for values, _ in initial))

    def _head(self) -> Iterable[str]:
        yield "/* Generated from the intermediate representation of a model; not to be edited. */"
        yield f"#define DMC_WORDS {self.packed.words}"
        if self.each_thread:
            yield "#define DMC_EACH_THREAD"
        yield '#include "generated.h"'
        yield ""
        yield "/* The cells of a state:"
        names = self.layout.cell_names()
        for first in [v.base for v in self.layout.variables.values()] + [
            *(v.base for v in self.layout.lists.values()),
            *(t.base for t in self.layout.threads),
        ]:
            yield f" * {first} {comment(names[first])[3:-3]}"
        yield " */"
        yield ""

    def _parts(self) -> Iterable[str]:
        fields = [self.packed.like(cell) for cell in range(self.layout.size)]
        yield from array("uint32_t", "at", [str(field.at) for field in fields])
        yield from array("struct dmc_field", "fields", map(cell_text.table_item, fields))
        yield from self.tables.thread_lines
        yield from self.sets.tables()
        yield ""
        yield from self.functions.lines
        yield from self.tables.lines

    def _steps(self) -> None:
        by_point: list[list[str]] = [[] for _ in self.layout.points]
        cases: list[list[Case]] = [[] for _ in self.layout.points]
        for type_index, thread_type in enumerate(self.system.threads):
            for alternative, step in enumerate(thread_type.steps):
                point = self.layout.point_numbers[type_index, step.source]
                guard, body = self._functions_of(type_index, step)
                by_point[point].append(self._step(type_index, alternative, step, guard))
                cases[point].append(Case(guard, body, comment(step.label, str(step.place))))
        first_step = list(accumulate(map(len, by_point), initial=0))
        self.tables.add("uint32_t", "first_step", map(str, first_step))
        self.tables.add("struct dmc_access", "accesses", self.accesses)
        self.tables.add("struct dmc_protection", "protections", self.protections)
        self.tables.add("struct dmc_step", "steps", [s for steps in by_point for s in steps])
        self.each_thread = is_small(self.system, self.functions.lines)
        lines, names = successor_functions(self.layout, cases, first_step, self.each_thread)
        self.functions.lines += lines
        self.tables.lines += ["static dmc_successors *const successors[] = {"]
        self.tables.lines += [f"    {', '.join(names) or '0'},", "};"]

    def _functions_of(self, type_index: int, step: Step) -> tuple[str, str]:
        remark = comment(step.label, str(step.place))
        if step.guard == TRUE:
            return "", self._body(type_index, step, remark)
        guard = self._expression("guard", type_index, step.guard, remark, head="GUARD")
        return guard, self._body(type_index, step, remark)

    def _step(self, type_index: int, alternative: int, step: Step, guard: str) -> str:
        first = len(self.accesses)
        for access in step.accesses:
            self._access(type_index, access)
        collects = bool(self.layout.pools) and changes_references(self.layout, type_index, step.body)
        flags = CHANGES_HEAP * collects | SPURIOUS * step.spurious
        asked = {n.pool for n in nodes((step.guard, step.body)) if isinstance(n, Full)}
        if asked and len(self.layout.pools) > MOST_POOLS:
            raise Unsupported(f"there are more than {MOST_POOLS} pools")
        bits = sum(1 << self.layout.pools[pool].index for pool in asked)
        count = len(self.accesses) - first
        party = self.parties.get(step.party, 0)
        return f"{{{guard or 'NULL'}, {alternative}, {flags}, {first}, {count}, {bits:#x}u, {party}}}"

    def _body(self, type_index: int, step: Step, remark: str) -> str:
        texts = Expressions(self.layout, self.packed, type_index, exact=True, sets=self.sets)
        writer = BodyWriter(texts, self.numbering)
        lines = writer.block(step.body)
        self.effects = max(self.effects, writer.effects)
        own = [
            f"    DMC_UNUSED int64_t {name} = {number(low)};" for name, low in sorted(texts.locals.items())
        ]
        return self.functions.add("body", "BODY({})", [*own, *lines, "    return 0;"], remark)

    def _expression(
        self, kind: str, type_index: int, expr: Expr, remark: str = "", head: str = "EXPRESSION"
    ) -> str:
        texts = Expressions(self.layout, self.packed, type_index, exact=False, sets=self.sets)
        return self.functions.add(kind, head + "({})", [f"    return {texts.value(expr)};"], remark)

    def _access(self, type_index: int, access: Access) -> None:
        races = access.location in self.racing and not (access.frees or access.lifetime)
        location = self.numbering.location(access.location)
        pool = _pool_of(self.layout, type_index, access.object)
        flags = (
            WRITES * access.write
            | ATOMIC * access.atomic
            | IS_OBJECT * (pool is not None)
            | RACES * races
            | CHANGES * (access.write or access.frees)
            | LIFETIME * access.lifetime
        )
        first = len(self.protections)
        for name, condition in access.protections:
            bit = self.numbering.protection(location, name)
            if bit >= MOST_PROTECTIONS:
                raise Unsupported(f"{access.location} has more than {MOST_PROTECTIONS} protections")
            self.protections.append(f"{{{bit}, {self._expression('holds', type_index, condition)}}}")
        object_ = self._expression("object", type_index, access.object)
        of = self.layout.pools[pool].index if pool is not None else 0
        count = len(self.protections) - first
        self.accesses.append(f"{{{object_}, {location}, {flags}, {of}, {first}, {count}}}")

    def _conditions(self) -> None:
        kinds = {
            "invariants": ((PropertyKind.INVARIANT,), None),
            "end_conditions": ((PropertyKind.AT_END, PropertyKind.LOST), None),
            "reach": ((PropertyKind.REACHABLE,), "cover"),
        }
        by_id = {claim.id: claim for claim in self.system.properties}
        for name, (wanted, target) in kinds.items():
            items = []
            for claim, number_ in self.numbering.claims(*wanted):
                condition = by_id[claim].condition
                if condition is not None:
                    text = self._expression("condition", -1, condition, comment(claim))
                    of = self.numbering.cover(claim)[0] if target else number_
                    items.append(f"{{{text}, {of}}}")
            self.tables.add("struct dmc_condition", name, items)
        self._obligations()
        self.ends = self._expression("ends", -1, self.system.ends)

    def _obligations(self) -> None:
        items = []
        for one in obligations(self.system):
            when = self._expression("when", -1, one.when)
            target = self._expression("target", -1, one.target)
            without = sum(1 << self.parties[party] for party in dict.fromkeys(one.without))
            items.append(f"{{{when}, {target}, {without:#x}u}}")
        self.tables.add("struct dmc_obligation", "obligations", items)

    def _model(self, initials: int) -> Iterable[str]:
        counted = self.tables.counts
        words = {
            "cells": self.layout.size, "words": self.packed.words, "bytes": self.packed.bytes,
            "effects": self.effects,
            "points": len(self.layout.points), "threads": len(self.layout.threads),
            "pools": len(self.layout.pools), "roots": counted["roots"], "steps": counted["steps"],
            "properties": len(self.system.properties), "covers": len(self.numbering.covers),
            "locations": len(self.numbering.locations), "outcomes": counted["outcomes"],
            "sites": counted["sites"], "initials": initials, "invariants": counted["invariants"],
            "at_end": counted["end_conditions"], "reachable": counted["reach"], "lost": counted["lost"],
            "races": counted["races"], "obligations": counted["obligations"],
        }  # fmt: skip
        yield "static const struct dmc_model model = {"
        yield "    .version = DMC_MODEL_VERSION,"
        yield from (f"    .{name} = {value}," for name, value in words.items())
        yield from (f"    .{name} = {value}," for name, value in FIELDS.items())
        yield f"    .ends = {self.ends},"
        yield "};"
        yield ""
        yield "DMC_EXPORT const struct dmc_model *dmc_model(void)"
        yield "{"
        yield "    return &model;"
        yield "}"


FIELDS = {
    "field": "fields",
    "thread": "threads",
    "successors": "successors",
    "first_step": "first_step",
    "step": "steps",
    "access": "accesses",
    "protection": "protections",
    "pool": "pools",
    "kind": "kinds",
    "root": "roots",
    "reference": "references",
    "outcome": "outcomes",
    "outcome_property": "outcome_properties",
    "site": "sites",
    "invariant": "invariants",
    "end_condition": "end_conditions",
    "reach": "reach",
    "obligation": "obligations",
    "lost_property": "lost",
    "race_property": "races",
    "initial": "initial",
    "broken": "&dmc_broken",
}
"""The fields of the model that are tables and functions, with the names of these."""


def _pool_of(layout: Layout, type_index: int, expr: Expr) -> str | None:
    """The pool that an expression refers to, if its value is a reference."""
    match expr:
        case Read(place):
            sort = sort_of(layout, type_index, place)
            return sort.pool if isinstance(sort, Ref) else None
        case Ite(_, then, otherwise):
            return _pool_of(layout, type_index, then) or _pool_of(layout, type_index, otherwise)
        case _:
            return None


def _racing_locations(system: System) -> frozenset[str]:
    """The locations of which an access may conflict with another, if the system forbids races."""
    if not any(claim.kind is PropertyKind.RACE for claim in system.properties):
        return frozenset()
    accesses = [a for t in system.threads for step in t.steps for a in step.accesses]
    relevant = [a for a in accesses if not (a.frees or a.lifetime)]
    written = frozenset(a.location for a in relevant if a.write)
    return frozenset(a.location for a in relevant if not a.atomic) & written
