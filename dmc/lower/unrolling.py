"""A piece of a program graph as one that does not wait and does not go round: for a body that is one step.

Loops are unrolled as far as what is known of their counters decides them, and a few turns beyond; a choice
gives one graph for each of its options. What would wait becomes a check that it need not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dmc.base.diagnostic import Diagnostic
from dmc.base.exceptions import ModelError
from dmc.base.source import Span
from dmc.ir.builder import conj, disj, neg
from dmc.ir.expr import FALSE, TRUE, Binary, Const, Expr, Place, Register, Unary
from dmc.ir.fold import fold_binary
from dmc.ir.program import Branch, Choice, End, Label, Local, Node, Op
from dmc.ir.statement import Assign, Check, Cut, Kill, New, Push, Remove, Stmt
from dmc.ir.substitute import substitute
from dmc.ir.system import Access
from dmc.ir.walk import nodes
from dmc.lower.loops import Loops
from dmc.runtime.world import Hooks

DECIDED_TURNS = 256
UNDECIDED_TURNS = 16
"""How often a loop in one step goes round if nothing that is known beforehand ends it."""
DEPTH_OF_GUARDS = 12
"""How far an option is looked into for what it would wait for."""
MAX_NODES = 50_000
MAX_VARIANTS = 1024


@dataclass(eq=False)
class Do:
    """Statements, with what they access. `guard` is what the step waits for if it begins with this."""

    statements: tuple[Stmt, ...]
    accesses: tuple[Access, ...]
    next: Piece
    begins: Op | None = None


@dataclass(eq=False)
class Test:
    """A decision."""

    condition: Expr
    then: Piece
    otherwise: Piece


@dataclass(frozen=True)
class Done:
    """The end of the body."""


Piece = Do | Test | Done
DONE = Done()

Known = frozenset[tuple[Place, int]]
"""The counters of loops whose value is known."""


@dataclass(frozen=True)
class _At:
    """Where the walk is: counters, undecided turns so far, whether the step could still begin here."""

    known: Known
    turns: frozenset[tuple[int, int]]
    pristine: bool


class Unroller:
    """Walks a graph from its beginning to the label at its end."""

    def __init__(self, hooks: Hooks, start: Node, end: Label, waits: bool, place: Span) -> None:
        self._hooks = hooks
        self._end = end
        self._place = place
        self._loops = Loops(start, end)
        self._found: dict[tuple[int, _At], tuple[Piece, ...]] = {}
        self._under_way: set[tuple[int, _At]] = set()
        self._start = start
        self._at = _At(frozenset(), frozenset(), waits)

    def variants(self) -> tuple[Piece, ...]:
        """One piece for each way to choose, without choices."""
        return self._walk(self._start, self._at)

    def _walk(self, node: Node, at: _At) -> tuple[Piece, ...]:
        while isinstance(node, Label) and node is not self._end:
            assert node.target is not None
            node = node.target
        if node is self._end or isinstance(node, End):
            return (DONE,)
        key = (id(node), at)
        if key in self._under_way:
            # Round again, and nothing that could end it has changed: nobody else will ever move.
            return (Do(self._hooks.misuse("wait_in_atomic", FALSE), (), DONE),)
        if key not in self._found:
            if len(self._found) > MAX_NODES:
                raise self._too_large("comes to too many statements")
            self._under_way.add(key)
            found = self._pieces(node, at)
            self._under_way.remove(key)
            if len(found) > MAX_VARIANTS:
                raise self._too_large(f"has more than {MAX_VARIANTS} ways to choose")
            self._found[key] = found
        return self._found[key]

    def _pieces(self, node: Node, at: _At) -> tuple[Piece, ...]:
        match node:
            case Op():
                return self._operation(node, at)
            case Local(statements=statements, next=following):
                after = self._after(statements, at)
                return tuple(Do(statements, (), rest) for rest in self._walk(following, after))
            case Branch():
                return self._branch(node, at)
            case Choice(options=options):
                return self._choice([o for o in options if not _is_spurious(o)], at)
            case _:
                return (DONE,)

    def _operation(self, op: Op, at: _At) -> tuple[Piece, ...]:
        begins = at.pristine and op.guard != TRUE
        checks = () if begins else self._hooks.misuse("wait_in_atomic", op.guard)
        body = (*checks, *op.statements)
        after = self._after(body, at)
        if op.guard != TRUE:
            after = _At(after.known, after.turns, pristine=False)
        return tuple(
            Do(body, op.accesses, rest, op if begins else None) for rest in self._walk(op.next, after)
        )

    def _branch(self, node: Branch, at: _At) -> tuple[Piece, ...]:
        test = constant_of(substitute(node.condition, _constants(at.known)))
        if test is not None and id(node) not in self._loops.exits:
            return self._walk(node.then if test else node.otherwise, at)
        if id(node) in self._loops.exits:
            turns = dict(at.turns)
            turns[id(node)] = turns.get(id(node), 0) + 1
            most = UNDECIDED_TURNS if test is None else DECIDED_TURNS
            if turns[id(node)] > most:
                too_far = Check(FALSE, Cut(f"{most} turns of a loop in one step"))
                return (Do((too_far,), (), DONE),)
            at = _At(at.known, frozenset(turns.items()), at.pristine)
        if test is not None:
            return self._walk(node.then if test else node.otherwise, at)
        then, otherwise = self._walk(node.then, at), self._walk(node.otherwise, at)
        # Only one side is taken: each of its ways is in some variant, none need meet all of the other's.
        return tuple(
            Test(node.condition, then[i % len(then)], otherwise[i % len(otherwise)])
            for i in range(max(len(then), len(otherwise)))
        )

    def _choice(self, options: list[Node], at: _At) -> tuple[Piece, ...]:
        ways = [self._walk(option, at) for option in options]
        guards = [self._guard(option, 0) for option in options]
        if at.pristine or all(guard == TRUE for guard in guards):
            return tuple(variant for way in ways for variant in way)
        # In the middle of the step it is known which options can go on: a variant whose own cannot
        # does what another one does.
        fallback: Piece = Do(self._hooks.misuse("wait_in_atomic", FALSE), (), DONE)
        for guard, way in reversed(list(zip(guards, ways, strict=True))):
            fallback = Test(guard, way[0], fallback)
        return tuple(
            Test(guard, variant, fallback) for guard, way in zip(guards, ways, strict=True) for variant in way
        )

    def _guard(self, node: Node, depth: int) -> Expr:
        """Whether the first operation of an option can go on, where the option stands."""
        if node is self._end or depth > DEPTH_OF_GUARDS:
            return TRUE
        match node:
            case Op(guard=guard):
                return guard
            case Label(target=target) if target is not None:
                return self._guard(target, depth + 1)
            case Choice(options=options):
                return disj(self._guard(o, depth + 1) for o in options if not _is_spurious(o))
            case Local(statements=statements, next=following):
                known: dict[Place, Expr] = {}
                for statement in statements:
                    if isinstance(statement, Assign):
                        known[statement.place] = substitute(statement.value, known)
                return substitute(self._guard(following, depth + 1), known)
            case Branch(condition=condition, then=then, otherwise=otherwise):
                yes, no = (self._guard(way, depth + 1) for way in (then, otherwise))
                both = disj([conj([condition, yes]), conj([neg(condition), no])])
                return TRUE if yes == no == TRUE else both
            case _:
                return TRUE

    def _after(self, statements: tuple[Stmt, ...], at: _At) -> _At:
        known = dict(at.known)
        pristine = at.pristine and not any(_writes(statement) for statement in statements)
        for statement in statements:
            if isinstance(statement, Assign) and statement.place in self._loops.counters:
                number = constant_of(substitute(statement.value, _constants(frozenset(known.items()))))
                known.pop(statement.place, None)
                if number is not None:
                    known[statement.place] = number
            else:
                for place in _assigned(statement):
                    known.pop(place, None)
        return _At(frozenset(known.items()), at.turns, pristine)

    def _too_large(self, what: str) -> ModelError:
        note = "its body is one step, with loops written out: make it smaller, or not atomic"
        return ModelError([Diagnostic("E315", f"this `atomic` {what}", self._place, note)])


def constant_of(expr: Expr) -> int | None:
    """The number that an expression without places is."""
    match expr:
        case Const(number):
            return number
        case Unary("not", operand):
            value = constant_of(operand)
            return None if value is None else int(not value)
        case Unary("-", operand):
            value = constant_of(operand)
            return None if value is None else -value
        case Binary(operator, left, right):
            a, b = constant_of(left), constant_of(right)
            if operator in ("and", "or") and (operator == "or") in (a, b):
                return int(operator == "or")
            return None if a is None or b is None else fold_binary(operator, a, b)
        case _:
            return None


def _constants(known: Known) -> Mapping[Place, Expr]:
    return {place: Const(number) for place, number in known}


def _is_spurious(node: Node) -> bool:
    """What may happen and never has to is nothing to go on with."""
    return isinstance(node, Op) and node.spurious


def _writes(statement: Stmt) -> bool:
    """Whether it changes what others could see."""
    changes = any(isinstance(part, Push | Remove | Kill | New) for part in nodes((statement,)))
    return changes or any(not isinstance(place, Register) for place in _assigned(statement))


def _assigned(statement: Stmt) -> Iterator[Place]:
    for part in nodes((statement,)):
        if isinstance(part, Assign | New):
            yield part.place
