"""What properties can see of a step, and where threads stand when the system is at an end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from dmc.ir.evaluate import changes_references
from dmc.ir.expr import (
    FALSE,
    AtPoint,
    Binary,
    Bound,
    Const,
    Expr,
    Field,
    Full,
    Item,
    KindOf,
    Length,
    Place,
    Quantified,
    Read,
    Register,
    Unary,
    Var,
)
from dmc.ir.layout import Layout, lay_out
from dmc.ir.statement import Assign, Kill, New, Push, Remove
from dmc.ir.system import PropertyKind, Step, System
from dmc.ir.walk import nodes, targets

Seen = tuple[str, ...]
"""A class of cells: ("var", name), ("list", name), ("field", pool, kind, field), ("pool", name)."""

MAX_UNFOLDED = 64
"""A quantifier over at most so many threads is unfolded to see where they stand."""


def observed(system: System) -> Callable[[int, Step], bool]:
    """A test of whether a step (of a thread type) may change what INVARIANT and REACHABLE conditions read."""
    watched = [
        claim.condition
        for claim in system.properties
        if claim.condition is not None and claim.kind in (PropertyKind.INVARIANT, PropertyKind.REACHABLE)
    ]
    return changes_of(system, watched)


def changes_of(system: System, watched: Sequence[Expr]) -> Callable[[int, Step], bool]:
    """A test of whether a step (of a thread type) may change what the conditions read."""
    if not watched:
        return lambda _type_index, _step: False
    read = frozenset(seen for condition in watched for seen in _read(condition))
    points = [n.points for condition in watched for n in nodes(condition) if isinstance(n, AtPoint)]
    layout = lay_out(system)

    def changes(type_index: int, step: Step) -> bool:
        reached = targets(step.source, step.body)
        if any((step.source in names) != (target in names) for names in points for target in reached):
            return True
        if not read:
            return False
        return not read.isdisjoint(_written(step)) or (
            any(seen[0] == "pool" for seen in read) and changes_references(layout, type_index, step.body)
        )

    return changes


def _read(condition: Expr) -> Iterable[Seen]:
    for node in nodes(condition):
        match node:
            case Read(place):
                yield _class(place)
                if isinstance(place, Field):
                    yield ("pool", place.pool)
            case KindOf(pool, _) | Full(pool):
                yield ("pool", pool)
            case Length(lists):
                yield ("list", lists.name)
            case _:
                pass


def _written(step: Step) -> Iterable[Seen]:
    for node in nodes(step.body):
        match node:
            case Assign(place, _):
                yield _class(place)
            case New(place, pool, _, _):
                yield _class(place)
                yield ("pool", pool)
            case Kill(pool, _):
                yield ("pool", pool)
            case Push(lists, _) | Remove(lists, _):
                yield ("list", lists.name)
            case _:
                pass


def _class(place: Place) -> Seen:
    match place:
        case Var(name, _):
            return ("var", name)
        case Register(name):
            return ("register", name)
        case Field(pool, kind, field, _):
            return ("field", pool, kind, field)
        case Item(lists, _):
            return ("list", lists.name)


def at_ends(layout: Layout) -> dict[int, frozenset[str]]:
    """For each thread (by number) of which `ends` says where it then stands, those points."""
    everyone = {thread.number: frozenset[str]() for thread in layout.threads}
    return _standing(layout.system.ends, {}, everyone)


Standing = dict[int, frozenset[str]]


def _standing(condition: Expr, bound: dict[str, int], nowhere: Standing) -> Standing:
    """Where threads stand if the condition holds; `nowhere` is the answer if it cannot hold."""
    match condition:
        case Const(0):
            return nowhere
        case Unary("not", Unary("not", inner)):
            return _standing(inner, bound, nowhere)
        case AtPoint(thread, points):
            number = _number(thread, bound)
            return {} if number is None else {number: frozenset(points)}
        case Binary("and", left, right):
            return _both(_standing(left, bound, nowhere), _standing(right, bound, nowhere))
        case Binary("or", left, right):
            return _either(_standing(left, bound, nowhere), _standing(right, bound, nowhere))
        case Quantified("forall", name, low, high, body):
            first, last = _number(low, bound), _number(high, bound)
            result: Standing = {}
            if first is not None and last is not None and last - first < MAX_UNFOLDED:
                for value in range(first, last + 1):
                    result = _both(result, _standing(body, {**bound, name: value}, nowhere))
            return result
        case _:
            return {} if condition != FALSE else nowhere


def _number(expr: Expr, bound: dict[str, int]) -> int | None:
    match expr:
        case Const(value):
            return value
        case Bound(name):
            return bound.get(name)
        case Binary("+", left, right):
            a, b = _number(left, bound), _number(right, bound)
            return a + b if a is not None and b is not None else None
        case _:
            return None


def _both(a: Standing, b: Standing) -> Standing:
    return {t: a[t] & b[t] if t in a and t in b else a.get(t, b.get(t, frozenset())) for t in {*a, *b}}


def _either(a: Standing, b: Standing) -> Standing:
    return {t: a[t] | b[t] for t in a if t in b}
