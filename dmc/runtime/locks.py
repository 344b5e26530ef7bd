"""All locks of a run, those of the runtime and those of the driver, under one numbering.

The number of a lock is its place in a lock order: port locks come first, then the port data locks, which
are one, then mutexes by the place in the source that created them, since the mutexes of two ports are alike.
"""

from __future__ import annotations

from dmc.ir.builder import conj, eq
from dmc.ir.expr import Const, Expr, Field, KindOf, Read, Self
from dmc.ir.logic import cell, plus
from dmc.runtime import port_data_lock
from dmc.runtime.lock_regime import LOCK, lock_count
from dmc.runtime.mutexes import HOLDER, MUTEX, SITE, mutex_classes, mutex_kind_number
from dmc.runtime.world import HEAP, World


def all_locks(world: World, only_mutexes: bool = False) -> list[tuple[Expr, Expr]]:
    """Each lock: its number, and whether the executing thread holds it."""
    result: list[tuple[Expr, Expr]] = []
    for index in range(0 if only_mutexes else lock_count(world)):
        result.append((Const(index), eq(cell(LOCK, index), Self())))
    if world.has_pdl and not only_mutexes:
        result.append((port_data_lock.lock_class(world), port_data_lock.holds_any(world)))
    for slot in range(1, world.heap_size + 1):
        mutex = Const(slot)
        number = plus(Read(Field(HEAP, MUTEX, SITE, mutex)), mutex_classes(world))
        is_mutex = eq(KindOf(HEAP, mutex), mutex_kind_number(world))
        result.append((number, conj([is_mutex, eq(Read(Field(HEAP, MUTEX, HOLDER, mutex)), Self())])))
    return result
