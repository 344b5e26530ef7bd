"""What the resolution of a body knows about where it stands, and what it finds out on the way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Protocol

from dmc.base.diagnostic import Diagnostic, Label, Severity
from dmc.base.source import Span
from dmc.base.types import EnumType, ErlangType, StructType, Type
from dmc.model import model
from dmc.model.scope import Scope, Symbol
from dmc.syntax import ast

UNKNOWN = ErlangType("unknown")
"""The type of what could not be resolved: it fits everything, so that one mistake is told once."""

DATA = ErlangType("data")
"""In properties: driver data or job data of any type."""

FUNCTION = ErlangType("function")
"""In properties: a function, by its name."""

REASON = ErlangType("reason")
BYTES = ErlangType("bytes")
DRIVER = ErlangType("driver")
SIZE = ErlangType("size")
"""Expected where the size of a type may stand: numbers do not know how large a type is."""

LOCKING = EnumType("locking", ("port", "driver"))


class Place(Enum):
    """What kind of code it is; decides which names, calls and statements have a meaning."""

    CODE = "a driver"
    """A function of a driver or of a file."""
    PROCESS = "a process"
    THREAD = "a thread"
    PROPERTY = "a property"
    """An invariant, a `reachable`, a `quiescent when`."""
    RULE = "a rule"
    RUN = "a condition over runs"
    """The `when` of an expectation."""
    CONSTANT = "a constant"


@dataclass
class World:
    """The whole of one resolution: its diagnostics, and facts collected for the checks at the end."""

    diagnostics: list[Diagnostic] = field(default_factory=list)
    structs: dict[StructType, model.Struct] = field(default_factory=dict)
    drivers: list[model.Driver] = field(default_factory=list)
    driver_data: dict[model.Driver, Type] = field(default_factory=dict)
    calls: dict[model.Function, dict[model.Function, Span]] = field(default_factory=dict)
    used: set[model.Function] = field(default_factory=set)
    axes_read: set[model.Axis] = field(default_factory=set)
    api_calls: list[tuple[str, Span, model.Function | None]] = field(default_factory=list)
    opened: set[model.Driver] = field(default_factory=set)
    marks: dict[str, Span] = field(default_factory=dict)
    one_steps: list[model.Block | model.Expr] = field(default_factory=list)
    """What is executed in one step: bodies of `atomic`, conditions of `await`."""
    spawned: list[model.Process] = field(default_factory=list)
    values_taken: frozenset[str] = frozenset()
    """Names of functions that stand somewhere as a value that can reach a function pointer."""

    def report(
        self,
        code: str,
        message: str,
        span: Span,
        note: str = "",
        hints: Iterable[str] = (),
        labels: Iterable[Label] = (),
        severity: Severity = Severity.ERROR,
    ) -> None:
        """Add a diagnostic, unless the same one is there."""
        found = Diagnostic(code, message, span, note, tuple(hints), tuple(labels), severity)
        if found not in self.diagnostics:
            self.diagnostics.append(found)

    def field_of(self, struct: StructType, name: str) -> model.Variable | None:
        """The field of that name."""
        return next((f for f in self.fields_of(struct) if f.name == name), None)

    def fields_of(self, struct: StructType) -> tuple[model.Variable, ...]:
        """All fields of a struct."""
        known = self.structs.get(struct)
        return known.fields if known is not None else ()

    @property
    def has_errors(self) -> bool:
        """Whether anything said so far is more than a warning."""
        return any(d.severity is Severity.ERROR for d in self.diagnostics)


class Resolver(Protocol):
    """The resolution of expressions, which the parts of it call for their operands."""

    def __call__(self, node: ast.Expr, env: Env, expected: Type | None = None) -> model.Expr:
        """The resolved expression."""


@dataclass(frozen=True)
class Env:
    """Where a statement or expression stands."""

    world: World
    scope: Scope
    place: Place
    resolver: Resolver
    function: model.Function | None = None
    process: model.Process | None = None
    in_loop: bool = False
    in_switch: bool = False
    repeated: bool = False
    """Whether the statement can happen more than once in a run of its body."""
    one_step: bool = False
    """Whether it is all part of one step: the condition of an `await`, an `atomic` block."""
    property_id: str = ""
    """In a rule: its id, from which its assertions get theirs."""

    def inner(self) -> Env:
        """The same place, one block deeper."""
        return replace(self, scope=Scope(self.scope))

    def expression(self, node: ast.Expr, expected: Type | None = None) -> model.Expr:
        """The resolved expression; of type `UNKNOWN` after a diagnostic."""
        return self.resolver(node, self, expected)

    def report(self, code: str, message: str, span: Span, note: str = "", hints: Iterable[str] = ()) -> None:
        """Add a diagnostic."""
        self.world.report(code, message, span, note, hints)

    def refuse(
        self, code: str, message: str, span: Span, note: str = "", hints: Iterable[str] = ()
    ) -> model.Expr:
        """Report, and go on with a value that fits everywhere."""
        self.report(code, message, span, note, hints)
        return model.Literal(0, UNKNOWN, span)


def declare(env: Env, name: str, symbol: Symbol, span: Span) -> None:
    """Enter a name into the innermost scope, or report that it is taken."""
    known = env.scope.declare(name, symbol)
    if known is not None:
        report_clash(env.world, name, span, known.span)


def report_clash(world: World, name: str, span: Span, other: Span) -> None:
    """Two declarations of one name, in one file or in two."""
    if span.path == other.path:
        world.report(
            "E205",
            f"`{name}` is declared twice",
            span,
            f"the first one is at {other}",
            ("give one of them another name",),
            (Label(other, "declared here first"),),
        )
        return
    world.report(
        "E209",
        f"`{name}` comes from two files",
        span,
        f"the other one is at {other}",
        ("rename one of them: an import brings all names of a file",),
        (Label(other, "and here"),),
    )
