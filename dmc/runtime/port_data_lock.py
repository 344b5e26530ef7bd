"""The port data lock: a mutex that is counted, and that the emulator takes for itself at times (V26).

`erts/emulator/beam/io.c`: `driver_pdl_create, driver_pdl_lock, driver_pdl_unlock, driver_pdl_inc_refc,
driver_pdl_dec_refc, pdl_destroy`, since R11B-3. The port has one reference, given back after `stop`;
each job that is out has one, and so has whoever holds the lock. The last one destroys it.

The emulator takes it where it looks at the queue or throws it away (`io.c:is_port_ioq_empty, stopq,
driver_failure_term`), never around a callback. It is not recursive: a thread that holds it already
waits for itself there.
"""

from __future__ import annotations

from dataclasses import dataclass

from dmc.ir.builder import conj, disj, eq, ite, ne, neg
from dmc.ir.expr import FALSE, Binary, Const, Expr, Field, KindOf, Place, Read, Self
from dmc.ir.logic import cell, gt, plus, var
from dmc.ir.program import Choice, Node, Op, Site
from dmc.ir.sort import DEAD, NULL, UNSET, Range, Ref
from dmc.ir.statement import Assign, Check, Cut, If, Kill, Stmt
from dmc.ir.system import FieldDecl, Kind, Variable
from dmc.runtime import port_lifecycle
from dmc.runtime.lock_regime import lock_count
from dmc.runtime.memory import allocate
from dmc.runtime.world import HEAP, Event, World, gives

PDL = "ErlDrvPDL"
HOLDER = "holder"
REFERENCES = "references"
OWN = "own"
"""Fields: who holds it, how many references there are, and how many of them `driver_pdl_inc_refc` took."""
PORT = "port"

OF_PORT = "port.pdl"
"""The lock of each port, also after its death, until the last reference has gone."""

NAME = "the port data lock"
KIND_NUMBER = 5
"""The value of `KindOf` for it: in the heap it comes after mutexes, conditions and jobs."""


def kinds(world: World) -> tuple[Kind, ...]:
    """The kind of object. It is the emulator's own: the driver does not free it."""
    if not world.has_pdl:
        return ()
    fields = (
        FieldDecl(HOLDER, Range(0, world.threads)),
        FieldDecl(REFERENCES, Range(0, max_references(world))),
        FieldDecl(OWN, Range(0, max_references(world))),
        FieldDecl(PORT, Range(0, world.port_count)),
    )
    return (Kind(PDL, fields, owned=False),)


def declare(world: World) -> tuple[Variable, ...]:
    """The lock that each port has."""
    if not world.has_pdl or not world.port_count:
        return ()
    return (Variable(OF_PORT, Ref(HEAP), world.port_count),)


def max_references(world: World) -> int:
    """As many as a run can need: the port's, the holder's, one for each job, and some of the driver's own."""
    return 2 + world.max_jobs + OWN_REFERENCES


OWN_REFERENCES = 6


def of_port(port: Expr) -> Expr:
    """The lock of a port (from 1), or `NULL`."""
    return cell(OF_PORT, plus(port, -1))


def exists(world: World, port: Expr) -> Expr:
    """Whether a port has a lock; after its death, whether somebody still has a reference to it."""
    return ne(of_port(port), NULL) if world.has_pdl else FALSE


def is_held_by_self(world: World, port: Expr) -> Expr:
    """Whether the executing thread holds the lock of a port."""
    if not world.has_pdl:
        return FALSE
    return conj([_is_live(of_port(port)), eq(_holder(of_port(port)), Self())])


def holds_any(world: World) -> Expr:
    """Whether the executing thread holds the lock of some port."""
    return disj(is_held_by_self(world, Const(n)) for n in range(1, world.port_count + 1))


def lock_class(world: World) -> Expr:
    """Its number in a lock order: all such locks are alike, and come after the port locks."""
    return Const(lock_count(world))


# --- what drivers do ------------------------------------------------------------------------------


