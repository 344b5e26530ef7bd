"""The driver's own mutexes and conditions.

`erts/emulator/beam/erl_drv_thread.c`, since R12B. Not recursive; locking a mutex that is `NULL` aborts
the emulator; a condition wakes any waiter and may wake one for no reason; a signal without a waiter is
lost. Destroying one in use is undefined.
"""

from __future__ import annotations

from dmc.ir.builder import conj, disj, eq, ite, ne, neg
from dmc.ir.expr import FALSE, Bound, Const, Expr, Field, KindOf, Place, Read, Self
from dmc.ir.logic import cell, exists, gt, plus, var
from dmc.ir.program import Choice, Label, Node, Op, Site
from dmc.ir.sort import DEAD, NULL, UNSET, Range, Ref
from dmc.ir.statement import Assign, If, Kill, Stmt
from dmc.ir.system import Access, FieldDecl, Kind, Mover, Variable
from dmc.runtime.lock_regime import lock_count
from dmc.runtime.memory import allocate
from dmc.runtime.world import HEAP, Event, World, gives

MUTEX = "ErlDrvMutex"
COND = "ErlDrvCond"
HOLDER = "holder"
SITE = "site"
WAITING = "waiting_on"
EBUSY = 16
"""What `erl_drv_mutex_trylock` gives for a mutex that is taken (Linux `errno.h`)."""


def kinds(world: World, sites: int) -> tuple[Kind, ...]:
    """The kinds of objects; a mutex knows its holder and the place in the source that made it."""
    return (
        Kind(
            MUTEX,
            (FieldDecl(HOLDER, Range(0, world.threads)), FieldDecl(SITE, Range(0, max(sites, 1)))),
        ),
        Kind(COND, ()),
    )


def declare(world: World) -> tuple[Variable, ...]:
    """For each thread, the condition that it waits for."""
    return (Variable(WAITING, Ref(HEAP), world.threads),)


def create_mutex(world: World, place: Place, site_number: int) -> tuple[Stmt, ...]:
    """`erl_drv_mutex_create`."""
    return allocate(world, place, MUTEX, ((SITE, Const(site_number)),))


def create_cond(world: World, place: Place) -> tuple[Stmt, ...]:
    """`erl_drv_cond_create`."""
    return allocate(world, place, COND)


def lock(world: World, mutex: Expr, site: Site, following: Node) -> Node:
    """`erl_drv_mutex_lock`: waits until the mutex is free.

    A thread that holds it already is told to the rules, and then waits for itself.
    """
    stuck = Op(
        label="wait for a mutex it holds itself",
        site=site,
        statements=(),
        next=following,
        guard=FALSE,
        blocking=True,
        waits="a mutex that it holds itself",
        holder=Self(),
    )
    again = Op(
        label=site.words or "lock a mutex it holds",
        site=site,
        statements=world.hooks.occur(Event("fault", "relock", object=mutex, object_kind=MUTEX)),
        next=stuck,
        guard=conj([_is_live(mutex), eq(_holder(mutex), Self())]),
        accesses=(_lifetime(mutex),),
    )
    take = Op(
        label=site.words or "erl_drv_mutex_lock",
        site=site,
        statements=(*_operable(world, mutex), *_take(world, mutex)),
        next=following,
        guard=disj([neg(_is_live(mutex)), eq(_holder(mutex), 0)]),
        accesses=(_lifetime(mutex),),
        mover=Mover.RIGHT,
        blocking=True,
        waits="the mutex",
        holder=_holder(mutex),
    )
    return Choice([take, again], site, name=_named(site, "erl_drv_mutex_lock"))


