"""What processes do with messages and binaries: `receive`, `send`, `reads`, and making a binary.

A variable of a process that holds a binary holds one reference. From its last use on the variable is
garbage: the reference may be given back in any step of the runtime from then on, and need not before
the process is gone (`erl_gc.c`; a process frees what it has when it exits). What a process never had a
name for, or lost the name of, is garbage from the beginning.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dmc.base.types import BINARY_VALUE
from dmc.ir.builder import ne
from dmc.ir.expr import Const, Expr, Item, Length, ListPlace, Place, Read
from dmc.ir.logic import gt
from dmc.ir.program import Node, Op
from dmc.ir.sort import NULL, Ref
from dmc.ir.statement import Assign, Check, Cut, If, Push, Remove, Stmt
from dmc.ir.system import ListVariable
from dmc.lower.calls.messages import counted_in, deliver_term, element_values
from dmc.lower.code import After
from dmc.lower.expressions import value
from dmc.lower.pure import pure
from dmc.lower.scope import Scope, leave
from dmc.lower.terms import Terms
from dmc.lower.uses import nodes
from dmc.lower.words import words
from dmc.model import model
from dmc.runtime import binaries, mailboxes
from dmc.runtime.mailboxes import BINARY_ELEMENT, Wanted
from dmc.runtime.world import BINARY, HEAP, Event, World, sets

if TYPE_CHECKING:
    from dmc.lower.processes import ProcessCode

GARBAGE = "garbage"
MAX_GARBAGE = 4
"""So many references without a name the model remembers for each process; one more is a cut."""


def declare_lists(world: World) -> tuple[ListVariable, ...]:
    """What processes hold and have no name for."""
    if not world.has_garbage:
        return ()
    return (ListVariable(GARBAGE, Ref(HEAP), MAX_GARBAGE, len(world.processes)),)


def receive(code: ProcessCode, node: model.Receive, scope: Scope, following: Node) -> Node:
    """Takes a message that fits; the step is there when such a message is."""
    terms = Terms(code.lowering.run)
    shapes = terms.fitting(node.patterns)
    env = code.environment(scope)
    equal: list[tuple[int, Expr]] = []
    values: list[tuple[int, Place]] = []
    bound: list[tuple[int, Place]] = []
    before: list[Stmt] = []
    after: list[Stmt] = []
    inner = scope
    for position, pattern in enumerate(node.patterns):
        refers = any(terms.shapes[n][position] == BINARY_ELEMENT for n in shapes)
        match pattern:
            case None if refers:
                place, inner = inner.temp(Ref(HEAP))
                bound.append((position, place))
                after += [*discard(code.world, code.instance.number, place), Assign(place, Const(NULL))]
            case None:
                pass
            case model.PatternVariable(variable=variable) if variable.type == BINARY_VALUE:
                place, inner = code.declare(variable, inner)
                before += discard(code.world, code.instance.number, place)
                bound.append((position, place))
                after.append(sets(variable.name, Read(place), "binary"))
            case model.PatternVariable(variable=variable):
                place, inner = code.declare(variable, inner)
                values.append((position, place))
                after.append(sets(variable.name, Read(place), str(variable.type)))
            case model.ProcessValue(process=process):
                equal.append((position, Const(code.number_of(process))))
            case model.AtomValue():
                equal.append((position, terms.encoded(pattern.type, Const(0), pattern)))
            case _:
                equal.append((position, terms.encoded(pattern.type, pure(pattern, env), pattern)))
    wanted = Wanted(shapes, tuple(equal), tuple(values), tuple(bound))
    number = code.instance.number
    text = receive_words(node)
    return Op(
        text,
        scope.site(node.span),
        (*before, *mailboxes.take(code.world, number, wanted), *after),
        following,
        guard=mailboxes.can_take(code.world, number, wanted),
        blocking=True,
        waits=f"for a message: {text}",
    )


def receive_words(node: model.Receive) -> str:
    """The statement as an author would write it."""

    def element(pattern: model.Expr | model.PatternVariable | None) -> str:
        if isinstance(pattern, model.PatternVariable):
            return f"{pattern.variable.type} {pattern.variable.name}"
        return "_" if pattern is None else words(pattern)

    return f"receive {{ {', '.join(map(element, node.patterns))} }}"


def send(code: ProcessCode, expr: model.ProcessCall, scope: Scope, after: After) -> Node:
    """`send(who, { ... })`: the message is in the mailbox, or dropped if the process is gone."""
    who, term = expr.arguments
    assert isinstance(term, model.TermValue)

    def with_values(to: Expr, elements: tuple[Expr, ...], s: Scope) -> Node:
        body, taken = deliver_term(code, term, elements, to, s, by_driver=False)
        return Op(
            words(expr),
            s.site(expr.span),
            body,
            leave(taken, scope, after(Const(0), scope)),
            accesses=counted_in(code, term, elements),
        )

    def with_receiver(to: Expr, s: Scope) -> Node:
        return element_values(code, term, s, lambda found, s2: with_values(to, found, s2))

    return value(code, who, scope, with_receiver)


def reads(code: ProcessCode, expr: model.ProcessCall, scope: Scope, after: After) -> Node:
    """The process looks at the bytes of a binary."""

    def read(binary: Expr, s: Scope) -> Node:
        event = Event("read", object=binary, object_kind=BINARY)
        gone = code.misuse("use_after_free", binaries.is_there(binary))
        return Op(
            words(expr),
            s.site(expr.span),
            (*gone, *code.occur(event)),
            leave(s, scope, after(Const(0), scope)),
            accesses=binaries.touches_bytes(binary, write=False),
        )

    return value(code, expr.arguments[0], scope, read)


def make_binary(code: ProcessCode, expr: model.ProcessCall, scope: Scope, after: After) -> Node:
    """`binary b = bytes(n);`: a binary that Erlang has made."""
    temp, inner = scope.temp(Ref(HEAP))
    joined = after(Read(temp), inner)

    def made(size: Expr, s: Scope) -> Node:
        told = code.occur(Event("alloc", object=Read(temp), object_kind=BINARY))
        statements = (*binaries.make_foreign(code.world, temp, size), *told)
        return Op(words(expr), s.site(expr.span), statements, leave(s, inner, joined))

    return value(code, expr.arguments[0], inner, made)


# --- garbage ------------------------------------------------------------------------------------


def discard(world: World, process: int, place: Place) -> tuple[Stmt, ...]:
    """What the place refers to, if anything, is garbage of the process from now on."""
    if not world.has_garbage:
        return ()
    box = ListPlace(GARBAGE, Const(process - 1))
    room = Check(ne(Length(box), MAX_GARBAGE), Cut(f"garbage of {world.processes[process - 1]}"))
    return (If(ne(Read(place), NULL), (room, Push(box, Read(place)))),)


def release(world: World, place: Place) -> tuple[Stmt, ...]:
    """The reference in a variable is given back, if there is one."""
    return (*binaries.drop_if_any(world, Read(place)), Assign(place, Const(NULL)))


def collect_garbage(world: World, process: int, position: int) -> tuple[Stmt, ...]:
    """The reference at a position of the garbage is given back."""
    box = ListPlace(GARBAGE, Const(process - 1))
    return (*binaries.drop(world, garbage_at(process, position)), Remove(box, Const(position)))


def garbage_at(process: int, position: int) -> Expr:
    """The binary that the garbage at the position refers to."""
    return Read(Item(ListPlace(GARBAGE, Const(process - 1)), Const(position)))


def has_garbage_at(process: int, position: int) -> Expr:
    """Whether there is garbage at the position."""
    return gt(Length(ListPlace(GARBAGE, Const(process - 1))), position)


def at_the_end(world: World, process: int, variables: tuple[Place, ...]) -> tuple[Stmt, ...]:
    """A process that is gone has no references: of variables, garbage and messages."""
    statements = [s for place in variables for s in release(world, place)]
    if world.has_garbage:
        for _ in range(MAX_GARBAGE):
            statements.append(If(has_garbage_at(process, 0), collect_garbage(world, process, 0)))
    return (*statements, *mailboxes.empty(world, process))


def needs_garbage(terms: Terms, with_vectors: bool) -> bool:
    """Whether a process can come to hold references without a name."""
    if with_vectors:
        return True
    return any(_rebinds(node) or _has_unnamed(node, terms) for node in _bodies(terms))


def _bodies(terms: Terms) -> list[model.Block]:
    return [process.body for process in terms.run.scenario.processes]


def _rebinds(node: object) -> bool:
    """Whether a variable for a binary can be bound a second time."""
    found = [n for n in nodes(node) if isinstance(n, model.Upto | model.Loop | model.AnyOrder)]
    return any(_binds(inner) for one in found for inner in nodes(one))


def _binds(node: object) -> bool:
    match node:
        case model.PatternVariable(variable=variable) | model.Declare(variable=variable):
            return variable.type == BINARY_VALUE
        case _:
            return False


def _has_unnamed(node: object, terms: Terms) -> bool:
    receives = [n for n in nodes(node) if isinstance(n, model.Receive)]
    return any(
        pattern is None and terms.shapes[shape][position] == BINARY_ELEMENT
        for one in receives
        for shape in terms.fitting(one.patterns)
        for position, pattern in enumerate(one.patterns)
    )
