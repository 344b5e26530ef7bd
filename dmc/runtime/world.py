"""The fixed facts of one run, and the two doors through which mechanisms reach the model.

A mechanism is a module that declares its cells and writes program graphs over them. What the author
wrote comes in through `Hooks`: callbacks, job functions, and what the rules want to notice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from dmc.ir.expr import Expr, Place
from dmc.ir.logic import pick
from dmc.ir.program import Node, Site
from dmc.ir.sort import Sort
from dmc.ir.statement import Emit, Stmt
from dmc.ir.system import Frame
from dmc.runtime.profile import Profile

SENDS = "sends"
"""The event of a command with its length and first byte, where these were chosen from many."""

HEAP = "heap"
"""The pool of everything that is allocated: data of the driver, jobs, mutexes, conditions."""

JOB = "job"
"""The kind of an accepted `driver_async` request."""

BINARY = "binary"
"""The kind of a driver binary."""
NULL_BUFFER = -1
EMPTY_BUFFER = -2
"""A buffer is its first byte, or one of these."""

IDLE = "idle"
"""The point at which a scheduler or an async thread has nothing to do."""


class Regime(Enum):
    """What serialises callbacks: what `locking` comes to on a runtime."""

    PORT = "port"
    DRIVER = "driver"
    GLOBAL = "global"
    EMULATOR = "emulator"


@dataclass(frozen=True)
class PortDecl:
    """A port that the scenario can open: where, by which process instance, of which driver."""

    name: str
    driver: int
    owner: int


@dataclass(frozen=True)
class Mailboxes:
    """What messages there are, and which of them matter.

    `shapes` are the kinds of the elements of each message that somebody sends. A message is kept if its
    shape is among the `wanted` of the process (from 1), those that some `receive` of it may match, or
    if it refers to a shared binary. `values` is the range of all elements that are no binaries.
    """

    shapes: tuple[tuple[str, ...], ...]
    wanted: tuple[frozenset[int], ...]
    values: tuple[int, int]
    capacity: int


@dataclass(frozen=True)
class Event:
    """Something that rules may notice and traces tell; expressions are what it is about."""

    kind: str
    name: str = ""
    port: Expr | None = None
    job: Expr | None = None
    object: Expr | None = None
    object_kind: str = ""
    lock: Expr | None = None
    arguments: tuple[Expr, ...] = ()
    result: Expr | None = None


class Hooks(Protocol):
    """What the mechanisms ask of the lowering."""

    def occur(self, event: Event) -> tuple[Stmt, ...]:
        """The statements by which the rules notice the event."""

    def misuse(self, kind: str, holds: Expr) -> tuple[Stmt, ...]:
        """A check that ends the run as the misuse `kind` unless `holds`."""

    def callback(
        self,
        name: str,
        port: Expr,
        arguments: tuple[Expr, ...],
        frames: tuple[Frame, ...],
        role: str,
        following: Callable[[Expr], Node],
    ) -> Node:
        """The driver's callback of that name for a port; nothing where the driver has none."""

    def has_callback(self, name: str, port: Expr) -> Expr:
        """Whether the driver of the port has the callback."""

    def kind_number(self, kind: str) -> int:
        """What `KindOf` gives for objects of that kind; -1 if the run has none."""

    def free_block(self, pointer: Expr, frames: tuple[Frame, ...], label: str, following: Node) -> Node:
        """`driver_free` by the emulator, of memory that the driver has handed over, whatever it is."""

    def refer_unnamed(self, process: Expr, place: Place) -> tuple[Stmt, ...]:
        """A process (from 1) comes to refer to a binary that none of its variables names."""

    def job_function(
        self, which: Expr, role: str, job: Expr, frames: tuple[Frame, ...], following: Node
    ) -> Node:
        """Calls `async_invoke` or `async_free` of a job by its function number, with the job's data."""


@dataclass(frozen=True)
class World:
    """One run: a profile, a locking, numbers of threads, the ports and processes of the scenario."""

    profile: Profile
    regime: Regime
    schedulers: int
    async_threads: int
    ports: tuple[PortDecl, ...]
    drivers: int
    processes: tuple[str, ...]
    other_threads: int
    heap_size: int
    job_functions: int
    integers: tuple[int, int]
    lengths: Sort
    first_bytes: Sort
    queue_bytes: Sort
    """Of commands, their lengths and first bytes; of queues, their bytes: how large they can be."""
    has_job_ids: bool
    has_exit_signals: bool
    has_control: bool
    """Some process calls `port_control` or `port_call`."""
    has_queue: bool
    """Some driver uses the IO queue of its ports, or guards it: only then can a port be closing."""
    has_pdl: bool
    """Some driver makes a port data lock."""
    queue_elements: int
    max_jobs: int
    nesting: int
    hooks: Hooks
    own_threads: int = 0
    """How many threads the drivers can create in all."""
    rwlock_kind: int = 0
    """What `KindOf` gives for a read-write lock; 0 if there are none."""
    has_busy: bool = False
    """Whether some driver calls `set_busy_port`."""
    soft_busy: tuple[bool, ...] = ()
    """For each driver, whether a command can be forced on its busy ports."""
    has_links: bool = False
    """Whether the scenario changes links, so that who opened a port may not be who is linked to it."""
    tsd_keys: int = 0
    """How many keys of thread specific data can be created in all."""
    has_binaries: bool = False
    has_vectors: bool = False
    """Whether some driver has `outputv`."""
    has_queue_binaries: bool = False
    """Whether elements of IO queues can refer to binaries."""
    has_garbage: bool = False
    """Whether a process can hold a reference to a binary that it has no name for."""
    mailboxes: Mailboxes | None = None
    has_replies: bool = False
    """Whether some `control` or `call` is given the place of its answer."""
    monitors: int = 0
    """How many monitors of processes drivers can make in all."""
    has_timers: bool = False
    """Whether some driver sets a timer."""
    has_control_flags: bool = False
    """Whether some driver calls `set_port_control_flags`."""

    @property
    def threads(self) -> int:
        """The number of all operating system threads."""
        return self.schedulers + self.async_threads + self.own_threads + self.other_threads

    @property
    def has_rwlocks(self) -> bool:
        """Whether the drivers have read-write locks."""
        return self.rwlock_kind > 0

    @property
    def port_count(self) -> int:
        """The number of ports that can be opened in all."""
        return len(self.ports)

    def driver_of(self, port: Expr) -> Expr:
        """The number of the port's driver, from 0; ports count from 1."""
        drivers = [p.driver for p in self.ports] or [0]
        return pick(port, [drivers[0], *drivers])

    def worker_number(self, worker: int) -> int:
        """The thread number of an async thread (from 0)."""
        return self.schedulers + worker + 1


def inside(frames: tuple[Frame, ...], function: str, role: str = "") -> tuple[Frame, ...]:
    """The chain of activations with one more."""
    return (*frames, Frame(function, role))


DATA = "data "
"""Before the type of a value that is data: it is unset with another number (`dmc.ir.sort.unset_of`)."""


def gives(value: Expr, kind: str = "int") -> Stmt:
    """What a call or a read comes to, for the reader of a trace; `kind` is its type in C."""
    return Emit(f"gives {kind}", (("result", value),))


def sets(name: str, value: Expr, kind: str) -> Stmt:
    """The value that a local variable gets, for the reader of a trace; `kind` is its type in C."""
    return Emit(f"sets {kind}", ((name, value),))


def at(frames: tuple[Frame, ...]) -> Site:
    """A place inside of the runtime itself."""
    return Site(frames)
