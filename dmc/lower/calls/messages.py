"""Messages of drivers to processes: output to the owner of the port, terms to anybody."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from dmc.base.exceptions import InternalError
from dmc.driver_api.api_function import Context
from dmc.ir.builder import conj, eq, ite, ne, sub
from dmc.ir.expr import FALSE, TRUE, Const, Expr, Place, Read, Register
from dmc.ir.logic import gt, plus
from dmc.ir.program import Node, Op
from dmc.ir.sort import Range, Ref
from dmc.ir.statement import Assign, If, Stmt
from dmc.ir.system import Access
from dmc.lower.calls.arguments import Call, values_of
from dmc.lower.code import After
from dmc.lower.expressions import value
from dmc.lower.scope import Scope, leave
from dmc.lower.terms import OUTPUT_SHAPE, Terms
from dmc.lower.words import words
from dmc.model import model
from dmc.model.terms import DATA_ATOM, element_kind
from dmc.runtime import binaries, mailboxes, port_lifecycle
from dmc.runtime.mailboxes import BINARY_ELEMENT, Element
from dmc.runtime.points.threads_and_data import (
    SEND_TERM_FROM_THREADS,
    TERM_PORT,
    SendTermFromThreads,
    TermPort,
)
from dmc.runtime.port_operations import CALLER, LENGTH
from dmc.runtime.world import HEAP, World, gives

if TYPE_CHECKING:
    from dmc.lower.program import ProgramCode

OFF_THE_EMULATOR = frozenset({Context.ASYNC_INVOKE, Context.ASYNC_FREE})
NOBODY = 0


# --- output -------------------------------------------------------------------------------------


def _driver_output(length: Callable[[tuple[Expr, ...]], Expr]) -> Call:
    """Bytes for the owner: always a copy."""

    def output(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
        def message(values: tuple[Expr, ...]) -> Element:
            return Element(Const(0), length(values), copy=True)

        return _output(code, expr, scope, after, message)

    return output


def _driver_output_binary(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
    return _output(code, expr, scope, after, lambda values: Element(values[3], values[5]))


def _driver_outputv(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
    """What is left of the command's vector after the bytes to skip."""

    def message(values: tuple[Expr, ...]) -> Element:
        return Element(values[3], sub(Read(Register(LENGTH)), values[4]))

    return _output(code, expr, scope, after, message)


def _output(
    code: ProgramCode,
    expr: model.ApiCall,
    scope: Scope,
    after: After,
    message: Callable[[tuple[Expr, ...]], Element],
) -> Node:
    """0, or -1 for a dead port; what a closing port puts out is dropped (`io.c:driver_output_binary`)."""
    temp, inner = scope.temp(Range(*code.world.integers, True))
    joined = after(Read(temp), inner)

    def with_values(values: tuple[Expr, ...], s: Scope) -> Node:
        element = message(values)
        is_vector = expr.function == "driver_outputv"
        scratch, taken = s.temp(Ref(HEAP))
        port = port_lifecycle.port_of_handle(code.world, values[0])
        sent = _data_message(code, port, element, scratch)
        used = () if element.copy else binaries.usable_binary(code.world, element.value)
        delivered = (*used, *sent)
        body: list[Stmt] = [Assign(temp, ite(ne(port, 0), 0, -1))]
        if delivered:
            there = gt(element.length, 0) if is_vector and element.length is not None else TRUE
            body.append(If(conj([_gets_through(code.world, port), there]), delivered))
        accesses = () if element.copy else binaries.counts(code.world, element.value)
        return Op(
            words(expr),
            s.site(expr.span),
            (*body, gives(Read(temp))),
            leave(taken, inner, joined),
            accesses=accesses,
        )

    return values_of(code, expr.arguments, inner, with_values)


def _data_message(code: ProgramCode, port: Expr, element: Element, scratch: Place) -> tuple[Stmt, ...]:
    boxes = code.world.mailboxes
    if boxes is None:
        return ()
    terms = Terms(code.lowering.run)
    tag = Element(Const(terms.atoms.index(DATA_ATOM)))
    shape = terms.shape_number(OUTPUT_SHAPE)
    owner = port_lifecycle.owner_of(code.world, port)
    return mailboxes.deliver(code.world, owner, shape, (tag, element), (scratch,))


