"""Links between processes and ports: `link`, `unlink`, `port_connect`.

`open_port` links the port and the process that opens it. The exit of a process reaches a port over a link
alone, and a normal one only if the process is the port's owner. `port_connect` makes another process the
owner and links it; the old owner stays linked (`erts/emulator/beam/erl_bif_port.c:port_connect`,
`io.c:erts_port_connect` from R16B; `erl_bif_port.c:link_1`, `dist.c` for the removal). The exit routine of
the port removes all links.

What the exit of a port does to the processes linked to it is not modelled: they go on, as those that trap
exits do.
"""

from __future__ import annotations

from dmc.ir.builder import conj, eq, ne
from dmc.ir.expr import Binary, Const, Expr
from dmc.ir.logic import cell, plus, var
from dmc.ir.sort import Bool, Range
from dmc.ir.statement import Assign, Stmt
from dmc.ir.system import Variable
from dmc.runtime.world import World

LINKED = "port.linked"
OWNER = "port.owner"


def declare(world: World) -> tuple[Variable, ...]:
    """For each port: its owner, and for each process, whether there is a link."""
    if not world.has_links:
        return ()
    processes = len(world.processes)
    return (
        Variable(LINKED, Bool(), max(1, world.port_count * processes)),
        Variable(OWNER, Range(0, processes), max(1, world.port_count)),
    )


def opened(world: World, port: Expr, owner: Expr) -> tuple[Stmt, ...]:
    """The port is open: it belongs to the process, and is linked to it."""
    return connect(world, port, owner) if world.has_links else ()


def connect(world: World, port: Expr, process: Expr) -> tuple[Stmt, ...]:
    """The process is the owner, and linked."""
    return (Assign(var(OWNER, plus(port, -1)), process), *link(world, port, process))


def link(world: World, port: Expr, process: Expr) -> tuple[Stmt, ...]:
    """There is a link."""
    return (Assign(var(LINKED, _index(world, port, process)), Const(1)),)


def unlink(world: World, port: Expr, process: Expr) -> tuple[Stmt, ...]:
    """There is none."""
    return (Assign(var(LINKED, _index(world, port, process)), Const(0)),)


def drop(world: World, port: Expr) -> tuple[Stmt, ...]:
    """The port is told to exit: its links are gone."""
    if not world.has_links:
        return ()
    return tuple(s for p in range(1, len(world.processes) + 1) for s in unlink(world, port, Const(p)))


def hears_exit(world: World, port: int, process: int, normal: bool) -> Expr:
    """Whether the exit of a process reaches a port."""
    if not world.has_links:
        return Const(int(world.ports[port - 1].owner == process))
    linked = ne(cell(LINKED, _index(world, Const(port), Const(process))), 0)
    return conj([linked, eq(cell(OWNER, port - 1), process)]) if normal else linked


def owner_is(world: World, port: Expr, process: int) -> Expr:
    """Whether the process owns the port."""
    return eq(cell(OWNER, plus(port, -1)), process)


def _index(world: World, port: Expr, process: Expr) -> Expr:

    row: Expr = Binary("*", plus(port, -1), Const(len(world.processes)))
    if isinstance(port, Const):
        row = Const((port.value - 1) * len(world.processes))
    if isinstance(row, Const) and isinstance(process, Const):
        return Const(row.value + process.value - 1)
    return Binary("+", row, plus(process, -1))
