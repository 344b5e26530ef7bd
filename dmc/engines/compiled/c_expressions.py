"""Expressions and places as C text, with the meaning that `dmc.ir.translate` gives them in Python.

The text works on `s`, the words of a state, and `t`, the executing thread. Where the thread is the only
one of its type, its cells and numbers are constants. All arithmetic is of 64 bits and wraps around.
"""

from __future__ import annotations

from typing import assert_never

from dmc.engines.compiled import cell_text
from dmc.engines.compiled.c_text import number
from dmc.engines.compiled.state_layout import Field as Bits
from dmc.engines.compiled.state_layout import Packing, bounds
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
from dmc.ir.sort import UNSET, Sort

OPERATORS = {
    "+": "({0} + {1})",
    "-": "({0} - {1})",
    "*": "({0} * {1})",
    "/": "dmc_quotient({0}, {1})",
    "%": "dmc_remainder({0}, {1})",
    "&": "({0} & {1})",
    "|": "({0} | {1})",
    "^": "({0} ^ {1})",
    "<<": "dmc_left({0}, {1})",
    ">>": "dmc_right({0}, {1})",
    "==": "({0} == {1})",
    "!=": "({0} != {1})",
    "<": "({0} < {1})",
    "<=": "({0} <= {1})",
    ">": "({0} > {1})",
    ">=": "({0} >= {1})",
    "and": "({0} && {1})",
    "or": "({0} || {1})",
}


class PointSets:
    """The sets of points that expressions ask for: each becomes one table of bits."""

    def __init__(self, layout: Layout):
        self.layout = layout
        self.numbers: dict[frozenset[int], int] = {}

    def test(self, names: tuple[str, ...], point: str) -> str:
        """The text of whether the point has one of the names."""
        wanted = frozenset(names)
        points = frozenset(n for n, (_, name) in enumerate(self.layout.points) if name in wanted)
        if not points:
            return "0"
        if len(points) <= 2:
            return "(" + " || ".join(f"{point} == {n}" for n in sorted(points)) + ")"
        return f"dmc_in(points_{self.numbers.setdefault(points, len(self.numbers))}, {point})"

    def tables(self) -> list[str]:
        """The tables."""
        words = (len(self.layout.points) + 63) // 64
        lines = []
        for points, number_ in self.numbers.items():
            bits = sum(1 << n for n in points)
            parts = ", ".join(f"{bits >> 64 * w & (2**64 - 1):#x}u" for w in range(words))
            lines.append(f"static const uint64_t points_{number_}[{words}] = {{{parts}}};")
        return lines


