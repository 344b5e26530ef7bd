"""Operators applied to known numbers, by the same table that gives them their meaning."""

from __future__ import annotations

from dmc.ir.evaluate import quotient, remainder, shift_left, shift_right
from dmc.ir.translate import ARITHMETIC, CONDITIONS

_NAMES = {
    "quotient": quotient,
    "remainder": remainder,
    "shift_left": shift_left,
    "shift_right": shift_right,
}


def fold_binary(operator: str, left: int, right: int) -> int:
    """The value of `left operator right`."""
    template = ARITHMETIC.get(operator) or CONDITIONS[operator]
    return int(eval(template.format(f"({left})", f"({right})"), dict(_NAMES)))
