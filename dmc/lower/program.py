"""The code of one program, with everything that leads from one function into another.

Calls are expanded: one copy of a callee for each chain of call sites, so that a control point knows
its activations.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from dmc.base.exceptions import InternalError
from dmc.base.types import PointerType, StructType, VoidType
from dmc.driver_api.api_function import Context
from dmc.ir.builder import disj, eq
from dmc.ir.expr import Binary, Const, Expr, Field, KindOf, Place, Read, Register, Var
from dmc.ir.program import Branch, Local, Node
from dmc.ir.sort import DEAD, Sort
from dmc.ir.statement import Assign, If, Stmt
from dmc.ir.system import Frame
from dmc.lower import api_calls
from dmc.lower.api_members import api_member
from dmc.lower.calls import replies
from dmc.lower.calls.memory import free_any
from dmc.lower.code import After, AfterLocation, Code
from dmc.lower.context import Lowering
from dmc.lower.expressions import located, value
from dmc.lower.process_messages import discard
from dmc.lower.pure import Env
from dmc.lower.scope import Scope, Storage, leave
from dmc.lower.sorts import sort_of
from dmc.lower.statements import statement
from dmc.model import model
from dmc.model.replies import CALL_FLAGS, REPLY_PLACE
from dmc.runtime import control_replies, port_data_lock, rwlocks
from dmc.runtime.async_jobs import DRIVER_FREE
from dmc.runtime.control_replies import CALL_FLAGS as CALL_FLAGS_REGISTER
from dmc.runtime.control_replies import REPLY
from dmc.runtime.mutexes import held_by_self
from dmc.runtime.port_lifecycle import RESULT
from dmc.runtime.port_operations import ANSWER, ANSWERED
from dmc.runtime.thread_data import kept_by_self
from dmc.runtime.world import HEAP, JOB, Event, at, sets

CONTEXTS = {"start": Context.START, "stop": Context.STOP}


KEPT: dict[str, tuple[str, Callable[[Expr], Expr]]] = {
    "start": (RESULT, lambda result: result),
    "control": (ANSWER, lambda result: Binary(">=", result, Const(0))),
    "call": (ANSWER, lambda result: Binary(">", result, Const(0))),
}
"""Callbacks whose result the emulator looks at: the register that keeps it, and what of it.

