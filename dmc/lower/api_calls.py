"""Calls of the driver API and of the language: one function for each.

Arguments are evaluated left to right; then the call itself is a step, or several where it enters the
runtime (an exit, an inline job, a wait).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, get_args

from dmc.base.exceptions import InternalError
from dmc.base.source import Span
from dmc.base.types import PointerType, StructType, Type
from dmc.driver_api.api_function import Context
from dmc.driver_api.registry import api_function
from dmc.ir.builder import eq, neg
from dmc.ir.expr import Binary, Const, Expr, KindOf, Read
from dmc.ir.program import Branch, Local, Node, Op
from dmc.ir.sort import UNSET, Range, Ref
from dmc.ir.statement import Assign, Stmt
from dmc.ir.system import Frame, Mover
from dmc.lower.code import After, Location
from dmc.lower.constants import constant
from dmc.lower.expressions import condition, located, value
from dmc.lower.pure import pure
from dmc.lower.scope import Scope, leave
from dmc.lower.uses import nodes
from dmc.lower.words import words
from dmc.model import model
from dmc.runtime import async_cancel, async_submit, memory, mutexes, port_lifecycle
from dmc.runtime.world import HEAP, Event, gives

if TYPE_CHECKING:
    from dmc.lower.program import ProgramCode

Call = Callable[["ProgramCode", model.ApiCall, Scope, After], Node]


def call(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
    """The call, checked against the contexts in which the function may be called."""
    lowered = CALLS.get(expr.function)
    if lowered is None:
        raise InternalError("lower", f"{expr.span}: no lowering for {expr.function}")
    forbidden = _forbidden(code, expr, scope)
    if forbidden is not None:
        return Op(f"{words(expr)}", scope.site(expr.span), forbidden, after(Const(0), scope))
    arguments = tuple(_told(code, argument, scope) for argument in expr.arguments)
    noticed = code.notices(Event("call", expr.function, port=scope.port, arguments=arguments))

    def returned(result: Expr, inner: Scope) -> Node:
        event = Event("return", expr.function, port=scope.port, arguments=arguments, result=result)
        told = code.notices(event)
        following = after(result, inner)
        return Local(told, following) if told else following

    node = lowered(code, expr, scope, returned)
    return Local(noticed, node) if noticed else node


def _told(code: ProgramCode, argument: model.Expr, scope: Scope) -> Expr:
    """What a rule sees of an argument: its value when the call begins; of `&x`, the value of `x`."""
    if isinstance(argument, model.AddressOf):
        return _told(code, argument.place, scope)
    environment = code.environment(scope)
    plain = all(
        isinstance(part, PLAIN)
        and (not isinstance(part, model.VariableUse) or part.variable in environment.places)
        for part in nodes(argument)
    )
    return pure(argument, environment) if plain else Const(UNSET)


PLAIN = (
    model.VariableUse,
    model.FieldUse,
    model.BinaryOp,
    model.UnaryOp,
    model.FunctionValue,
    model.Literal,
    model.NullValue,
    model.AxisValue,
    model.SettingValue,
    Span,
    *get_args(Type),
)
"""What an argument is made of whose value can be told without a step."""


def _forbidden(code: ProgramCode, expr: model.ApiCall, scope: Scope) -> tuple[Stmt, ...] | None:
    entry = api_function(expr.function)
    if entry is None or scope.context is None or scope.context in entry.contexts:
        return None
    if expr.function in EXITS and scope.context is Context.START:
        return code.misuse("exit_in_start", Const(0))
    if expr.function in EXITS and scope.context is Context.STOP:
        return None
    return code.misuse("forbidden_context", Const(0))


def _values(
    code: ProgramCode,
    arguments: tuple[model.Expr, ...],
    scope: Scope,
    then: Callable[[tuple[Expr, ...], Scope], Node],
) -> Node:
    def more(found: tuple[Expr, ...], rest: tuple[model.Expr, ...], inner: Scope) -> Node:
        if not rest:
            return then(found, inner)
        if isinstance(rest[0], model.StringValue | model.SizeOfType | model.AddressOf):
            return more((*found, Const(0)), rest[1:], inner)
        return value(code, rest[0], inner, lambda v, s: more((*found, v), rest[1:], s))

    return more((), arguments, scope)


# --- memory ---------------------------------------------------------------------------------------


def _driver_alloc(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
    size = expr.arguments[0]
    if not (isinstance(size, model.SizeOfType) and isinstance(size.of, StructType)):
        raise InternalError("lower", f"{expr.span}: only structs are allocated")
    temp, inner = scope.temp(Ref(HEAP, unset=True))
    statements = (
        *memory.allocate(code.world, temp, size.of.name),
        *code.occur(Event("alloc", object=Read(temp), object_kind=size.of.name)),
    )
    return Op(words(expr), scope.site(expr.span), statements, after(Read(temp), inner), mover=Mover.BOTH)


def _driver_free(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
    if isinstance(expr.arguments[0], model.NullValue):
        return after(Const(0), scope)
    match expr.arguments[0].type:
        case PointerType(target=StructType(name=name)):
            kind = name
        case _:
            return after(Const(0), scope)

    def freed(pointer: Expr, inner: Scope) -> Node:
        struct = code.lowering.struct(kind)
        op = Op(
            words(expr),
            scope.site(expr.span),
            memory.free(code.world, pointer, kind),
            after(Const(0), inner),
            accesses=code.free_accesses(pointer, struct, inner),
            mover=Mover.BOTH,
        )
        return Branch(memory.is_null(pointer), after(Const(0), inner), op)

    return value(code, expr.arguments[0], scope, freed)


def free_any(code: ProgramCode, pointer: Expr, scope: Scope, text: str, following: Node) -> Node:
    """`driver_free` of data whose struct is known only when it happens."""
    node: Node = Op(text, scope.site(scope.frames[-1].place), memory.free(code.world, pointer, ""), following)
    for struct in code.lowering.model.structs:
        if struct.name not in code.lowering.job_data_kinds:
            continue
        one = Op(
            text,
            scope.site(scope.frames[-1].place),
            memory.free(code.world, pointer, struct.name),
            following,
            accesses=code.free_accesses(pointer, struct, scope),
            mover=Mover.BOTH,
        )
        node = Branch(eq(KindOf(HEAP, pointer), code.lowering.weaver.env.kind_number(struct.name)), one, node)
    return Branch(memory.is_null(pointer), following, node)


def _touch(write: bool) -> Call:
    def touch(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
        def found(location: Location, inner: Scope) -> Node:
            return code.touch(location, write, words(expr), expr.span, inner, after(Const(0), inner))

        return located(code, expr.arguments[0], scope, found)

    return touch


def _atomic_fetch(operator: str) -> Call:
    def fetch(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
        place = expr.arguments[0]
        target = place.place if isinstance(place, model.AddressOf) else place

        def found(location: Location, amount: Expr, inner: Scope) -> Node:
            temp, taken = inner.temp(code.sort(location.variable))
            store = code.store(
                location,
                Binary(operator, Read(location.place), amount),
                words(expr),
                expr.span,
                taken,
                after(Read(temp), taken),
            )
            if isinstance(store, Op):
                keep: tuple[Stmt, ...] = (Assign(temp, Read(location.place)),)
                store.statements = (*_before_last(store.statements, keep), gives(Read(temp)))
            return store

        return located(
            code,
            target,
            scope,
            lambda loc, s: value(code, expr.arguments[1], s, lambda v, s2: found(loc, v, s2)),
        )

    return fetch


def _before_last(statements: tuple[Stmt, ...], extra: tuple[Stmt, ...]) -> tuple[Stmt, ...]:
    """The old value is kept just before the location is written."""
    return (*statements[:-1], *extra, statements[-1])


# --- jobs -----------------------------------------------------------------------------------------


def _driver_async(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
    handle, key, invoke, data, free = expr.arguments
    temp, inner = scope.temp(Range(*code.world.integers, True))
    scratch, taken = inner.temp(Ref(HEAP, unset=True))
    done = leave(taken, inner, after(Read(temp), inner))

    def submit(values: tuple[Expr, ...], key_value: Expr | None, s: Scope, following: Node) -> Node:
        port, run, argument, release = values
        nested = code.nested(s)
        return async_submit.submit(
            nested.world,
            handle=port,
            key=key_value,
            invoke=run,
            data=argument,
            free=release,
            result=temp,
            scratch=scratch,
            frames=s.frames,
            site=s.site(expr.span, words(expr)),
            depth=_depth(s.frames),
            following=following,
        )

    def with_key(values: tuple[Expr, ...], s: Scope) -> Node:
        return _with_key(code, key, values, s, leave(s, taken, done), submit)

    return _values(code, (handle, invoke, data, free), taken, with_key)


def _depth(frames: tuple[Frame, ...]) -> int:
    """How many inline jobs one is inside of."""
    return sum(1 for f in frames if f.function == "driver_async")


def _with_key(
    code: ProgramCode,
    key: model.Expr,
    values: tuple[Expr, ...],
    scope: Scope,
    following: Node,
    submit: Callable[[tuple[Expr, ...], Expr | None, Scope, Node], Node],
) -> Node:
    """A key is read before the job is queued, and what remains of it modulo the pool is written back."""
    match key:
        case model.NullValue():
            return submit(values, None, scope, following)
        case model.ConditionalOp(condition=test, then=then, otherwise=otherwise):
            known = constant(test, code.lowering.run)
            if known is not None:
                return _with_key(code, then if known else otherwise, values, scope, following, submit)
            yes = _with_key(code, then, values, scope, following, submit)
            no = _with_key(code, otherwise, values, scope, following, submit)
            return condition(code, test, scope, yes, no)
        case model.AddressOf(place=place):

            def loaded(number: Expr, inner: Scope) -> Node:
                after_write = leave(inner, scope, following)
                if not code.world.async_threads:
                    return submit(values, number, inner, after_write)
                rest = Binary("%", number, Const(code.world.async_threads))
                return submit(values, number, inner, _write_key(code, place, rest, inner, after_write))

            return value(code, place, scope, loaded)
        case _:
            raise InternalError("lower", f"{key.span}: no key")


def _write_key(code: ProgramCode, place: model.Expr, rest: Expr, scope: Scope, following: Node) -> Node:
    return located(
        code,
        place,
        scope,
        lambda loc, s: code.store(
            loc, rest, f"driver_async sets {words(place)}", place.span, s, leave(s, scope, following)
        ),
    )


def _driver_async_cancel(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
    temp, inner = scope.temp(Range(*code.world.integers, True))
    scratch, taken = inner.temp(Ref(HEAP, unset=True))
    done = leave(taken, inner, after(Read(temp), inner))

    def search(values: tuple[Expr, ...], s: Scope) -> Node:
        nested = code.nested(s)
        return async_cancel.cancel(
            nested.world,
            job_id=values[0],
            result=temp,
            scratch=scratch,
            frames=s.frames,
            site=s.site(expr.span, words(expr)),
            following=leave(s, taken, done),
        )

    return _values(code, expr.arguments, taken, search)


def _driver_async_port_key(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
    return value(code, expr.arguments[0], scope, after)


# --- locks ----------------------------------------------------------------------------------------


def _create(kind: str) -> Call:
    def create(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
        temp, inner = scope.temp(Ref(HEAP, unset=True))
        if kind == mutexes.MUTEX:
            body = mutexes.create_mutex(code.world, temp, code.lowering.mutex_site(str(expr.span)))
        else:
            body = mutexes.create_cond(code.world, temp)
        noticed = code.occur(Event("alloc", object=Read(temp), object_kind=kind))
        return Op(
            words(expr), scope.site(expr.span), (*body, *noticed), after(Read(temp), inner), mover=Mover.BOTH
        )

    return create


def _lock_call(
    make: Callable[..., Node],
) -> Call:
    """A call that takes lock objects and gives nothing."""

    def lowered(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
        def with_values(values: tuple[Expr, ...], s: Scope) -> Node:
            return make(code.world, *values, s.site(expr.span, words(expr)), after(Const(0), s))

        return _values(code, expr.arguments, scope, with_values)

    return lowered


def _trylock(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
    temp, inner = scope.temp(Range(*code.world.integers, True))

    def with_values(values: tuple[Expr, ...], s: Scope) -> Node:
        following = leave(s, inner, after(Read(temp), inner))
        site = s.site(expr.span, words(expr))
        return mutexes.trylock(code.world, values[0], temp, site, following)

    return _values(code, expr.arguments, inner, with_values)


# --- the port -------------------------------------------------------------------------------------


def _driver_exit(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
    """`driver_failure*`, `driver_exit`: `stop` runs in here; 0, or -1 when the port is dead."""
    temp, inner = scope.temp(Range(*code.world.integers, True))
    joined = after(Read(temp), inner)

    def with_values(values: tuple[Expr, ...], s: Scope) -> Node:
        world = code.nested(s).world
        following = leave(s, inner, joined)
        port = port_lifecycle.port_of_handle(world, values[0])
        failed = (Assign(temp, Const(-1)), gives(Const(-1)))
        dead = Op(words(expr), s.site(expr.span), failed, following)
        ended = (Assign(temp, Const(0)), gives(Const(0)))
        done = Op(f"{expr.function} returns", s.site(expr.span), ended, following)
        frames = (*s.frames, Frame(expr.function, "call", expr.span))
        node: Node = dead
        for number in range(world.port_count, 0, -1):
            body = port_lifecycle.exit_port(world, Const(number), frames, done)
            node = Branch(eq(port, number), body, node)
        return node

    return _values(code, expr.arguments, inner, with_values)


def _driver_output(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
    """Nobody receives in this version: what is left is whether the port still is."""
    temp, inner = scope.temp(Range(*code.world.integers, True))

    def with_values(values: tuple[Expr, ...], s: Scope) -> Node:
        following = leave(s, inner, after(Read(temp), inner))
        alive = port_lifecycle.port_of_handle(code.world, values[0])
        result = pick_result(alive)
        return Op(words(expr), s.site(expr.span), (Assign(temp, result), gives(Read(temp))), following)

    return _values(code, expr.arguments, inner, with_values)


def pick_result(port: Expr) -> Expr:
    """0 for a port that was found, -1 for none."""
    return Binary("-", neg(eq(port, 0)), Const(1))


def _driver_system_info(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
    return Op(words(expr), scope.site(expr.span), (), after(Const(0), scope), mover=Mover.BOTH)


EXITS = frozenset(
    {
        "driver_failure",
        "driver_failure_atom",
        "driver_failure_posix",
        "driver_failure_eof",
        "driver_exit",
    }
)

CALLS: dict[str, Call] = {
    "driver_alloc": _driver_alloc,
    "driver_free": _driver_free,
    "reads": _touch(write=False),
    "writes": _touch(write=True),
    "atomic_fetch_add": _atomic_fetch("+"),
    "atomic_fetch_sub": _atomic_fetch("-"),
    "driver_async": _driver_async,
    "driver_async_cancel": _driver_async_cancel,
    "driver_async_port_key": _driver_async_port_key,
    "erl_drv_mutex_create": _create(mutexes.MUTEX),
    "erl_drv_mutex_lock": _lock_call(mutexes.lock),
    "erl_drv_mutex_trylock": _trylock,
    "erl_drv_mutex_unlock": _lock_call(mutexes.unlock),
    "erl_drv_mutex_destroy": _lock_call(mutexes.destroy_mutex),
    "erl_drv_cond_create": _create(mutexes.COND),
    "erl_drv_cond_wait": _lock_call(mutexes.wait),
    "erl_drv_cond_signal": _lock_call(mutexes.signal),
    "erl_drv_cond_broadcast": _lock_call(mutexes.broadcast),
    "erl_drv_cond_destroy": _lock_call(mutexes.destroy_cond),
    "driver_system_info": _driver_system_info,
    "driver_output": _driver_output,
    **dict.fromkeys(EXITS, _driver_exit),
}
