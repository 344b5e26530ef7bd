"""A second look at an invariant, with another solver and every step of every control state taken again.

Three obligations: each initial state has it (initiation), each step from it leads into it (consecution), and
no danger can happen in it (safety). Nothing of the search that found the invariant is used but the control
states, their boxes and the formulas.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from dmc.engines.symbolic.abstraction import Abstraction, abstract
from dmc.engines.symbolic.horn import Invariant
from dmc.engines.symbolic.linear import Linear
from dmc.engines.symbolic.region import Region
from dmc.engines.symbolic.solver import Solver, load
from dmc.ir.evaluate import CompiledSystem


@dataclass(frozen=True)
class Certified:
    """How many questions of each obligation were answered; `failed` is the first that was not."""

    initiation: int
    consecution: int
    safety: int
    failed: str = ""


def certify(
    compiled: CompiledSystem,
    found: Abstraction,
    formulas: Invariant,
    excluded: Collection[str],
    reductions: frozenset[str],
    heed: Callable[[], None],
) -> Certified:
    """Check that the invariant is one, and that what is `excluded` cannot happen."""
    solver = Solver()
    again = abstract(compiled, solver, reductions, heed, fixed=found)
    check = _Check(found, formulas, solver)
    initiation = consecution = safety = 0
    for target, values in again.first:
        initiation += 1
        if not check.holds_after([], target, values):
            return Certified(initiation, consecution, safety, "an initial state is outside of the invariant")
    for stray in again.strays:
        consecution += 1
        if stray.source < 0 or not check.excludes(stray.source, stray.region):
            return Certified(initiation, consecution, safety, "a step leads to a control state without one")
    for control in again.controls:
        for rule in control.rules:
            heed()
            consecution += 1
            before = [
                *check.invariant(rule.source),
                *solver.region(rule.region.bounds, rule.region.conditions),
            ]
            if not check.holds_after(before, rule.target, rule.values):
                return Certified(initiation, consecution, safety, "a step leaves the invariant")
        for danger in control.dangers:
            if danger.what in excluded:
                safety += 1
                if not check.excludes(danger.source, danger.region):
                    return Certified(initiation, consecution, safety, f"{danger.what} is not excluded")
    return Certified(initiation, consecution, safety)


class _Check:
    """Questions about one invariant."""

    def __init__(self, found: Abstraction, formulas: Invariant, solver: Solver):
        self._found = found
        self._formulas = formulas
        self._solver = solver

    def invariant(self, number: int) -> list[Any]:
        """The box and the formula of a control state, over its variables."""
        return [*self._solver.region(self._found.controls[number].box, ()), self._formulas[number]]

    def holds_after(self, before: list[Any], target: int, values: tuple[Linear, ...]) -> bool:
        """Whether the target's invariant has the values, wherever the formulas `before` hold."""
        z3 = load()
        names = [self._solver.name(n) for n in range(len(values))]
        given = [(name, self._solver.expression(v)) for name, v in zip(names, values, strict=True)]
        claim = z3.And(*self.invariant(target))
        return self._solver.holds_everywhere(before, z3.substitute(claim, *given) if given else claim)

    def excludes(self, source: int, region: Region) -> bool:
        """Whether the source's invariant has no point in the region."""
        z3 = load()
        formulas = [*self.invariant(source), *self._solver.region(region.bounds, region.conditions)]
        return self._solver.holds_everywhere(formulas, z3.BoolVal(False))
