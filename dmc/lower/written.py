"""What a step has written so far, so that what it reads then can be said of the state in which it began."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from dmc.ir.builder import eq, ite
from dmc.ir.expr import TRUE, Bound, Const, Expr, Field, Item, Length, Place, Read, Var
from dmc.ir.statement import Assign, Choose, If, New, Push, Remove, Stmt
from dmc.ir.substitute import is_length, substitute, substitute_place
from dmc.ir.walk import nodes

T = TypeVar("T")

UNKNOWN = Bound("not known")
"""A value that takes too many words to say."""
ANYWHERE = Bound("anywhere")
"""The position of an item of a list that has changed: what it now holds is not said."""
LONGEST = 24
"""How many parts an expression may have before it counts as unknown."""


@dataclass(frozen=True)
class Written(Mapping[Place, Expr]):
    """Places and their new values, latest last, all in terms of the state at the beginning."""

    writes: tuple[tuple[Place, Expr], ...] = ()

    def after(self, statements: tuple[Stmt, ...]) -> Written:
        """With what these statements write; what they may or may not is what it could be."""
        known = self
        for statement in statements:
            match statement:
                case Assign(place=place, value=value):
                    known = known._with(place, substitute(value, known))
                case Choose(place=place):
                    known = known._with(place, UNKNOWN)
                case New(place=place):
                    # Nobody else can reach what has just been made: to others it is no object.
                    known = known._with(place, Const(0))
                case Push(list=changed) | Remove(list=changed):
                    known = known._with(Item(changed, ANYWHERE), UNKNOWN)
                case If(condition=condition, then=then, otherwise=otherwise):
                    known = known._either(substitute(condition, known), then, otherwise)
                case _:
                    pass
        return known

    def _with(self, place: Place, value: Expr) -> Written:
        moved = substitute_place(place, self)
        if isinstance(moved, Item):
            moved = Item(moved.list, ANYWHERE)
        long = len(list(islice(nodes(value), LONGEST + 1))) > LONGEST
        if long or isinstance(moved, Item) or not is_known(value):
            value = UNKNOWN
        kept = tuple(one for one in self.writes if one[0] != moved)
        return Written((*kept, (moved, value)))

    def _either(self, test: Expr, then: tuple[Stmt, ...], otherwise: tuple[Stmt, ...]) -> Written:
        yes, no = self.after(then), self.after(otherwise)
        result = self
        for place in dict.fromkeys(place for place, _ in (*yes.writes, *no.writes)):
            value = ite(test, yes[place], no[place])
            if value != self[place]:
                kept = tuple(one for one in result.writes if one[0] != place)
                result = Written((*kept, (place, value)))
        return result

    def __getitem__(self, place: Place) -> Expr:
        """The value; where another name may lead to the same place, it is looked at which one it is."""
        value: Expr = Read(place)
        if isinstance(place, Item) and is_length(place):
            value = Length(place.list)
        for written, new in self.writes:
            if written == place:
                value = new
            else:
                same = _same(written, place)
                if same is not None:
                    value = ite(same, new, value) if is_known(same) and is_known(new) else UNKNOWN
        return value

    def get(self, place: Place, default: T | None = None) -> Expr | T | None:  # type: ignore[override]
        """As `[]`: every place has a value."""
        del default
        return self[place]

    def __iter__(self) -> Iterator[Place]:
        return iter(place for place, _ in self.writes)

    def __len__(self) -> int:
        return len(self.writes)


def is_known(value: Expr) -> bool:
    """Whether the value can be said."""
    return not any(part == UNKNOWN for part in nodes(value))


def _same(written: Place, read: Place) -> Expr | None:
    """Whether two different texts name one place; None if they never do."""
    match written, read:
        case Field(pool, kind, field, one), Field(p, k, f, other) if (pool, kind, field) == (p, k, f):
            return None if isinstance(one, Const) and isinstance(other, Const) else eq(one, other)
        case Var(name, one), Var(n, other) if name == n:
            return None if isinstance(one, Const) and isinstance(other, Const) else eq(one, other)
        case Item(changed, _), Item(lists, _) if changed.name == lists.name:
            # After a change nothing is said of any of these lists any more.
            return TRUE
        case _:
            return None
