"""Bodies of steps as C text, statement by statement, in the order of evaluation of `dmc.ir.translate`."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import assert_never

from dmc.engines.compiled import cell_text
from dmc.engines.compiled.c_expressions import Expressions
from dmc.engines.compiled.numbering import Numbering
from dmc.engines.compiled.unsupported import Unsupported
from dmc.ir.expr import Expr
from dmc.ir.statement import (
    Assign,
    Check,
    Choose,
    Collect,
    Cover,
    Emit,
    Goto,
    If,
    Kill,
    New,
    Push,
    Remove,
    Stmt,
    Violate,
)

WORD = 64


class BodyWriter:
    """Writes the lines of one body: `s`, `t` and `e` are its parameters."""

    def __init__(self, texts: Expressions, numbering: Numbering):
        self.texts = texts
        self.numbering = numbering
        self.lines: list[str] = []
        self.effects = 0
        self.told: set[str] = set()

    def block(self, statements: Sequence[Stmt], indent: str = "    ") -> list[str]:
        """The lines of the statements."""
        for is_cover, group in groupby(statements, lambda statement: isinstance(statement, Cover)):
            if is_cover:
                self._covers([s.name for s in group if isinstance(s, Cover)], indent)
                continue
            for statement in group:
                self._statement(statement, indent)
        return self.lines

    def _covers(self, names: Sequence[str], indent: str) -> None:
        """Tell what has not been told on the way here; one test, as it is true only a few times."""
        numbers = {name: self.numbering.cover(name) for name in names if name not in self.told}
        self.told |= numbers.keys()
        for word in sorted({cover // WORD for cover, _ in numbers.values()}):
            own = [(cover, site) for cover, site in numbers.values() if cover // WORD == word]
            self.effects += len(own)
            bits = sum(1 << cover % WORD for cover, _ in own)
            self._add(indent, f"if (dmc_uncovered(e, {word}, {bits:#x}u)) {{")
            self._add(indent, *(f"    dmc_tell(e, {site});" for _, site in own), "}")

    def _statement(self, statement: Stmt, indent: str) -> None:
        match statement:
            case Assign(place, value):
                self._add(indent, self.texts.assigned(place, value))
            case If(condition, then, otherwise):
                self._branch(self.texts.value(condition), then, otherwise, indent)
            case Push(lists, value):
                sort = self.texts.layout.lists[lists.name].variable.sort
                capacity = self.texts.layout.lists[lists.name].variable.capacity
                first = self.texts.list_address(lists)
                text = self.texts.fitting(sort, value)
                self._add(indent, f"dmc_push(s, &fields[{first}], {text}, {capacity}, __LINE__);")
            case Remove(lists, position):
                first = self.texts.list_address(lists)
                self._add(indent, f"dmc_remove(s, &fields[{first}], {self.texts.value(position)}, __LINE__);")
            case New():
                self._new(statement, indent)
            case Kill(pool, reference):
                slots = self.texts.layout.pools[pool]
                text = self.texts.live(pool, 0, self.texts.value(reference))
                slot = f"&fields[{slots.base} + {slots.stride} * {text}]"
                self._add(indent, f"dmc_kill(s, {slot}, {slots.stride});")
            case Goto(point):
                self._go_to(point, indent)
            case Check(condition, outcome):
                ends = 1 + self.numbering.outcome(outcome)
                self._add(indent, f"if (!{self.texts.value(condition)})", f"    return {ends};")
            case Violate() | Collect():
                self._report(statement, indent)
            case Cover(name):
                self._covers([name], indent)
            case Emit():
                pass
            case Choose():
                raise Unsupported("the model chooses from ranges that are not enumerated")
            case _:
                assert_never(statement)

    def _branch(self, condition: str, then: Sequence[Stmt], otherwise: Sequence[Stmt], indent: str) -> None:
        before = set(self.told)
        self._add(indent, f"if ({condition}) {{")
        self.block(then, indent + "    ")
        after = self.told
        self.told = before
        if otherwise:
            self._add(indent, "} else {")
            self.told = set(before)
            self.block(otherwise, indent + "    ")
        self.told &= after
        self._add(indent, "}")

    def _go_to(self, point: str, indent: str) -> None:
        """The thread's own point."""
        texts, own = self.texts, self.texts.only
        base = next(t.base for t in texts.layout.threads if t.type_index == texts.type_index)
        bits = texts.packed.like(base)
        code = cell_text.code_of_constant(bits, texts.layout.point_numbers[texts.type_index, point])
        self._add(indent, cell_text.write(bits, str(own.base) if own else "t->base", code))

    def _report(self, statement: Violate | Collect, indent: str) -> None:
        match statement:
            case Violate(name, details):
                site = self.numbering.violation(name, tuple(title for title, _ in details))
                if site is not None:
                    self._tell(indent, site, [value for _, value in details])
            case Collect(name, source, target):
                self._tell(indent, self.numbering.collection(name), [source, target])

    def _tell(self, indent: str, site: int, values: list[Expr]) -> None:
        self.effects += 1 + len(values)
        for text in (str(site), *map(self.texts.value, values)):
            self._add(indent, f"dmc_tell(e, {text});")

    def _new(self, statement: New, indent: str) -> None:
        slots = self.texts.layout.pools[statement.pool]
        kind = slots.pool.kinds[slots.kinds[statement.kind] - 2]
        given = dict(statement.values)
        named = [(k, f) for k, f in enumerate(kind.fields, 1) if f.name in given]
        self._add(indent, "{")
        inner = indent + "    "
        for k, f in named:
            self._add(inner, f"const int64_t v{k} = {self.texts.fitting(f.sort, given[f.name])};")
        self._add(inner, f"const int64_t n = {self.texts.free_slot(statement.pool)};")
        self._add(inner, "if (!n) {", "    dmc_broken = __LINE__;", "    return 0;", "}")
        address = f"{slots.base} + {slots.stride} * n"
        kind_bits = self.texts.slot_bits(statement.pool, 0)
        self._add(inner, cell_text.write(kind_bits, address, str(slots.kinds[statement.kind])))
        for k, f in enumerate(kind.fields, 1):
            bits = self.texts.slot_bits(statement.pool, k)
            if f.name in given:
                code = cell_text.code_of(bits, f"v{k}")
            elif f.default:
                code = cell_text.code_of_constant(bits, f.default)
            else:
                continue
            self._add(inner, cell_text.write(bits, f"{address} + {k}", code))
        self._add(inner, self.texts.named(statement.place, "n"))
        self._add(indent, "}")

    def _add(self, indent: str, *lines: str) -> None:
        self.lines.extend(indent + line for line in lines)
