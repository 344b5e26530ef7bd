"""The driver's own read-write locks.

`erts/emulator/beam/erl_drv_thread.c` since R12B, on `ethr_rwmutex` or the system's `pthread_rwlock`. A
reader cannot become a writer. Whether a writer that waits keeps new readers out differs between those
and is promised nowhere: a run has one of both policies. Then a reader that locks again behind a waiting
writer waits for itself.
"""

from __future__ import annotations

from dmc.ir.builder import conj, disj, eq, ite, ne, neg
from dmc.ir.expr import FALSE, Binary, Bound, Const, Expr, Field, KindOf, Place, Read, Self
from dmc.ir.logic import cell, exists, gt, plus, var
from dmc.ir.program import Choice, Node, Op, Site
from dmc.ir.sort import DEAD, NULL, UNSET, Range, Ref
from dmc.ir.statement import Assign, Check, Cut, If, Kill, Stmt
from dmc.ir.system import Access, FieldDecl, InitialChoice, Kind, Mover, Variable
from dmc.runtime.memory import allocate
from dmc.runtime.mutexes import EBUSY, mutex_classes
from dmc.runtime.world import HEAP, Event, World, gives

RWLOCK = "ErlDrvRWLock"
WRITER = "writer"
READER = "reader"
SITE = "site"
WANTED = "wants_to_write"
POLICY = "rwlock_policy"

READERS_ENTER, WRITERS_FIRST = range(2)
"""The policies: what a new reader does when a writer waits."""

DEPTH = 2
"""How many read locks of one thread on one lock can be told apart; one more is a cut."""


def kind(world: World, sites: int) -> Kind:
    """A lock knows its writer, how often each thread reads, and the place in the source that made it."""
    fields = [FieldDecl(WRITER, Range(0, world.threads)), FieldDecl(SITE, Range(0, max(sites, 1)))]
    fields += [FieldDecl(_reader(thread), Range(0, DEPTH)) for thread in range(1, world.threads + 1)]
    return Kind(RWLOCK, tuple(fields))


def declare(world: World) -> tuple[Variable, ...]:
    """For each thread, the lock that it waits to write; and the policy of the run."""
    if not world.has_rwlocks:
        return ()
    return (Variable(WANTED, Ref(HEAP), world.threads), Variable(POLICY, Range(0, 1)))


def initial_choices(world: World) -> tuple[InitialChoice, ...]:
    """Any policy."""
    return (InitialChoice(POLICY, 0, (READERS_ENTER, WRITERS_FIRST)),) if world.has_rwlocks else ()


def create(world: World, place: Place, site_number: int) -> tuple[Stmt, ...]:
    """`erl_drv_rwlock_create`."""
    return allocate(world, place, RWLOCK, ((SITE, Const(site_number)),))


def rlock(world: World, lock: Expr, site: Site, following: Node) -> Node:
    """`erl_drv_rwlock_rlock`: waits until nobody writes, or, by policy, wants to.

    Who writes and reads as well waits for itself.
    """
    label = site.words or "erl_drv_rwlock_rlock"
    again = _relock(world, lock, eq(_writer(lock), Self()), label, site, following)
    take = Op(
        label=label,
        site=site,
        statements=(*_operable(world, lock), *_read(world, lock)),
        next=following,
        guard=disj([neg(_is_live(lock)), _readable(world, lock)]),
        accesses=(_lifetime(lock),),
        blocking=True,
        waits="the read-write lock",
        holder=_writer_if_live(lock),
    )
    return Choice([take, again], site, name=_named(site, "erl_drv_rwlock_rlock"))


