"""Which states of a control state another one is within: then it has been searched already.

Obligation: the points of the new state are points of the states named, taken together. Each step from one
of its points is then a step from theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dmc.engines.symbolic.linear import Linear
from dmc.engines.symbolic.project import Cells
from dmc.engines.symbolic.region import Region
from dmc.engines.symbolic.solver import Solver, load
from dmc.engines.symbolic.term import Term, linear


class Group:
    """The states of one control state. `data` are the cells whose values may differ between them."""

    def __init__(self, solver: Solver, data: Sequence[int]):
        self._z3 = load()
        self._solver = solver
        self._data = data
        self._cells = {cell: self._z3.Int(f"x{cell}") for cell in data}
        self._numbers: list[int] = []
        self._within: list[Any] = []

    def add(self, number: int, cells: Cells, region: Region) -> None:
        """One more state; one whose points cannot be said in terms of the cells is left out."""
        formula = self._formula(cells, region)
        if formula is not None:
            self._numbers.append(number)
            self._within.append(formula)

    def covering(self, cells: Cells, region: Region) -> tuple[int, ...]:
        """The numbers of states that it is within, taken together; none if it has points of its own."""
        if not self._within:
            return ()
        points = [self._cells[c] == self._solver.expression(linear(cells[c])) for c in self._data]
        points += self._solver.region(region.bounds, region.conditions)
        for number, formula in zip(self._numbers, self._within, strict=True):
            if self._solver.holds_everywhere(points, formula):
                return (number,)
        if len(self._within) > 1 and self._solver.holds_everywhere(points, self._z3.Or(*self._within)):
            return tuple(self._numbers)
        return ()

    def outside(self, cells: Cells, region: Region) -> tuple[int, ...] | None:
        """A point of the region that is in none of the states; None if there is none.

        The cells are the variables of the region, one by one.
        """
        points = [self._cells[c] == self._solver.expression(linear(cells[c])) for c in self._data]
        points += self._solver.region(region.bounds, region.conditions)
        points += [self._z3.Not(formula) for formula in self._within]
        return self._solver.point(points, len(region.bounds))

    def _formula(self, cells: Cells, region: Region) -> Any | None:
        """What the cells fulfil at the points of the state."""
        given: dict[int, Any] = {}
        parts = []
        for cell in self._data:
            name = self._cells[cell]
            one = cells[cell]
            found = self._solved(one.linear, given) if isinstance(one, Term) else None
            if found is not None:
                index, factor, rest = found
                given[index] = name - rest if factor == 1 else (name - rest) / self._z3.IntVal(factor)
                if factor != 1:
                    parts.append((name - rest) % self._z3.IntVal(abs(factor)) == 0)
            elif isinstance(one, Term) and any(v not in given for v, _ in one.linear.terms):
                return None
            else:
                parts.append(name == self._in_cells(linear(one), given))
        if len(given) < len(region.bounds):
            return None
        names = [(self._solver.name(index), value) for index, value in given.items()]
        known = self._solver.region(region.bounds, region.conditions)
        return self._z3.substitute(self._z3.And(*parts, *known), *names)

    def _solved(self, one: Linear, given: dict[int, Any]) -> tuple[int, int, Any] | None:
        """The one variable of an expression that no earlier cell gives, its factor, and the rest."""
        free = [(v, c) for v, c in one.terms if v not in given]
        if len(free) != 1:
            return None
        index, factor = free[0]
        return index, factor, self._in_cells(one.without(index), given)

    def _in_cells(self, one: Linear, given: dict[int, Any]) -> Any:
        total: Any = self._z3.IntVal(one.constant)
        for index, factor in one.terms:
            total = total + self._z3.IntVal(factor) * given[index]
        return total
