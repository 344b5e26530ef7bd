"""What a system means: for each step a guard and a body, as Python functions over a list of cells.

The functions are written as source text (`CompiledSystem.source`) from the one table of operators in
`dmc.ir.translate` and compiled once for each system. They are the definition; other engines are
tested against them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
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
    """A step to be called. `guard` is None where it always holds.

    `collects` says that the body can change which objects are reachable, `may_find_full` which pools the
    step asks whether they are full, `chooses` that it takes values of `Choose` statements.
    """

    alternative: int
    step: Step
    guard: Expression | None
    body: Body
    collects: bool
    may_find_full: frozenset[str]
    accesses: tuple[CompiledAccess, ...]
    holder: Expression | None
    chooses: bool = False


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
    source: str


@recent
def compile_system(system: System, checked: bool = False, events: bool = False) -> CompiledSystem:
    """Compile; `checked` asserts every promise about values, `events` keeps what is emitted."""
    layout = lay_out(system)
    writer = _Writer(layout, checked, events)
    for type_index, thread_type in enumerate(system.threads):
        for number, step in enumerate(thread_type.steps):
            writer.step(type_index, number, step)
    writer.expression("ends", -1, system.ends)
    for number, claim in enumerate(system.properties):
        if claim.condition is not None:
            writer.expression(f"condition_{number}", -1, claim.condition)
        for k, one in enumerate(claim.obligations):
            writer.expression(f"when_{number}_{k}", -1, one.when)
            writer.expression(f"target_{number}_{k}", -1, one.target)
    names = writer.executed()
    return CompiledSystem(
        system=system,
        layout=layout,
        steps=_steps_by_point(layout, names),
        ends=names["ends"],
        conditions={
            claim.id: names[f"condition_{n}"]
            for n, claim in enumerate(system.properties)
            if claim.condition is not None
        },
        obligations={
            claim.id: tuple(
                (names[f"when_{n}_{k}"], names[f"target_{n}_{k}"]) for k in range(len(claim.obligations))
            )
            for n, claim in enumerate(system.properties)
            if claim.kind is PropertyKind.CAN_REACH
        },
        source=writer.source(),
    )


def compile_expression(layout: Layout, expr: Expr, type_index: int = -1) -> Expression:
    """One expression to be called; `type_index` is the type of the thread that it speaks for."""
    writer = _Writer(layout, checked=False, events=False)
    writer.expression("expression", type_index, expr)
    result: Expression = writer.executed()["expression"]
    return result


def _steps_by_point(layout: Layout, names: dict[str, Any]) -> tuple[tuple[CompiledStep, ...], ...]:
    found: list[list[CompiledStep]] = [[] for _ in layout.points]
    for type_index, thread_type in enumerate(layout.system.threads):
        for number, step in enumerate(thread_type.steps):
            point = layout.point_numbers[type_index, step.source]
            found[point].append(_compiled_step(layout, type_index, number, step, names))
    return tuple(map(tuple, found))


def _compiled_step(
    layout: Layout, type_index: int, number: int, step: Step, names: dict[str, Any]
) -> CompiledStep:
    name = f"{type_index}_{number}"
    return CompiledStep(
        alternative=number,
        step=step,
        guard=None if step.guard == TRUE else names[f"guard_{name}"],
        body=names[f"body_{name}"],
        collects=bool(layout.pools) and changes_references(layout, type_index, step.body),
        may_find_full=frozenset(n.pool for n in nodes((step.guard, step.body)) if isinstance(n, Full)),
        accesses=tuple(_accesses(layout, type_index, step, name, names)),
        holder=None if step.holder is None else names[f"holder_{name}"],
        chooses=any(isinstance(n, Choose) for n in nodes(step.body)),
    )


def _accesses(
    layout: Layout, type_index: int, step: Step, name: str, names: dict[str, Any]
) -> Iterable[CompiledAccess]:
    texts = Translator(layout, type_index, checked=False, exact=False)
    for k, access in enumerate(step.accesses):
        protections = tuple(
            (title, names[f"protection_{name}_{k}_{i}"]) for i, (title, _) in enumerate(access.protections)
        )
        yield CompiledAccess(access, names[f"object_{name}_{k}"], _pool_of(texts, access.object), protections)


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


class _Writer:
    """Gathers the source text of the functions of one system."""

    def __init__(self, layout: Layout, checked: bool, events: bool):
        self.layout = layout
        self.checked = checked
        self.events = events
        self.outcomes: list[Outcome] = []
        self.lines: list[str] = []

    def step(self, type_index: int, number: int, step: Step) -> None:
        name = f"{type_index}_{number}"
        self.expression(f"guard_{name}", type_index, step.guard)
        if step.holder is not None:
            self.expression(f"holder_{name}", type_index, step.holder)
        for k, access in enumerate(step.accesses):
            self.expression(f"object_{name}_{k}", type_index, access.object)
            for i, (_, condition) in enumerate(access.protections):
                self.expression(f"protection_{name}_{k}_{i}", type_index, condition)
        texts = Translator(self.layout, type_index, self.checked, exact=True, events=self.events)
        self.lines.append(f"def body_{name}(s, b, me, nth, rec):  # {step.label}".replace("\n", " "))
        self.lines.extend(BodyWriter(texts, self.outcomes).block(step.body, "    "))

    def expression(self, name: str, type_index: int, expr: Expr) -> None:
        texts = Translator(self.layout, type_index, self.checked, exact=False)
        self.lines += [f"def {name}(s, b, me, nth):", f"    return {texts.value(expr, {})}"]

    def source(self) -> str:
        return "\n".join(self.lines) + "\n"

    def executed(self) -> dict[str, Any]:
        names: dict[str, Any] = {
            "outcomes": self.outcomes,
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
        exec(compile(self.source(), "<transition system>", "exec"), names)
        return names


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
