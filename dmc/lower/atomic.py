"""`atomic { }`: its body, lowered as any other code, as the statements of one step.

An `await` or a lock as its first statement is the guard of the step, and so is an `either` whose blocks
begin with one: each of its ways is a step of its own. What would have to wait later is a finding (HNG002),
since nobody else moves before the step is done. Each choice is one of several steps, loops are unrolled.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dmc.base.source import Span
from dmc.ir.builder import conj, disj, ite, neg
from dmc.ir.expr import FALSE, TRUE, Const, Expr, Register
from dmc.ir.program import Label, Node, Op
from dmc.ir.statement import Check, Emit, Stmt
from dmc.ir.substitute import substitute
from dmc.ir.system import Access
from dmc.lower.expressions import condition
from dmc.lower.scope import Scope
from dmc.lower.structuring import statements_of
from dmc.lower.unrolling import Do, Done, Piece, Test, Unroller
from dmc.lower.words import words
from dmc.lower.written import UNKNOWN, Written, is_known
from dmc.model import model

if TYPE_CHECKING:
    from dmc.lower.program import ProgramCode

NOWHERE_ELSE = -1
"""The object of an access that does not take place: no other step has it."""
NOTHING_KNOWN = Written(((Register("anything"), UNKNOWN),))
RECURSION = 50_000
MANY_WAYS = 40
"""How many ways through a step are told apart for what they access."""
LOCKS = ("erl_drv_mutex_lock",)


def atomic_step(code: ProgramCode, node: model.Atomic, body: Node, end: Label, scope: Scope) -> Node:
    """The block, lowered up to the label at its end, as one operation or a choice of several."""
    waits = _begins_with_wait(node.body.statements)
    return _one_step(code, _Step("atomic", node.span, scope, waits), body, end)


def await_step(code: ProgramCode, node: model.Await, scope: Scope, following: Node) -> Node:
    """A step that can be taken where the condition is true, or where its evaluation is a finding."""
    end = Label(following)
    text = words(node.condition)
    untrue = Op("await", scope.site(node.span), (), end, FALSE, blocking=True, waits=f"for {text}")
    body = condition(code, node.condition, scope, end, untrue)
    return _one_step(code, _Step(f"await ({text})", node.span, scope, True), body, end)


@contextmanager
def deep_recursion() -> Iterator[None]:
    """Bodies that are written out are deep; calls of Python in Python need no stack of the machine."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, RECURSION))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


@dataclass(frozen=True)
class _Step:
    """What the step is called, where it stands, and whether it may wait before it has changed anything."""

    label: str
    place: Span
    scope: Scope
    waits: bool


def _one_step(code: ProgramCode, step: _Step, body: Node, end: Label) -> Node:
    assert end.target is not None
    with deep_recursion():
        pieces = Unroller(code.world.hooks, body, end, step.waits, step.place).variants()
        steps: list[Node] = [_operation(code, piece, step, end.target) for piece in pieces]
    return steps[0] if len(steps) == 1 else code.choice(steps, step.scope, step.place)


def _begins_with_wait(statements: tuple[model.Statement, ...]) -> bool:
    match statements[:1]:
        case (model.Await(),):
            return True
        case (model.Evaluate(call=model.ApiCall(function=name)),):
            return name in LOCKS
        case (model.Either(blocks=blocks),):
            return any(_begins_with_wait(b.statements) for b in blocks)
        case (model.Block(statements=inner),):
            return _begins_with_wait(inner)
        case (model.Atomic(body=body),):
            return _begins_with_wait(body.statements)
        case _:
            return False


def _operation(code: ProgramCode, piece: Piece, step: _Step, following: Node) -> Op:
    first = _first_wait(piece, Written()) if step.waits else None
    wait, known = first if first is not None else (None, Written())
    guard = TRUE if wait is None else _ready(piece, Written())
    return Op(
        label=step.label,
        site=step.scope.site(step.place),
        statements=tuple(s for s in statements_of(piece) if not _is_result(s)),
        next=following,
        guard=guard,
        blocking=wait is not None and wait.blocking and guard != TRUE,
        waits="" if wait is None else wait.waits,
        holder=None if wait is None or wait.holder is None else substitute(wait.holder, known),
        accesses=tuple(dict.fromkeys(_accesses(piece, code.world.heap_size))),
    )


def _is_result(statement: Stmt) -> bool:
    """What one call or read in it comes to is not what the step does."""
    return isinstance(statement, Emit) and statement.event.startswith("gives ")


def _first_wait(piece: Piece, known: Written) -> tuple[Op, Written] | None:
    """What the step waits for, and what is known where it does."""
    match piece:
        case Do(begins=begins) if begins is not None:
            return begins, known
        case Do(statements=statements, next=following):
            return _first_wait(following, known.after(statements))
        case Test(then=then, otherwise=otherwise):
            return _first_wait(then, known) or _first_wait(otherwise, known)
        case Done():
            return None


def _ready(piece: Piece, known: Written) -> Expr:
    """Whether the step can begin, said of the state in which it does."""
    match piece:
        case Do(begins=begins) if begins is not None:
            return substitute(begins.guard, known)
        case Do(statements=statements, next=following):
            # What ends the run before the wait comes need not wait for it.
            ends: list[Expr] = []
            for statement in statements:
                if isinstance(statement, Check):
                    ends.append(neg(substitute(statement.condition, known)))
                known = known.after((statement,))
            return disj([*ends, _ready(following, known)])
        case Test(condition=condition, then=then, otherwise=otherwise):
            test = substitute(condition, known)
            yes, no = _ready(then, known), _ready(otherwise, known)
            return TRUE if yes == no == TRUE else disj([conj([test, yes]), conj([neg(test), no])])
        case Done():
            return TRUE


def _accesses(piece: Piece, heap_size: int) -> Iterator[Access]:
    """What the step accesses, and in which states: all of it at once, and none of it interrupted."""
    seen: set[tuple[int, Written, Expr]] = set()
    work: list[tuple[Piece, Written, Expr]] = [(piece, Written(), TRUE)]
    while work:
        piece, known, taken = work.pop()
        taken = taken if is_known(taken) else TRUE
        if len(seen) > MANY_WAYS:
            # One more state of knowledge, about every place: none. Each piece is met once from here on.
            known, taken = NOTHING_KNOWN, TRUE
        if (id(piece), known, taken) in seen or taken == FALSE:
            continue
        seen.add((id(piece), known, taken))
        match piece:
            case Do(statements=statements, accesses=accesses, next=following):
                for access in accesses:
                    yield from _of_step(access, known, taken, heap_size)
                work.append((following, known if known is NOTHING_KNOWN else known.after(statements), taken))
            case Test(condition=condition, then=then, otherwise=otherwise):
                test = UNKNOWN if known is NOTHING_KNOWN else substitute(condition, known)
                work.append((otherwise, known, conj([taken, neg(test)])))
                work.append((then, known, conj([taken, test])))
            case Done():
                pass


def _of_step(access: Access, known: Written, taken: Expr, heap_size: int) -> Iterator[Access]:
    """The access; to any object there may be where it takes too many words to say which."""
    thing = access.object
    if not isinstance(thing, Const):
        thing = UNKNOWN if known is NOTHING_KNOWN else substitute(thing, known)
    things = [thing] if is_known(thing) else [Const(n) for n in range(1, heap_size + 1)]
    for one in things:
        where = ite(taken, one, Const(NOWHERE_ELSE))
        yield replace(access, object=where, atomic=access.atomic or not access.frees, protections=())
