"""Which functions can be in a function pointer: those whose names stand as a value, other than for a job."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from typing import Any

from dmc.base.source import Span
from dmc.syntax import ast

_TO_THE_RUNTIME = {"driver_async": (2, 4), "erl_drv_thread_create": (2,)}
"""Which arguments of a call are functions that the runtime calls."""


def values_taken(items: Iterable[ast.Item]) -> frozenset[str]:
    """All names that stand in an expression without being called.

    A function given to `driver_async` or `erl_drv_thread_create` goes to the runtime and to no pointer;
    names of variables do no harm among these.
    """
    found: set[str] = set()
    pending: list[Any] = list(items)
    while pending:
        node = pending.pop()
        match node:
            case ast.Name():
                found.add(node.text)
            case ast.Call():
                pending += _of_call(node)
            case tuple():
                pending += node
            case Span():
                pass
            case _ if is_dataclass(node):
                pending += [getattr(node, one.name) for one in fields(node)]
            case _:
                pass
    return frozenset(found)


def _of_call(node: ast.Call) -> list[ast.Expr]:
    if not isinstance(node.function, ast.Name):
        return [node.function, *node.arguments]
    kept = _TO_THE_RUNTIME.get(node.function.text, ())
    return [a for i, a in enumerate(node.arguments) if i not in kept]
