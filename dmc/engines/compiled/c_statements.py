"""Bodies of steps as C text, statement by statement, in the order of evaluation of `dmc.ir.translate`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from dmc.engines.compiled.c_expressions import Expressions
from dmc.engines.compiled.c_text import number
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


class BodyWriter:
    """Writes the lines of one body: `s`, `t` and `e` are its parameters."""

    def __init__(self, texts: Expressions, numbering: Numbering):
        self.texts = texts
        self.numbering = numbering
        self.lines: list[str] = []
        self.effects = 0

    def block(self, statements: Sequence[Stmt], indent: str = "    ") -> list[str]:
        """The lines of the statements."""
        for statement in statements:
            self._statement(statement, indent)
        return self.lines

    def _statement(self, statement: Stmt, indent: str) -> None:
        match statement:
            case Assign(place, value):
                self._add(indent, f"s[{self.texts.address(place)}] = {self.texts.stored(place, value)};")
            case If(condition, then, otherwise):
                self._branch(self.texts.value(condition), then, otherwise, indent)
            case Push(lists, value):
                sort = self.texts.layout.lists[lists.name].variable.sort
                capacity = self.texts.layout.lists[lists.name].variable.capacity
                first = self.texts.list_address(lists)
                text = self.texts.fitting(sort, value)
                self._add(indent, f"dmc_push(&s[{first}], {text}, {capacity}, __LINE__);")
            case Remove(lists, position):
                first = self.texts.list_address(lists)
                self._add(indent, f"dmc_remove(&s[{first}], {self.texts.value(position)}, __LINE__);")
            case New():
                self._new(statement, indent)
            case Kill(pool, reference):
                slots = self.texts.layout.pools[pool]
                text = f"LIVE({slots.base}, {slots.stride}, 0, {self.texts.value(reference)})"
                self._add(indent, f"dmc_kill(&s[{slots.base} + {slots.stride} * {text}], {slots.stride});")
            case Goto(point):
                own = self.texts.only
                point_number = self.texts.layout.point_numbers[self.texts.type_index, point]
                self._add(indent, f"s[{own.base if own else 't->base'}] = {point_number};")
            case Check(condition, outcome):
                ends = 1 + self.numbering.outcome(outcome)
                self._add(indent, f"if (!{self.texts.value(condition)})", f"    return {ends};")
            case Violate() | Collect() | Cover():
                self._report(statement, indent)
            case Emit():
                pass
            case Choose():
                raise Unsupported("the model chooses from ranges that are not enumerated")
            case _:
                assert_never(statement)

    def _branch(self, condition: str, then: Sequence[Stmt], otherwise: Sequence[Stmt], indent: str) -> None:
        self._add(indent, f"if ({condition}) {{")
        self.block(then, indent + "    ")
        if otherwise:
            self._add(indent, "} else {")
            self.block(otherwise, indent + "    ")
        self._add(indent, "}")

    def _report(self, statement: Violate | Collect | Cover, indent: str) -> None:
        match statement:
            case Violate(name, details):
                site = self.numbering.violation(name, tuple(title for title, _ in details))
                if site is not None:
                    self._tell(indent, site, [value for _, value in details])
            case Collect(name, source, target):
                self._tell(indent, self.numbering.collection(name), [source, target])
            case Cover(name):
                cover, site = self.numbering.cover(name)
                self.effects += 1
                self._add(indent, f"dmc_cover(e, {cover}, {site});")

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
            self._add(inner, f"const dmc_cell v{k} = {self.texts.fitting(f.sort, given[f.name])};")
        self._add(
            inner,
            f"const int64_t n = dmc_free_slot(s, {slots.base}, {slots.stride}, {slots.pool.size});",
            f"dmc_cell *const o = &s[{slots.base} + {slots.stride} * n];",
            "if (!n) {",
            "    dmc_broken = __LINE__;",
            "    return 0;",
            "}",
            f"o[0] = {slots.kinds[statement.kind]};",
        )
        for k, f in enumerate(kind.fields, 1):
            if f.name in given:
                self._add(inner, f"o[{k}] = v{k};")
            elif f.default:
                self._add(inner, f"o[{k}] = {number(f.default)};")
        place = self.texts.address(statement.place)
        self._add(inner, f"s[{place}] = (dmc_cell)n;")
        self._add(indent, "}")

    def _add(self, indent: str, *lines: str) -> None:
        self.lines.extend(indent + line for line in lines)