def trylock(world: World, mutex: Expr, result: Place, site: Site, following: Node) -> Node:
    """`erl_drv_mutex_trylock`: 0 when it was taken, EBUSY (16) otherwise."""
    body: tuple[Stmt, ...] = (
        *_operable(world, mutex),
        If(
            eq(_holder(mutex), 0),
            (*_take(world, mutex), Assign(result, Const(0))),
            (Assign(result, Const(EBUSY)),),
        ),
    )
    label = site.words or "erl_drv_mutex_trylock"
    return Op(label, site, (*body, gives(Read(result))), following, accesses=(_lifetime(mutex),))


def unlock(world: World, mutex: Expr, site: Site, following: Node) -> Node:
    """`erl_drv_mutex_unlock`; only the holder may."""
    return Op(
        label=site.words or "erl_drv_mutex_unlock",
        site=site,
        statements=(
            *_operable(world, mutex),
            *world.hooks.misuse("unlock_by_other", eq(_holder(mutex), Self())),
            Assign(Field(HEAP, MUTEX, HOLDER, mutex), Const(0)),
            *world.hooks.occur(
                Event("unlock", object=mutex, object_kind=MUTEX, lock=lock_class(world, mutex))
            ),
        ),
        next=following,
        accesses=(_lifetime(mutex),),
        mover=Mover.LEFT,
    )


def destroy_mutex(world: World, mutex: Expr, site: Site, following: Node) -> Node:
    """`erl_drv_mutex_destroy`; it must not be held."""
    return Op(
        label=site.words or "erl_drv_mutex_destroy",
        site=site,
        statements=(
            *_operable(world, mutex),
            *world.hooks.misuse("destroy_in_use", eq(_holder(mutex), 0)),
            *world.hooks.occur(Event("free", object=mutex, object_kind=MUTEX)),
            Kill(HEAP, mutex),
        ),
        next=following,
        accesses=(_lifetime(mutex, write=True),),
    )


def destroy_cond(world: World, cond: Expr, site: Site, following: Node) -> Node:
    """`erl_drv_cond_destroy`; nobody may wait for it."""
    return Op(
        label=site.words or "erl_drv_cond_destroy",
        site=site,
        statements=(
            *_operable(world, cond),
            *world.hooks.misuse("destroy_in_use", neg(_has_waiter(world, cond))),
            *world.hooks.occur(Event("free", object=cond, object_kind=COND)),
            Kill(HEAP, cond),
        ),
        next=following,
        accesses=(_lifetime(cond, write=True),),
    )


def wait(world: World, cond: Expr, mutex: Expr, site: Site, following: Node) -> Node:
    """`erl_drv_cond_wait`: gives the mutex back and waits, then waits for the mutex."""
    woken = Label()
    me = plus(Self(), -1)
    waiting = cell(WAITING, me)
    spurious = Op(
        label="wake up for no reason",
        site=site,
        statements=(Assign(var(WAITING, me), Const(NULL)),),
        next=woken,
        guard=ne(waiting, NULL),
        spurious=True,
    )
    take = Op(
        label="wake up and take the mutex",
        site=site,
        statements=(*_operable(world, mutex), *_take(world, mutex)),
        next=following,
        guard=conj([eq(waiting, NULL), disj([neg(_is_live(mutex)), eq(_holder(mutex), 0)])]),
        accesses=(_lifetime(mutex),),
        blocking=True,
        waits="a signal, and the mutex",
        holder=_holder_if_live(mutex),
    )
    woken.target = Choice([take, spurious], site, name=_named(site, "in erl_drv_cond_wait"))
    return Op(
        label=site.words or "erl_drv_cond_wait",
        site=site,
        statements=(
            *_operable(world, cond),
            *_operable(world, mutex),
            *world.hooks.misuse("wait_without_mutex", eq(_holder(mutex), Self())),
            Assign(Field(HEAP, MUTEX, HOLDER, mutex), Const(0)),
            Assign(var(WAITING, me), cond),
            *world.hooks.occur(
                Event("unlock", object=mutex, object_kind=MUTEX, lock=lock_class(world, mutex))
            ),
        ),
        next=woken,
        accesses=(_lifetime(mutex), _lifetime(cond)),
    )


