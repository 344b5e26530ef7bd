"""The meaning of expressions and statements, as Python source text.

A function works on `s`, the flat list of cells, for the thread whose cells begin at `s[b]`, whose
number is `me` and whose number among its type is `nth`; a body also gets `rec`, a `Record`.

Bodies are exact: a field is read only of a live object. Everything else (guards, accesses,
conditions) may be asked of any state, so there a field of what is no object (`NULL`, `UNSET`) is 0;
a tombstone's fields are 0 anyway. With `checked` each promise of the lowering is asserted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from dmc.ir.expr import (
    AtPoint,
    Binary,
    Bound,
    Const,
    Expr,
    Field,
    Full,
    Instance,
    Ite,
    Item,
    KindOf,
    Length,
    ListPlace,
    Place,
    Quantified,
    Read,
    Register,
    Self,
    Unary,
    Var,
)
from dmc.ir.layout import Layout
from dmc.ir.sort import DEAD, FREE, Bool, Integer, Range, Ref, Sort
from dmc.ir.sort import Enum as EnumSort
from dmc.ir.statement import (
    Assign,
    Check,
    Choose,
    Collect,
    Cover,
    Cut,
    Drop,
    Emit,
    Fault,
    Goto,
    If,
    Kill,
    New,
    Push,
    Remove,
    Stmt,
    Violate,
)

CONDITIONS = {
    "==": "({0} == {1})",
    "!=": "({0} != {1})",
    "<": "({0} < {1})",
    "<=": "({0} <= {1})",
    ">": "({0} > {1})",
    ">=": "({0} >= {1})",
    "and": "({0} and {1})",
    "or": "({0} or {1})",
}
"""Operators that give a truth value. The operands of `and` and `or` are conditions."""

ARITHMETIC = {
    "+": "({0} + {1})",
    "-": "({0} - {1})",
    "*": "({0} * {1})",
    "/": "quotient({0}, {1})",
    "%": "remainder({0}, {1})",
    "&": "({0} & {1})",
    "|": "({0} | {1})",
    "^": "({0} ^ {1})",
    "<<": "shift_left({0}, {1})",
    ">>": "shift_right({0}, {1})",
}
"""Operators that give a number."""

UNROLLED = 8
"""A quantifier over at most as many known values is written out."""


class Translator:
    """Texts for one thread type of a system, or for none (`type_index` -1: no registers)."""

    def __init__(self, layout: Layout, type_index: int, checked: bool, exact: bool, events: bool = False):
        self.layout = layout
        self.type_index = type_index
        self.checked = checked and exact
        self.exact = exact
        self.events = events

    def value(self, expr: Expr, bound: dict[str, str]) -> str:
        """The text of the expression's number."""
        match expr:
            case Const(value):
                return f"({value})" if value < 0 else str(value)
            case Read(place):
                return f"s[{self.address(place, bound)}]" if self.exact else self._total_read(place, bound)
            case Unary("-", operand):
                return f"(-{self.value(operand, bound)})"
            case Binary(operator, left, right) if operator in ARITHMETIC:
                return ARITHMETIC[operator].format(self.value(left, bound), self.value(right, bound))
            case Ite(condition, then, otherwise):
                texts = (
                    self.value(then, bound),
                    self.condition(condition, bound),
                    self.value(otherwise, bound),
                )
                return "({} if {} else {})".format(*texts)
            case Self():
                return "me"
            case Instance():
                return "nth"
            case KindOf(pool, reference):
                text, slots = self.value(reference, bound), self.layout.pools[pool]
                return f"(s[{_scaled(slots.base, slots.stride, text)}] if {text} > 0 else {FREE})"
            case Length(place):
                return f"s[{self.list_address(place, bound)}]"
            case Bound(name):
                return bound[name]
            case Quantified("count", name, low, high, body):
                terms = self._unrolled(name, low, high, body, bound)
                if terms is not None:
                    return "(" + " + ".join(f"(1 if {term} else 0)" for term in terms) + ")" if terms else "0"
                return f"sum(1 for {self._loop(name, low, high, bound, body)})"
            case _:
                return f"(1 if {self.condition(expr, bound)} else 0)"

    def condition(self, expr: Expr, bound: dict[str, str]) -> str:
        """The text of whether the expression is not 0."""
        match expr:
            case Unary("not", operand):
                return f"(not {self.condition(operand, bound)})"
            case Binary("and" | "or" as operator, left, right):
                return CONDITIONS[operator].format(self.condition(left, bound), self.condition(right, bound))
            case Binary(operator, left, right) if operator in CONDITIONS:
                return CONDITIONS[operator].format(self.value(left, bound), self.value(right, bound))
            case Full(pool):
                slots = self.layout.pools[pool].slots()
                return f"({FREE} not in s[{slots.start}:{slots.stop}:{slots.step}])"
            case Quantified("exists" | "forall" as kind, name, low, high, body):
                terms = self._unrolled(name, low, high, body, bound)
                if terms is not None:
                    empty, word = ("False", " or ") if kind == "exists" else ("True", " and ")
                    return "(" + word.join(terms) + ")" if terms else empty
                if kind == "exists":
                    return f"any(1 for {self._loop(name, low, high, bound, body)})"
                return f"(not any(1 for {self._loop(name, low, high, bound, Unary('not', body))}))"
            case AtPoint(thread, names):
                return self._at_point(self.value(thread, bound), names)
            case _:
                return self.value(expr, bound)

    def address(self, place: Place, bound: dict[str, str]) -> str:
        """The text of the index of the place's cell."""
        match place:
            case Var(name, index):
                variable = self.layout.variables[name]
                text = self._within(self.value(index, bound), variable.variable.length, name)
                return _scaled(variable.base, 1, text)
            case Register(name):
                return f"b + {self.layout.registers[self.type_index][name]}"
            case Field(pool, kind, field, reference):
                slots, text = self.layout.pools[pool], self.value(reference, bound)
                if self.checked:
                    text = f"live(s, {slots.base}, {slots.stride}, {slots.kinds[kind]}, {text}, {pool!r})"
                return _scaled(slots.base + slots.fields[kind, field], slots.stride, text)
            case Item(lists, position):
                first, text = self.list_address(lists, bound), self.value(position, bound)
                return f"{first} + 1 + {self._within(text, f's[{first}]', lists.name)}"
            case _:
                assert_never(place)

    def list_address(self, place: ListPlace, bound: dict[str, str]) -> str:
        """The text of the index of the list's length."""
        lists = self.layout.lists[place.name]
        text = self._within(self.value(place.index, bound), lists.variable.length, place.name)
        return _scaled(lists.base, lists.stride, text)

    def sort_of(self, place: Place) -> Sort:
        """What the place may hold."""
        match place:
            case Var(name, _):
                return self.layout.variables[name].variable.sort
            case Register(name):
                registers = self.layout.system.threads[self.type_index].registers
                return next(r.sort for r in registers if r.name == name)
            case Field(pool, kind, field, _):
                slots = self.layout.pools[pool]
                return slots.pool.kinds[slots.kinds[kind] - 2].fields[slots.fields[kind, field] - 1].sort
            case Item(lists, _):
                return self.layout.lists[lists.name].variable.sort
            case _:
                assert_never(place)

    def stored(self, sort: Sort, text: str) -> str:
        """The text of a value on its way into a cell."""
        if not self.checked:
            return text
        match sort:
            case Bool():
                low, high = 0, 1
            case Range(low, high):
                pass
            case EnumSort(_, members):
                low, high = 0, len(members) - 1
            case Ref(pool):
                low, high = 0, self.layout.pools[pool].pool.size
            case Integer():
                return text
            case _:
                assert_never(sort)
        return f"fits({text}, {low}, {high}, {sort.unset})"

    def _within(self, text: str, length: int | str, name: str) -> str:
        return f"within({text}, {length}, {name!r})" if self.checked else text

    def _total_read(self, place: Place, bound: dict[str, str]) -> str:
        text = f"s[{self.address(place, bound)}]"
        if isinstance(place, Field):
            return f"({text} if {self.value(place.reference, bound)} > 0 else 0)"
        return text

    def _at_point(self, thread: str, names: tuple[str, ...]) -> str:
        numbers = {n for (_, name), n in self.layout.point_numbers.items() if name in names}
        bases = tuple(t.base for t in self.layout.threads)
        if thread == "me":
            return f"(s[b] in {_set(numbers)})"
        if thread.isdigit():
            valid = 1 <= int(thread) <= len(bases)
            return f"(s[{bases[int(thread) - 1]}] in {_set(numbers)})" if valid else "False"
        return f"(0 < {thread} <= {len(bases)} and s[{(0, *bases)}[{thread}]] in {_set(numbers)})"

    def _unrolled(
        self, name: str, low: Expr, high: Expr, body: Expr, bound: dict[str, str]
    ) -> list[str] | None:
        match low, high:
            case Const(first), Const(last) if last - first < UNROLLED:
                values = range(first, last + 1)
                return [self.condition(body, {**bound, name: self.value(Const(v), {})}) for v in values]
            case _:
                return None

    def _loop(self, name: str, low: Expr, high: Expr, bound: dict[str, str], body: Expr) -> str:
        inner = {**bound, name: f"q_{name}"}
        first, last = self.value(low, bound), self.value(high, bound)
        return f"q_{name} in range({first}, {last} + 1) if {self.condition(body, inner)}"


