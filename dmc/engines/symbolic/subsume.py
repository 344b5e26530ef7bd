"""Which states of a control state another one is within: then it has been searched already.

Obligation: the points of the new state are points of the states named, taken together. Each step from one
of its points is then a step from theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

from dmc.engines.symbolic.linear import Constraint, Linear, variable
from dmc.engines.symbolic.project import Cells
from dmc.engines.symbolic.region import Region
from dmc.engines.symbolic.solver import Solver, load
from dmc.engines.symbolic.term import Term, linear

FEW = 64
"""A region with variables in no cell is said in terms of the cells if these have at most so many values."""


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
            else:
                parts.append(name == self._in_cells(linear(one), given))
        self._add_quotients(region, given)
        known = self._solver.region(region.bounds, region.conditions)
        names = [(self._solver.name(index), value) for index, value in given.items()]
        formula = self._z3.substitute(self._z3.And(*parts, *known), *names)
        return self._for_some(formula, [n for n in range(len(region.bounds)) if n not in given], region)

    def _add_quotients(self, region: Region, given: dict[int, Any]) -> None:
        """A variable q with `c * q <= one < c * (q + 1)` is the quotient of `one`, if that is given."""
        upper = [c for c in region.conditions if isinstance(c, Constraint) and c.relation == "<="]
        for index in range(len(region.bounds)):
            for bound in upper if index not in given else ():
                factor = bound.linear.coefficient(index)
                one = bound.linear.without(index).times(-1)
                other = one.plus(variable(index), -factor).shifted(1 - factor)
                if factor > 1 and Constraint("<=", other) in region.conditions:
                    if all(v in given for v, _ in one.terms):
                        given[index] = self._in_cells(one, given) / self._z3.IntVal(factor)
                        break

    def _for_some(self, formula: Any, left: list[int], region: Region) -> Any | None:
        """The formula for some values of the variables that are left, if they have few."""
        ranges = [range(region.bounds[n][0], region.bounds[n][1] + 1) for n in left]
        count = 1
        for one in ranges:
            count *= len(one)
            if count > FEW:
                return None
        if not left:
            return formula
        names = [self._solver.name(n) for n in left]
        cases = []
        for values in product(*ranges):
            pairs = [(n, self._z3.IntVal(v)) for n, v in zip(names, values, strict=True)]
            cases.append(self._z3.substitute(formula, *pairs))
        return self._z3.Or(*cases)

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
            known = given[index] if index in given else self._solver.name(index)
            total = total + self._z3.IntVal(factor) * known
        return total
