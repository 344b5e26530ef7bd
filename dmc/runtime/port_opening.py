"""A port is opened: `start`, and what becomes of it.

`erts/emulator/beam/io.c:erts_open_driver`.
"""

from __future__ import annotations

from dmc.ir.builder import conj, eq, ite, ne
from dmc.ir.expr import TRUE, Const, Expr, Register
from dmc.ir.logic import plus, var
from dmc.ir.program import Branch, Choice, Local, Node, Op, Site
from dmc.ir.sort import NULL, UNSET
from dmc.ir.statement import Assign
from dmc.ir.system import Frame
from dmc.runtime import io_queue, links, lock_regime, monitor_cells, port_data_lock, processes, timer_cells
from dmc.runtime.port_lifecycle import (
    DATA,
    DEAD,
    OPEN,
    OPENING,
    RESULT,
    SLOT,
    STATE,
    handle_of,
    port_in_slot,
    slot_count,
    state,
    uses_slots,
)
from dmc.runtime.world import Event, World, at


def open_port(world: World, port: Expr, caller: Expr, frames: tuple[Frame, ...], idle: Node) -> Node:
    """What a scheduler does for `open_port`, from the moment when the port is set up.

    `start` runs under the port's lock; when it fails neither `stop` nor `flush` is called. Data and
    state become visible together, before the lock is given back.
    """
    site = at(frames)

    def started(result: Expr) -> Node:
        answer = processes.answer(caller, ite(eq(state(port), OPEN), port, Const(0)))
        answered = Local((*answer, Assign(Register(RESULT), Const(NULL))), idle)
        freed = lock_regime.release(world, port, site, answered)
        stored = Op(
            "the port is open",
            site,
            (
                Assign(var(DATA, plus(port, -1)), result),
                Assign(var(STATE, plus(port, -1)), Const(OPEN)),
                *links.opened(world, port, caller),
                *world.hooks.occur(Event("state", "open", port=port)),
            ),
            freed,
        )
        # A port that died inside of its own start stays dead: see `driver_failure` there.
        return Branch(
            conj([succeeded(result), eq(state(port), OPENING)]), stored, _failed(world, port, site, freed)
        )

    body = world.hooks.callback("start", port, (handle_of(world, port),), frames, "open_port", started)
    return lock_regime.acquire(world, port, site, _take_slot(world, port, site, body))


def _failed(world: World, port: Expr, site: Site, following: Node) -> Node:
    """The port is freed, and its queue with it."""
    label = "start has failed: the port is freed"
    statements = (
        *io_queue.clear(world, port),
        *port_data_lock.forget(world, port),
        *timer_cells.clear(world, port),
        *monitor_cells.drop(world, port),
        Assign(var(STATE, plus(port, -1)), Const(DEAD)),
        *world.hooks.occur(Event("state", "dead", port=port)),
    )
    if not world.has_pdl:
        return Op(label, site, statements, following)
    way = port_data_lock.Way(label, TRUE, statements, following)
    return port_data_lock.under_lock(world, port, (way,), site)


def succeeded(result: Expr) -> Expr:
    """What `start` returned is driver data, not an error code: those come as `UNSET`."""
    return ne(result, UNSET)


def _take_slot(world: World, port: Expr, site: Site, following: Node) -> Node:
    """Any free place in the port table, once the lock is held: from then on the port is found there."""
    if not uses_slots(world):
        return following
    options: list[Node] = [
        Op(
            f"the port gets slot {slot}",
            site,
            (Assign(var(SLOT, plus(port, -1)), Const(slot)),),
            following,
            guard=eq(port_in_slot(world, Const(slot)), 0),
        )
        for slot in range(1, slot_count(world) + 1)
    ]
    return Choice(options, site, name="slot")
