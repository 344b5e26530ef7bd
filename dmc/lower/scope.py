"""What a piece of a function can see: its variables' places, its activation, where it goes from here.

Registers are handed out like a stack, by sort: a register is free again when the scope that took it
is left, and is then set back to 0, because a local ceases to exist at the end of its block.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from dmc.base.source import Span
from dmc.driver_api.api_function import Context
from dmc.ir.expr import Const, Expr, Place, Register, Var
from dmc.ir.program import Local, Node, Site
from dmc.ir.sort import Sort
from dmc.ir.statement import Assign
from dmc.ir.system import Frame, RegisterDecl
from dmc.ir.system import Variable as Cell
from dmc.model.model import Function, Variable


class Storage(Protocol):
    """Where the locals of a program are kept."""

    def place(self, sort: Sort, number: int) -> Place:
        """The place of the number-th local (from 0) of the sort."""


class Registers:
    """Locals in the registers of a thread type, declared as they are asked for."""

    def __init__(self, fixed: tuple[RegisterDecl, ...] = ()) -> None:
        self._declared: dict[str, RegisterDecl] = {r.name: r for r in fixed}
        self._names: dict[Sort, str] = {}

    def place(self, sort: Sort, number: int) -> Place:
        """A register of that sort."""
        prefix = self._names.setdefault(sort, _sort_name(sort, len(self._names)))
        name = f"{prefix}{number}"
        self._declared.setdefault(name, RegisterDecl(name, sort))
        return Register(name)

    def declarations(self) -> tuple[RegisterDecl, ...]:
        """All registers in use."""
        return tuple(self._declared.values())


class Cells:
    """Locals in variables of their own, named after a process: it has no thread to itself."""

    def __init__(self, owner: str) -> None:
        self._owner = owner
        self._declared: dict[str, Cell] = {}
        self._names: dict[Sort, str] = {}

    def place(self, sort: Sort, number: int) -> Place:
        """A variable of that sort."""
        prefix = self._names.setdefault(sort, _sort_name(sort, len(self._names)))
        return self.named(f"{prefix}{number}", sort)

    def named(self, name: str, sort: Sort, initial: int = 0) -> Place:
        """A variable with a name of its own."""
        full = f"{self._owner}.{name}"
        self._declared.setdefault(full, Cell(full, sort, 1, initial))
        return Var(full)

    def declarations(self) -> tuple[Cell, ...]:
        """All variables in use."""
        return tuple(self._declared.values())


def _sort_name(sort: Sort, count: int) -> str:
    return f"{type(sort).__name__.lower()}{count}_"


@dataclass(frozen=True)
class Scope:
    """See the module. `values` are names that stand for a value and have no place.

    `leave_function` builds what a `return` from `function` does with its value.
    """

    storage: Storage
    frames: tuple[Frame, ...] = ()
    places: Mapping[Variable, Place] = field(default_factory=dict)
    values: Mapping[Variable, Expr] = field(default_factory=dict)
    used: Mapping[Sort, int] = field(default_factory=dict)
    driver: int = 0
    port: Expr | None = None
    context: Context | None = None
    depth: int = 0
    leave_function: Callable[[Expr | None, Scope], Node] | None = None
    function: Function | None = None
    break_to: tuple[Node, Scope] | None = None
    continue_to: tuple[Node, Scope] | None = None

    def temp(self, sort: Sort) -> tuple[Place, Scope]:
        """A fresh place, and the scope in which it is taken."""
        number = self.used.get(sort, 0)
        return self.storage.place(sort, number), replace(self, used={**self.used, sort: number + 1})

    def bind(self, variable: Variable, place: Place) -> Scope:
        """The variable lives there."""
        return replace(self, places={**self.places, variable: place})

    def site(self, span: Span, words: str = "") -> Site:
        """A place in the source, inside of the activation; `words` are what is written there."""
        return Site(self.frames, span, words)


def leave(inner: Scope, outer: Scope, following: Node) -> Node:
    """The locals that the inner scope has beyond the outer one cease to exist."""
    gone: list[Assign] = []
    for sort, count in inner.used.items():
        for number in range(outer.used.get(sort, 0), count):
            gone.append(Assign(inner.storage.place(sort, number), Const(0)))
    return Local(tuple(gone), following) if gone else following
