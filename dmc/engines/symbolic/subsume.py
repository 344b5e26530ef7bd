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
        self._states: list[tuple[int, Cells, Region]] = []
        self._formulas: dict[int, Any] = {}

    def add(self, number: int, cells: Cells, region: Region) -> None:
        """One more state."""
        self._states.append((number, cells, region))

    def covering(self, cells: Cells, region: Region) -> tuple[int, ...]:
        """The numbers of states that it is within, taken together; none if it has points of its own."""
        values = [linear(cells[c]).at(region.point) for c in self._data]
        around = [n for n, state in enumerate(self._states) if self._may_have(values, *state[1:])]
        if not around:
            return ()
        for position in around:
            number, others, within = self._states[position]
            if _are_equal(cells, others, self._data) and _is_within(region, within):
                return (number,)
        points = self._points(cells, region)
        for position in around:
            formula = self._within(position)
            if formula is not None and self._solver.holds_everywhere(points, formula):
                return (self._states[position][0],)
        known = [(n, f) for n in range(len(self._states)) if (f := self._within(n)) is not None]
        if len(known) > 1 and self._solver.holds_everywhere(points, self._z3.Or(*(f for _, f in known))):
            return tuple(self._states[n][0] for n, _ in known)
        return ()

    def _points(self, cells: Cells, region: Region) -> list[Any]:
        points = [self._solver.cell(c) == self._solver.expression(linear(cells[c])) for c in self._data]
        return [*points, *self._solver.region(region.bounds, region.conditions)]

    def _within(self, position: int) -> Any | None:
        """What the cells fulfil at the points of a state; None if that cannot be said in their terms."""
        if position not in self._formulas:
            self._formulas[position] = self._formula(*self._states[position][1:])
        return self._formulas[position]

    def _may_have(self, values: list[int], cells: Cells, region: Region) -> bool:
        """Whether the state has a point with these values of the cells; True if that is not clear."""
        given: dict[int, int] = {}
        for cell, at in zip(self._data, values, strict=True):
            one = linear(cells[cell])
            free = [(v, c) for v, c in one.terms if v not in given]
            if len(free) > 1:
                return True
            rest = at - one.constant - sum(c * given[v] for v, c in one.terms if v in given)
            if not free:
                if rest:
                    return False
                continue
            index, factor = free[0]
            if rest % factor:
                return False
            given[index] = rest // factor
        if any(not region.bounds[n][0] <= v <= region.bounds[n][1] for n, v in given.items()):
            return False
        if len(given) < len(region.bounds):
            return True
        point = [given[n] for n in range(len(given))]
        return all(condition.holds(point) for condition in region.conditions)

    def outside(self, cells: Cells, region: Region) -> tuple[int, ...] | None:
        """A point of the region that is in none of the states; None if there is none.

        The cells are the variables of the region, one by one.
        """
        formulas = [self._within(n) for n in range(len(self._states))]
        others = [self._z3.Not(formula) for formula in formulas if formula is not None]
        return self._solver.point([*self._points(cells, region), *others], len(region.bounds))

    def _formula(self, cells: Cells, region: Region) -> Any | None:
        """What the cells fulfil at the points of the state."""
        given: dict[int, Any] = {}
        parts = []
        for cell in self._data:
            name = self._solver.cell(cell)
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
                known = all(v in given for v, _ in one.terms)
                if factor > 1 and known and Constraint("<=", other) in region.conditions:
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


def _are_equal(cells: Cells, others: Cells, data: Sequence[int]) -> bool:
    return all(linear(cells[c]) == linear(others[c]) for c in data)


def _is_within(region: Region, other: Region) -> bool:
    """Whether it can be seen without a question: narrower bounds, and all conditions of the other one."""
    return (
        len(region.bounds) == len(other.bounds)
        and all(o[0] <= b[0] and b[1] <= o[1] for b, o in zip(region.bounds, other.bounds, strict=True))
        and set(other.conditions) <= set(region.conditions)
    )