`io.c:erts_port_control`: a negative length is an error; `io.c:erts_port_call`: 0 as well [R12B-5, 25].
"""


class ProgramCode(Code):
    """Code of the threads of one type. Also what the runtime's mechanisms call back into."""

    def __init__(self, lowering: Lowering, storage: Storage, outer: Scope | None = None) -> None:
        super().__init__(lowering, replace(lowering.world, hooks=self))
        self.storage = storage
        self.outer = outer or Scope(storage)
        self.thread_end: Callable[[Scope], Node] | None = None
        """What `erl_drv_thread_exit` leads to, on a thread of the driver's own."""

    def nested(self, scope: Scope) -> ProgramCode:
        """The same, for what is called from inside of a scope: its locals stay."""
        return type(self)(self.lowering, self.storage, scope)

    # --- hooks of the runtime -------------------------------------------------------------------

    def occur(self, event: Event) -> tuple[Stmt, ...]:
        """See `Hooks`."""
        return self.lowering.weaver.occur(event)

    def notices(self, event: Event) -> tuple[Stmt, ...]:
        """Like `occur`, but nothing where no rule watches for the event."""
        return self.lowering.weaver.notices(event)

    def misuse(self, kind: str, holds: Expr) -> tuple[Stmt, ...]:
        """See `Hooks`."""
        return self.lowering.weaver.misuse(kind, holds)

    def callback(
        self,
        name: str,
        port: Expr,
        arguments: tuple[Expr, ...],
        frames: tuple[Frame, ...],
        role: str,
        following: Callable[[Expr], Node],
    ) -> Node:
        """See `Hooks`: by driver, since ports of several drivers may be about."""
        drivers = self.lowering.model.drivers
        node: Node | None = None
        for number, driver in enumerate(drivers):
            function = driver.callbacks.get(name)
            if function is None:
                one = following(Const(0))
            else:
                one = self._enter_callback(function, name, port, arguments, frames, role, number, following)
            node = one if node is None else Branch(eq(self.world.driver_of(port), number), one, node)
        return following(Const(0)) if node is None else node

    def has_callback(self, name: str, port: Expr) -> Expr:
        """See `Hooks`."""
        having = [n for n, d in enumerate(self.lowering.model.drivers) if name in d.callbacks]
        if len(having) == len(self.lowering.model.drivers):
            return Const(1)
        return disj(eq(self.world.driver_of(port), n) for n in having)

    def job_function(
        self, which: Expr, role: str, job: Expr, frames: tuple[Frame, ...], following: Node
    ) -> Node:
        """See `Hooks`: any of the functions that are given to `driver_async` in that role."""
        data = Read(Field(HEAP, JOB, "data", job))
        context = Context.ASYNC_INVOKE if role == "async_invoke" else Context.ASYNC_FREE
        node: Node = following
        for position, function in enumerate(self.lowering.functions):
            if function not in self.lowering.job_roles[role]:
                continue
            entered = self._enter(function, (data,), frames, role, context, None, 0, lambda _: (), following)
            node = Branch(eq(which, DRIVER_FREE + 1 + position), entered, node)
        if role == "async_free" and self.lowering.uses_driver_free:
            node = Branch(eq(which, DRIVER_FREE), self._driver_free(data, frames, following), node)
        return node

    def kind_number(self, kind: str) -> int:
        """See `Hooks`."""
        env = self.lowering.weaver.env
        return env.kind_number(kind) if kind in env.kinds else -1

    def free_block(self, pointer: Expr, frames: tuple[Frame, ...], label: str, following: Node) -> Node:
        """See `Hooks`."""
        scope = replace(self.outer, frames=frames)
        return replies.free_block(self, pointer, scope, at(frames), label, following)

    def refer_unnamed(self, process: Expr, place: Place) -> tuple[Stmt, ...]:
        """See `Hooks`."""
        numbers = range(1, len(self.world.processes) + 1)
        return tuple(If(eq(process, n), discard(self.world, n, place)) for n in numbers)

    def _driver_free(self, data: Expr, frames: tuple[Frame, ...], following: Node) -> Node:
        """`driver_free` given as the free function itself."""
        inner = replace(self.outer, frames=(*frames, Frame("driver_free", "async_free")))
        return free_any(self, data, inner, "driver_free(async_data)", following)

    def _enter_callback(
        self,
        function: model.Function,
        name: str,
        port: Expr,
        arguments: tuple[Expr, ...],
        frames: tuple[Frame, ...],
        role: str,
        driver: int,
        following: Callable[[Expr], Node],
    ) -> Node:
        checks: tuple[Stmt, ...] = ()
        if name == "ready_async":
            arguments = (arguments[0], Read(Field(HEAP, JOB, "data", arguments[1])))
            checks = self._type_check(function, arguments[1])
        called = self.occur(
            Event("call", name, port=port, arguments=arguments, job=self._job_of(arguments, name))
        )

        def returned(result: Expr) -> tuple[Stmt, ...]:
            noticed = self.occur(Event("return", name, port=port, arguments=arguments, result=result))
            kept = KEPT.get(name)
            if name in ANSWERED.values():
                noticed = (*noticed, *control_replies.returned(self.world, name, port, result))
            return noticed if kept is None else (*noticed, Assign(Register(kept[0]), kept[1](result)))

        context = CONTEXTS.get(name, Context.CALLBACK)
        after = following(Read(Register(KEPT[name][0])) if name in KEPT else Const(0))
        body = self._enter(function, arguments, frames, role, context, port, driver, returned, after)
        return Local((*called, *checks), body)

    def _job_of(self, arguments: tuple[Expr, ...], name: str) -> Expr | None:
        match arguments:
            case (_, Read(Field(_, _, _, job))) if name == "ready_async":
                return job
            case _:
                return None

    def _type_check(self, function: model.Function, data: Expr) -> tuple[Stmt, ...]:
        if len(function.parameters) < 2:
            return ()
        match function.parameters[1].type:
            case PointerType(target=StructType(name=name)):
                kind = KindOf(HEAP, data)
                fits = disj(
                    [Binary("<=", kind, Const(DEAD)), eq(kind, self.lowering.weaver.env.kind_number(name))]
                )
                return self.misuse("wrong_type", fits)
            case _:
                return ()

    # --- calls ----------------------------------------------------------------------------------

    def _enter(
        self,
        function: model.Function,
        arguments: tuple[Expr, ...],
        frames: tuple[Frame, ...],
        role: str,
        context: Context,
        port: Expr | None,
        driver: int,
        returned: Callable[[Expr], tuple[Stmt, ...]],
        following: Node,
    ) -> Node:
        """A function that the runtime calls: an activation of its own. `returned` is done with its result."""
        base = replace(
            self.outer,
            frames=(*frames, Frame(function.name, role, function.span)),
            places={},
            context=context,
            port=port,
            driver=driver,
            break_to=None,
            continue_to=None,
        )
        held = self.occur(Event("fault", "lock_kept"))
        data_kept = self.occur(Event("fault", "data_kept"))

        def finish(result: Expr, inner: Scope) -> Node:
            left: Node = Local(returned(result), leave(inner, base, following))
            # What is held when the runtime gets control back is told: a lock of the driver, the port data
            # lock, thread specific data. Inside of another callback it may be that one's: there it is told
            # when that one returns.
            if frames:
                return left
            if self.world.tsd_keys:
                left = Branch(kept_by_self(self.world), Local(data_kept, left), left)
            holds = self._held_locks()
            return Branch(disj(holds), Local(held, left), left) if holds else left

        return self.expand(function, arguments, base, finish)

    def _held_locks(self) -> list[Expr]:
        """For each kind of lock of the driver that there is, whether the executing thread holds one."""
        holds: list[Expr] = []
        if self.lowering.uses_mutexes:
            holds.append(held_by_self(self.world))
        if self.world.has_rwlocks:
            holds.append(rwlocks.held_by_self(self.world))
        if self.world.has_pdl:
            holds.append(port_data_lock.holds_any(self.world))
        return holds

    def enter(
        self, function: model.Function, arguments: tuple[Expr, ...], role: str, following: Node
    ) -> Node:
        """The function that a thread of the driver's own begins with."""
        context = Context.ASYNC_INVOKE
        return self._enter(function, arguments, (), role, context, None, 0, lambda _: (), following)

    def call(
        self,
        function: model.Function,
        arguments: tuple[model.Expr, ...],
        site: model.Expr,
        scope: Scope,
        after: After,
    ) -> Node:
        """A call of one function of the model by another."""
        inner = replace(scope, frames=(*scope.frames, Frame(function.name, "call", site.span)))

        def with_values(values: tuple[Expr, ...], remaining: tuple[model.Expr, ...], taken: Scope) -> Node:
            if remaining:
                parameter = function.parameters[len(values)]
                return value(
                    self,
                    remaining[0],
                    taken,
                    lambda v, s: self.fitting(
                        parameter, v, remaining[0], s, with_values((*values, v), remaining[1:], s)
                    ),
                )
            noticed = self.occur(Event("call", function.name, port=scope.port, arguments=values))
            called = replace(taken, frames=inner.frames)
            body = self.expand(
                function,
                values,
                called,
                lambda v, s: self._return_to(
                    function, values, v, replace(s, frames=scope.frames), scope, after
                ),
            )
            return Local(noticed, body)

        return with_values((), arguments, scope)

    def _return_to(
        self,
        function: model.Function,
        arguments: tuple[Expr, ...],
        result: Expr,
        inner: Scope,
        scope: Scope,
        after: After,
    ) -> Node:
        back = replace(scope, used=inner.used, frames=scope.frames)
        event = Event("return", function.name, port=scope.port, arguments=arguments, result=result)
        return Local(self.occur(event), after(result, back))

    def expand(
        self, function: model.Function, arguments: tuple[Expr, ...], scope: Scope, after: After
    ) -> Node:
        """The body of a function with its parameters given; `after` gets the result."""
        temp, with_result = scope.temp(self._result_sort(function))
        joined = after(Read(temp) if not isinstance(function.result, VoidType) else Const(0), with_result)
        inner = replace(with_result, places={}, break_to=None, continue_to=None)
        if self.world.has_replies:
            inner = inner.bind(REPLY_PLACE, Register(REPLY)).bind(CALL_FLAGS, Register(CALL_FLAGS_REGISTER))
        bindings: list[Stmt] = []
        for parameter, argument in zip(function.parameters, arguments, strict=False):
            if isinstance(parameter.type, VoidType):
                continue
            place, inner = inner.temp(self.sort(parameter))
            inner = inner.bind(parameter, place)
            bindings.append(Assign(place, argument))

        def back(result: Expr | None, leaving: Scope) -> Node:
            done = leave(leaving, with_result, joined)
            return done if result is None else Local((Assign(temp, result),), done)

        inner = replace(inner, leave_function=back, function=function)
        body = statement(self, function.body, inner, back(None, inner))
        return Local(tuple(bindings), body) if bindings else body

    def value(self, expr: model.Expr, scope: Scope, after: After) -> Node:
        """See `dmc.lower.expressions.value`."""
        return value(self, expr, scope, after)

    def locate(self, expr: model.Expr, scope: Scope, after: AfterLocation) -> Node:
        """See `dmc.lower.expressions.located`."""
        return located(self, expr, scope, after)

    def statement(self, node: model.Statement, scope: Scope, following: Node) -> Node:
        """See `dmc.lower.statements.statement`."""
        return statement(self, node, scope, following)

    def _result_sort(self, function: model.Function) -> Sort:
        data = function in self.lowering.data.functions
        return sort_of(function.result, self.world, True, data)

    def api(self, expr: model.ApiCall, scope: Scope, after: After) -> Node:
        """A call of the driver API, or of the language."""
        return api_calls.call(self, expr, scope, after)

    def api_member(self, expr: model.Expr, scope: Scope, after: After) -> Node:
        """A member of a structure of the API."""
        return api_member(self, expr, scope, after)

    def process_call(self, expr: model.ProcessCall, scope: Scope, after: After) -> Node:
        """Only Erlang processes have these."""
        raise InternalError("lower", f"{expr.span}: {expr.function} outside of a process")

    def number_of(self, process: model.Process) -> int:
        """Only Erlang processes know each other."""
        raise InternalError("lower", f"{process.span}: a process outside of a process")

    def receive(self, node: model.Receive, scope: Scope, following: Node) -> Node:
        """Only Erlang processes receive."""
        raise InternalError("lower", f"{node.span}: receive outside of a process")

    def bound_by(self, node: model.Receive, scope: Scope) -> Scope:
        """Only Erlang processes receive."""
        raise InternalError("lower", f"{node.span}: receive outside of a process")

    def spawn(self, process: model.Process, scope: Scope, following: Node, node: model.Spawn) -> Node:
        """Only Erlang processes spawn."""
        raise InternalError("lower", f"{node.span}: spawn outside of a process")

    # --- variables ------------------------------------------------------------------------------

    def global_place(self, variable: model.Variable) -> Place:
        """The cell of a variable of a driver or file."""
        return Var(self.lowering.global_names[variable])

    def declare(self, variable: model.Variable, scope: Scope) -> tuple[Place, Scope]:
        """A place for a local that comes to life."""
        place, inner = scope.temp(self.sort(variable))
        return place, inner.bind(variable, place)

    def store_local(self, variable: model.Variable, place: Place, what: Expr, following: Node) -> Node:
        """A local gets a value that fits its type."""
        told = sets(variable.name, Read(place), self.told(variable))
        return Local((Assign(place, what), told), following)

    def is_atomic(self, target: model.Expr) -> bool:
        """Whether the target is declared `atomic`."""
        match target:
            case model.FieldUse(field=variable) | model.VariableUse(variable=variable):
                return variable.atomic
            case model.IndexUse(array=array):
                return self.is_atomic(array)
            case _:
                return False

    def environment(self, scope: Scope) -> Env:
        """Names as they stand in the scope, for conditions and `atomic`."""
        places = {v: self.global_place(v) for v in self.lowering.global_names}
        env = self.lowering.weaver.env
        return replace(env, places={**places, **scope.places}, values={**env.values, **scope.values})
