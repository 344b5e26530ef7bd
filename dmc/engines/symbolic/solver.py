"""The only door to Z3: can conditions on integers hold together, where, and at which least values.

Every question has a limit of resources, not of time, so that the same question always has the same
answer; beyond it the answer is `Undecided`, which no verdict mistakes for one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from dmc.base.exceptions import UsageError
from dmc.engines.symbolic.linear import Bounds, Condition, Constraint, Linear
from dmc.engines.symbolic.term import Undecided

LIMIT = 4_000_000
"""Z3's own unit; some seconds at most."""

MISSING = (
    "the model chooses integers from large ranges, and Z3, which decides about them, is not installed:"
    " pip install z3-solver"
)


def load() -> Any:
    """The library, when it is needed; a usage error where it is not installed."""
    try:
        import z3
    except ImportError:
        raise UsageError(MISSING) from None
    return z3


class Solver:
    """Answers questions about conditions over variables that have bounds."""

    def __init__(self) -> None:
        self._z3 = load()
        self._solver = self._z3.SolverFor("QF_LIA")
        self._general = self._z3.Solver()
        for solver in (self._solver, self._general):
            solver.set("rlimit", LIMIT)
            # Else Z3 would take an interrupt for itself and call the question undecided.
            solver.set("ctrl_c", False)
        self._names: list[Any] = []
        self._cells: dict[int, Any] = {}
        self.expression = lru_cache(maxsize=None)(self._expression)
        self.condition = lru_cache(maxsize=None)(self._condition)
        self._bound = lru_cache(maxsize=None)(self._bound_of)
        self.questions = 0

    def name(self, variable: int) -> Any:
        """The variable as Z3 knows it."""
        while len(self._names) <= variable:
            self._names.append(self._z3.Int(f"v{len(self._names)}"))
        return self._names[variable]

    def cell(self, number: int) -> Any:
        """The value of a cell, as Z3 knows it."""
        found = self._cells.get(number)
        if found is None:
            found = self._cells[number] = self._z3.Int(f"x{number}")
        return found

    def model(self, bounds: Sequence[Bounds], conditions: Iterable[Condition]) -> tuple[int, ...] | None:
        """A point at which all conditions hold, None if there is none."""
        known = list(conditions)
        linear = all(isinstance(c, Constraint) for c in known)
        solver = self._solver if linear else self._general
        self.questions += 1
        solver.push()
        try:
            for condition in known:
                solver.add(self.condition(condition))
            for variable in sorted({v for c in known for v in c.variables()}):
                solver.add(self._bound(variable, *bounds[variable]))
            answer = solver.check()
            if answer == self._z3.unsat:
                return None
            if answer != self._z3.sat:
                raise Undecided(", ".join(str(self.condition(c)) for c in known[-3:]))
            found = solver.model()
            return tuple(self._value(found, n, low) for n, (low, _) in enumerate(bounds))
        finally:
            solver.pop()

    def least(
        self, what: Linear, bounds: Sequence[Bounds], conditions: Sequence[Condition], point: Sequence[int]
    ) -> tuple[int, tuple[int, ...]]:
        """The least value of an expression under the conditions, and where; the point fulfils them."""
        best, at = what.at(point), tuple(point)
        low = middle = what.interval(bounds)[0]
        while low < best:
            found = self.model(bounds, [*conditions, Constraint("<=", what.shifted(-middle))])
            if found is None:
                low = middle + 1
            else:
                best, at = what.at(found), found
            middle = (low + best) // 2
        return best, at

    def holds_everywhere(self, assumptions: Iterable[Any], claim: Any) -> bool:
        """Whether the claim follows; what is not decided is not said to follow."""
        self.questions += 1
        self._general.push()
        try:
            self._general.add(*assumptions)
            self._general.add(self._z3.Not(claim))
            return bool(self._general.check() == self._z3.unsat)
        finally:
            self._general.pop()

    def point(self, conditions: Iterable[Any], count: int) -> tuple[int, ...] | None:
        """Values of the first variables under conditions that are in Z3's form; None if there are none."""
        self.questions += 1
        self._general.push()
        try:
            self._general.add(*conditions)
            answer = self._general.check()
            if answer == self._z3.unknown:
                raise Undecided("which values are left")
            if answer == self._z3.unsat:
                return None
            model = self._general.model()
            return tuple(self._value(model, n, 0) for n in range(count))
        finally:
            self._general.pop()

    def region(self, bounds: Sequence[Bounds], conditions: Iterable[Condition]) -> list[Any]:
        """Bounds and conditions as Z3 takes them."""
        found = [self._bound(n, low, high) for n, (low, high) in enumerate(bounds)]
        return [*found, *map(self.condition, conditions)]

    def _value(self, model: Any, variable: int, default: int) -> int:
        value = model.eval(self.name(variable))
        return int(value.as_long()) if self._z3.is_int_value(value) else default

    def _bound_of(self, variable: int, low: int, high: int) -> Any:
        name = self.name(variable)
        return self._z3.And(name >= low, name <= high)

    def _expression(self, linear: Linear) -> Any:
        total: Any = self._z3.IntVal(linear.constant)
        for variable, coefficient in linear.terms:
            total = total + (
                self.name(variable)
                if coefficient == 1
                else self._z3.IntVal(coefficient) * self.name(variable)
            )
        return total

    def _condition(self, condition: Condition) -> Any:
        if not isinstance(condition, Constraint):
            sides = (self.expression(condition.left), self.expression(condition.right))
            return self.expression(condition.result) == sides[0] * sides[1]
        value = self.expression(condition.linear)
        match condition.relation:
            case "<=":
                return value <= 0
            case "==":
                return value == 0
            case _:
                return value != 0
