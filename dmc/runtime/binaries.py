"""Driver binaries: blocks of bytes that drivers, queues, messages and process heaps count references to.

`erts/emulator/beam/io.c`: `driver_alloc_binary`, `driver_realloc_binary`, `driver_free_binary`,
`driver_binary_inc_refc`, `driver_binary_dec_refc`, `driver_binary_get_refc`; `erl_binary.h`. The emulator
has one number, `refc`. Of these references `own` are the driver's: what it has taken and not given
back. The others belong to Erlang. What is at most `SHARED_ABOVE` bytes long is copied, not shared
(`ERL_ONHEAP_BIN_LIMIT`).
"""

from __future__ import annotations

from dmc.ir.builder import conj, eq, le, ne
from dmc.ir.expr import Binary, Const, Expr, Field, KindOf, Place, Read
from dmc.ir.logic import gt, plus
from dmc.ir.sort import DEAD, NULL, UNSET, Bool, Range
from dmc.ir.statement import Assign, Check, Cut, If, Kill, Stmt
from dmc.ir.system import Access, FieldDecl, Kind
from dmc.runtime.memory import allocate, usable
from dmc.runtime.points.threads_and_data import BINARY_REFCOUNT, BinaryRefcount
from dmc.runtime.world import BINARY, HEAP, Event, World

SHARED_ABOVE = 64
"""`ERL_ONHEAP_BIN_LIMIT`: a binary in a message of up to so many bytes is a copy of its own."""

MAX_REFERENCES = 15
"""So many references the model counts; one more is a cut."""

BINARY_MISUSES = ("binary_overfreed", "binary_refc_zero", "binary_not_held", "binary_kept")
"""Misuses that do not end the run: the emulator does not notice them, and goes on."""

REFC, OWN, SIZE, LENT, FOREIGN = "refc", "own", "orig_size", "lent", "foreign"
BYTES = f"{BINARY}.orig_bytes"
COUNT = f"{BINARY}.refc"


def binary_kind(world: World) -> Kind:
    """What is known of a binary. Somebody has to give back every reference: it is `owned`."""
    fields = [
        FieldDecl(REFC, Range(0, MAX_REFERENCES)),
        FieldDecl(OWN, Range(0, MAX_REFERENCES)),
        FieldDecl(SIZE, world.lengths),
    ]
    if world.has_vectors:
        fields += [FieldDecl(LENT, Range(0, world.port_count)), FieldDecl(FOREIGN, Bool())]
    return Kind(BINARY, tuple(fields))


def of(binary: Expr, name: str) -> Field:
    """What is kept of a binary."""
    return Field(HEAP, BINARY, name, binary)


def is_shared_size(size: Expr) -> Expr:
    """Whether data of the size is shared with Erlang, not copied."""
    return gt(size, SHARED_ABOVE)


def make(world: World, place: Place, size: Expr) -> tuple[Stmt, ...]:
    """`driver_alloc_binary`: one reference, and it is the driver's."""
    return allocate(world, place, BINARY, ((REFC, Const(1)), (OWN, Const(1)), (SIZE, size)))


def make_foreign(world: World, place: Place, size: Expr) -> tuple[Stmt, ...]:
    """A binary that Erlang makes: one reference, not the driver's."""
    values = [(REFC, Const(1)), (SIZE, size)]
    if world.has_vectors:
        values.append((FOREIGN, Const(1)))
    return allocate(world, place, BINARY, tuple(values))


def is_there(binary: Expr) -> Expr:
    """It has not been freed."""
    return ne(KindOf(HEAP, binary), DEAD)


# --- Erlang's references ------------------------------------------------------------------------


def hold(world: World, binary: Expr) -> tuple[Stmt, ...]:
    """One more reference that is not the driver's: of a message, a process, a queue."""
    return (*_alive(world, binary), *_add(of(binary, REFC)))


def drop(world: World, binary: Expr) -> tuple[Stmt, ...]:
    """Erlang gives a reference back; the last one frees."""
    return (*_alive(world, binary), *_less(world, binary))


def drop_if_any(world: World, binary: Expr) -> tuple[Stmt, ...]:
    """The same for a cell that may refer to nothing."""
    return (If(ne(binary, NULL), drop(world, binary)),)


# --- the driver's -------------------------------------------------------------------------------


def usable_binary(world: World, binary: Expr) -> tuple[Stmt, ...]:
    """The driver may use it: it is there, and the driver has a reference or was lent one."""
    return (*usable(world, binary), If(_is_not_held(world, binary), _not_held(world, binary)))


