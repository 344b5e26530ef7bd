"""What a system means: for each step a guard and a body, as Python functions over a list of cells.

The functions are written as source text from the one table of operators in `dmc.ir.translate` and compiled
once for each system, a body when it is first run. They are the definition; other engines are tested against
them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from dmc.base.exceptions import InternalError
from dmc.ir.expr import TRUE, Expr, Full, Ite, Place, Read
from dmc.ir.layout import Layout, lay_out
from dmc.ir.recent import recent
from dmc.ir.sort import DEAD, FREE, UNSET, Ref
from dmc.ir.statement import Assign, Choose, Cut, Drop, Fault, If, Kill, New, Push, Remove, Stmt
from dmc.ir.system import Access, PropertyKind, Step, System
from dmc.ir.translate import BodyWriter, Translator
from dmc.ir.walk import nodes

Outcome = Fault | Cut | Drop


class Unchosen(Exception):
    """A body asks for a value, and there is nobody to choose it."""


def _unchosen(low: int, high: int) -> int:
    raise Unchosen(f"a value of {low}..{high}")


@dataclass
class Record:
    """What bodies report beside the new state; `choose` gives the values that they choose."""

    violations: list[tuple[str, tuple[tuple[str, int], ...]]] = field(default_factory=list)
    collected: list[tuple[str, int, int]] = field(default_factory=list)
    events: list[tuple[str, tuple[tuple[str, int], ...]]] = field(default_factory=list)
    covered: set[str] = field(default_factory=set)
    choose: Callable[[int, int], int] = _unchosen


State = Sequence[int]
Expression = Callable[[State, int, int, int], int]
"""Of a state, the thread's first cell, its number, its number among its type (0, 0, 0 for no thread)."""

Body = Callable[[list[int], int, int, int, Record], Outcome | None]


@dataclass(frozen=True)
class CompiledAccess:
    """An access with its expressions to be called; `pool` is that of its object, if it is one."""

    access: Access
    object: Expression
    pool: str | None
    protections: tuple[tuple[str, Expression], ...]


@dataclass(frozen=True)
class CompiledStep:
    """A step to be called. `guard` is None where it always holds."""

    alternative: int
    step: Step
    guard: Expression | None
    accesses: tuple[CompiledAccess, ...]
    holder: Expression | None
    type_index: int
    functions: Functions = field(compare=False, repr=False)

    @cached_property
    def body(self) -> Body:
        """What the step does. Most steps of a small system are never taken: it is compiled when asked for."""
        return self.functions.body(self.type_index, self.step)

    @cached_property
    def collects(self) -> bool:
        """Whether the body can change which objects are reachable."""
        layout = self.functions.layout
        return bool(layout.pools) and changes_references(layout, self.type_index, self.step.body)

    @cached_property
    def may_find_full(self) -> frozenset[str]:
        """The pools that the step asks whether they are full."""
        return frozenset(n.pool for n in nodes((self.step.guard, self.step.body)) if isinstance(n, Full))

    @cached_property
    def chooses(self) -> bool:
        """Whether the step takes values of `Choose` statements."""
        return any(isinstance(n, Choose) for n in nodes(self.step.body))


@dataclass(frozen=True)
class CompiledSystem:
    """A system to be called: `steps[n]` are the steps from the point number n of the layout."""

    system: System
    layout: Layout
    steps: tuple[tuple[CompiledStep, ...], ...]
    ends: Expression
    conditions: dict[str, Expression]
    obligations: dict[str, tuple[tuple[Expression, Expression], ...]]
    """Of a CAN_REACH property: the two conditions of each of its obligations."""


@recent
def compile_system(system: System, checked: bool = False, events: bool = False) -> CompiledSystem:
    """Compile; `checked` asserts every promise about values, `events` keeps what is emitted."""
    layout = lay_out(system)
    functions = Functions(layout, checked, events)
    return CompiledSystem(
        system=system,
        layout=layout,
        steps=_steps_by_point(layout, functions),
        ends=functions.expression(-1, system.ends),
        conditions={
            claim.id: functions.expression(-1, claim.condition)
            for claim in system.properties
            if claim.condition is not None
        },
        obligations={
            claim.id: tuple(
                (functions.expression(-1, one.when), functions.expression(-1, one.target))
                for one in claim.obligations
            )
            for claim in system.properties
            if claim.kind is PropertyKind.CAN_REACH
        },
    )


def compile_expression(layout: Layout, expr: Expr, type_index: int = -1) -> Expression:
    """One expression to be called; `type_index` is the type of the thread that it speaks for."""
    return Functions(layout, checked=False, events=False).expression(type_index, expr)


def _steps_by_point(layout: Layout, functions: Functions) -> tuple[tuple[CompiledStep, ...], ...]:
    found: list[list[CompiledStep]] = [[] for _ in layout.points]
    for type_index, thread_type in enumerate(layout.system.threads):
        for number, step in enumerate(thread_type.steps):
            point = layout.point_numbers[type_index, step.source]
            found[point].append(_compiled_step(type_index, number, step, functions))
    return tuple(map(tuple, found))


def _compiled_step(type_index: int, number: int, step: Step, functions: Functions) -> CompiledStep:
    return CompiledStep(
        alternative=number,
        step=step,
        guard=None if step.guard == TRUE else functions.expression(type_index, step.guard),
        accesses=tuple(_accesses(type_index, step, functions)),
        holder=None if step.holder is None else functions.expression(type_index, step.holder),
        type_index=type_index,
        functions=functions,
    )