class Expressions:
    """Texts for one thread type (`type_index` -1: for no thread).

    `exact` texts are those of bodies, where a field is read only of a live object; elsewhere a field
    of what is no object is 0. In a body, a register that has one value between steps is a variable of C,
    to be declared as one of `locals` with its value at the start.
    """

    def __init__(self, layout: Layout, packed: Packing, type_index: int, exact: bool, sets: PointSets):
        self.layout = layout
        self.packed = packed
        self.type_index = type_index
        self.exact = exact
        self.sets = sets
        self.bound: list[tuple[str, str]] = []
        self.locals: dict[str, int] = {}
        own = [thread for thread in layout.threads if thread.type_index == type_index]
        self.only = own[0] if len(own) == 1 else None

    def value(self, expr: Expr) -> str:
        """The text of the expression's value; as a condition it holds if it is not 0."""
        match expr:
            case Const(value):
                return number(value)
            case Read(place):
                return self._read(place)
            case Unary(operator, operand):
                return f"({'!' if operator == 'not' else '-'}{self.value(operand)})"
            case Binary(operator, left, right):
                return OPERATORS[operator].format(self.value(left), self.value(right))
            case Ite(condition, then, otherwise):
                return f"({self.value(condition)} ? {self.value(then)} : {self.value(otherwise)})"
            case Self():
                return str(self.only.number) if self.only else "(int64_t)t->number"
            case Instance():
                return str(self.only.instance) if self.only else "(int64_t)t->instance"
            case KindOf(pool, reference):
                return self._of_object(pool, 0, reference)
            case Full(pool):
                return f"(!{self.free_slot(pool)})"
            case Length(place):
                return cell_text.read(self.length_bits(place), self.list_address(place))
            case Bound(name):
                return next(text for bound, text in reversed(self.bound) if bound == name)
            case Quantified():
                return self._quantified(expr)
            case AtPoint(thread, points):
                return self._at_point(thread, points)
            case _:
                assert_never(expr)

    def address(self, place: Place) -> str:
        """The text of the index of the place's cell."""
        match place:
            case Var(name, index):
                variable = self.layout.variables[name]
                return self._offset(variable.base, 1, index, str(variable.variable.length))
            case Register(name):
                k = self.layout.registers[self.type_index][name]
                return str(self.only.base + k) if self.only else f"t->base + {k}"
            case Field(pool, kind, field, reference):
                slots = self.layout.pools[pool]
                base = slots.base + slots.fields[kind, field]
                text = self.value(reference)
                if self.exact:
                    text = self.live(pool, slots.kinds[kind], text)
                return f"{base} + {slots.stride} * {text}"
            case Item(lists, position):
                first = self.list_address(lists)
                if isinstance(position, Const) and first.isdigit() and not self.exact:
                    return str(int(first) + 1 + position.value)
                text = self.value(position)
                length = cell_text.read(self.length_bits(lists), first)
                return f"{first} + 1 + " + (f"WITHIN({text}, {length})" if self.exact else text)
            case _:
                assert_never(place)

    def list_address(self, place: ListPlace) -> str:
        """The text of the index of the list's length."""
        lists = self.layout.lists[place.name]
        return self._offset(lists.base, lists.stride, place.index, str(lists.variable.length))

    def bits(self, place: Place) -> Bits:
        """A field like that of the place; those of one variable, list, register or field are alike."""
        match place:
            case Var(name, _):
                return self.packed.like(self.layout.variables[name].base)
            case Register(name):
                own = [t.base for t in self.layout.threads if t.type_index == self.type_index]
                return self.packed.like(own[0] + self.layout.registers[self.type_index][name] if own else -1)
            case Field(pool, kind, field, _):
                return self.slot_bits(pool, self.layout.pools[pool].fields[kind, field])
            case Item(lists, _):
                of = self.layout.lists[lists.name]
                return self.packed.like(of.base + 1 if of.variable.capacity else -1)
            case _:
                assert_never(place)

    def length_bits(self, place: ListPlace) -> Bits:
        """A field like that of the list's length."""
        return self.packed.like(self.layout.lists[place.name].base)

    def slot_bits(self, pool: str, k: int) -> Bits:
        """A field like that of cell `k` of the pool's slots."""
        slots = self.layout.pools[pool]
        return self.packed.like(slots.base + slots.stride + k if slots.pool.size else -1)

    def live(self, pool: str, kind: int, reference: str) -> str:
        """The text of a reference to a live object, of the kind if it is not 0."""
        slots = self.layout.pools[pool]
        mask = cell_text.mask(self.slot_bits(pool, 0))
        return f"LIVE({slots.base}, {slots.stride}, {kind}, {mask}, {reference})"

    def free_slot(self, pool: str) -> str:
        """The text of the number of the pool's lowest free slot."""
        slots = self.layout.pools[pool]
        if not slots.pool.size:
            return "0"
        mask = cell_text.mask(self.slot_bits(pool, 0))
        return (
            f"dmc_free_slot(s, &at[{slots.base + slots.stride}], {slots.stride}, {mask}, {slots.pool.size})"
        )

    def assigned(self, place: Place, value: Expr) -> str:
        """The statement that puts a value into the place."""
        bits = self.bits(place)
        sort = sort_of(self.layout, self.type_index, place)
        if own := self._local(place):
            return f"{own} = {self.fitting(sort, value)};"
        low, high, unset = bounds(sort, self.layout)
        if isinstance(value, Const) and (low <= value.value <= high or (unset and value.value == UNSET)):
            code = cell_text.code_of_constant(bits, value.value)
        else:
            code = cell_text.code_of(bits, self.fitting(sort, value))
        return cell_text.write(bits, self.address(place), code)

    def named(self, place: Place, object_: str) -> str:
        """The statement that puts the text of a reference into the place."""
        if own := self._local(place):
            return f"{own} = {object_};"
        return cell_text.write(self.bits(place), self.address(place), object_)

    def _local(self, place: Place) -> str:
        """The variable of C that holds the register in a body; "" if it is a cell."""
        if not self.exact or not isinstance(place, Register) or self.bits(place).width:
            return ""
        name = f"r{self.layout.registers[self.type_index][place.name]}"
        self.locals[name] = self.bits(place).low
        return name

    def fitting(self, sort: Sort, value: Expr) -> str:
        """The text of a value on its way into a cell of the sort."""
        low, high, unset = bounds(sort, self.layout)
        match value:
            case Const(known) if low <= known <= high:
                return number(known)
            case Const(known) if unset and known == UNSET:
                return "DMC_UNSET"
            case _:
                return f"FITS({self.value(value)}, {number(low)}, {number(high)}, {int(unset)})"

    def _offset(self, base: int, stride: int, index: Expr, length: str) -> str:
        if isinstance(index, Const):
            return str(base + stride * index.value)
        text = self.value(index)
        text = f"WITHIN({text}, {length})" if self.exact else text
        return f"{base} + {text}" if stride == 1 else f"{base} + {stride} * {text}"

    def _read(self, place: Place) -> str:
        if isinstance(place, Field) and not self.exact:
            k = self.layout.pools[place.pool].fields[place.kind, place.field]
            return self._of_object(place.pool, k, place.reference)
        return self._local(place) or cell_text.read(self.bits(place), self.address(place))

    def _of_object(self, pool: str, k: int, reference: Expr) -> str:
        """Cell `k` of an object, 0 if there is none."""
        slots, bits = self.layout.pools[pool], self.slot_bits(pool, k)
        if not slots.pool.size:
            return "0"
        first = f"&at[{slots.base + slots.stride + k}]"
        of = f"{cell_text.unset_code(bits)}, {number(bits.low)}, {cell_text.mask(bits)}"
        return f"dmc_of_object(s, {first}, {self.value(reference)}, {slots.stride}, {of})"

    def _at_point(self, thread: Expr, points: tuple[str, ...]) -> str:
        threads = self.layout.threads
        match thread:
            case Const(value):
                if not self._is(value):
                    return "0"
                base = threads[value - 1].base
                return self.sets.test(points, cell_text.read(self.packed.like(base), str(base)))
            case Self():
                return self.sets.test(points, "dmc_point(s, t)")
            case _:
                own = self.sets.test(points, "dmc_point(s, &threads[n_ - 1])")
                test = f"n_ > 0 && n_ <= {len(threads)} && {own}"
                return f"__extension__({{ int64_t n_ = {self.value(thread)}; {test}; }})"

    def _is(self, number_: int) -> bool:
        return 1 <= number_ <= len(self.layout.threads)

    def _quantified(self, expr: Quantified) -> str:
        """A loop inside of an expression; its variables are named by how deep it stands."""
        low, high = self.value(expr.low), self.value(expr.high)
        depth = len(self.bound)
        name, last, count = f"q{depth}", f"h{depth}", f"c{depth}"
        self.bound.append((expr.name, name))
        body = self.value(expr.body)
        self.bound.pop()
        head = f"int64_t {count} = 0, {last} = {high}; for (int64_t {name} = {low}; {name} <= {last}"
        match expr.kind:
            case "exists":
                text = f"{head} && !{count}; {name}++) {count} = ({body}) != 0; {count};"
            case "forall":
                text = f"{head} && !{count}; {name}++) {count} = ({body}) == 0; !{count};"
            case _:
                text = f"{head}; {name}++) {count} += ({body}) != 0; {count};"
        return f"__extension__({{ {text} }})"


def sort_of(layout: Layout, type_index: int, place: Place) -> Sort:
    """What the place may hold."""
    match place:
        case Var(name, _):
            return layout.variables[name].variable.sort
        case Register(name):
            return next(r.sort for r in layout.system.threads[type_index].registers if r.name == name)
        case Field(pool, kind, field, _):
            slots = layout.pools[pool]
            return slots.pool.kinds[slots.kinds[kind] - 2].fields[slots.fields[kind, field] - 1].sort
        case Item(lists, _):
            return layout.lists[lists.name].variable.sort
        case _:
            assert_never(place)