def rwlock(world: World, lock: Expr, site: Site, following: Node) -> Node:
    """`erl_drv_rwlock_rwlock`: waits until nobody reads or writes.

    Who reads already would have to become a writer, and waits for itself.
    """
    label = site.words or "erl_drv_rwlock_rwlock"
    me = plus(Self(), -1)
    mine = disj([eq(_writer(lock), Self()), ne(_my_reads(world, lock), 0)])
    again = _relock(world, lock, mine, label, site, following)
    free = conj([eq(_writer(lock), 0), eq(_readers(world, lock), 0)])
    take_now = Op(
        label=label,
        site=site,
        statements=(*_operable(world, lock), *_write(world, lock)),
        next=following,
        guard=disj([neg(_is_live(lock)), free]),
        accesses=(_lifetime(lock),),
        blocking=True,
        waits="the read-write lock",
        holder=_writer_if_live(lock),
    )
    take_later = Op(
        label=f"{label} gets it",
        site=site,
        statements=(*_operable(world, lock), Assign(var(WANTED, me), Const(NULL)), *_write(world, lock)),
        next=following,
        guard=disj([neg(_is_live(lock)), free]),
        accesses=(_lifetime(lock),),
        blocking=True,
        waits="the read-write lock",
        holder=_writer_if_live(lock),
    )
    announce = Op(
        label=f"{label} waits, and new readers with it",
        site=site,
        statements=(Assign(var(WANTED, me), lock),),
        next=take_later,
        guard=conj([eq(cell(POLICY), WRITERS_FIRST), _is_live(lock), neg(free), neg(mine)]),
        accesses=(_lifetime(lock),),
    )
    return Choice([take_now, announce, again], site, name=_named(site, "erl_drv_rwlock_rwlock"))


def tryrlock(world: World, lock: Expr, result: Place, site: Site, following: Node) -> Node:
    """`erl_drv_rwlock_tryrlock`: 0 when it was taken, EBUSY (16) otherwise."""
    return _try(world, lock, _readable(world, lock), _read(world, lock), result, site, following)


def tryrwlock(world: World, lock: Expr, result: Place, site: Site, following: Node) -> Node:
    """`erl_drv_rwlock_tryrwlock`: 0 when it was taken, EBUSY (16) otherwise."""
    free = conj([eq(_writer(lock), 0), eq(_readers(world, lock), 0)])
    return _try(world, lock, free, _write(world, lock), result, site, following)


def runlock(world: World, lock: Expr, site: Site, following: Node) -> Node:
    """`erl_drv_rwlock_runlock`; only a reader may."""
    fewer = _set_my_reads(world, lock, plus(_my_reads(world, lock), -1))
    return _unlock(world, lock, ne(_my_reads(world, lock), 0), fewer, site, following)


def rwunlock(world: World, lock: Expr, site: Site, following: Node) -> Node:
    """`erl_drv_rwlock_rwunlock`; only the writer may."""
    free = (Assign(Field(HEAP, RWLOCK, WRITER, lock), Const(0)),)
    return _unlock(world, lock, eq(_writer(lock), Self()), free, site, following)


def destroy(world: World, lock: Expr, site: Site, following: Node) -> Node:
    """`erl_drv_rwlock_destroy`; nobody may hold it or wait for it."""
    wanted = disj(conj([ne(lock, NULL), eq(cell(WANTED, t), lock)]) for t in range(world.threads))
    unused = conj([eq(_writer(lock), 0), eq(_readers(world, lock), 0), neg(wanted)])
    return Op(
        label=site.words or "erl_drv_rwlock_destroy",
        site=site,
        statements=(
            *_operable(world, lock),
            *world.hooks.misuse("destroy_in_use", unused),
            *world.hooks.occur(Event("free", object=lock, object_kind=RWLOCK)),
            Kill(HEAP, lock),
        ),
        next=following,
        accesses=(_lifetime(lock, write=True),),
    )


def protects_reading(world: World, lock: Expr) -> Expr:
    """The executing thread has the lock, so that nobody writes what it protects."""
    return disj([eq(_writer(lock), Self()), ne(_my_reads(world, lock), 0)])


def protects_writing(lock: Expr) -> Expr:
    """The executing thread has the lock for itself."""
    return eq(_writer(lock), Self())


def held_by_self(world: World) -> Expr:
    """The executing thread holds some read-write lock."""
    slot = Bound("rw")
    body = conj([eq(KindOf(HEAP, slot), world.rwlock_kind), protects_reading(world, slot)])
    return exists("rw", 1, world.heap_size, body)


def lock_class(world: World, lock: Expr) -> Expr:
    """The number of the lock in a lock order: by the place that made it, as a mutex."""
    return plus(Read(Field(HEAP, RWLOCK, SITE, lock)), mutex_classes(world))


def _relock(world: World, lock: Expr, mine: Expr, label: str, site: Site, following: Node) -> Op:
    stuck = Op(
        label="wait for a lock it holds itself",
        site=site,
        statements=(),
        next=following,
        guard=FALSE,
        blocking=True,
        waits="a lock that it holds itself",
        holder=Self(),
    )
    return Op(
        label=label,
        site=site,
        statements=world.hooks.occur(Event("fault", "relock", object=lock, object_kind=RWLOCK)),
        next=stuck,
        guard=conj([_is_live(lock), mine]),
        accesses=(_lifetime(lock),),
    )


