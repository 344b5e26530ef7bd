"""What each integer of a system is for: only compared, or computed with.

Data cells that values are copied between belong together, and so do the choices that go into them. Such a
family is *compared only* if its cells get nothing but copies, constants and choices, and are read in nothing
but copies and comparisons of one cell with constants (with arithmetic or without: `x % 4 == 0` is one). Then
two values with the same answers to all of these comparisons cannot be told apart by any step, whatever comes
after: copies keep the answers, and nothing else is made of the values. Any other use makes the family
*accumulated*.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import assert_never

from dmc.ir.expr import (
    AtPoint,
    Binary,
    Bound,
    Const,
    Expr,
    Field,
    Full,
    Instance,
    Ite,
    Item,
    KindOf,
    Length,
    Place,
    Quantified,
    Read,
    Register,
    Self,
    Unary,
    Var,
)
from dmc.ir.layout import Layout, lay_out
from dmc.ir.sort import UNSET_INTEGER, Bool, Enum, Integer, Range, Ref
from dmc.ir.statement import (
    Assign,
    Check,
    Choose,
    Collect,
    Cover,
    Emit,
    Goto,
    If,
    Kill,
    New,
    Push,
    Remove,
    Stmt,
    Violate,
)
from dmc.ir.substitute import substitute
from dmc.ir.system import System
from dmc.ir.translate import Translator
from dmc.ir.walk import nodes

COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">="})
FEW = 64
"""A finite cell that is copied into data may have at most so many values."""

Cell = tuple[str, ...]
"""A kind of cell: a variable, a register of a thread type, a field of a kind, a list."""

SUBJECT = Var("value")
"""What the one cell of a comparison is called in `Family.tests`."""


@dataclass
class Family:
    """Cells that values are copied between.

    `tests` are the comparisons, of `SUBJECT`, and `of_properties` those that properties make of states, where
    a cell may be unset; a step has found out before that it is not. `constants` is what the cells get beside
    choices; `choices` are the ranges chosen from. `because` says why it is more than compared, or is "".
    """

    tests: dict[Expr, None] = field(default_factory=dict)
    of_properties: set[Expr] = field(default_factory=set)
    constants: set[int] = field(default_factory=set)
    choices: set[tuple[int, int]] = field(default_factory=set)
    because: str = ""


class Classification:
    """The families of a system's data."""

    def __init__(self, system: System):
        self.layout: Layout = lay_out(system)
        self._parents: dict[Cell, Cell] = {}
        self._families: dict[Cell, Family] = {}
        self._type_index = -1
        self._texts = Translator(self.layout, -1, checked=False, exact=False)
        for variable in system.variables:
            self._initial(("variable", variable.name), variable.sort, variable.initial)
        for pool in system.pools:
            for kind in pool.kinds:
                for one in kind.fields:
                    self._initial(("field", pool.name, kind.name, one.name), one.sort, one.default)
        for lists in system.lists:
            if isinstance(lists.sort, Integer):
                self._family(("list", lists.name))
        for number, thread in enumerate(system.threads):
            for register in thread.registers:
                self._initial(("register", str(number), register.name), register.sort, register.initial)
            self._speak_for(number)
            for step in thread.steps:
                self._condition(step.guard)
                self._body(step.body)
                for access in step.accesses:
                    self._plain(access.object)
                    for _, protection in access.protections:
                        self._condition(protection)
                if step.holder is not None:
                    self._plain(step.holder)
        self._speak_for(-1)
        self._condition(system.ends)
        for claim in system.properties:
            if claim.condition is not None:
                self._condition(claim.condition)
            for owed in claim.obligations:
                self._condition(owed.when)
                self._condition(owed.target)

    def families(self) -> list[Family]:
        """All of them, in the order in which the system names their cells."""
        return [family for cell, family in self._families.items() if self._root(cell) == cell]

    def of_place(self, place: Place, type_index: int) -> Family:
        """The family of a cell."""
        self._speak_for(type_index)
        return self._family(self._cell(place))

    # --- cells ----------------------------------------------------------------------------------------

    def _speak_for(self, type_index: int) -> None:
        if type_index != self._type_index:
            self._type_index = type_index
            self._texts = Translator(self.layout, type_index, checked=False, exact=False)

    def _initial(self, cell: Cell, sort: object, value: int) -> None:
        if isinstance(sort, Integer):
            family = self._family(cell)
            if value != UNSET_INTEGER:
                family.constants.add(value)

    def _is_data(self, place: Place) -> bool:
        return isinstance(self._texts.sort_of(place), Integer)

    def _cell(self, place: Place) -> Cell:
        match place:
            case Var(name, _):
                return ("variable", name)
            case Register(name):
                return ("register", str(self._type_index), name)
            case Field(pool, kind, name, _):
                return ("field", pool, kind, name)
            case Item(lists, _):
                return ("list", lists.name)
            case _:
                assert_never(place)

    def _root(self, cell: Cell) -> Cell:
        while (parent := self._parents.get(cell, cell)) != cell:
            cell = parent
        return cell

    def _family(self, cell: Cell) -> Family:
        return self._families.setdefault(self._root(cell), Family())

    def _unite(self, one: Cell, other: Cell) -> None:
        ours, theirs = self._family(one), self._family(other)
        if ours is theirs:
            return
        root, gone = self._root(one), self._root(other)
        self._parents[gone] = root
        del self._families[gone]
        ours.tests.update(theirs.tests)
        ours.of_properties |= theirs.of_properties
        ours.constants |= theirs.constants
        ours.choices |= theirs.choices
        ours.because = ours.because or theirs.because

    def _spoil(self, cell: Cell, because: str) -> None:
        family = self._family(cell)
        family.because = family.because or because

    def _spoil_all(self, expr: object, because: str) -> None:
        for place in self._data_in(expr):
            self._spoil(self._cell(place), because)

    def _data_in(self, expr: object) -> Iterator[Place]:
        return (n.place for n in nodes(expr) if isinstance(n, Read) and self._is_data(n.place))

    # --- statements -----------------------------------------------------------------------------------

    def _body(self, body: tuple[Stmt, ...]) -> None:
        for statement in body:
            self._statement(statement)

    def _statement(self, statement: Stmt) -> None:
        match statement:
            case Assign(place, value):
                self._inside(place)
                self._store(self._cell(place), self._is_data(place), value)
            case Choose(place, low, high):
                self._inside(place)
                self._family(self._cell(place)).choices.add((low, high))
            case If(condition, then, otherwise):
                self._condition(condition)
                self._body(then)
                self._body(otherwise)
            case Check(condition, _):
                self._condition(condition)
            case New(place, pool, kind, values):
                self._inside(place)
                for name, value in values:
                    target = Field(pool, kind, name, Const(0))
                    self._store(self._cell(target), self._is_data(target), value)
            case Push(lists, value):
                self._plain(lists.index)
                self._store(("list", lists.name), self._is_data(Item(lists, Const(0))), value)
            case Remove(lists, position):
                self._plain(lists.index)
                self._plain(position)
            case Kill(_, reference):
                self._plain(reference)
            case Collect(_, source, target):
                self._plain(source)
                self._plain(target)
            case Goto() | Cover() | Emit() | Violate():
                pass  # what is told of a value is not looked at
            case _:
                assert_never(statement)

    def _store(self, cell: Cell, is_data: bool, value: Expr) -> None:
        if not is_data:
            self._plain(value)
            return
        match value:
            case Const(number):
                if number != UNSET_INTEGER:
                    self._family(cell).constants.add(number)
            case Ite(condition, then, otherwise):
                self._condition(condition)
                self._store(cell, True, then)
                self._store(cell, True, otherwise)
            case Read(place):
                self._inside(place)
                if self._is_data(place):
                    self._unite(cell, self._cell(place))
                else:
                    self._copied(cell, place)
            case _:
                self._spoil(cell, "it gets what is computed")
                self._spoil_all(value, "it is computed with")

    def _copied(self, cell: Cell, place: Place) -> None:
        """A finite cell is copied into data."""
        match self._texts.sort_of(place):
            case Range(low, high) if high - low < FEW:
                self._family(cell).constants.update(range(low, high + 1))
            case Enum(_, members):
                self._family(cell).constants.update(range(len(members)))
            case Bool():
                self._family(cell).constants.update((0, 1))
            case Range() | Integer() | Ref():
                self._spoil(cell, "it gets what is computed")

    # --- expressions ------------------------------------------------------------------------------------

    def _inside(self, place: Place) -> None:
        """What says which cell it is."""
        match place:
            case Var(_, index):
                self._plain(index)
            case Field(_, _, _, reference):
                self._plain(reference)
            case Item(lists, position):
                self._plain(lists.index)
                self._plain(position)
            case Register():
                pass

    def _plain(self, expr: Expr) -> None:
        """A value that is no data: data may be compared in it."""
        match expr:
            case Ite(condition, then, otherwise):
                self._condition(condition)
                self._plain(then)
                self._plain(otherwise)
            case Binary("and" | "or", _, _) | Unary("not", _):
                self._condition(expr)
            case Quantified(_, _, low, high, body):
                self._plain(low)
                self._plain(high)
                self._condition(body)
            case Binary(operator, _, _) if operator in COMPARISONS and any(self._data_in(expr)):
                self._test(expr)
            case Binary(_, left, right):
                self._plain(left)
                self._plain(right)
            case Unary(_, operand):
                self._plain(operand)
            case Read(place):
                self._inside(place)
                if self._is_data(place):
                    self._spoil(self._cell(place), "it is used as a number")
            case KindOf(_, reference):
                self._plain(reference)
            case Length(lists):
                self._plain(lists.index)
            case AtPoint(thread, _):
                self._plain(thread)
            case Const() | Self() | Instance() | Bound() | Full():
                pass
            case _:
                assert_never(expr)

    def _condition(self, expr: Expr) -> None:
        match expr:
            case Unary("not", operand):
                self._condition(operand)
            case Binary("and" | "or", left, right):
                self._condition(left)
                self._condition(right)
            case Ite(condition, then, otherwise):
                self._condition(condition)
                self._condition(then)
                self._condition(otherwise)
            case Read(place) if self._is_data(place):
                self._test(Binary("!=", expr, Const(0)))
            case Binary(operator, _, _) if operator in COMPARISONS and any(self._data_in(expr)):
                self._test(expr)
            case _:
                self._plain(expr)

    def _test(self, expr: Expr) -> None:
        """A comparison: of one cell with constants, or one that spoils all that are in it."""
        leaves = list(_outside(expr))
        places = {leaf.place for leaf in leaves if isinstance(leaf, Read) and self._is_data(leaf.place)}
        if len(places) != 1 or any(not isinstance(n, Const | Read) or _is_other(n, places) for n in leaves):
            self._spoil_all(expr, "it is compared with what is no constant")
            return
        (place,) = places
        self._inside(place)
        test = substitute(expr, {place: Read(SUBJECT)})
        family = self._family(self._cell(place))
        family.tests[test] = None
        if self._type_index < 0:
            family.of_properties.add(test)


def _is_other(leaf: Expr, places: set[Place]) -> bool:
    return isinstance(leaf, Read) and leaf.place not in places


def _outside(expr: Expr) -> Iterator[Expr]:
    """The leaves of a comparison; what is inside of a place is none."""
    match expr:
        case Binary(_, left, right):
            yield from _outside(left)
            yield from _outside(right)
        case Unary(_, operand):
            yield from _outside(operand)
        case Ite(condition, then, otherwise):
            for part in (condition, then, otherwise):
                yield from _outside(part)
        case _:
            yield expr
