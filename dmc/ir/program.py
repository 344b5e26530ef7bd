"""Programs as graphs, and their assembly into control points and steps.

Lowering writes each thread as a graph of nodes. An `Op` is an operation that others can notice: it is
one step. Everything between two operations is local: it happens together with the operation before
it, or, after a `Choice`, together with the one that follows, so that a choice between operations that
may have to wait is a choice among those that can go on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from dmc.base.exceptions import InternalError
from dmc.base.source import NOWHERE, Span
from dmc.ir.builder import conj, neg
from dmc.ir.expr import TRUE, Expr, Place
from dmc.ir.statement import Assign, Fault, Goto, If, Stmt, Violate
from dmc.ir.substitute import substitute, substitute_place
from dmc.ir.system import Access, Frame, Mover, Point, Step
from dmc.ir.walk import nodes


@dataclass(frozen=True)
class Site:
    """Where an operation stands: the chain of activations, the place in the source, its words."""

    frames: tuple[Frame, ...] = ()
    place: Span = NOWHERE
    words: str = ""


@dataclass(eq=False)
class Op:
    """One step. `statements` are executed if `guard` holds; then local code runs from `next`.

    `jump` is the statements that bring the acting thread elsewhere when the program is not its own
    (one thread then acts for another).
    """

    label: str
    site: Site
    statements: tuple[Stmt, ...]
    next: Node
    guard: Expr = TRUE
    accesses: tuple[Access, ...] = ()
    mover: Mover = Mover.NONE
    blocking: bool = False
    spurious: bool = False
    rest: bool = False
    waits: str = ""
    holder: Expr | None = None
    jump: Node | None = None


@dataclass(eq=False)
class Local:
    """Local statements."""

    statements: tuple[Stmt, ...]
    next: Node


@dataclass(eq=False)
class Branch:
    """A local decision."""

    condition: Expr
    then: Node
    otherwise: Node


@dataclass(eq=False)
class Choice:
    """Any one of the options whose first operation can go on. `rest`: the thread may stay here.

    An option that can fail before its first operation is a step up to that operation, if that may wait.
    """

    options: list[Node]
    site: Site
    rest: bool = False
    name: str = ""


@dataclass(eq=False)
class Label:
    """A node that is made known later: for loops."""

    target: Node | None = None


@dataclass(eq=False)
class End:
    """Nothing more to do; a thread may stay here."""

    site: Site = field(default_factory=Site)
    name: str = "end"


Node = Op | Local | Branch | Choice | Label | End
Control = Op | Choice | End


def resolve(node: Node) -> Op | Local | Branch | Choice | End:
    """The node that a label stands for."""
    while isinstance(node, Label):
        if node.target is None:
            raise InternalError("lower", "a label without a target")
        node = node.target
    return node


def _can_fail_before_it_waits(start: Node) -> bool:
    """Whether local code that may end the run, or violate something, comes before a guarded operation."""
    pending: list[tuple[Node, bool]] = [(start, False)]
    seen: set[tuple[int, bool]] = set()
    while pending:
        node, can_fail = pending.pop()
        node = resolve(node)
        if (id(node), can_fail) in seen:
            continue
        seen.add((id(node), can_fail))
        match node:
            case Op(guard=guard):
                if can_fail and guard != TRUE:
                    return True
            case Local(statements=statements, next=following):
                fails = any(isinstance(s, Violate | Fault) for s in nodes(statements))
                pending.append((following, can_fail or fails))
            case Branch(then=then, otherwise=otherwise):
                pending += [(then, can_fail), (otherwise, can_fail)]
            case Choice(options=options):
                pending += [(option, can_fail) for option in options]
            case End():
                pass
    return False


class Assembler:
    """Turns the nodes reachable from the roots into points and steps of one thread type.

    Points are made on demand; their names are unique and depend only on the order of demand. `spoils`
    says of what a step does that it may not commute, whatever its operation claims: local code that runs
    with an operation can change what others see, too.
    """

    def __init__(self, spoils: Callable[[tuple[Stmt, ...]], bool] = lambda _: False) -> None:
        self._spoils = spoils
        self._names: dict[int, str] = {}
        self._nodes: dict[str, Op | Local | Branch | Choice | End] = {}
        self._queue: list[Op | Local | Branch | Choice | End] = []
        self._used: dict[str, int] = {}
        self._forced: set[int] = set()
        self._keep: list[Node] = []

    def point_of(self, node: Node) -> str:
        """The name of the point at which a thread that is about to execute the node stands."""
        node = resolve(node)
        known = self._names.get(id(node))
        if known is None:
            known = self._fresh_name(node)
            self._names[id(node)] = known
            self._nodes[known] = node
            self._queue.append(node)
        return known

    def tail(self, node: Node) -> tuple[Stmt, ...]:
        """The statements from the node to the next control points, ending in a Goto each."""
        return self._tail(node, self._goto, ())

    def assemble(self) -> tuple[tuple[Point, ...], tuple[Step, ...]]:
        """All points demanded so far, those that they lead to, and their steps, in order of demand."""
        points: list[Point] = []
        steps: list[Step] = []
        while self._queue:
            node = self._queue.pop(0)
            name = self.point_of(node)
            points.append(self._point(name, node))
            steps.extend(self._steps(name, node))
        return tuple(points), tuple(steps)

    def _fresh_name(self, node: Op | Local | Branch | Choice | End) -> str:
        match node:
            case Op(label=label, site=site):
                base = f"{site.frames[-1].function}: {label}" if site.frames else label
            case Choice(name=given, site=site):
                base = given or (f"{site.frames[-1].function}: choice" if site.frames else "choice")
            case End(name=given):
                base = given
            case Local() | Branch():
                base = "loop"
        count = self._used.get(base, 0) + 1
        self._used[base] = count
        return base if count == 1 else f"{base} #{count}"

    def _point(self, name: str, node: Op | Local | Branch | Choice | End) -> Point:
        match node:
            case Op(site=site, rest=rest) | Choice(site=site, rest=rest):
                return Point(name, site.frames, site.place, rest)
            case End(site=site):
                return Point(name, site.frames, site.place, rest=True)
            case Local() | Branch():
                return Point(name)

    def _goto(self, node: Op | Local | Branch | Choice | End) -> tuple[Stmt, ...]:
        return (Goto(self.point_of(node)),)

    def _is_control(self, node: Op | Local | Branch | Choice | End) -> bool:
        return isinstance(node, Op | Choice | End) or id(node) in self._forced

    def _tail(
        self,
        start: Node,
        goto: Callable[[Op | Local | Branch | Choice | End], tuple[Stmt, ...]],
        path: tuple[int, ...],
    ) -> tuple[Stmt, ...]:
        node = resolve(start)
        if self._is_control(node) and (path or isinstance(node, Op | Choice | End)):
            return goto(node)
        if id(node) in path:
            # Local code that loops without an operation: its head becomes a point of its own.
            self._forced.add(id(node))
            self._keep.append(node)
            return goto(node)
        match node:
            case Local(statements=statements, next=following):
                return statements + self._tail(following, goto, (*path, id(node)))
            case Branch(condition=condition, then=then, otherwise=otherwise):
                yes = self._tail(then, goto, (*path, id(node)))
                no = self._tail(otherwise, goto, (*path, id(node)))
                return yes if yes == no else (If(condition, yes, no),)
            case Op() | Choice() | End():
                return goto(node)

    def _follow(self, op: Op) -> tuple[Stmt, ...]:
        """What comes after an operation: overridden where a program acts on another's thread."""
        return self.tail(op.next)

    def _steps(self, name: str, node: Op | Local | Branch | Choice | End) -> Iterable[Step]:
        match node:
            case End():
                return []
            case Op():
                return [self._step(name, node, {}, (), TRUE)]
            case Choice():
                return self._options(name, node, {}, (), TRUE, (id(node),))
            case Local() | Branch():
                body = self._tail(node, self._goto, ())
                return [Step(name, "loop", body)]

    def _expand(
        self,
        name: str,
        start: Node,
        known: dict[Place, Expr],
        before: tuple[Stmt, ...],
        guard: Expr,
        path: tuple[int, ...],
    ) -> list[Step]:
        node = resolve(start)
        if id(node) in path or (path and id(node) in self._forced):
            # A way round without an operation: the choice is a step of its own, up to here.
            if not isinstance(node, Op | Choice | End):
                self._forced.add(id(node))
                self._keep.append(node)
            return [Step(name, "choose", (*before, *self._goto(node)), guard=guard)]
        path = (*path, id(node))
        match node:
            case Op():
                return [self._step(name, node, known, before, guard)]
            case Local(statements=statements, next=following):
                known = dict(known)
                for statement in statements:
                    if isinstance(statement, Assign):
                        place = substitute_place(statement.place, known)
                        known[place] = substitute(statement.value, known)
                return self._expand(name, following, known, before + statements, guard, path)
            case Branch(condition=condition, then=then, otherwise=otherwise):
                test = substitute(condition, known)
                yes = self._expand(name, then, known, before, conj([guard, test]), path)
                no = self._expand(name, otherwise, known, before, conj([guard, neg(test)]), path)
                return yes + no
            case Choice():
                return self._options(name, node, known, before, guard, path)
            case End():
                return [Step(name, "end", (*before, *self._goto(node)), guard=guard)]

    def _options(
        self,
        name: str,
        node: Choice,
        known: dict[Place, Expr],
        before: tuple[Stmt, ...],
        guard: Expr,
        path: tuple[int, ...],
    ) -> list[Step]:
        """The steps of each option."""
        found: list[Step] = []
        for option in node.options:
            if _can_fail_before_it_waits(option):
                body = (*before, *self.tail(option))
                found.append(Step(name, "choose", body, guard=guard, place=node.site.place))
            else:
                found += self._expand(name, option, known, before, guard, path)
        return found

    def _step(
        self, name: str, op: Op, known: dict[Place, Expr], before: tuple[Stmt, ...], guard: Expr
    ) -> Step:
        accesses = tuple(
            replace(
                a,
                object=substitute(a.object, known),
                protections=tuple((n, substitute(e, known)) for n, e in a.protections),
            )
            for a in op.accesses
        )
        body = before + op.statements + self._follow(op)
        commutes = op.mover is not Mover.NONE and not self._spoils(body)
        return Step(
            source=name,
            label=op.label,
            body=body,
            guard=conj([guard, substitute(op.guard, known)]),
            place=op.site.place,
            accesses=accesses,
            mover=op.mover if commutes else Mover.NONE,
            blocking=op.blocking,
            spurious=op.spurious,
            waits=op.waits,
            holder=None if op.holder is None else substitute(op.holder, known),
        )
