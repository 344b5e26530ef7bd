"""What a step does: a short program, executed in order, without loops, all at once."""

from __future__ import annotations

from dataclasses import dataclass, field

from dmc.ir.expr import Expr, ListPlace, Place


@dataclass(frozen=True)
class Assign:
    """The cell gets the value."""

    place: Place
    value: Expr


@dataclass(frozen=True)
class Choose:
    """The cell, of sort `Integer`, gets any one value from `low` to `high`, both included.

    The only statement with several outcomes; a path says which value was taken (`Choice.values`).
    """

    place: Place
    low: int
    high: int


@dataclass(frozen=True)
class If:
    """One of two programs."""

    condition: Expr
    then: tuple[Stmt, ...]
    otherwise: tuple[Stmt, ...] = ()


@dataclass(frozen=True)
class Push:
    """Append to a list; the list is not full (the system checks it before)."""

    list: ListPlace
    value: Expr


@dataclass(frozen=True)
class Remove:
    """Take the item at a position out of a list; the later ones move up."""

    list: ListPlace
    position: Expr


@dataclass(frozen=True)
class New:
    """Make an object in the lowest free slot; `place` refers to it. Fields not named get their default."""

    place: Place
    pool: str
    kind: str
    values: tuple[tuple[str, Expr], ...] = ()


@dataclass(frozen=True)
class Kill:
    """The live object becomes a tombstone; its fields are gone."""

    pool: str
    reference: Expr


@dataclass(frozen=True)
class Goto:
    """The executing thread will go on at the point."""

    point: str


@dataclass(frozen=True)
class Fault:
    """Ends the run: no meaning is given to what follows. A violation of the named properties.

    `kind` is the name of the misuse.
    """

    kind: str
    properties: tuple[str, ...]


@dataclass(frozen=True)
class Cut:
    """Ends the run because the model, not what it describes, has come to an end: `name` says which."""

    name: str


@dataclass(frozen=True)
class Drop:
    """Ends the run because an assumption is false; `name` says which."""

    name: str


@dataclass(frozen=True)
class Check:
    """If the condition does not hold the run ends here with the outcome, else nothing happens.

    Statements before it have taken place.
    """

    condition: Expr
    outcome: Fault | Cut | Drop


@dataclass(frozen=True)
class Violate:
    """The property is violated by this step; the run goes on.

    `details` are values for the placeholders of the property's text.
    """

    property: str
    details: tuple[tuple[str, Expr], ...] = ()


@dataclass(frozen=True)
class Cover:
    """What is named has happened in some run: a set that only grows, over the whole search."""

    name: str


@dataclass(frozen=True)
class Collect:
    """Adds a pair to a named relation that only grows, over the whole search. Never state."""

    name: str
    source: Expr
    target: Expr


@dataclass(frozen=True)
class Emit:
    """An occurrence for the reader of a trace; engines never look into it.

    `arguments` are evaluated when the statement is reached.
    """

    event: str
    arguments: tuple[tuple[str, Expr], ...] = field(default=())


Stmt = Assign | Choose | If | Push | Remove | New | Kill | Goto | Check | Violate | Cover | Collect | Emit
