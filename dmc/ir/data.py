"""Whether a system has data: cells that no engine enumerates."""

from __future__ import annotations

from collections.abc import Iterator

from dmc.ir.sort import Integer, Sort
from dmc.ir.system import System


def has_data(system: System) -> bool:
    """Whether some cell has the sort `Integer`."""
    return any(isinstance(sort, Integer) for sort in _sorts(system))


def _sorts(system: System) -> Iterator[Sort]:
    for variable in system.variables:
        yield variable.sort
    for lists in system.lists:
        yield lists.sort
    for thread in system.threads:
        for register in thread.registers:
            yield register.sort
    for pool in system.pools:
        for kind in pool.kinds:
            for field in kind.fields:
                yield field.sort
