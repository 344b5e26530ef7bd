"""An invariant in the names of the source: what is known of each cell with data, and of several together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dmc.engines.symbolic.abstraction import Abstraction
from dmc.engines.symbolic.horn import Invariant
from dmc.engines.symbolic.linear import Bounds
from dmc.engines.symbolic.solver import load
from dmc.engines.symbolic.term import Term
from dmc.ir.evaluate import CompiledSystem
from dmc.ir.expr import Read, Register
from dmc.ir.layout import Layout
from dmc.ir.statement import Emit
from dmc.ir.walk import nodes

MOST_LINES = 24
"""A longer invariant is cut short in words; what was checked is the whole of it."""


def worded(compiled: CompiledSystem, found: Abstraction, formulas: Invariant) -> Iterator[str]:
    """Lines: the range of each cell that is no register, then what formulas say, and in how many places."""
    registers = _variables_of_registers(compiled.layout)
    ranges: dict[str, Bounds] = {}
    said: dict[str, int] = {}
    for number, control in enumerate(found.controls):
        cells = found.nodes[number].cells
        names = compiled.layout.cell_names([0 if isinstance(c, Term) else c for c in cells])
        own = [registers.get(cell, names[cell]) for cell in control.cells]
        for cell, name, (low, high) in zip(control.cells, own, control.box, strict=True):
            if cell not in registers and "." not in name.removesuffix(".length").partition("#")[0]:
                before = ranges.get(name, (low, high))
                ranges[name] = min(low, before[0]), max(high, before[1])
        for text in _parts(formulas[number], own):
            said[text] = said.get(text, 0) + 1
    lines = [f"{low} <= {name} <= {high}" for name, (low, high) in ranges.items() if low < high]
    for text, count in sorted(said.items(), key=lambda item: (-item[1], item[0])):
        lines.append(f"{text}, in {count} control state{'s' if count > 1 else ''}")
    yield from lines[:MOST_LINES]
    if len(lines) > MOST_LINES:
        yield f"and {len(lines) - MOST_LINES} more"


def _variables_of_registers(layout: Layout) -> dict[int, str]:
    """For the cells of registers the local variables that they are, as the traces name them."""
    locals_of: dict[tuple[str, str], dict[str, None]] = {}
    for thread_type in layout.system.threads:
        for node in nodes(tuple(step.body for step in thread_type.steps)):
            if isinstance(node, Emit) and node.event.startswith("sets "):
                for name, value in node.arguments:
                    if isinstance(value, Read) and isinstance(value.place, Register):
                        locals_of.setdefault((thread_type.name, value.place.name), {})[name] = None
    names = {}
    for thread in layout.threads:
        for position, register in enumerate(thread.type.registers):
            variables = locals_of.get((thread.type.name, register.name), {"a result": None})
            names[thread.base + 1 + position] = f"{'/'.join(variables)} of {thread.name}"
    return names


@dataclass(frozen=True)
class _Comparison:
    """A sum of named terms beside a number; `sign` is `<=`, `>=` or `==`."""

    sum: tuple[tuple[str, int], ...]
    sign: str
    number: int

    def text(self) -> str:
        """In one line, without minus signs where that can be."""
        turned = all(c < 0 for _, c in self.sum)
        factor = -1 if turned else 1
        sign = {"<=": ">=", ">=": "<="}.get(self.sign, self.sign) if turned else self.sign
        left = _sum([(name, c * factor) for name, c in self.sum if c * factor > 0])
        right = _sum([(name, -c * factor) for name, c in self.sum if c * factor < 0])
        number = self.number * factor
        if right and number:
            right += f" {'+' if number > 0 else '-'} {abs(number)}"
        return f"{left} {sign} {right or number}"


def _sum(terms: list[tuple[str, int]]) -> str:
    return " + ".join(name if c == 1 else f"{c} * {name}" for name, c in terms)


def _parts(formula: Any, names: list[str]) -> list[str]:
    """The parts of a conjunction; two that are about one sum are one, if they leave one value only."""
    z3 = load()
    if z3.is_true(formula):
        return []
    found: list[str] = []
    bounds: dict[tuple[tuple[str, int], ...], dict[str, int]] = {}
    for part in formula.children() if z3.is_and(formula) else [formula]:
        one = _comparison(part, names)
        if one is None:
            found.append(_text(part, names))
        else:
            bounds.setdefault(one.sum, {})[one.sign] = one.number
    for total, signs in bounds.items():
        if len(signs) == 2 and len(set(signs.values())) == 1:
            signs = {"==": next(iter(signs.values()))}
        found += [_Comparison(total, sign, number).text() for sign, number in signs.items()]
    return found


def _comparison(term: Any, names: list[str]) -> _Comparison | None:
    z3 = load()
    if z3.is_not(term):
        inner = _comparison(term.children()[0], names)
        if inner is None or inner.sign == "==":
            return None
        if inner.sign == "<=":
            return _Comparison(inner.sum, ">=", inner.number + 1)
        return _Comparison(inner.sum, "<=", inner.number - 1)
    kinds = {z3.Z3_OP_LE: ("<=", 0), z3.Z3_OP_GE: (">=", 0), z3.Z3_OP_LT: ("<=", -1), z3.Z3_OP_GT: (">=", 1)}
    kind = term.decl().kind()
    if kind == z3.Z3_OP_EQ and z3.is_int(term.children()[0]):
        sign, shift = "==", 0
    elif kind in kinds:
        sign, shift = kinds[kind]
    else:
        return None
    total: dict[str, int] = {}
    constant = 0
    for side, factor in zip(term.children(), (1, -1), strict=True):
        added = _linear(side, factor, names, total)
        if added is None:
            return None
        constant += added
    terms = tuple(sorted((name, c) for name, c in total.items() if c))
    return _Comparison(terms, sign, shift - constant) if terms else None


def _linear(term: Any, factor: int, names: list[str], total: dict[str, int]) -> int | None:
    """Add the term to the total; what it has of a number. None if it is not linear."""
    z3 = load()
    if z3.is_int_value(term):
        return factor * int(term.as_long())
    if z3.is_add(term):
        added = [_linear(child, factor, names, total) for child in term.children()]
        return None if None in added else sum(one for one in added if one is not None)
    if z3.is_mul(term) and len(term.children()) == 2 and z3.is_int_value(term.children()[0]):
        return _linear(term.children()[1], factor * int(term.children()[0].as_long()), names, total)
    if not z3.is_const(term):
        return None
    name = _name(term, names)
    total[name] = total.get(name, 0) + factor
    return 0


def _name(term: Any, names: list[str]) -> str:
    index = int(str(term)[1:])
    return names[index] if index < len(names) else str(term)


def _text(term: Any, names: list[str]) -> str:
    z3 = load()
    one = _comparison(term, names)
    if one is not None:
        return one.text()
    if z3.is_false(term):
        return "nothing comes here"
    for test, sign in ((z3.is_and, " && "), (z3.is_or, " || ")):
        if test(term):
            return sign.join(f"({_text(child, names)})" for child in term.children())
    if z3.is_not(term):
        return f"!({_text(term.children()[0], names)})"
    if z3.is_const(term) and not z3.is_bool(term):
        return _name(term, names)
    return str(term)