def create(world: World, handle: Expr, result: Place) -> tuple[Stmt, ...]:
    """`driver_pdl_create`: the lock, or `NULL` for a dead port and for one that has a lock."""
    port = port_lifecycle.port_of_handle(world, handle)
    made: tuple[Stmt, ...] = (
        *allocate(world, result, PDL, ((REFERENCES, Const(1)), (PORT, port))),
        Assign(var(OF_PORT, plus(port, -1)), Read(result)),
    )
    nothing: tuple[Stmt, ...] = (Assign(result, Const(NULL)),)
    none_yet = conj([ne(port, 0), eq(of_port(port), NULL)])
    return (If(none_yet, made, nothing), gives(Read(result), PDL))


def lock(world: World, pdl: Expr, site: Site, following: Node) -> Node:
    """`driver_pdl_lock`: a reference, then the mutex; in one step, as nobody can tell the two apart."""
    label = site.words or "driver_pdl_lock"
    again = Op(
        label=label,
        site=site,
        statements=world.hooks.occur(Event("fault", "relock", object=pdl, object_kind=PDL)),
        next=_stuck(site, following),
        guard=conj([_is_live(pdl), eq(_holder(pdl), Self())]),
    )
    take = Op(
        label=label,
        site=site,
        statements=(
            *_operable(world, pdl),
            *_taken(world, pdl),
            Assign(_field(pdl, HOLDER), Self()),
            *_count(world, pdl, REFERENCES, 1),
        ),
        next=following,
        guard=disj([neg(_is_live(pdl)), eq(_holder(pdl), 0)]),
        blocking=True,
        waits=NAME,
        holder=_holder(pdl),
    )
    return Choice([take, again], site, name=f"{site.frames[-1].function}: {label}" if site.frames else label)


def unlock(world: World, pdl: Expr, site: Site, following: Node) -> Node:
    """`driver_pdl_unlock`: the mutex, then the reference."""
    statements = (
        *_operable(world, pdl),
        *world.hooks.misuse("unlock_by_other", eq(_holder(pdl), Self())),
        *_given_back(world, pdl),
        Assign(_field(pdl, HOLDER), Const(0)),
        *release(world, pdl),
    )
    return Op(site.words or "driver_pdl_unlock", site, statements, following)


def references(world: World, pdl: Expr, result: Place) -> tuple[Stmt, ...]:
    """`driver_pdl_get_refc`."""
    return (*_operable(world, pdl), Assign(result, Read(_field(pdl, REFERENCES))), gives(Read(result)))


def take_reference(world: World, pdl: Expr, result: Place) -> tuple[Stmt, ...]:
    """`driver_pdl_inc_refc`."""
    return (
        *_operable(world, pdl),
        *_count(world, pdl, REFERENCES, 1),
        *_count(world, pdl, OWN, 1),
        Assign(result, Read(_field(pdl, REFERENCES))),
        gives(Read(result)),
    )


def give_reference(world: World, pdl: Expr, result: Place) -> tuple[Stmt, ...]:
    """`driver_pdl_dec_refc`: only what `driver_pdl_inc_refc` took is the driver's to give back."""
    return (
        *_operable(world, pdl),
        *world.hooks.misuse("pdl_reference_missing", gt(Read(_field(pdl, OWN)), 0)),
        *_count(world, pdl, OWN, -1),
        Assign(result, plus(Read(_field(pdl, REFERENCES)), -1)),
        *release(world, pdl),
        gives(Read(result)),
    )


# --- references of the emulator -------------------------------------------------------------------


def hold(world: World, pdl: Expr) -> tuple[Stmt, ...]:
    """One more reference, if there is a lock."""
    return (If(ne(pdl, NULL), _count(world, pdl, REFERENCES, 1)),) if world.has_pdl else ()


def release(world: World, pdl: Expr) -> tuple[Stmt, ...]:
    """One reference less; with the last one the lock is destroyed."""
    port = Read(_field(pdl, PORT))
    gone = Assign(var(OF_PORT, plus(port, -1)), Const(NULL))
    return _release(world, pdl, (gone, Kill(HEAP, pdl)))


def _release(world: World, pdl: Expr, destroy: tuple[Stmt, ...]) -> tuple[Stmt, ...]:
    destroyed = (*world.hooks.occur(Event("free", object=pdl, object_kind=PDL)), *destroy)
    left = Read(_field(pdl, REFERENCES))
    return (If(eq(left, 1), destroyed, (Assign(_field(pdl, REFERENCES), plus(left, -1)),)),)


