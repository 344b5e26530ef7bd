"""Walks over expressions and statements."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from functools import cache

from dmc.ir.expr import Read
from dmc.ir.statement import Assign, Choose, Goto, If, New, Stmt


def nodes(node: object) -> Iterator[object]:
    """The node and all that it is made of, outermost first; of a tuple, what is in it."""
    pending = [node]
    while pending:
        one = pending.pop()
        kind: type = type(one)
        if isinstance(one, tuple):
            pending.extend(reversed(one))
        elif (names := _names(kind)) is not None:
            yield one
            pending.extend([getattr(one, name) for name in names])


@cache
def _names(kind: type) -> tuple[str, ...] | None:
    """The fields to walk through, last first; None of what is no node."""
    if not is_dataclass(kind):
        return None
    return tuple(f.name for f in reversed(fields(kind)) if f.name != "place" or kind in _WITH_PLACES)


_WITH_PLACES = (Read, Assign, Choose, New)
"""Where `place` is a place of the system, not of a text."""


def targets(source: str, body: Sequence[Stmt]) -> tuple[str, ...]:
    """The points at which a thread can be after the body, in the order of the text."""
    found, ends_elsewhere = _targets(body)
    return tuple(dict.fromkeys((*found, *(() if ends_elsewhere else (source,)))))


def _targets(body: Sequence[Stmt]) -> tuple[list[str], bool]:
    """The targets of the body, and whether every path through it has one."""
    found: list[str] = []
    always = False
    for statement in body:
        if isinstance(statement, Goto):
            found, always = [statement.point], True
        elif isinstance(statement, If):
            then, always_then = _targets(statement.then)
            otherwise, always_otherwise = _targets(statement.otherwise)
            if always_then and always_otherwise:
                found, always = [], True
            found = [*found, *then, *otherwise]
    return found, always