def take(world: World, binary: Expr) -> tuple[Stmt, ...]:
    """`driver_binary_inc_refc`."""
    return (*usable_binary(world, binary), *_add(of(binary, REFC)), *_add(of(binary, OWN)))


def give_back(world: World, binary: Expr) -> tuple[Stmt, ...]:
    """`driver_free_binary` of a binary that is not `NULL`."""
    return (*_own_less(world, binary), *_less(world, binary))


def count_down(world: World, binary: Expr) -> tuple[Stmt, ...]:
    """`driver_binary_dec_refc`: it counts, and never frees."""
    none_left = world.hooks.occur(Event("fault", "binary_refc_zero", object=binary, object_kind=BINARY))
    return (
        *_own_less(world, binary),
        *_subtract(of(binary, REFC)),
        If(eq(Read(of(binary, REFC)), 0), none_left),
    )


def resize(world: World, binary: Expr, place: Place, size: Expr) -> tuple[Stmt, ...]:
    """`driver_realloc_binary`: the old block is gone for all who refer to it."""
    sole = conj([eq(Read(of(binary, REFC)), 1), eq(Read(of(binary, OWN)), 1)])
    return (
        *usable_binary(world, binary),
        *world.hooks.misuse("binary_realloc_shared", sole),
        *make(world, place, size),
        *world.hooks.occur(Event("free", object=binary, object_kind=BINARY)),
        Kill(HEAP, binary),
    )


# --- a vector that is lent ----------------------------------------------------------------------


def lend(world: World, binary: Expr, more: int) -> tuple[Stmt, ...]:
    """The elements of a vector are the driver's to use for one call: it begins (1) or ends (-1)."""
    lent = of(binary, LENT)
    alive = conj([ne(binary, NULL), ne(KindOf(HEAP, binary), DEAD)])
    return (If(alive, (Assign(lent, plus(Read(lent), more)),)),)


# --- accesses -----------------------------------------------------------------------------------


def touches_bytes(binary: Expr, write: bool) -> tuple[Access, ...]:
    """The bytes are read or written, by whomever."""
    return (Access(BYTES, binary, write),)


def counts(world: World, binary: Expr) -> tuple[Access, ...]:
    """The count is changed: no race where that is atomic (V37)."""
    match world.profile.value(BINARY_REFCOUNT):
        case BinaryRefcount.ATOMIC:
            return ()
        case BinaryRefcount.PLAIN:
            return (Access(COUNT, binary, write=True),)


# --- small pieces -------------------------------------------------------------------------------


def _alive(world: World, binary: Expr) -> tuple[Stmt, ...]:
    return world.hooks.misuse("use_after_free", ne(KindOf(HEAP, binary), DEAD))


def _add(place: Field) -> tuple[Stmt, ...]:
    room = le(Read(place), MAX_REFERENCES - 1)
    return (
        Check(room, Cut(f"{MAX_REFERENCES} references to a binary")),
        Assign(place, plus(Read(place), 1)),
    )


def _subtract(place: Field) -> tuple[Stmt, ...]:
    return (If(gt(Read(place), 0), (Assign(place, Binary("-", Read(place), Const(1))),)),)


def _less(world: World, binary: Expr) -> tuple[Stmt, ...]:
    gone = (*world.hooks.occur(Event("free", object=binary, object_kind=BINARY)), Kill(HEAP, binary))
    return (*_subtract(of(binary, REFC)), If(eq(Read(of(binary, REFC)), 0), gone))


def _own_less(world: World, binary: Expr) -> tuple[Stmt, ...]:
    too_many = world.hooks.occur(Event("fault", "binary_overfreed", object=binary, object_kind=BINARY))
    return (
        *world.hooks.misuse("unset_pointer", ne(binary, UNSET)),
        *world.hooks.misuse("null_pointer", ne(binary, NULL)),
        *world.hooks.misuse("binary_freed_again", ne(KindOf(HEAP, binary), DEAD)),
        If(eq(Read(of(binary, OWN)), 0), too_many),
        *_subtract(of(binary, OWN)),
    )


def _is_not_held(world: World, binary: Expr) -> Expr:
    none = [eq(Read(of(binary, OWN)), 0)]
    return conj([*none, eq(Read(of(binary, LENT)), 0)] if world.has_vectors else none)


def _not_held(world: World, binary: Expr) -> tuple[Stmt, ...]:
    given_up = _told(world, binary, "binary_not_held")
    if not world.has_vectors:
        return given_up
    return (If(ne(Read(of(binary, FOREIGN)), 0), _told(world, binary, "binary_kept"), given_up),)


def _told(world: World, binary: Expr, kind: str) -> tuple[Stmt, ...]:
    return world.hooks.occur(Event("fault", kind, object=binary, object_kind=BINARY))
