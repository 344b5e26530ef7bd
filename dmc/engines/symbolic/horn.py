"""An invariant of the control states that keeps dangers away: constrained Horn clauses, solved by Spacer.

Each control state is a predicate over its data, each rule and each initial state a clause. What is asked is
whether a danger can be reached. If not, Spacer has for each predicate a formula, and all together are closed
under the rules: an invariant. It is given as formulas of Z3 over the variables of the control states.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dmc.engines.symbolic.abstraction import Abstraction, Danger
from dmc.engines.symbolic.solver import Solver, load

Invariant = list[Any]
"""For each control state a formula over its variables, the box not included."""


def invariant(found: Abstraction, dangers: Sequence[Danger], solver: Solver) -> Invariant | None:
    """An invariant that excludes the dangers, or None: one of them can happen, or it is not known."""
    z3 = load()
    engine = z3.Fixedpoint()
    engine.set("engine", "spacer")
    for option in ("xform.slice", "xform.inline_linear", "xform.inline_eager"):
        engine.set(option, False)
    predicates = []
    for number, control in enumerate(found.controls):
        sorts = [z3.IntSort()] * len(control.cells)
        predicates.append(z3.Function(f"at{number}", *sorts, z3.BoolSort()))
    bad = z3.Function("bad", z3.BoolSort())
    for one in (*predicates, bad):
        engine.register_relation(one)
    regions = [r.region for c in found.controls for r in c.rules]
    regions += [d.region for c in found.controls for d in c.dangers]
    most = [len(region.bounds) for region in regions] + [len(c.cells) for c in found.controls]
    for index in range(max(most, default=0)):
        engine.declare_var(solver.name(index))

    def at(number: int) -> Any:
        return predicates[number](*(solver.name(n) for n in range(len(found.controls[number].cells))))

    for target, values in found.first:
        engine.rule(predicates[target](*map(solver.expression, values)))
    for control in found.controls:
        for rule in control.rules:
            head = predicates[rule.target](*map(solver.expression, rule.values))
            engine.rule(head, [at(rule.source), *solver.region(rule.region.bounds, rule.region.conditions)])
    for danger in dangers:
        region = solver.region(danger.region.bounds, danger.region.conditions)
        engine.rule(bad(), [at(danger.source), *region])
    if engine.query(bad()) != z3.unsat:
        return None
    return [_in_own_variables(engine.get_cover_delta(-1, p), p.arity(), solver) for p in predicates]


def _in_own_variables(formula: Any, arity: int, solver: Solver) -> Any:
    z3 = load()
    return z3.simplify(z3.substitute_vars(formula, *(solver.name(n) for n in range(arity))))
