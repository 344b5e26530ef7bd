"""The threads that drivers create, as threads of the system."""

from __future__ import annotations

from dataclasses import replace

from dmc.ir.builder import disj, ne
from dmc.ir.expr import Expr, Read, Register
from dmc.ir.logic import cell
from dmc.ir.program import Assembler, Node
from dmc.ir.sort import NULL, Ref
from dmc.ir.system import RegisterDecl, ThreadType
from dmc.lower.context import Lowering
from dmc.lower.program import ProgramCode
from dmc.lower.scope import Registers, Scope, leave
from dmc.lower.uses import thread_functions
from dmc.runtime import driver_threads
from dmc.runtime.async_jobs import DRIVER_FREE
from dmc.runtime.driver_threads import DRIVER_THREAD, GIVEN
from dmc.runtime.mutexes import WAITING
from dmc.runtime.world import HEAP


def own_threads(lowering: Lowering) -> tuple[ThreadType, ...]:
    """One type for all of them: each runs the function that it was created with."""
    if not lowering.world.own_threads:
        return ()
    registers = Registers((RegisterDecl(GIVEN, Ref(HEAP, unset=True)),))
    code = ProgramCode(lowering, registers)
    base = Scope(registers)
    end = driver_threads.ending(code.world)
    code.thread_end = lambda scope: leave(scope, replace(base, used={}), end)
    functions: dict[int, Node] = {}
    for function in thread_functions(lowering.model):
        number = DRIVER_FREE + 1 + lowering.functions.index(function)
        functions[number] = code.enter(function, (Read(Register(GIVEN)),), DRIVER_THREAD, end)
    assembler = Assembler(lowering.weaver.spoils)
    start = assembler.point_of(driver_threads.program(code.world, functions, end))
    points, steps = assembler.assemble()
    return (
        ThreadType(DRIVER_THREAD, lowering.world.own_threads, start, registers.declarations(), points, steps),
    )


def at_rest(number: int, here: Expr) -> Expr:
    """Where a thread of a driver may be at a legal end: over, polling, or waiting for a signal.

    `here` says that it stands at a point at which a thread may stay.
    """
    return disj([here, ne(cell(WAITING, number - 1), NULL)])
