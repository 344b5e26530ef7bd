"""A transition system: cells, pools, threads with control points, guarded steps, properties.

A state is the value of every variable, list and pool and, for each thread, its point and registers.
A step of a thread that stands at the step's source fires when its guard holds; its body is executed
as one. Several enabled steps of one thread are a choice. After the body, every pool is collected:
an object that no cell outside of the pool leads to, through the fields of live objects, leaves the
state; if it was live and its kind is `owned`, the step has *lost* it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum as PyEnum

from dmc.base.source import NOWHERE, Span
from dmc.ir.expr import TRUE, Expr
from dmc.ir.sort import Sort
from dmc.ir.statement import Stmt

IR_VERSION = 2


@dataclass(frozen=True)
class Variable:
    """`length` cells of one sort, all `initial` at the start."""

    name: str
    sort: Sort
    length: int = 1
    initial: int = 0


@dataclass(frozen=True)
class ListVariable:
    """`length` lists of at most `capacity` items each, empty at the start."""

    name: str
    sort: Sort
    capacity: int
    length: int = 1


@dataclass(frozen=True)
class FieldDecl:
    """A field of the objects of a kind, with the value it has in a new object."""

    name: str
    sort: Sort
    default: int = 0


@dataclass(frozen=True)
class Kind:
    """A kind of objects. One that is `owned` must be killed before the last reference to it goes."""

    name: str
    fields: tuple[FieldDecl, ...]
    owned: bool = True


@dataclass(frozen=True)
class Pool:
    """`size` slots for objects of several kinds."""

    name: str
    size: int
    kinds: tuple[Kind, ...]


@dataclass(frozen=True)
class RegisterDecl:
    """A register of every thread of a type; it is 0 (or `initial`) when not in use."""

    name: str
    sort: Sort
    initial: int = 0


@dataclass(frozen=True)
class Frame:
    """An activation that a control point is inside of: a function, in a role, called at a place."""

    function: str
    role: str = ""
    place: Span = NOWHERE


@dataclass(frozen=True)
class Point:
    """A control point. `frames` is the chain of activations, outermost first.

    A thread may stay at a point with `rest` for ever.
    """

    name: str
    frames: tuple[Frame, ...] = ()
    place: Span = NOWHERE
    rest: bool = False


@dataclass(frozen=True)
class Access:
    """What a step reads or writes of the data that threads share, for races and for fusion.

    `location` names the field or variable, `object` evaluates to the object or the index.
    `frees` marks the end of the object's life: no access for races, a write for protection.
    `protections` are named conditions, one of which must hold at *every* access to the location for
    it to count as protected; two are built in (see `dmc.engines.reference.fusion`). A `lifetime`
    access (an operation on a lock, and its destruction as the write) is protected unless a
    conflicting one is possible at the same time.
    """

    location: str
    object: Expr
    write: bool
    atomic: bool = False
    frees: bool = False
    lifetime: bool = False
    protections: tuple[tuple[str, Expr], ...] = ()


class Mover(PyEnum):
    """How a step commutes with the steps of other threads, as the lowering claims it."""

    BOTH = "both"
    RIGHT = "right"
    LEFT = "left"
    NONE = "none"


@dataclass(frozen=True)
class Step:
    """A transition of one thread type, from a point.

    `label` is stable under edits elsewhere; `blocking` says that the guard may wait for another
    thread; `waits` names what it waits for, evaluated to the number of the thread that has it (0:
    none) by `holder`. `mover` is claimed under the assumption that all `accesses` are protected.
    `spurious` marks a step that the environment may take but never has to. `party` names who takes the
    step where that is not the thread itself; a CAN_REACH obligation may have to be met without it.
    """

    source: str
    label: str
    body: tuple[Stmt, ...]
    guard: Expr = TRUE
    place: Span = NOWHERE
    accesses: tuple[Access, ...] = ()
    mover: Mover = Mover.NONE
    blocking: bool = False
    spurious: bool = False
    waits: str = ""
    holder: Expr | None = None
    party: str = ""


@dataclass(frozen=True)
class ThreadType:
    """`instances` threads alike. `start` is the point at which each begins.

    `steps[i]` has the alternative number i: a trace names it.
    """

    name: str
    instances: int
    start: str
    registers: tuple[RegisterDecl, ...]
    points: tuple[Point, ...]
    steps: tuple[Step, ...]


class PropertyKind(PyEnum):
    """How a violation of the property shows."""

    FAULT = "fault"
    """A `Fault` that names it."""
    VIOLATION = "violation"
    """A `Violate` that names it."""
    INVARIANT = "invariant"
    """A state in which `condition` is false."""
    AT_END = "at_end"
    """A state in which the system's `ends` holds and `condition` is false."""
    LOST = "lost"
    """A step that loses an owned object, or an end in which `condition` (if any) is false."""
    RACE = "race"
    """Two threads can make conflicting accesses next."""
    HANG = "hang"
    """A state from which no run reaches an end, a fault or a cut."""
    REACHABLE = "reachable"
    """Violated if the search is complete and neither `condition` held nor `Cover(id)` was executed."""
    ACYCLIC = "acyclic"
    """The relation collected under `id` has a cycle."""
    CAN_REACH = "can_reach"
    """A state from which one of the `obligations` cannot be met. Tested if one of them held somewhere."""


@dataclass(frozen=True)
class Obligation:
    """Wherever `when` holds, some run reaches a state in which `target` holds.

    The run makes no step of the parties `without`, and no spurious one. A fault, a cut or a drop on the
    way ends what can be said, and counts as reaching. With parties to do without it is owed only where
    some run with their help reaches the target: elsewhere it is not for want of their help.
    """

    when: Expr
    target: Expr
    without: tuple[str, ...] = ()


@dataclass(frozen=True)
class Property:
    """What is claimed. `triggers` are the `Cover` names one of which must occur for it to be tested.

    An empty `triggers` means that there is nothing to wait for. `obligations` are those of CAN_REACH.
    `kinds` are those that a LOST claim is about, all if there are none.
    """

    id: str
    kind: PropertyKind
    condition: Expr | None = None
    triggers: tuple[str, ...] = ()
    place: Span = NOWHERE
    obligations: tuple[Obligation, ...] = ()
    kinds: tuple[str, ...] = ()

    def is_about(self, kind: str) -> bool:
        """Whether the loss of an object of the kind violates it."""
        return not self.kinds or kind in self.kinds


@dataclass(frozen=True)
class InitialChoice:
    """The variable's cell starts with any of these values."""

    variable: str
    index: int
    values: tuple[int, ...]


@dataclass(frozen=True)
class System:
    """The whole. `ends` says in which states it is legal to stand still for ever."""

    variables: tuple[Variable, ...]
    lists: tuple[ListVariable, ...]
    pools: tuple[Pool, ...]
    threads: tuple[ThreadType, ...]
    ends: Expr
    properties: tuple[Property, ...] = ()
    initial_choices: tuple[InitialChoice, ...] = ()
    version: int = field(default=IR_VERSION)
