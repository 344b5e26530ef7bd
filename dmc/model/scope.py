"""Names and what they stand for, scope within scope."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from dmc.base.source import Span
from dmc.base.types import EnumType, Type
from dmc.model import model
from dmc.syntax import ast


@dataclass(eq=False)
class Constant:
    """A `const`: folded at its first use, as constants may refer to later ones."""

    declaration: ast.Const
    scope: Scope
    value: model.Literal | None = None
    folding: bool = False

    @property
    def span(self) -> Span:
        """Where it is declared."""
        return self.declaration.name.span


@dataclass(frozen=True)
class NamedType:
    """A struct or an enum, whose name is the type."""

    type: Type
    span: Span


@dataclass(frozen=True)
class Enumerators:
    """The members of that name: two axes may both have a value `none`, told apart by what they meet."""

    members: tuple[tuple[EnumType, int], ...]
    span: Span


Symbol = (
    model.Variable
    | model.Function
    | model.Driver
    | model.Axis
    | model.Process
    | Constant
    | NamedType
    | Enumerators
)


@dataclass
class Captures:
    """What a spawned process uses of its parent: pairs of its own copy and the parent's variable."""

    pairs: list[tuple[model.Variable, model.Variable]] = field(default_factory=list)

    def copy_of(self, original: model.Variable) -> model.Variable:
        """The spawned process' own variable for one of its parent."""
        for copy, known in self.pairs:
            if known is original:
                return copy
        copy = model.Variable(original.name, original.type, original.storage, original.span)
        self.pairs.append((copy, original))
        return copy


class Scope:
    """The names declared at one level; what is not found is looked up in the parent."""

    def __init__(self, parent: Scope | None = None, captures: Captures | None = None) -> None:
        self._parent = parent
        self._captures = captures
        self._symbols: dict[str, Symbol] = {}

    def declare(self, name: str, symbol: Symbol) -> Symbol | None:
        """Enter a name; gives the symbol that already has it, and then keeps that."""
        known = self._symbols.get(name)
        if isinstance(known, Enumerators) and isinstance(symbol, Enumerators):
            if {kind for kind, _ in known.members} & {kind for kind, _ in symbol.members}:
                return known
            self._symbols[name] = Enumerators(known.members + symbol.members, known.span)
            return None
        if known is not None:
            return known
        self._symbols[name] = symbol
        return None

    def find(self, name: str) -> Symbol | None:
        """What the name stands for here."""
        if name in self._symbols:
            return self._symbols[name]
        found = self._parent.find(name) if self._parent is not None else None
        if self._captures is not None and _is_captured(found):
            assert isinstance(found, model.Variable)
            return self._captures.copy_of(found)
        return found

    def find_type(self, name: str) -> NamedType | None:
        """The nearest type of that name, whatever else has the name nearer by."""
        symbol = self._symbols.get(name)
        if isinstance(symbol, NamedType):
            return symbol
        return self._parent.find_type(name) if self._parent is not None else None

    def own(self) -> Iterator[tuple[str, Symbol]]:
        """The names of this level."""
        return iter(self._symbols.items())

    def all(self) -> Iterator[tuple[str, Symbol]]:
        """All names that can be seen from here, nearest first."""
        yield from self.own()
        if self._parent is not None:
            yield from self._parent.all()


def _is_captured(symbol: Symbol | None) -> bool:
    return isinstance(symbol, model.Variable) and symbol.storage is model.Storage.PROCESS