def _try(
    world: World,
    lock: Expr,
    free: Expr,
    take: tuple[Stmt, ...],
    result: Place,
    site: Site,
    following: Node,
) -> Node:
    body: tuple[Stmt, ...] = (
        *_operable(world, lock),
        If(free, (*take, Assign(result, Const(0))), (Assign(result, Const(EBUSY)),)),
        gives(Read(result)),
    )
    return Op(site.words, site, body, following, accesses=(_lifetime(lock),))


def _unlock(
    world: World, lock: Expr, is_mine: Expr, give: tuple[Stmt, ...], site: Site, following: Node
) -> Op:
    return Op(
        label=site.words,
        site=site,
        statements=(
            *_operable(world, lock),
            *world.hooks.misuse("unlock_by_other", is_mine),
            *give,
            *world.hooks.occur(
                Event("unlock", object=lock, object_kind=RWLOCK, lock=lock_class(world, lock))
            ),
        ),
        next=following,
        accesses=(_lifetime(lock),),
        mover=Mover.LEFT,
    )


def _read(world: World, lock: Expr) -> tuple[Stmt, ...]:
    room = Binary("<", _my_reads(world, lock), Const(DEPTH))
    return (
        Check(room, Cut(f"more than {DEPTH} read locks of one thread")),
        *world.hooks.occur(Event("lock", object=lock, object_kind=RWLOCK, lock=lock_class(world, lock))),
        *_set_my_reads(world, lock, plus(_my_reads(world, lock), 1)),
    )


def _write(world: World, lock: Expr) -> tuple[Stmt, ...]:
    return (
        *world.hooks.occur(Event("lock", object=lock, object_kind=RWLOCK, lock=lock_class(world, lock))),
        Assign(Field(HEAP, RWLOCK, WRITER, lock), Self()),
    )


def _readable(world: World, lock: Expr) -> Expr:
    wanted = disj(conj([eq(cell(WANTED, t), lock), ne(Self(), t + 1)]) for t in range(world.threads))
    kept_out = conj([eq(cell(POLICY), WRITERS_FIRST), wanted])
    return conj([eq(_writer(lock), 0), neg(kept_out)])


def _readers(world: World, lock: Expr) -> Expr:
    """How many read locks there are."""
    total: Expr = Const(0)
    for thread in range(1, world.threads + 1):
        reads = Read(Field(HEAP, RWLOCK, _reader(thread), lock))
        total = reads if thread == 1 else Binary("+", total, reads)
    return total


def _my_reads(world: World, lock: Expr) -> Expr:
    result: Expr = Const(0)
    for thread in range(world.threads, 0, -1):
        result = ite(eq(Self(), thread), Read(Field(HEAP, RWLOCK, _reader(thread), lock)), result)
    return result


def _set_my_reads(world: World, lock: Expr, value: Expr) -> tuple[Stmt, ...]:
    return tuple(
        If(eq(Self(), thread), (Assign(Field(HEAP, RWLOCK, _reader(thread), lock), value),))
        for thread in range(1, world.threads + 1)
    )


def _reader(thread: int) -> str:
    return f"{READER} {thread}"


def _writer(lock: Expr) -> Expr:
    return Read(Field(HEAP, RWLOCK, WRITER, lock))


def _writer_if_live(lock: Expr) -> Expr:
    return ite(_is_live(lock), _writer(lock), Const(0))


def _is_live(lock: Expr) -> Expr:
    return gt(KindOf(HEAP, lock), DEAD)


def _operable(world: World, lock: Expr) -> tuple[Stmt, ...]:
    hooks = world.hooks
    return (
        *hooks.misuse("unset_lock", ne(lock, UNSET)),
        *hooks.misuse("null_lock", ne(lock, NULL)),
        *hooks.misuse("destroyed_lock", ne(KindOf(HEAP, lock), DEAD)),
    )


def _lifetime(lock: Expr, write: bool = False) -> Access:
    return Access("lifetime of locks", lock, write, atomic=True, frees=write, lifetime=True)


def _named(site: Site, what: str) -> str:
    return f"{site.frames[-1].function}: {what}" if site.frames else what
