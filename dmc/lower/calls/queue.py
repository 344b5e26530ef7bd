"""The IO queue: `driver_enq` and its relatives, and the rule of the port data lock that they are under."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from dmc.base.exceptions import InternalError
from dmc.driver_api.api_function import Context
from dmc.ir.builder import conj, eq, ne, neg
from dmc.ir.expr import Expr, Place, Read
from dmc.ir.logic import gt
from dmc.ir.program import Node, Op
from dmc.ir.sort import Integer, Range
from dmc.ir.statement import If, Stmt
from dmc.lower.calls.arguments import Call, values_of
from dmc.lower.code import After
from dmc.lower.expressions import located
from dmc.lower.scope import Scope, leave
from dmc.lower.words import words
from dmc.model import model
from dmc.runtime import io_queue, port_data_lock, port_lifecycle
from dmc.runtime.points.port_life import PortHandle
from dmc.runtime.points.threads_and_data import PortDataLock
from dmc.runtime.world import Event, World

if TYPE_CHECKING:
    from dmc.lower.program import ProgramCode

WITHOUT_PORT_LOCK = (Context.ASYNC_INVOKE, Context.ASYNC_FREE)
"""Where nothing but the port data lock protects the queue, and nothing keeps the port."""

Work = Callable[[World, tuple[Expr, ...], Place], tuple[Stmt, ...]]
"""What a function does with its arguments; its result goes to the place."""


def _queue_call(work: Work) -> Call:
    """A call that is one step, with an integer for its result."""

    def lowered(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
        of_data = code.lowering.data.is_data(expr)
        sort = Integer(True) if of_data else Range(*code.world.integers, True)
        temp, inner = scope.temp(sort)

        def with_values(values: tuple[Expr, ...], s: Scope) -> Node:
            statements = (*_discipline(code, values[0], s), *work(code.world, values, temp))
            following = leave(s, inner, after(Read(temp), inner))
            return Op(words(expr), s.site(expr.span), statements, following)

        return values_of(code, expr.arguments, inner, with_values)

    return lowered


def _peekq(code: ProgramCode, expr: model.ApiCall, scope: Scope, after: After) -> Node:
    """The pointer can be compared with `NULL`; the number of elements is written when it is there."""
    handle, target = expr.arguments
    if not isinstance(target, model.AddressOf):
        raise InternalError("lower", f"{expr.span}: driver_peekq writes nowhere")
    temp, inner = scope.temp(Range(0, 1))
    count, taken = inner.temp(Range(*code.world.integers, True))
    place = target.place

    def with_values(values: tuple[Expr, ...], s: Scope) -> Node:
        statements = (*_discipline(code, values[0], s), *io_queue.peek(code.world, values[0], temp, count))
        done = leave(s, inner, after(Read(temp), inner))
        text = f"driver_peekq sets {words(place)}"
        stored = located(
            code,
            place,
            s,
            lambda found, s2: code.store(found, Read(count), text, expr.span, s2, leave(s2, s, done)),
        )
        return Op(words(expr), s.site(expr.span), statements, stored)

    return values_of(code, (handle,), taken, with_values)


def _discipline(code: ProgramCode, handle: Expr, scope: Scope) -> tuple[Stmt, ...]:
    """What the rules hear: who uses the queue without the lock, and with a port that is no more.

    `erl_driver` manual, `ErlDrvPDL`: once there is a port data lock all operations on the queue need it,
    and only then may other threads use the queue. A release emulator does not check.
    """
    world = code.world
    port = port_lifecycle.port_of_handle(world, handle)
    alive, held = ne(port, 0), port_data_lock.is_held_by_self(world, port)
    exists = port_data_lock.exists(world, port)
    unlocked = Event("fault", "queue_without_pdl", port=port)
    without = _told(code, unlocked, conj([alive, exists, neg(held)]))
    if scope.context not in WITHOUT_PORT_LOCK:
        return without
    from_thread = Event("fault", "queue_from_thread", port=port)
    return (*_stale(world, handle), *_told(code, from_thread, conj([alive, neg(exists)])), *without)


def _told(code: ProgramCode, event: Event, when: Expr) -> tuple[Stmt, ...]:
    noticed = code.notices(event)
    return (If(when, noticed),) if noticed else ()


def _stale(world: World, handle: Expr) -> tuple[Stmt, ...]:
    """A handle of a dead port is read by a thread that nothing keeps it for.

    `erl_port.h:ERTS_ErlDrvPort2Port` from R16B on: a handle is a pointer to the port; a reference to the
    port data lock keeps what it points to (`io.c:pdl_destroy`). Before, it is a number, and says nothing.
    """
    if world.profile.port_handle is not PortHandle.POINTER or not world.port_count:
        return ()
    dead = [gt(handle, 0), eq(port_lifecycle.state(handle), port_lifecycle.DEAD)]
    if world.profile.port_data_lock is PortDataLock.PINS_PORT:
        dead.append(neg(port_data_lock.exists(world, handle)))
    return world.hooks.misuse("stale_port", neg(conj(dead)))


CALLS: dict[str, Call] = {
    "driver_enq": _queue_call(lambda w, v, to: io_queue.enqueue(w, v[0], v[2], to, at_head=False)),
    "driver_pushq": _queue_call(lambda w, v, to: io_queue.enqueue(w, v[0], v[2], to, at_head=True)),
    "driver_deq": _queue_call(lambda w, v, to: io_queue.dequeue(w, v[0], v[1], to)),
    "driver_sizeq": _queue_call(lambda w, v, to: io_queue.size_of(w, v[0], to)),
    "driver_peekq": _peekq,
}
