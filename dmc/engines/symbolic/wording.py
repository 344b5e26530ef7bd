"""An invariant in the names of the source: what is known of each cell with data, and of several together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dmc.engines.symbolic.abstraction import Abstraction
from dmc.engines.symbolic.horn import Invariant
from dmc.engines.symbolic.linear import Bounds
from dmc.engines.symbolic.solver import load
from dmc.engines.symbolic.term import Term
from dmc.ir.evaluate import CompiledSystem

MOST_LINES = 24
"""A longer invariant is cut short in words; what was checked is the whole of it."""


def worded(compiled: CompiledSystem, found: Abstraction, formulas: Invariant) -> Iterator[str]:
    """One line for the range of each cell, and one for each formula with the number of control states it holds in."""
    ranges: dict[str, Bounds] = {}
    lemmas: dict[str, int] = {}
    for number, control in enumerate(found.controls):
        cells = found.nodes[number].cells
        names = compiled.layout.cell_names([0 if isinstance(c, Term) else c for c in cells])
        own = [names[cell] for cell in control.cells]
        for name, (low, high) in zip(own, control.box, strict=True):
            before = ranges.get(name, (low, high))
            ranges[name] = min(low, before[0]), max(high, before[1])
        for text in _lemmas(formulas[number], own):
            lemmas[text] = lemmas.get(text, 0) + 1
    lines = [f"{low} <= {name} <= {high}" for name, (low, high) in ranges.items()]
    lines += [
        f"{text}, in {count} control state{'s' if count > 1 else ''}"
        for text, count in sorted(lemmas.items(), key=lambda item: (-item[1], item[0]))
    ]
    yield from lines[:MOST_LINES]
    if len(lines) > MOST_LINES:
        yield f"and {len(lines) - MOST_LINES} more"


def _lemmas(formula: Any, names: list[str]) -> Iterator[str]:
    """The parts of a conjunction."""
    z3 = load()
    if z3.is_true(formula):
        return
    parts = formula.children() if z3.is_and(formula) else [formula]
    for part in parts:
        yield _text(part, names)


def _text(term: Any, names: list[str]) -> str:
    z3 = load()
    if z3.is_int_value(term):
        return str(term.as_long())
    if z3.is_const(term) and term.decl().kind() == z3.Z3_OP_UNINTERPRETED:
        index = int(str(term)[1:])
        return names[index] if index < len(names) else str(term)
    children = [_text(child, names) for child in term.children()]
    if z3.is_not(term) and (flipped := _FLIPPED.get(_name(term.children()[0]))) is not None:
        inner = [_text(child, names) for child in term.children()[0].children()]
        return f"{inner[0]} {flipped} {inner[1]}"
    if z3.is_not(term):
        return f"!({children[0]})"
    sign = _SIGNS.get(_name(term))
    if sign is not None and len(children) > 1:
        return f" {sign} ".join(f"({c})" if sign in ("&&", "||", "*") and " " in c else c for c in children)
    return str(term)


def _name(term: Any) -> str:
    return str(term.decl().name())


_SIGNS = {"and": "&&", "or": "||", "+": "+", "-": "-", "*": "*", "<=": "<=", ">=": ">=", "<": "<", ">": ">", "=": "=="}
_FLIPPED = {"<=": ">", ">=": "<", "<": ">=", ">": "<=", "=": "!="}