def _accesses(type_index: int, step: Step, functions: Functions) -> Iterable[CompiledAccess]:
    texts = Translator(functions.layout, type_index, checked=False, exact=False)
    for access in step.accesses:
        protections = tuple(
            (title, functions.expression(type_index, condition)) for title, condition in access.protections
        )
        object_ = functions.expression(type_index, access.object)
        yield CompiledAccess(access, object_, _pool_of(texts, access.object), protections)


def _pool_of(texts: Translator, expr: Expr) -> str | None:
    """The pool that an expression refers to, if its value is a reference."""
    match expr:
        case Read(place):
            sort = texts.sort_of(place)
            return sort.pool if isinstance(sort, Ref) else None
        case Ite(_, then, otherwise):
            return _pool_of(texts, then) or _pool_of(texts, otherwise)
        case _:
            return None


def changes_references(layout: Layout, type_index: int, body: Sequence[Stmt]) -> bool:
    """Whether the body may change a cell with a reference, or an object's existence."""
    texts = Translator(layout, type_index, checked=False, exact=True)

    def is_reference(place: Place) -> bool:
        return isinstance(texts.sort_of(place), Ref)

    for statement in body:
        match statement:
            case New() | Kill():
                return True
            case Assign(place, _):
                if is_reference(place):
                    return True
            case Push(lists, _) | Remove(lists, _):
                if isinstance(layout.lists[lists.name].variable.sort, Ref):
                    return True
            case If(_, then, otherwise):
                if changes_references(layout, type_index, (*then, *otherwise)):
                    return True
            case _:
                pass
    return False


class Functions:
    """Writes and compiles the functions of one system; expressions with equal texts are one function.

    `checked` asserts every promise about values, `events` keeps what is emitted.
    """

    def __init__(self, layout: Layout, checked: bool, events: bool):
        self.layout = layout
        self._checked = checked
        self._events = events
        self._outcomes: list[Outcome] = []
        self._expressions: dict[str, Expression] = {}
        self._names: dict[str, Any] = {
            "outcomes": self._outcomes,
            "quotient": quotient,
            "remainder": remainder,
            "shift_left": shift_left,
            "shift_right": shift_right,
            "free_slot": free_slot,
            "within": within,
            "live": live,
            "fits": fits,
            "killable": killable,
        }

    def expression(self, type_index: int, expr: Expr) -> Expression:
        """The function that gives an expression's value for a thread of that type."""
        text = Translator(self.layout, type_index, self._checked, exact=False).value(expr, {})
        known = self._expressions.get(text)
        if known is None:
            known = self._expressions[text] = eval(f"lambda s, b, me, nth: {text}", self._names)
        return known

    def body(self, type_index: int, step: Step) -> Body:
        """The function that takes a step: it changes the cells and returns what ends the run, if anything."""
        texts = Translator(self.layout, type_index, self._checked, exact=True, events=self._events)
        lines = BodyWriter(texts, self._outcomes).block(step.body, "    ")
        text = "\n".join(("def body(s, b, me, nth, rec):", *lines))
        found: dict[str, Any] = {}
        exec(compile(text, "<body of a step>", "exec"), self._names, found)
        result: Body = found["body"]
        return result


def quotient(a: int, b: int) -> int:
    """Division that truncates, as in C; by zero it is 0."""
    if b == 0:
        return 0
    return a // b if (a < 0) == (b < 0) else -(-a // b)


def remainder(a: int, b: int) -> int:
    """What `quotient` leaves; by zero it is 0."""
    return 0 if b == 0 else a - b * quotient(a, b)


def shift_left(a: int, b: int) -> int:
    """`a * 2**b`; 0 outside of the shifts that C defines for 64 bits."""
    return a << b if 0 <= b < 64 else 0


def shift_right(a: int, b: int) -> int:
    """`a / 2**b`, rounded down; 0 outside of the shifts that C defines for 64 bits."""
    return a >> b if 0 <= b < 64 else 0


def free_slot(s: State, base: int, stride: int, size: int) -> int:
    """The lowest free slot of a pool."""
    for slot in range(1, size + 1):
        if s[base + stride * slot] == FREE:
            return slot
    raise InternalError("evaluate", "a full pool was asked for an object")


def within(position: int, length: int, name: str) -> int:
    """The position, which must be below the length."""
    if not 0 <= position < length:
        raise InternalError("evaluate", f"position {position} of {length} in {name}")
    return position


def live(s: State, base: int, stride: int, kind: int, reference: int, pool: str) -> int:
    """The reference, which must be to a live object of the kind."""
    if reference <= 0 or s[base + stride * reference] != kind:
        raise InternalError(
            "evaluate", f"reference {reference} is to no live object of kind {kind} of {pool}"
        )
    return reference


def killable(kind: int, pool: str) -> None:
    """The slot must hold a live object."""
    if kind <= DEAD:
        raise InternalError("evaluate", f"an object of {pool} is killed that does not live")


def fits(value: int, low: int, high: int, unset: bool) -> int:
    """The value, which must be in the sort."""
    if not (low <= value <= high or (unset and value == UNSET)):
        raise InternalError("evaluate", f"value {value} is stored outside of {low}..{high}")
    return value
