"""Terms where the functions of a system expect numbers: the one place where the two types meet.

A `Term` has the operators of a number, and its path decides wherever a number would. So what was compiled for
numbers runs with terms as it is, and only the type checker has to be told.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from dmc.engines.symbolic.project import Cells
from dmc.engines.symbolic.region import Path
from dmc.engines.symbolic.term import Term


def numbers(cells: Cells) -> tuple[int, ...]:
    """The same cells, to be read."""
    return cast(tuple[int, ...], cells)


def changeable(cells: list[int | Term]) -> list[int]:
    """The same cells, to be written as well."""
    return cast(list[int], cells)


def chooser() -> Callable[[int, int], int]:
    """What a `Choose` is given on the path that is being run."""
    return cast(Callable[[int, int], int], Path.current().choose)
