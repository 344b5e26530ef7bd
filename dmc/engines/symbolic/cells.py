"""Which cells of a state hold data, and what of a state is control."""

from __future__ import annotations

from collections.abc import Sequence

from dmc.engines.symbolic.project import Cells
from dmc.engines.symbolic.term import Term
from dmc.ir.layout import Layout
from dmc.ir.sort import UNSET_INTEGER, Integer


class DataCells:
    """Cells of sort `Integer`; which fields are such depends on the kind of the object."""

    def __init__(self, layout: Layout):
        self._fixed = frozenset(cell for cell, sort in layout.cells() if isinstance(sort, Integer))
        self._fields: dict[int, tuple[int, frozenset[int]]] = {}
        for pool in layout.pools.values():
            for slot in pool.slots():
                for offset in range(1, pool.stride):
                    kinds = frozenset(
                        number
                        for number, kind in enumerate(pool.pool.kinds, 2)
                        if offset <= len(kind.fields) and isinstance(kind.fields[offset - 1].sort, Integer)
                    )
                    if kinds:
                        self._fields[slot + offset] = slot, kinds

    def is_data(self, cells: Sequence[int | Term], cell: int) -> bool:
        """Whether the cell may hold what is not known."""
        if cell in self._fixed:
            return True
        field = self._fields.get(cell)
        return field is not None and cells[field[0]] in field[1]

    def make_explicit(self, cells: list[int | Term]) -> None:
        """Whatever is stored into a cell that is not data gets to be known: one way for each value."""
        for cell, one in enumerate(cells):
            if one.__class__ is not int and not self.is_data(cells, cell):
                cells[cell] = int(one)

    def symbolic(self, cells: Cells) -> tuple[int, ...]:
        """The cells that hold data, and have a value."""
        candidates = [*self._fixed, *self._fields]
        return tuple(sorted(c for c in candidates if self.is_data(cells, c) and not _is_unset(cells[c])))

    def control(self, cells: Cells) -> tuple[object, ...]:
        """The state without the values of its data."""
        found: list[object] = list(cells)
        for cell in self.symbolic(cells):
            found[cell] = "data"
        return tuple(found)


def _is_unset(one: int | Term) -> bool:
    return isinstance(one, int) and one == UNSET_INTEGER
