"""How a state is packed: each cell of the flat layout becomes a field of bits in one of 64-bit words.

A value is stored as its distance from the least one; `UNSET`, which belongs to no range, as one more
than the greatest distance. No field straddles two words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from dmc.engines.compiled.unsupported import Unsupported
from dmc.ir.layout import Layout
from dmc.ir.sort import UNSET, Bool, Enum, Integer, Range, Ref, Sort
from dmc.transform.settled_registers import settled_registers

WORD = 64
LEAST, GREATEST = -(2**31), 2**31 - 1
"""What a cell of the search can hold."""


@dataclass(frozen=True)
class Field:
    """A cell with values from `low` to `high`, and `UNSET` where `unset`; its bits in a word."""

    cell: int
    low: int
    high: int
    unset: bool
    word: int = 0
    shift: int = 0

    @property
    def width(self) -> int:
        """The number of bits."""
        return (self.high - self.low + self.unset).bit_length()

    @property
    def unset_code(self) -> int:
        """How `UNSET` is stored."""
        return self.high - self.low + 1

    @property
    def at(self) -> int:
        """The first bit, counted through all words."""
        return WORD * self.word + self.shift

    def code(self, value: int) -> int:
        """How a value is stored."""
        return self.unset_code if value == UNSET else value - self.low


@dataclass(frozen=True)
class Packing:
    """All cells that vary, in order, and the number of words that they take."""

    fields: tuple[Field, ...]
    words: int

    @property
    def bytes(self) -> int:
        """The bytes that say all: those of all words but the last, and those in use of the last."""
        last = [f.shift + f.width for f in self.fields if f.word == self.words - 1]
        return 8 * (self.words - 1) + (max(last, default=0) + 7) // 8

    def like(self, cell: int) -> Field:
        """The field of a cell; one without bits where there is no such cell, as in a list without room."""
        return self.by_cell.get(cell, Field(cell, 0, 0, False))

    @cached_property
    def by_cell(self) -> dict[int, Field]:
        """The fields by their cells."""
        return {field.cell: field for field in self.fields}

    def packed(self, state: Sequence[int]) -> list[int]:
        """The words of a state."""
        words = [0] * self.words
        for field in self.fields:
            words[field.word] |= field.code(state[field.cell]) << field.shift
        return words


def packing(layout: Layout) -> Packing:
    """Give each cell its bits, in the first word that has room for them."""
    placed: list[Field] = []
    used = [0]
    for field in sorted(_fields(layout), key=lambda f: f.cell):
        if not field.width:
            placed.append(field)
            continue
        word = next((n for n, bits in enumerate(used) if bits + field.width <= WORD), len(used))
        if word == len(used):
            used.append(0)
        placed.append(Field(field.cell, field.low, field.high, field.unset, word, used[word]))
        used[word] += field.width
    return Packing(tuple(placed), len(used))


def bounds(sort: Sort, layout: Layout) -> tuple[int, int, bool]:
    """The least and the greatest value of a sort, and whether `UNSET` is one of its values."""
    match sort:
        case Bool():
            return 0, 1, sort.unset
        case Range(low, high):
            if low <= LEAST or high > GREATEST:
                raise Unsupported(f"the range {low}..{high} does not fit 32 bits")
            return low, high, sort.unset
        case Enum(_, members):
            return 0, max(0, len(members) - 1), sort.unset
        case Ref(pool):
            return 0, layout.pools[pool].pool.size, sort.unset
        case Integer():
            raise Unsupported("the model has integers that are not enumerated")


def _fields(layout: Layout) -> Iterable[Field]:
    for variable in layout.variables.values():
        for i in range(variable.variable.length):
            yield _field(layout, variable.base + i, [variable.variable.sort], [variable.variable.initial])
    for lists in layout.lists.values():
        for i in range(lists.variable.length):
            first = lists.base + i * lists.stride
            yield Field(first, 0, lists.variable.capacity, False)
            for k in range(lists.variable.capacity):
                yield _field(layout, first + 1 + k, [lists.variable.sort], [0])
    for thread in layout.threads:
        points = [n for n, (type_index, _) in enumerate(layout.points) if type_index == thread.type_index]
        yield Field(thread.base, min(points), max(points), False)
        settled = settled_registers(thread.type)
        for k, register in enumerate(thread.type.registers, 1):
            if register.name in settled and register.initial != UNSET:
                yield Field(thread.base + k, register.initial, register.initial, False)
            else:
                yield _field(layout, thread.base + k, [register.sort], [register.initial, 0])
    for pool in layout.pools.values():
        for slot in pool.slots():
            yield Field(slot, 0, len(pool.pool.kinds) + 1, False)
            for k in range(1, pool.stride):
                kinds = [kind.fields[k - 1] for kind in pool.pool.kinds if len(kind.fields) >= k]
                yield _field(layout, slot + k, [f.sort for f in kinds], [0, *(f.default for f in kinds)])


def _field(layout: Layout, cell: int, sorts: list[Sort], values: list[int]) -> Field:
    """A cell that holds values of any of these sorts, and these values."""
    ranges = [bounds(sort, layout) for sort in sorts]
    plain = [value for value in values if value != UNSET]
    low = min([low for low, _, _ in ranges] + plain)
    high = max([high for _, high, _ in ranges] + plain)
    return Field(cell, low, high, UNSET in values or any(unset for _, _, unset in ranges))
