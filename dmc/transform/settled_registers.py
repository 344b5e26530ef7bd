"""Registers that hold their initial value whenever a step is over: they serve inside of steps only.

Obligation: at the start every register has its initial value, and each step, begun so, leaves it so on
every path through its body. Then it has that value in every state, and need not be stored with one.
"""

from __future__ import annotations

from collections.abc import Sequence

from dmc.ir.expr import Const, Register
from dmc.ir.statement import Assign, If, New, Stmt
from dmc.ir.system import ThreadType


def settled_registers(thread_type: ThreadType) -> frozenset[str]:
    """The names of those registers."""
    initial = {r.name: r.initial for r in thread_type.registers}
    left = frozenset(name for step in thread_type.steps for name in _changed(step.body, initial, frozenset()))
    return frozenset(initial) - left


def _changed(body: Sequence[Stmt], initial: dict[str, int], changed: frozenset[str]) -> frozenset[str]:
    """The registers that may not have their initial value after the statements."""
    for statement in body:
        match statement:
            case Assign(Register(name), Const(value)) if value == initial[name]:
                changed -= {name}
            case Assign(Register(name), _) | New(Register(name), _, _, _):
                changed |= {name}
            case If(_, then, otherwise):
                changed = _changed(then, initial, changed) | _changed(otherwise, initial, changed)
            case _:
                pass
    return changed