def _scaled(base: int, stride: int, text: str) -> str:
    if text.isdigit():
        return str(base + stride * int(text))
    return f"{base} + {text}" if stride == 1 else f"{base} + {stride} * {text}"


def _set(numbers: set[int]) -> str:
    return "{" + ", ".join(map(str, sorted(numbers))) + "}" if numbers else "()"


class BodyWriter:
    """Writes the lines of one step's body."""

    def __init__(self, translator: Translator, outcomes: list[Fault | Cut | Drop]):
        self.texts = translator
        self.outcomes = outcomes
        self.lines: list[str] = []

    def block(self, statements: Sequence[Stmt], indent: str) -> list[str]:
        """The statements' lines; an outcome is returned by its number among the outcomes."""
        if not statements:
            self.lines.append(f"{indent}pass")
        for statement in statements:
            self._statement(statement, indent)
        return self.lines

    def _statement(self, statement: Stmt, indent: str) -> None:
        match statement:
            case Assign(place, value):
                self._add(indent, self._store(place, self.texts.value(value, {})))
            case Choose(place, low, high):
                self._add(indent, self._store(place, f"rec.choose({low}, {high})"))
            case If(condition, then, otherwise):
                self._add(indent, f"if {self.texts.condition(condition, {})}:")
                self.block(then, indent + "    ")
                if otherwise:
                    self._add(indent, "else:")
                    self.block(otherwise, indent + "    ")
            case Push() | Remove():
                self._change_list(statement, indent)
            case New():
                self._new(statement, indent)
            case Kill(pool, reference):
                slots = self.texts.layout.pools[pool]
                self._add(indent, f"i = {_scaled(slots.base, slots.stride, self.texts.value(reference, {}))}")
                if self.texts.checked:
                    self._add(indent, f"killable(s[i], {pool!r})")
                self._add(indent, f"s[i:i + {slots.stride}] = {[DEAD] + [0] * (slots.stride - 1)}")
            case Goto(point):
                self._add(indent, f"s[b] = {self.texts.layout.point_numbers[self.texts.type_index, point]}")
            case Check(condition, outcome):
                self._add(indent, f"if not {self.texts.condition(condition, {})}:")
                self._add(indent, f"    return outcomes[{len(self.outcomes)}]")
                self.outcomes.append(outcome)
            case Violate(name, details):
                self._add(indent, f"rec.violations.append(({name!r}, {self._arguments(details)}))")
            case Cover(name):
                self._add(indent, f"rec.covered.add({name!r})")
            case Collect(name, source, target):
                pair = f"{self.texts.value(source, {})}, {self.texts.value(target, {})}"
                self._add(indent, f"rec.collected.append(({name!r}, {pair}))")
            case Emit(event, arguments):
                if self.texts.events:
                    self._add(indent, f"rec.events.append(({event!r}, {self._arguments(arguments)}))")
                else:
                    self._add(indent, "pass")
            case _:
                assert_never(statement)

    def _change_list(self, statement: Push | Remove, indent: str) -> None:
        sort = self.texts.layout.lists[statement.list.name].variable.sort
        capacity = self.texts.layout.lists[statement.list.name].variable.capacity
        if isinstance(statement, Push):
            self._add(indent, f"v = {self.texts.stored(sort, self.texts.value(statement.value, {}))}")
        else:
            self._add(indent, f"p = {self.texts.value(statement.position, {})}")
        self._add(indent, f"i = {self.texts.list_address(statement.list, {})}")
        if isinstance(statement, Push):
            if self.texts.checked:
                self._add(indent, f"within(s[i], {capacity}, {statement.list.name!r})")
            self._add(indent, "s[i] += 1", "s[i + s[i]] = v")
        else:
            if self.texts.checked:
                self._add(indent, f"within(p, s[i], {statement.list.name!r})")
            self._add(indent, "n = i + s[i]", "s[i + 1 + p:n] = s[i + 2 + p:n + 1]", "s[n] = 0", "s[i] -= 1")

    def _new(self, statement: New, indent: str) -> None:
        slots = self.texts.layout.pools[statement.pool]
        kind = slots.pool.kinds[slots.kinds[statement.kind] - 2]
        given = dict(statement.values)
        texts = [
            self.texts.stored(f.sort, self.texts.value(given[f.name], {}))
            if f.name in given
            else str(f.default)
            for f in kind.fields
        ]
        cells = [str(slots.kinds[statement.kind]), *texts, *["0"] * (slots.stride - 1 - len(texts))]
        self._add(indent, f"v = [{', '.join(cells)}]")
        self._add(indent, f"n = free_slot(s, {slots.base}, {slots.stride}, {slots.pool.size})")
        self._add(indent, f"i = {slots.base} + {slots.stride} * n", f"s[i:i + {slots.stride}] = v")
        self._add(indent, self._store(statement.place, "n"))

    def _store(self, place: Place, text: str) -> str:
        return f"s[{self.texts.address(place, {})}] = {self.texts.stored(self.texts.sort_of(place), text)}"

    def _arguments(self, arguments: tuple[tuple[str, Expr], ...]) -> str:
        return "(" + "".join(f"({name!r}, {self.texts.value(e, {})}), " for name, e in arguments) + ")"

    def _add(self, indent: str, *lines: str) -> None:
        self.lines.extend(indent + line for line in lines)
