"""Reduction `dead`: a register that will not be read before it is written is set to its initial value.

Registers are read by nothing but the steps of their own thread, so two states that differ in a dead
register alone have the same futures, step for step. Obligation: liveness counts every read that a step
makes (guard, body, accesses, protections, holder), and properties read no registers. Alternatives
keep their numbers: a path means the same before and after.

A reference in a dead register no longer keeps an object from being lost. That is meant: an object that
is only known to a variable that nobody will read is lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from dmc.ir.expr import AtPoint, Const, Field, Item, Place, Read, Register, Self, Var
from dmc.ir.recent import recent
from dmc.ir.statement import Assign, Choose, If, New, Stmt
from dmc.ir.system import Step, System, ThreadType
from dmc.ir.walk import nodes, targets

Registers = frozenset[str]


@recent
def clear_dead_locals(system: System) -> System:
    """The system with every register cleared when it dies."""
    return replace(system, threads=tuple(_clear(thread_type) for thread_type in system.threads))


def live_registers(thread_type: ThreadType) -> dict[str, Registers]:
    """For each point, the registers whose value may still be read."""
    live: dict[str, Registers] = {point.name: frozenset() for point in thread_type.points}
    uses = [_uses(step) for step in reversed(thread_type.steps)]
    changed = True
    while changed:
        changed = False
        for use in uses:
            after = frozenset[str]().union(*(live[target] for target in use.targets))
            before = live[use.source] | _through(use.body, after) | use.asked
            if before != live[use.source]:
                live[use.source] = before
                changed = True
    return live


@dataclass(frozen=True)
class _Effect:
    """What a statement reads, and the register that it then writes."""

    reads: Registers
    writes: Registers


@dataclass(frozen=True)
class _Branch:
    """A conditional statement: what its condition reads, and its two ways."""

    reads: Registers
    then: _Body
    otherwise: _Body


_Body = tuple[_Effect | _Branch, ...]


@dataclass(frozen=True)
class _Uses:
    """What a step does with registers: what its guard and accesses ask; its body, last statement first."""

    source: str
    targets: tuple[str, ...]
    asked: Registers
    body: _Body


def _uses(step: Step) -> _Uses:
    asked = _reads((step.guard, step.accesses, step.holder))
    return _Uses(step.source, targets(step.source, step.body), asked, _body(step.body))


def _body(body: Sequence[Stmt]) -> _Body:
    return tuple(map(_statement, reversed(body)))


def _statement(statement: Stmt) -> _Effect | _Branch:
    match statement:
        case Assign(place, value):
            return _Effect(_reads(value) | _address_reads(place), _writes(place))
        case Choose(place, _, _):
            return _Effect(_address_reads(place), _writes(place))
        case New(place, _, _, values):
            return _Effect(_reads(values) | _address_reads(place), _writes(place))
        case If(condition, then, otherwise):
            return _Branch(_reads(condition), _body(then), _body(otherwise))
        case _:
            return _Effect(_reads(statement), frozenset())


def _through(body: _Body, after: Registers) -> Registers:
    """The registers live before the body, given those live after it."""
    for part in body:
        match part:
            case _Effect(reads, writes):
                after = (after - writes) | reads
            case _Branch(reads, then, otherwise):
                after = _through(then, after) | _through(otherwise, after) | reads
    return after


def _reads(node: object) -> Registers:
    return frozenset(
        n.place.name for n in nodes(node) if isinstance(n, Read) and isinstance(n.place, Register)
    )


def _address_reads(place: Place) -> Registers:
    match place:
        case Register():
            return frozenset()
        case Var() | Field() | Item():
            return _reads(place)


def _writes(place: Place) -> Registers:
    return frozenset({place.name}) if isinstance(place, Register) else frozenset()


def _clear(thread_type: ThreadType) -> ThreadType:
    live = live_registers(thread_type)
    initial = {register.name: register.initial for register in thread_type.registers}
    steps = tuple(replace(step, body=_cleared(step, live, initial)) for step in thread_type.steps)
    return replace(thread_type, steps=steps)


def _cleared(step: Step, live: dict[str, Registers], initial: dict[str, int]) -> tuple[Stmt, ...]:
    """The body, and after it what clears the registers that are dead where the thread now is."""
    places = [n.place for n in nodes(step.body) if isinstance(n, Assign | Choose | New)]
    in_use = live[step.source].union(*map(_writes, places))
    after = targets(step.source, step.body)
    dead = {target: in_use - live[target] for target in after}
    everywhere = frozenset[str].intersection(*dead.values())
    body = [*step.body, *_assignments(everywhere, initial)]
    for target in after:
        if rest := _assignments(dead[target] - everywhere, initial):
            body.append(If(AtPoint(Self(), (target,)), rest))
    return tuple(body)


def _assignments(registers: Iterable[str], initial: dict[str, int]) -> tuple[Stmt, ...]:
    return tuple(Assign(Register(name), Const(initial[name])) for name in sorted(registers))
