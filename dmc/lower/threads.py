"""The threads of a scenario that belong to no driver."""

from __future__ import annotations

from dataclasses import replace

from dmc.driver_api.api_function import Context
from dmc.ir.expr import Const, Expr, Instance, Register
from dmc.ir.program import Assembler, Branch, Choice, End, Local, Node, resolve
from dmc.ir.statement import Assign, Emit, Stmt
from dmc.ir.system import Frame, ThreadType
from dmc.lower.context import Lowering
from dmc.lower.program import ProgramCode
from dmc.lower.scope import Registers, Scope
from dmc.lower.sizes import number_of
from dmc.lower.statements import statement
from dmc.model import model


def threads(lowering: Lowering) -> tuple[ThreadType, ...]:
    """Each thread of the scenario."""
    return tuple(_thread(thread, lowering) for thread in lowering.run.scenario.threads)


def _thread(thread: model.Thread, lowering: Lowering) -> ThreadType:
    registers = Registers()
    code = ProgramCode(lowering, registers)
    frame = Frame(thread.name, "thread", thread.span)
    values: dict[model.Variable, Expr] = {} if thread.number is None else {thread.number: Instance()}
    scope = Scope(registers, frames=(frame,), values=values, context=Context.ASYNC_INVOKE)
    site = scope.site(thread.span)
    program, initial = _begun(statement(code, thread.body, scope, End(site, name="end")))
    if isinstance(program, Local | Branch):
        program = Choice([program], site, name="begin")
    assembler = Assembler(lowering.weaver.spoils)
    start = assembler.point_of(program)
    points, steps = assembler.assemble()
    declared = tuple(replace(r, initial=initial.get(r.name, r.initial)) for r in registers.declarations())
    return ThreadType(thread.name, number_of(thread, lowering.run), start, declared, points, steps)


def _begun(program: Node) -> tuple[Node, dict[str, int]]:
    """Where a thread stands before its first step, and what the locals declared up to there hold.

    So that the head of a loop is one point, whether a thread comes to it for the first time or again.
    """
    node, initial = resolve(program), dict[str, int]()
    passed: set[int] = set()
    while isinstance(node, Local) and id(node) not in passed:
        passed.add(id(node))
        given = [_constant_of(s) for s in node.statements]
        if any(one is None for one in given):
            return node, initial
        for one in given:
            initial.update(one or {})
        node = resolve(node.next)
    return node, initial


def _constant_of(statement_: Stmt) -> dict[str, int] | None:
    """What a statement gives a register, if it can be given before the first step."""
    match statement_:
        case Assign(Register(name), Const(value)):
            return {name: value}
        case Emit():
            return {}
        case _:
            return None