def signal(world: World, cond: Expr, site: Site, following: Node) -> Node:
    """`erl_drv_cond_signal`: wakes any one waiter; without one it is lost."""
    checks = _operable(world, cond)
    nobody = Op(
        label=site.words or "erl_drv_cond_signal",
        site=site,
        statements=checks,
        next=following,
        guard=neg(_has_waiter(world, cond)),
        accesses=(_lifetime(cond),),
    )
    options: list[Node] = [nobody]
    for thread in range(1, world.threads + 1):
        options.append(
            Op(
                label=site.words or f"erl_drv_cond_signal, to thread {thread}",
                site=site,
                statements=(*checks, Assign(var(WAITING, thread - 1), Const(NULL))),
                next=following,
                guard=conj([ne(cond, NULL), eq(cell(WAITING, thread - 1), cond)]),
                accesses=(_lifetime(cond),),
            )
        )
    return Choice(options, site, name=_named(site, "erl_drv_cond_signal"))


def broadcast(world: World, cond: Expr, site: Site, following: Node) -> Node:
    """`erl_drv_cond_broadcast`: wakes all waiters."""
    wake = tuple(
        If(eq(cell(WAITING, t), cond), (Assign(var(WAITING, t), Const(NULL)),)) for t in range(world.threads)
    )
    return Op(
        site.words or "erl_drv_cond_broadcast",
        site,
        (*_operable(world, cond), *wake),
        following,
        accesses=(_lifetime(cond),),
    )


def lock_class(world: World, mutex: Expr) -> Expr:
    """The number of the mutex in a lock order: after the port locks, by the place that made it."""
    return plus(Read(Field(HEAP, MUTEX, SITE, mutex)), mutex_classes(world))


def mutex_classes(world: World) -> int:
    """The number of the first of them: the port data locks, which are one class, come before."""
    return lock_count(world) + int(world.has_pdl)


def held_by_self(world: World) -> Expr:
    """The executing thread holds some mutex."""
    slot = Bound("m")
    kind = KindOf(HEAP, slot)
    body = conj([eq(kind, mutex_kind_number(world)), eq(Read(Field(HEAP, MUTEX, HOLDER, slot)), Self())])
    return exists("m", 1, world.heap_size, body)


def mutex_kind_number(world: World) -> int:
    """The value of `KindOf` for a mutex: mutexes are the first kind of the heap."""
    return 2


def _take(world: World, mutex: Expr) -> tuple[Stmt, ...]:
    return (
        *world.hooks.occur(Event("lock", object=mutex, object_kind=MUTEX, lock=lock_class(world, mutex))),
        Assign(Field(HEAP, MUTEX, HOLDER, mutex), Self()),
    )


def _operable(world: World, lock_object: Expr) -> tuple[Stmt, ...]:
    hooks = world.hooks
    return (
        *hooks.misuse("unset_lock", ne(lock_object, UNSET)),
        *hooks.misuse("null_lock", ne(lock_object, NULL)),
        *hooks.misuse("destroyed_lock", ne(KindOf(HEAP, lock_object), DEAD)),
    )


def _is_live(reference: Expr) -> Expr:
    return gt(KindOf(HEAP, reference), DEAD)


def _holder(mutex: Expr) -> Expr:
    return Read(Field(HEAP, MUTEX, HOLDER, mutex))


def _holder_if_live(mutex: Expr) -> Expr:
    return ite(_is_live(mutex), _holder(mutex), Const(0))


def _has_waiter(world: World, cond: Expr) -> Expr:
    return disj(conj([ne(cond, NULL), eq(cell(WAITING, t), cond)]) for t in range(world.threads))


def _lifetime(lock_object: Expr, write: bool = False) -> Access:
    return Access("lifetime of locks", lock_object, write, atomic=True, frees=write, lifetime=True)


def _named(site: Site, what: str) -> str:
    return f"{site.frames[-1].function}: {what}" if site.frames else what