def _gets_through(world: World, port: Expr) -> Expr:
    """The port is there, and has not been told to close."""
    return conj([ne(port, 0), port_lifecycle.puts_out(world, port)])


# --- terms --------------------------------------------------------------------------------------

Receiver = Callable[[World, tuple[Expr, ...]], Expr]
Condition = Callable[[World, tuple[Expr, ...]], tuple[Expr, Expr]]
"""Whether a term is sent, and whether the call says -1."""


def _term_call(receiver: Receiver, condition: Condition, from_threads: Callable[[World], bool]) -> Call:
    def send(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
        term = expr.arguments[-1]
        if not isinstance(term, model.TermValue):
            raise InternalError("lower", f"{expr.span}: no term")
        if scope.context in OFF_THE_EMULATOR and not from_threads(code.world):
            refused = code.misuse("forbidden_context", FALSE)
            return Op(words(expr), scope.site(expr.span), refused, after(Const(0), scope))
        temp, inner = scope.temp(Range(*code.world.integers, True))
        joined = after(Read(temp), inner)

        def with_term(values: tuple[Expr, ...], elements: tuple[Expr, ...], s: Scope) -> Node:
            world = code.world
            to = receiver(world, values)
            sent, failed = condition(world, values)
            body, taken = deliver_term(code, term, elements, to, s, by_driver=True)
            reached = mailboxes.is_reached(world, to)
            result = ite(failed, -1, ite(conj([sent, reached]), 1, 0))
            statements = (Assign(temp, result), If(sent, body), gives(Read(temp)))
            return Op(
                words(expr),
                s.site(expr.span),
                statements,
                leave(taken, inner, joined),
                accesses=counted_in(code, term, elements),
            )

        return values_of(
            code,
            expr.arguments[:-1],
            inner,
            lambda values, s: element_values(code, term, s, lambda e, s2: with_term(values, e, s2)),
        )

    return send


def element_values(
    code: ProgramCode, term: model.TermValue, scope: Scope, then: Callable[[tuple[Expr, ...], Scope], Node]
) -> Node:
    """The values of all elements, from left to right; an atom has none of its own."""
    plain = tuple(e for e in term.elements if not isinstance(e, model.AtomValue))

    def with_plain(found: tuple[Expr, ...], s: Scope) -> Node:
        rest = iter(found)
        values = (Const(0) if isinstance(e, model.AtomValue) else next(rest) for e in term.elements)
        return then(tuple(values), s)

    return values_of(code, plain, scope, with_plain)


def counted_in(code: ProgramCode, term: model.TermValue, elements: tuple[Expr, ...]) -> tuple[Access, ...]:
    """The reference counts that a message with the term changes."""
    pairs = zip(term.elements, elements, strict=True)
    found = [v for e, v in pairs if element_kind(e.type) == BINARY_ELEMENT]
    return tuple(access for binary in found for access in binaries.counts(code.world, binary))


def deliver_term(
    code: ProgramCode,
    term: model.TermValue,
    values: tuple[Expr, ...],
    to: Expr,
    scope: Scope,
    by_driver: bool,
) -> tuple[tuple[Stmt, ...], Scope]:
    """The statements that put a term into a mailbox, and the scope with the places that they need."""
    world = code.world
    terms = Terms(code.lowering.run)
    elements: list[Element] = []
    scratch: list[Place] = []
    used: list[Stmt] = []
    for expr, found in zip(term.elements, values, strict=True):
        if element_kind(expr.type) == BINARY_ELEMENT:
            place, scope = scope.temp(Ref(HEAP))
            scratch.append(place)
            elements.append(Element(found, Read(binaries.of(found, binaries.SIZE))))
            used += (
                binaries.usable_binary(world, found)
                if by_driver
                else world.hooks.misuse("use_after_free", binaries.is_there(found))
            )
        else:
            elements.append(Element(terms.encoded(expr.type, found, expr)))
    if world.mailboxes is None:
        return tuple(used), scope
    shape = terms.shape_number(terms.shape_of(term))
    return (*used, *mailboxes.deliver(world, to, shape, elements, scratch)), scope


def _to_owner_of_port(world: World, values: tuple[Expr, ...]) -> Expr:
    return port_lifecycle.owner_of(world, port_lifecycle.port_of_handle(world, values[0]))


def _to_owner_of_term(world: World, values: tuple[Expr, ...]) -> Expr:
    return port_lifecycle.owner_of(world, _port_of_term(world, values[0]))


def _to_second(_world: World, values: tuple[Expr, ...]) -> Expr:
    return values[1]


def _asks_port(world: World, values: tuple[Expr, ...]) -> tuple[Expr, Expr]:
    """`driver_output_term`."""
    port = port_lifecycle.port_of_handle(world, values[0])
    match world.profile.value(TERM_PORT):
        case TermPort.OPEN:
            return _gets_through(world, port), eq(port, 0)
        case TermPort.ALIVE | TermPort.NOT_ASKED:
            return ne(port, 0), eq(port, 0)


def _may_ask_port(world: World, values: tuple[Expr, ...]) -> tuple[Expr, Expr]:
    """`driver_send_term`."""
    if world.profile.value(TERM_PORT) is TermPort.NOT_ASKED:
        return TRUE, FALSE
    return _asks_port(world, values)


def _asks_term(world: World, values: tuple[Expr, ...]) -> tuple[Expr, Expr]:
    """`erl_drv_output_term`, `erl_drv_send_term`: the port is given as a term."""
    port = _port_of_term(world, values[0])
    found = conj([ne(port, 0), port_lifecycle.is_alive(port)])
    return conj([found, port_lifecycle.puts_out(world, port)]), eq(ite(found, 1, 0), 0)


def _port_of_term(world: World, term: Expr) -> Expr:
    """The number of the port that a term names, 0 if it names none."""
    number: Expr = Const(0)
    for port in range(1, world.port_count + 1):
        number = ite(eq(term, len(world.processes) + port), port, number)
    return number


def _anywhere(_world: World) -> bool:
    return True


def _nowhere(_world: World) -> bool:
    return False


def _where_safe(world: World) -> bool:
    return world.profile.value(SEND_TERM_FROM_THREADS) is SendTermFromThreads.DRIVER_SEND_TERM


# --- names --------------------------------------------------------------------------------------


def _name(find: Callable[[ProgramCode, Scope, Expr], Expr]) -> Call:
    """A call that gives somebody's name."""

    def named(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
        world = code.world
        temp, inner = scope.temp(Range(0, len(world.processes) + world.port_count, True))
        joined = after(Read(temp), inner)

        def given(handle: Expr, s: Scope) -> Node:
            result = find(code, scope, port_lifecycle.port_of_handle(world, handle))
            statements = (Assign(temp, result), gives(Read(temp), "ErlDrvTermData"))
            return Op(words(expr), s.site(expr.span), statements, leave(s, inner, joined))

        return value(code, expr.arguments[0], inner, given)

    return named


def _mk_port(code: ProgramCode, _scope: Scope, port: Expr) -> Expr:
    return ite(ne(port, 0), plus(port, len(code.world.processes)), NOBODY)


def _connected(code: ProgramCode, _scope: Scope, port: Expr) -> Expr:
    return port_lifecycle.owner_of(code.world, port)


def _caller(code: ProgramCode, scope: Scope, port: Expr) -> Expr:
    """Only while the operation of a process is served; `start` serves the one that opens."""
    roles = [frame.role for frame in scope.frames]
    if "open_port" in roles:
        return port_lifecycle.owner_of(code.world, port)
    nested = {port_lifecycle.EXIT_ROLE, port_lifecycle.FLUSH_ROLE, "reply", "async_free", "async_invoke"}
    serves = {"command", "control", "call"}.intersection(roles) and not nested.intersection(roles)
    return Read(Register(CALLER)) if serves else Const(NOBODY)


CALLS: dict[str, Call] = {
    "driver_output": _driver_output(lambda values: values[2]),
    "driver_output2": _driver_output(lambda values: values[4]),
    "driver_output_binary": _driver_output_binary,
    "driver_outputv": _driver_outputv,
    "driver_output_term": _term_call(_to_owner_of_port, _asks_port, _nowhere),
    "driver_send_term": _term_call(_to_second, _may_ask_port, _where_safe),
    "erl_drv_output_term": _term_call(_to_owner_of_term, _asks_term, _anywhere),
    "erl_drv_send_term": _term_call(_to_second, _asks_term, _anywhere),
    "driver_mk_port": _name(_mk_port),
    "driver_connected": _name(_connected),
    "driver_caller": _name(_caller),
}
