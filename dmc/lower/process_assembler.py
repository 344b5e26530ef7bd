"""The script of a process as steps of the schedulers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dmc.ir.builder import conj, disj, eq, neg
from dmc.ir.expr import Const, Expr
from dmc.ir.logic import cell, var
from dmc.ir.program import Assembler, Branch, Choice, End, Local, Node, Op
from dmc.ir.sort import Enum
from dmc.ir.statement import Assign, Stmt
from dmc.ir.system import Step
from dmc.ir.system import Variable as Cell
from dmc.lower.garbage import collecting_steps
from dmc.lower.processes import Instance, ProcessCode
from dmc.runtime import processes
from dmc.runtime.world import IDLE

POSITION = "position"


class ProcessAssembler(Assembler):
    """Makes steps of the schedulers out of a process's program."""

    def __init__(self, code: ProcessCode, schedulers: Assembler) -> None:
        super().__init__(lambda _: False)
        self._world = code.world
        self._instance = code.instance
        self._holding = code.holding
        self._schedulers = schedulers
        self._positions: list[str] = []

    def position_variable(self) -> Cell:
        """The variable that says where the process is; call it when all points are known."""
        return Cell(
            position_name(self._instance), Enum(f"{self._instance.name} position", tuple(self._positions))
        )

    def steps(self, root: Node, killed: Node | None) -> list[Step]:
        """The steps, as alternatives of an idle scheduler; `killed` is what it does after an exit signal."""
        self._number(self.point_of(root))
        doomed = None if killed is None else self.point_of(killed)
        _, steps = self.assemble()
        made = [self._killed(s) if s.source == doomed else self._of_scheduler(s) for s in steps]
        return [*made, *self._collecting(steps)]

    def _collecting(self, steps: Sequence[Step]) -> list[Step]:
        """The runtime may collect what the process does not use any more, while the process is not busy."""
        name = position_name(self._instance)
        sources = {s.source: self._number(s.source) for s in steps}
        found = collecting_steps(self._world, self._instance.number, self._holding, steps, name, sources)
        return [replace(step, label=f"{self._instance.name}: {step.label}") for step in found]

    def _of_scheduler(self, step: Step) -> Step:
        position = eq(cell(position_name(self._instance)), self._number(step.source))
        ready = processes.is_status(self._instance.number, processes.READY)
        free = neg(processes.is_doomed(self._world, self._instance.number))
        return self._step_of(step, conj([ready, free, position, step.guard]))

    def _killed(self, step: Step) -> Step:
        """It need not be ready: it is gone while it waits, too."""
        number = self._instance.number
        waits = disj(processes.is_status(number, s) for s in (processes.READY, processes.WAITING))
        return self._step_of(step, conj([waits, processes.is_doomed(self._world, number)]))

    def _step_of(self, step: Step, guard: Expr) -> Step:
        return replace(
            step,
            source=IDLE,
            guard=guard,
            label=f"{self._instance.name}: {step.label}",
            party=self._instance.name,
        )

    def _goto(self, node: Op | Local | Branch | Choice | End) -> tuple[Stmt, ...]:
        number = self._number(self.point_of(node))
        return (Assign(var(position_name(self._instance)), Const(number)),)

    def _follow(self, op: Op) -> tuple[Stmt, ...]:
        own = self.tail(op.next)
        return own if op.jump is None else (*own, *self._schedulers.tail(op.jump))

    def _number(self, name: str) -> int:
        if name not in self._positions:
            self._positions.append(name)
        return self._positions.index(name)


def position_name(instance: Instance) -> str:
    """The name of the variable with a process's position."""
    return f"{instance.name}.{POSITION}"