def forget(world: World, port: Expr) -> tuple[Stmt, ...]:
    """The port gives its reference back, when its queue has been cleared (`io.c:stopq`)."""
    if not world.has_pdl:
        return ()
    pdl = of_port(port)
    gone = Assign(var(OF_PORT, plus(port, -1)), Const(NULL))
    return (If(exists(world, port), _release(world, pdl, (Kill(HEAP, pdl), gone))),)


# --- the emulator takes it ------------------------------------------------------------------------


@dataclass(frozen=True)
class Way:
    """What can come of a look under the lock: its condition, what is then done, what follows."""

    label: str
    condition: Expr
    statements: tuple[Stmt, ...]
    following: Node


def under_lock(world: World, port: Expr, ways: tuple[Way, ...], site: Site) -> Node:
    """The emulator takes the lock, if the port has one, does one of the ways, and gives it back.

    It is one step, in which the thread waits for whoever holds the lock. Without such locks it is a step
    as well, which never waits: somebody may use the queue without any. One of the conditions holds.
    """
    name = ways[0].label if len(ways) == 1 else f"{ways[0].label}, or not"
    if not world.has_pdl:
        plain: list[Node] = [Op(w.label, site, w.statements, w.following, guard=w.condition) for w in ways]
        return Choice(plain, site, name=name)
    pdl = of_port(port)
    free = disj([neg(_is_live(pdl)), eq(_holder(pdl), 0)])
    options: list[Node] = [
        Op(
            label=way.label,
            site=site,
            statements=(
                If(exists(world, port), (*_taken(world, pdl), *_given_back(world, pdl))),
                *way.statements,
            ),
            next=way.following,
            guard=conj([free, way.condition]),
            blocking=True,
            waits=NAME,
            holder=ite(_is_live(pdl), _holder(pdl), Const(0)),
        )
        for way in ways
    ]
    again = Op(
        label=f"the emulator takes {NAME}, which this thread holds",
        site=site,
        statements=world.hooks.occur(Event("fault", "pdl_held", port=port, object=pdl, object_kind=PDL)),
        next=_stuck(site, ways[0].following),
        guard=conj([_is_live(pdl), eq(_holder(pdl), Self())]),
    )
    return Choice([*options, again], site, name=name)


def _stuck(site: Site, following: Node) -> Node:
    return Op(
        label=f"wait for {NAME}, which it holds itself",
        site=site,
        statements=(),
        next=following,
        guard=FALSE,
        blocking=True,
        waits=f"{NAME}, which it holds itself",
        holder=Self(),
    )


def _taken(world: World, pdl: Expr) -> tuple[Stmt, ...]:
    return world.hooks.occur(Event("lock", object=pdl, object_kind=PDL, lock=lock_class(world)))


def _given_back(world: World, pdl: Expr) -> tuple[Stmt, ...]:
    return world.hooks.occur(Event("unlock", object=pdl, object_kind=PDL, lock=lock_class(world)))


def _count(world: World, pdl: Expr, field: str, change: int) -> tuple[Stmt, ...]:
    new = plus(Read(_field(pdl, field)), change)
    limit = max_references(world)
    room = Check(Binary("<=", new, Const(limit)), Cut(f"port data lock with {limit} references"))
    step = Assign(_field(pdl, field), new)
    return (room, step) if change > 0 else (step,)


def _operable(world: World, pdl: Expr) -> tuple[Stmt, ...]:
    hooks = world.hooks
    return (
        *hooks.misuse("unset_lock", ne(pdl, UNSET)),
        *hooks.misuse("null_lock", ne(pdl, NULL)),
        *hooks.misuse("destroyed_lock", ne(KindOf(HEAP, pdl), DEAD)),
    )


def _field(pdl: Expr, name: str) -> Field:
    return Field(HEAP, PDL, name, pdl)


def _holder(pdl: Expr) -> Expr:
    return Read(_field(pdl, HOLDER))


def _is_live(pdl: Expr) -> Expr:
    return gt(KindOf(HEAP, pdl), DEAD)
