"""Erlang processes: scripts that the schedulers execute, an action at a time.

A process is data. Its position is a variable, each of its actions a step of a scheduler that is idle;
an operation on a port occupies the scheduler until the operation is done or queued.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from dmc.base.exceptions import InternalError
from dmc.base.types import INTEGER_TYPES, PID
from dmc.base.types import PORT as PORT_TYPE
from dmc.ir.builder import conj, disj, eq, ite, ne, neg
from dmc.ir.expr import Const, Expr, Place, Read, Register
from dmc.ir.logic import cell, var
from dmc.ir.program import Assembler, Branch, Choice, End, Label, Local, Node, Op
from dmc.ir.sort import Enum, Integer, Range, Sort
from dmc.ir.statement import Assign, Emit, Stmt
from dmc.ir.system import Frame, Step
from dmc.ir.system import Variable as Cell
from dmc.lower import process_links
from dmc.lower.code import After
from dmc.lower.context import Lowering
from dmc.lower.expressions import condition, value
from dmc.lower.program import ProgramCode
from dmc.lower.scope import Cells, Scope, leave
from dmc.lower.statements import statement
from dmc.lower.words import words
from dmc.model import model
from dmc.model.model import Storage
from dmc.runtime import links, port_lifecycle, processes
from dmc.runtime.port_operations import BYTE, CALLER, LENGTH, NUMBER, PORT
from dmc.runtime.world import EMPTY_BUFFER, IDLE, SENDS, World

Send = Callable[[tuple[Stmt, ...], Scope, After], Node]
"""Begins an operation, given what tells its data."""

POSITION = "position"
_LENGTH = INTEGER_TYPES["ErlDrvSizeT"]
_BYTE = INTEGER_TYPES["char"]


@dataclass(frozen=True)
class Instance:
    """One process: its declaration, which of several alike (from 0), its number among all (from 1)."""

    process: model.Process
    index: int
    number: int
    name: str


@dataclass(frozen=True)
class Handlers:
    """What a scheduler does for an operation that a process has begun, by operation."""

    command: Node
    forced_command: Node
    prompt_command: Node
    close: Node
    control: Node
    call: Node
    exit_signal: Node
    kill_signal: Node
    open_port: Callable[[int], Node]
    die: Callable[[int, bool], Node]
    """By the number of the process, and whether its reason is `normal`."""
    idle: Node


def instances_of(scenario: model.Scenario) -> tuple[Instance, ...]:
    """All processes of a scenario, spawned ones included, in order."""
    result: list[Instance] = []
    for process in scenario.processes:
        for index in range(process.count):
            name = process.name if process.count == 1 else f"{process.name} {index + 1}"
            result.append(Instance(process, index, len(result) + 1, name))
    return tuple(result)


class ProcessCode(ProgramCode):
    """The script of one process instance."""

    def __init__(
        self,
        lowering: Lowering,
        instance: Instance,
        family: dict[tuple[model.Process, int], ProcessCode],
        handlers: Handlers,
        ports: dict[tuple[str, int], list[int]],
    ) -> None:
        self.cells = Cells(instance.name)
        super().__init__(lowering, self.cells)
        self.instance = instance
        self.family = family
        self.handlers = handlers
        self.ports = ports
        self.named: dict[model.Variable, Place] = {}

    def script(self) -> Node:
        """The program: the body, then the exit with reason `normal`."""
        scope = Scope(self.cells, frames=(Frame(self.instance.name, "process", self.instance.process.span),))
        for own, _ in self.instance.process.captured:
            scope = scope.bind(own, self.variable(own))
        return statement(self, self.instance.process.body, scope, self._exit(scope, "the process ends"))

    def variable(self, variable: model.Variable) -> Place:
        """The cell of a variable of the process."""
        if variable not in self.named:
            sort = self._sort_of(variable)
            taken = sum(1 for v in self.named if v.name == variable.name)
            name = variable.name if not taken else f"{variable.name} {taken + 1}"
            self.named[variable] = self.cells.named(name, sort)
        return self.named[variable]

    def declare(self, variable: model.Variable, scope: Scope) -> tuple[Place, Scope]:
        """A process keeps its variables under their own names."""
        place = self.variable(variable)
        return place, scope.bind(variable, place)

    def spawn(self, process: model.Process, scope: Scope, following: Node, node: model.Spawn) -> Node:
        """The child begins, with copies of what it uses of its parent."""
        child = self.family[(process, self.instance.index)]
        copies = tuple(
            Assign(child.variable(own), Read(scope.places[of_parent])) for own, of_parent in process.captured
        )
        born = processes.become(Const(child.instance.number), processes.READY)
        return Op(f"spawn {process.name}", scope.site(node.span), (*copies, born), following)

    def number_of(self, process: model.Process) -> int:
        """The instance of another process that belongs with this one, from 1."""
        index = self.instance.index if (process, self.instance.index) in self.family else 0
        return self.family[(process, index)].instance.number

    def process_call(self, expr: model.ProcessCall, scope: Scope, after: After) -> Node:
        """One of the functions of Erlang."""
        match expr.function, expr.arguments:
            case "open_port", (model.DriverValue(),):
                return self._open(expr, scope, after)
            case "port_command", (port, data, *_):
                handler = self._command_handler(expr)
                return value(self, port, scope, lambda p, s: self._command(expr, p, data, handler, s, after))
            case "port_control" | "port_call", _:
                return self._control(expr, scope, after)
            case "port_close", (port,):
                return value(
                    self, port, scope, lambda p, s: self._port_op(expr, p, self.handlers.close, (), s, after)
                )
            case "exit", (reason,):
                return self._exits(expr, reason, scope)
            case "link" | "unlink" | "port_connect", _:
                return process_links.lowered(self, expr, scope, after)
            case "exit", (who, reason) if who.type == PID:
                return value(self, who, scope, lambda p, s: self._exit_process(expr, p, reason, s, after))
            case "exit", (who, reason):
                return value(self, who, scope, lambda p, s: self._exit_signal(expr, p, reason, s, after))
            case "self", ():
                return after(Const(self.instance.number), scope)
            case _:
                raise InternalError("lower", f"{expr.span}: {expr.function} in a process")

    # --- operations -----------------------------------------------------------------------------

    def _open(self, expr: model.ProcessCall, scope: Scope, after: After) -> Node:
        numbers = self.ports[(str(expr.span), self.instance.number)]
        temp, inner = scope.temp(Range(0, self.world.port_count))
        result = processes.result_of(Const(self.instance.number))
        done = Local((Assign(temp, result),), after(Read(temp), inner))
        options: list[Node] = []
        earlier: list[Expr] = []
        for number in numbers:
            port = Const(number)
            body, possible = port_lifecycle.set_up(port)
            begin = (*self._begin(port), *body)
            guard = conj([*earlier, possible])
            options.append(self._op(expr, begin, guard, self.handlers.open_port(number), scope, done))
            earlier.append(ne(port_lifecycle.state(port), port_lifecycle.UNOPENED))
        return options[0] if len(options) == 1 else Choice(options, scope.site(expr.span))

    def _command(
        self,
        expr: model.ProcessCall,
        port: Expr,
        data: model.Expr,
        handler: Node,
        scope: Scope,
        after: After,
    ) -> Node:
        def send(told: tuple[Stmt, ...], inner: Scope, then: After) -> Node:
            return self._port_op(expr, port, handler, told, inner, then)

        return self._with_data(data, expr, scope, after, send)

    def _told(self, expr: model.ProcessCall, length: Expr, byte: Expr) -> tuple[Stmt, ...]:
        """What is sent, for the reader of a trace, where it was chosen from many values."""
        chosen = isinstance(self.world.lengths, Integer) or isinstance(self.world.first_bytes, Integer)
        event = f"{SENDS} {expr.function}"
        return (Emit(event, (("length", length), ("byte", byte))),) if chosen else ()

    def _command_handler(self, expr: model.ProcessCall) -> Node:
        """What `port_command` does where the port is busy depends on its option."""
        match expr.arguments[2:]:
            case (model.AtomValue(name="force"),):
                return self.handlers.forced_command
            case (model.AtomValue(name="nosuspend"),):
                return self.handlers.prompt_command
            case _:
                return self.handlers.command

    def _control(self, expr: model.ProcessCall, scope: Scope, after: After) -> Node:
        """`port_control` and `port_call`; without data there are no bytes."""
        handler = self.handlers.control if expr.function == "port_control" else self.handlers.call
        port, number, *data = expr.arguments

        def begin(to: Expr, what: Expr, outer: Scope) -> Node:
            def send(told: tuple[Stmt, ...], inner: Scope, then: After) -> Node:
                return self._port_op(expr, to, handler, (Assign(Register(NUMBER), what), *told), inner, then)

            if data:
                return self._with_data(data[0], expr, outer, after, send)
            return send(_no_bytes(), outer, after)

        return value(self, port, scope, lambda p, s: value(self, number, s, lambda n, s2: begin(p, n, s2)))

    def _with_data(
        self, data: model.Expr, expr: model.ProcessCall, scope: Scope, after: After, send: Send
    ) -> Node:
        """Sends what the data says; where it says several things, one of them."""
        match data:
            case model.ChooseValue(values=values):
                temp, inner = scope.temp(Range(0, 1))
                done = self._into(temp, inner, after)
                ways = [
                    self._with_data(v, expr, inner, done, send) for v in values if not isinstance(v, tuple)
                ]
                return self.choice(ways, scope, expr.span)
            case model.ConditionalOp(condition=test, then=then, otherwise=otherwise):
                temp, inner = scope.temp(Range(0, 1))
                done = self._into(temp, inner, after)
                yes, no = (self._with_data(v, expr, inner, done, send) for v in (then, otherwise))
                return condition(self, test, inner, yes, no)
            case model.ProcessCall(function="bytes", arguments=(length, *rest)):
                byte = rest[0] if rest else model.Literal(0, _BYTE, data.span)
                return self._with_bytes((length, byte), expr, scope, after, send)
            case _:
                raise InternalError("lower", f"{data.span}: only bytes(n, c) is sent")

    def _into(self, temp: Place, outer: Scope, after: After) -> After:
        """Several ways to one value: it is kept, and they go on together."""
        joined = Label(after(Read(temp), outer))
        return lambda v, s: Local((Assign(temp, v),), leave(s, outer, joined))

    def _with_bytes(
        self,
        data: tuple[model.Expr, model.Expr],
        expr: model.ProcessCall,
        scope: Scope,
        after: After,
        send: Send,
    ) -> Node:
        length, byte = data
        sizes, bytes_ = (
            model.Variable(name, kind, Storage.PARAMETER, expr.span)
            for name, kind in (("length", _LENGTH), ("byte", _BYTE))
        )

        def sent(n: Expr, b: Expr, inner: Scope) -> Node:
            done = send((*self._told(expr, n, b), *_bytes_sent(n, b)), inner, after)
            return self.fitting(sizes, n, length, inner, self.fitting(bytes_, b, byte, inner, done))

        return value(self, length, scope, lambda n, s: value(self, byte, s, lambda b, s2: sent(n, b, s2)))

    def _port_op(
        self,
        expr: model.ProcessCall,
        port: Expr,
        handler: Node,
        data: tuple[Stmt, ...],
        scope: Scope,
        after: After,
    ) -> Node:
        temp, inner = scope.temp(Range(0, 1))
        result = processes.result_of(Const(self.instance.number))
        done = Local((Assign(temp, ne(result, 0)),), after(Read(temp), inner))
        return self._op(expr, (*self._begin(port), *data), Const(1), handler, inner, done)

    def _exit_signal(
        self, expr: model.ProcessCall, port: Expr, reason: model.Expr, scope: Scope, after: After
    ) -> Node:
        """`exit(Port, normal)` from anyone but the owner is ignored."""
        match reason:
            case model.ChooseValue(values=values):
                joined = Label(after(Const(1), scope))
                options = [
                    self._exit_signal(expr, port, v, scope, lambda _, s: leave(s, scope, joined))
                    for v in values
                    if not isinstance(v, tuple)
                ]
                return self.choice(options, scope, expr.span)
            case model.ConditionalOp(condition=test, then=then, otherwise=otherwise):
                joined = Label(after(Const(1), scope))
                ways = [
                    self._exit_signal(expr, port, v, scope, lambda _, s: leave(s, scope, joined))
                    for v in (then, otherwise)
                ]
                return condition(self, test, scope, ways[0], ways[1])
            case _:
                pass
        named = reason.name if isinstance(reason, model.AtomValue) else ""
        normal = named == "normal"
        owned = [n for n, p in enumerate(self.world.ports, 1) if p.owner == self.instance.number]
        handler = self.handlers.kill_signal if named == "kill" else self.handlers.exit_signal
        send = self._port_op(expr, port, handler, (), scope, lambda _, s: after(Const(1), s))
        if not normal:
            return send
        ignored = Op(words(expr), scope.site(expr.span), (), after(Const(1), scope))
        if self.world.has_links:
            return Branch(links.owner_is(self.world, port, self.instance.number), send, ignored)
        node: Node = ignored
        for number in owned:
            node = Branch(eq(port, number), send, node)
        return node

    def _exit_process(
        self, expr: model.ProcessCall, process: Expr, reason: model.Expr, scope: Scope, after: After
    ) -> Node:
        """A signal with reason `normal` does nothing to another process, and ends the one that sends it."""
        send = Op(words(expr), scope.site(expr.span), (processes.doom(process),), after(Const(1), scope))
        if not (isinstance(reason, model.AtomValue) and reason.name == "normal"):
            return send
        ignored = Op(words(expr), scope.site(expr.span), (), after(Const(1), scope))
        return Branch(eq(process, self.instance.number), send, ignored)

    def killed(self) -> Node | None:
        """What a scheduler does with a process that an exit signal has reached."""
        if not self.world.has_exit_signals:
            return None
        scope = Scope(self.cells, frames=(Frame(self.instance.name, "process", self.instance.process.span),))
        places = dict(self.named)
        return self._exit(replace(scope, places=places), "gone by an exit signal", normal=False)

    def _exits(self, expr: model.ProcessCall, reason: model.Expr, scope: Scope) -> Node:
        """`exit(reason)`; only links ask whether it is `normal`."""
        match reason:
            case model.ChooseValue(values=values) if self.world.has_links:
                ways = [self._exits(expr, v, scope) for v in values if not isinstance(v, tuple)]
                return self.choice(ways, scope, expr.span)
            case model.ConditionalOp(condition=test, then=then, otherwise=otherwise):
                yes, no = self._exits(expr, then, scope), self._exits(expr, otherwise, scope)
                return condition(self, test, scope, yes, no)
            case _:
                normal = isinstance(reason, model.AtomValue) and reason.name == "normal"
                return self._exit(scope, words(expr), normal=normal)

    def _exit(self, scope: Scope, text: str, normal: bool = True) -> Node:
        """The process is gone; its links tell its ports."""
        number = Const(self.instance.number)
        forgotten = tuple(Assign(place, Const(0)) for place in scope.places.values())
        begin = (processes.become(number, processes.EXECUTING), *forgotten)
        end = End(scope.site(self.instance.process.span), name="ended")
        return Op(
            label=text,
            site=scope.site(self.instance.process.span),
            statements=begin,
            next=leave(scope, replace(scope, used={}), end),
            jump=self.handlers.die(self.instance.number, normal),
        )

    def _begin(self, port: Expr) -> tuple[Stmt, ...]:
        number = Const(self.instance.number)
        return (
            Assign(Register(CALLER), number),
            Assign(Register(PORT), port),
            processes.become(number, processes.EXECUTING),
        )

    def _op(
        self,
        expr: model.ProcessCall,
        statements: tuple[Stmt, ...],
        guard: Expr,
        handler: Node,
        scope: Scope,
        following: Node,
    ) -> Node:
        """The process begins an operation; the value of it is there when the process is ready again."""
        waiting = Choice([following], scope.site(expr.span), name=f"after {words(expr)}")
        return Op(
            label=words(expr),
            site=scope.site(expr.span),
            statements=statements,
            next=waiting,
            guard=guard,
            jump=handler,
        )

    def _sort_of(self, variable: model.Variable) -> Sort:
        if variable.type == PORT_TYPE:
            return Range(0, self.world.port_count)
        if variable.type == PID:
            return Range(0, len(self.world.processes))
        return self.sort(variable)


class ProcessAssembler(Assembler):
    """Makes steps of the schedulers out of a process's program."""

    def __init__(self, world: World, instance: Instance, schedulers: Assembler) -> None:
        super().__init__(lambda _: False)
        self._world = world
        self._instance = instance
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
        return [self._killed(s) if s.source == doomed else self._of_scheduler(s) for s in steps]

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


def _bytes_sent(length: Expr, first: Expr) -> tuple[Stmt, ...]:
    """Data is its length and its first byte, if it has one."""
    byte = ite(eq(length, 0), EMPTY_BUFFER, first)
    return (Assign(Register(LENGTH), length), Assign(Register(BYTE), byte))


def _no_bytes() -> tuple[Stmt, ...]:
    return _bytes_sent(Const(0), Const(0))
