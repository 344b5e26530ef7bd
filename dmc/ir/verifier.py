"""Whether a system is well formed: what every engine may rely on without looking."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from dmc.base.exceptions import InternalError
from dmc.ir.expr import (
    AtPoint,
    Binary,
    Bound,
    Const,
    Expr,
    Field,
    Full,
    Instance,
    Item,
    KindOf,
    ListPlace,
    Place,
    Quantified,
    Read,
    Register,
    Self,
    Unary,
    Var,
)
from dmc.ir.sort import Integer, Range, Ref, Sort, contains
from dmc.ir.statement import Assign, Choose, Goto, Kill, New, Push, Remove
from dmc.ir.system import IR_VERSION, Obligation, Pool, PropertyKind, Step, System, ThreadType
from dmc.ir.text_words import OPERATORS
from dmc.ir.walk import nodes

UNARY = frozenset({"not", "-"})
QUANTIFIERS = frozenset({"exists", "forall", "count"})


def verify(system: System) -> None:
    """Raise what is wrong with the system, if anything is."""
    if found := problems(system):
        raise InternalError("verifier", "; ".join(found[:20]))


def problems(system: System) -> list[str]:
    """All that is wrong with the system, in its order."""
    return list(_Verifier(system).system())


class _Verifier:
    """The names of a system, and the checks that need them."""

    def __init__(self, system: System):
        self.whole = system
        self.variables = {v.name: v for v in system.variables}
        self.lists = {v.name: v for v in system.lists}
        self.pools = {p.name: p for p in system.pools}
        self.fields = {(p.name, k.name, f.name): f for p in system.pools for k in p.kinds for f in k.fields}
        self.points = {point.name for t in system.threads for point in t.points}
        self.parties = {step.party for t in system.threads for step in t.steps}
        self.registers: dict[str, Sort] = {}

    def system(self) -> Iterator[str]:
        whole = self.whole
        if whole.version != IR_VERSION:
            yield f"version {whole.version} is not {IR_VERSION}"
        yield from _unique("variable", (v.name for v in whole.variables))
        yield from _unique("list", (v.name for v in whole.lists))
        yield from _unique("pool", (p.name for p in whole.pools))
        yield from _unique("thread type", (t.name for t in whole.threads))
        yield from _unique("property", (p.id for p in whole.properties))
        for variable in whole.variables:
            yield from self.cell(f"variable {variable.name}", variable.sort, variable.initial)
            if variable.length < 1:
                yield f"variable {variable.name} has no cells"
        for lists in whole.lists:
            yield from self.sort(f"list {lists.name}", lists.sort)
        for pool in whole.pools:
            yield from self.pool(pool)
        for choice in whole.initial_choices:
            yield from self.choice(choice.variable, choice.index, choice.values)
        for thread in whole.threads:
            yield from self.thread(thread)
        self.registers = {}
        yield from self.expressions("ends", whole.ends, in_thread=False)
        for claim in whole.properties:
            if claim.condition is not None:
                yield from self.expressions(f"property {claim.id}", claim.condition, in_thread=False)
            elif claim.kind in (PropertyKind.INVARIANT, PropertyKind.AT_END):
                yield f"property {claim.id} has no condition"
            if claim.obligations and claim.kind is not PropertyKind.CAN_REACH:
                yield f"property {claim.id} has obligations, and its kind has none"
            for number, one in enumerate(claim.obligations):
                yield from self.obligation(f"obligation {number} of {claim.id}", one)

    def obligation(self, what: str, one: Obligation) -> Iterator[str]:
        for condition in (one.when, one.target):
            yield from self.expressions(what, condition, in_thread=False)
        yield from (
            f"{what}: there is no party {party}" for party in one.without if party not in self.parties
        )

    def choice(self, name: str, index: int, values: tuple[int, ...]) -> Iterator[str]:
        variable = self.variables.get(name)
        if variable is None or not 0 <= index < variable.length:
            yield f"the initial choice of {name}[{index}] is of no cell"
        else:
            for value in values:
                yield from self.cell(f"the initial choice of {name}", variable.sort, value)

    def cell(self, what: str, sort: Sort, value: int) -> Iterator[str]:
        yield from self.sort(what, sort)
        if isinstance(sort, Ref):
            if value != 0 and not contains(sort, value):
                yield f"{what} refers to an object from the start"
        elif not contains(sort, value):
            yield f"{what} cannot have the value {value}"

    def sort(self, what: str, sort: Sort) -> Iterator[str]:
        if isinstance(sort, Ref) and sort.pool not in self.pools:
            yield f"{what} refers to no pool {sort.pool}"
        if isinstance(sort, Range) and sort.low > sort.high:
            yield f"{what} has an empty range"

    def pool(self, pool: Pool) -> Iterator[str]:
        yield from _unique(f"kind of {pool.name}", (kind.name for kind in pool.kinds))
        for kind in pool.kinds:
            yield from _unique(f"field of {pool.name}.{kind.name}", (f.name for f in kind.fields))
            for field in kind.fields:
                yield from self.cell(f"field {pool.name}.{kind.name}.{field.name}", field.sort, field.default)

    def thread(self, thread: ThreadType) -> Iterator[str]:
        yield from _unique(f"register of {thread.name}", (r.name for r in thread.registers))
        yield from _unique(f"point of {thread.name}", (p.name for p in thread.points))
        points = {point.name for point in thread.points}
        if thread.start not in points:
            yield f"thread {thread.name} starts at no point {thread.start}"
        for register in thread.registers:
            yield from self.cell(f"register {thread.name}.{register.name}", register.sort, register.initial)
        self.registers = {register.name: register.sort for register in thread.registers}
        for number, step in enumerate(thread.steps):
            what = f"step {number} of {thread.name} ({step.label})"
            if step.source not in points:
                yield f"{what} starts at no point {step.source}"
            for node in nodes(step.body):
                if isinstance(node, Goto) and node.point not in points:
                    yield f"{what} goes to no point {node.point}"
            yield from self.step(what, step)

    def step(self, what: str, step: Step) -> Iterator[str]:
        for part in (step.guard, step.body, step.holder, *step.accesses):
            yield from self.expressions(what, part, in_thread=True)
        for node in nodes(step.body):
            match node:
                case Assign(place, value):
                    yield from self.assignment(what, place, value)
                case Choose(place, low, high):
                    yield from self.choice_of(what, place, low, high)
                case New(place, pool, kind, values):
                    yield from self.new(what, place, pool, kind, [name for name, _ in values])
                case Push(lists, _) | Remove(lists, _):
                    yield from self.list_place(what, lists)
                case Kill(pool, _) if pool not in self.pools:
                    yield f"{what}: there is no pool {pool}"
                case _:
                    pass

    def assignment(self, what: str, place: Place, value: Expr) -> Iterator[str]:
        into = self.sort_of(place)
        yield from self.place(what, place, in_thread=True)
        if isinstance(value, Read) and isinstance(into, Ref):
            source = self.sort_of(value.place)
            if isinstance(source, Ref) and source.pool != into.pool:
                yield f"{what}: a reference to {source.pool} where one to {into.pool} belongs"

    def choice_of(self, what: str, place: Place, low: int, high: int) -> Iterator[str]:
        yield from self.place(what, place, in_thread=True)
        if low > high:
            yield f"{what}: a choice of nothing"
        if not isinstance(self.sort_of(place), Integer):
            yield f"{what}: a choice for a cell that does not hold all integers"

    def new(self, what: str, place: Place, pool: str, kind: str, fields: list[str]) -> Iterator[str]:
        yield from self.place(what, place, in_thread=True)
        if pool not in self.pools or kind not in [k.name for k in self.pools[pool].kinds]:
            yield f"{what}: there is no kind {pool}.{kind}"
            return
        sort = self.sort_of(place)
        if sort is not None and not (isinstance(sort, Ref) and sort.pool == pool):
            yield f"{what}: a place that cannot refer to {pool}"
        yield from _unique(f"value in {what} of field", fields)
        for name in fields:
            if (pool, kind, name) not in self.fields:
                yield f"{what}: there is no field {pool}.{kind}.{name}"

    def expressions(self, what: str, part: object, in_thread: bool) -> Iterator[str]:
        bound = {node.name for node in nodes(part) if isinstance(node, Quantified)}
        for node in nodes(part):
            match node:
                case Read(place):
                    yield from self.place(what, place, in_thread)
                case Unary(operator, _) if operator not in UNARY:
                    yield f"{what}: there is no operator {operator}"
                case Binary():
                    yield from self.binary(what, node)
                case KindOf(pool, _) | Full(pool) if pool not in self.pools:
                    yield f"{what}: there is no pool {pool}"
                case Bound(name) if name not in bound:
                    yield f"{what}: nothing binds {name}"
                case Quantified(kind, _, _, _, _) if kind not in QUANTIFIERS:
                    yield f"{what}: there is no quantifier {kind}"
                case AtPoint(_, points):
                    yield from (f"{what}: there is no point {p}" for p in points if p not in self.points)
                case ListPlace():
                    yield from self.list_place(what, node)
                case Self() | Instance() if not in_thread:
                    yield f"{what}: there is no executing thread"
                case _:
                    pass

    def binary(self, what: str, node: Binary) -> Iterator[str]:
        if node.operator not in OPERATORS:
            yield f"{what}: there is no operator {node.operator}"
        elif node.operator not in ("==", "!="):
            for side in (node.left, node.right):
                if isinstance(side, Read) and isinstance(self.sort_of(side.place), Ref):
                    yield f"{what}: a reference under {node.operator}"

    def place(self, what: str, place: Place, in_thread: bool) -> Iterator[str]:
        match place:
            case Var(name, index):
                variable = self.variables.get(name)
                if variable is None:
                    yield f"{what}: there is no variable {name}"
                elif isinstance(index, Const) and not 0 <= index.value < variable.length:
                    yield f"{what}: {name} has no cell {index.value}"
            case Register(name):
                if not in_thread or name not in self.registers:
                    yield f"{what}: there is no register {name}"
            case Field(pool, kind, field, _):
                if (pool, kind, field) not in self.fields:
                    yield f"{what}: there is no field {pool}.{kind}.{field}"
            case Item(lists, _):
                yield from self.list_place(what, lists)

    def list_place(self, what: str, place: ListPlace) -> Iterator[str]:
        lists = self.lists.get(place.name)
        if lists is None:
            yield f"{what}: there is no list {place.name}"
        elif isinstance(place.index, Const) and not 0 <= place.index.value < lists.length:
            yield f"{what}: {place.name} has no list {place.index.value}"

    def sort_of(self, place: Place) -> Sort | None:
        match place:
            case Var(name, _):
                variable = self.variables.get(name)
                return variable.sort if variable else None
            case Register(name):
                return self.registers.get(name)
            case Field(pool, kind, field, _):
                declared = self.fields.get((pool, kind, field))
                return declared.sort if declared else None
            case Item(lists, _):
                found = self.lists.get(lists.name)
                return found.sort if found else None


def _unique(what: str, names: Iterable[str]) -> Iterator[str]:
    for name, times in Counter(names).items():
        if times > 1:
            yield f"{times} times {what} {name}"
