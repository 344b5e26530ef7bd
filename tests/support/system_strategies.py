"""Random small systems: threads with locks, shared variables, objects, a list, choices and claims.

Every mover that a step claims is true of it, given that its accesses are protected; whether they are is
left to chance. `random_system` takes its decisions from a function, so that it can be driven by
Hypothesis or by a plain generator of random numbers.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

from hypothesis import strategies as st

from dmc.ir.builder import (
    add,
    assign,
    at,
    binary,
    check,
    conj,
    disj,
    eq,
    holds,
    is_live,
    is_null,
    le,
    lt,
    neg,
    reg,
    var,
)
from dmc.ir.expr import Const, Expr, Field, Full, Item, Length, ListPlace, Place, Read, Register, Self, Var
from dmc.ir.sort import Range, Ref
from dmc.ir.statement import (
    Collect,
    Cover,
    Cut,
    Emit,
    Fault,
    Goto,
    If,
    Kill,
    New,
    Push,
    Remove,
    Stmt,
    Violate,
)
from dmc.ir.system import (
    Access,
    FieldDecl,
    InitialChoice,
    Kind,
    ListVariable,
    Mover,
    Obligation,
    Point,
    Pool,
    Property,
    PropertyKind,
    RegisterDecl,
    Step,
    System,
    ThreadType,
    Variable,
)

Pick = Callable[[int], int]
"""A number below the given one."""

LOCKS = ("l", "k")
SHARED = ("x", "y")
TOP = 2
QUEUE = ListPlace("queue")
O = reg("o")  # noqa: E741
VALUE = Field("pool", "node", "f", O)
MUTEX = Field("pool", "node", "m", O)
DANGLES = Fault("use-after-free", ("fault",))
LIVE = check(is_live("pool", O), DANGLES)


@st.composite
def systems(draw: st.DrawFn) -> System:
    """Random systems for Hypothesis."""
    return random_system(lambda below: draw(st.integers(0, below - 1)))


def seeded_system(seed: int) -> System:
    return random_system(random.Random(seed).randrange)


def random_system(pick: Pick) -> System:
    small_pool = pick(3) == 0
    names = ("a", "b", "c")[: 2 + (pick(3) == 0)]
    types = [_Program(pick, small_pool).build(name) for name in names]
    if pick(4) == 0:
        types[0] = replace(types[0], instances=2)
    threads = sum(t.instances for t in types)
    ends: Expr = conj(at(number, "done") for number in range(1, threads + 1))
    system = System(
        variables=(
            *(Variable(name, Range(0, 4)) for name in LOCKS),
            *(Variable(name, Range(0, TOP)) for name in SHARED),
            Variable("g", Ref("pool")),
        ),
        lists=(ListVariable("queue", Ref("pool"), 2),),
        pools=(Pool("pool", 2 if small_pool else 24, (_node(),)),),
        threads=tuple(types),
        ends=ends,
        properties=_properties(pick),
        initial_choices=(InitialChoice("x", 0, (0, 1)),) if pick(5) == 0 else (),
    )
    return system if pick(4) == 0 else _with_obligations(system, pick)


def _with_obligations(system: System, pick: Pick) -> System:
    """Some steps are those of a party, and something can be reached, perhaps without it."""
    types = list(system.threads)
    for party in ("p", "q")[: pick(3)]:
        of, every, first = pick(len(types)), 1 + pick(4), pick(3)
        steps = tuple(
            replace(s, party=party) if n % every == first % every else s
            for n, s in enumerate(types[of].steps)
        )
        types[of] = replace(types[of], steps=steps)
    named = sorted({s.party for t in types for s in t.steps} - {""})
    owed = tuple(_obligation(types, named, pick) for _ in range(1 + pick(2)))
    claim = Property("can_reach", PropertyKind.CAN_REACH, obligations=owed)
    return replace(system, threads=tuple(types), properties=(*system.properties, claim))


def _obligation(types: list[ThreadType], named: list[str], pick: Pick) -> Obligation:
    points = [point.name for point in types[0].points]
    when = (
        Const(1),
        eq(Var("x"), pick(TOP + 1)),
        at(1, *points[pick(len(points)) :]),
        neg(eq(Var(LOCKS[pick(2)]), 0)),
    )
    target = (
        at(1, "done"),
        at(1, *points[pick(len(points)) :]),
        eq(Var(SHARED[pick(2)]), pick(TOP + 1)),
        eq(Var(LOCKS[pick(2)]), 0),
        lt(0, Length(QUEUE)),
    )
    return Obligation(when[pick(len(when))], target[pick(len(target))], tuple(named[pick(2) :]))


def _node() -> Kind:
    return Kind(
        "node", (FieldDecl("f", Range(0, TOP)), FieldDecl("m", Range(0, 4)), FieldDecl("next", Ref("pool")))
    )


def _properties(pick: Pick) -> tuple[Property, ...]:
    total = add(Var("x"), Var("y"))
    return (
        Property("fault", PropertyKind.FAULT),
        Property("never", PropertyKind.VIOLATION),
        Property("lost", PropertyKind.LOST, is_null(Var("g")) if pick(3) == 0 else None),
        Property("race", PropertyKind.RACE),
        Property("hang", PropertyKind.HANG),
        Property("order", PropertyKind.ACYCLIC),
        Property("at_end", PropertyKind.AT_END, eq(Var(SHARED[pick(2)]), pick(TOP + 1))),
        *((Property("invariant", PropertyKind.INVARIANT, lt(total, 2 + pick(3))),) if pick(3) == 0 else ()),
        *((Property("reach", PropertyKind.REACHABLE, eq(Var("x"), Var("y"))),) if pick(3) == 0 else ()),
        Property("covered", PropertyKind.REACHABLE),
    )


class _Program:
    """The steps of one thread type, in the order of its points p0, p1, ..."""

    def __init__(self, pick: Pick, small_pool: bool):
        self.pick = pick
        self.small_pool = small_pool
        self.steps: list[Step] = []
        self.size = 0

    def build(self, name: str) -> ThreadType:
        if self.pick(2):
            self._new()
            self._share_reference()
        for _ in range(2 + self.pick(3)):
            self._block()
        last = self._here()
        points = [Point(f"p{k}") for k in range(self.size)] + [Point("done", rest=True)]
        steps = tuple(_renamed(step, last) for step in self.steps)
        registers = (RegisterDecl("o", Ref("pool")), RegisterDecl("v", Range(0, 4)))
        start = "p0" if self.size else "done"
        return ThreadType(name, 1, start, registers, tuple(points), steps)

    def _block(self) -> None:
        match self.pick(10):
            case 0 | 1 | 2:
                self._section(*self._global_lock(LOCKS[self.pick(2)]))
            case 3 | 4:
                self._section(*self._object_lock())
            case 5:
                self._new()
                self._simple()
            case _:
                self._simple()
                self._simple()

    def _section(self, take: Step, give: Step) -> None:
        self._add(take)
        for _ in range(1 + self.pick(3)):
            self._simple()
        if self.pick(12):
            self._add(give)

    def _simple(self) -> None:
        actions = [
            self._access_shared,
            self._access_shared,
            self._access_object,
            self._access_object,
            self._access_object,
            self._share_reference,
            self._share_reference,
            self._queue,
            self._queue,
            self._free,
            self._new,
            self._choice,
            self._branch,
            self._claim,
            self._atomic,
            self._lock_without_end,
            self._local,
        ]
        actions[self.pick(len(actions))]()

    def _add(self, step: Step, *others: Step) -> None:
        """Steps from the next point; the target `next` is the point after it."""
        here = self._here()
        after = f"p{self.size + 1}"
        for one in (step, *others):
            self.steps.append(_renamed(replace(one, source=here), after, "next"))
        self.size += 1

    def _here(self) -> str:
        return f"p{self.size}"

    def _on_object(self, *body: Stmt) -> tuple[Stmt, ...]:
        """The body, if there is an object; sometimes none is a fault."""
        if self.pick(8) == 0:
            return (LIVE, *body)
        return (If(neg(is_null(O)), (LIVE, *body)),)

    def _step(
        self, label: str, *body: Stmt, mover: Mover = Mover.BOTH, accesses: tuple[Access, ...] = ()
    ) -> Step:
        return Step("here", label, (*body, Goto("next")), mover=mover, accesses=accesses)

    def _global_lock(self, lock: str) -> tuple[Step, Step]:
        take = self._step(f"lock {lock}", assign(Var(lock), Self()), mover=Mover.RIGHT)
        give = self._step(f"unlock {lock}", *self._owned(Var(lock)), mover=Mover.LEFT)
        free = eq(Var(lock), 0)
        return replace(take, guard=free, blocking=True, waits=lock, holder=var(lock)), give

    def _object_lock(self) -> tuple[Step, Step]:
        alive = Access("m", O, write=False, lifetime=True)
        free = disj([neg(is_live("pool", O)), eq(MUTEX, 0)])
        take = self._step(
            "lock o.m", *self._on_object(assign(MUTEX, Self())), mover=Mover.RIGHT, accesses=(alive,)
        )
        owned = self._owned(MUTEX)
        give = self._step("unlock o.m", *self._on_object(*owned), mover=Mover.LEFT, accesses=(alive,))
        return replace(take, guard=free, blocking=True, waits="m", holder=Read(MUTEX)), give

    def _owned(self, lock: Place) -> tuple[Stmt, ...]:
        """Give the lock back; sometimes not to have it is a fault, sometimes nothing."""
        if self.pick(3) == 0:
            return (check(holds(lock), Fault("not-owner", ("fault",))), assign(lock, 0))
        return (If(holds(lock), (assign(lock, 0),)),)

    def _lock_without_end(self) -> None:
        take, give = self._object_lock() if self.pick(2) else self._global_lock(LOCKS[self.pick(2)])
        self._add(take if self.pick(2) else give)

    def _access_shared(self) -> None:
        name = SHARED[self.pick(2)]
        if self.pick(2):
            body = assign(Register("v"), Var(name))
            self._add(self._step(f"v = {name}", body, accesses=(shared(name, False),)))
        else:
            value = (Const(self.pick(TOP + 1)), binary("%", reg("v"), TOP + 1))[self.pick(2)]
            self._add(self._step(f"{name} =", assign(Var(name), value), accesses=(shared(name, True),)))

    def _access_object(self) -> None:
        if self.pick(2):
            body = assign(Register("v"), VALUE)
            self._add(self._step("v = o.f", *self._on_object(body), accesses=(on_object(False),)))
        else:
            body = assign(VALUE, self.pick(TOP + 1))
            self._add(self._step("o.f =", *self._on_object(body), accesses=(on_object(True),)))

    def _share_reference(self) -> None:
        if self.pick(2):
            self._add(self._step("g = o", assign(Var("g"), O), accesses=(shared("g", True),)))
        else:
            self._add(self._step("o = g", assign(Register("o"), Var("g")), accesses=(shared("g", False),)))

    def _queue(self) -> None:
        if self.pick(2):
            room = check(lt(Length(QUEUE), 2), Cut("queue"))
            forget = (assign(Register("o"), 0),) if self.pick(2) else ()
            self._add(
                self._step("push", If(neg(is_null(O)), (room, Push(QUEUE, O))), *forget, mover=Mover.NONE)
            )
        else:
            take = assign(Register("o"), Item(QUEUE, Const(0)))
            pop = self._step("pop", take, Remove(QUEUE, Const(0)), mover=Mover.NONE)
            some = lt(0, Length(QUEUE))
            if self.pick(2):
                self._add(replace(pop, guard=some, blocking=True, waits="queue"))
            else:
                self._add(
                    replace(pop, guard=some), replace(self._step("none", mover=Mover.NONE), guard=neg(some))
                )

    def _new(self) -> None:
        make = New(Register("o"), "pool", "node", (("f", Const(1)),))
        if self.small_pool:
            self._add(self._step("new", check(neg(Full("pool")), Cut("pool")), make, mover=Mover.NONE))
        else:
            self._add(self._step("new", make, Emit("new", (("o", O),))))

    def _free(self) -> None:
        unlocked = check(eq(MUTEX, 0), Fault("destroyed-locked", ("fault",)))
        ends = (replace(on_object(True), frees=True), Access("m", O, write=True, lifetime=True))
        forget = (assign(Register("o"), 0),) if self.pick(2) else ()
        self._add(
            self._step(
                "free", *self._on_object(unlocked, Kill("pool", O)), *forget, mover=Mover.NONE, accesses=ends
            )
        )

    def _choice(self) -> None:
        one, two = self._step("one", assign(Register("v"), 1)), self._step("two", assign(Register("v"), 2))
        back = f"p{self.pick(self.size + 1)}"
        other = replace(two, label="back", body=(Goto(back),)) if self.pick(3) == 0 else two
        self._add(one, other)

    def _branch(self) -> None:
        name, value = SHARED[self.pick(2)], self.pick(TOP + 1)
        equal = eq(Var(name), value)
        accesses = (shared(name, False),)
        yes = self._step(f"{name} == {value}", assign(Register("o"), 0), accesses=accesses)
        no = self._step(f"{name} != {value}", accesses=accesses)
        self._add(replace(yes, guard=equal), replace(no, guard=neg(equal)))

    def _claim(self) -> None:
        match self.pick(4):
            case 0:
                body: Stmt = check(le(reg("v"), self.pick(2)), Fault("assert", ("fault",)))
            case 1:
                body = Violate("never", (("v", reg("v")),))
            case 2:
                body = Cover("covered")
            case _:
                body = Collect("order", reg("v"), Const(self.pick(3)))
        self._add(self._step("claim", body))

    def _atomic(self) -> None:
        name, value = SHARED[self.pick(2)], self.pick(TOP + 1)
        if self.pick(2):
            accesses = (replace(shared(name, True), atomic=True),)
            self._add(
                self._step(f"atomic {name} =", assign(Var(name), value), mover=Mover.NONE, accesses=accesses)
            )
        else:
            wait = self._step(
                f"await {name}", mover=Mover.NONE, accesses=(replace(shared(name, False), atomic=True),)
            )
            self._add(replace(wait, guard=eq(Var(name), value), blocking=True, waits=name))
            if self.pick(2):
                source = self.steps[-1].source
                self.steps.append(Step(source, "spurious", (assign(Register("v"), 0),), spurious=True))

    def _local(self) -> None:
        self._add(self._step("o = NULL", assign(Register("o"), 0)))


def shared(name: str, write: bool) -> Access:
    return Access(name, Const(0), write, protections=tuple((lock, holds(Var(lock))) for lock in LOCKS))


def on_object(write: bool) -> Access:
    own = ("m", conj([neg(is_null(O)), holds(MUTEX)]))
    return Access("f", O, write, protections=(*((lock, holds(Var(lock))) for lock in LOCKS), own))


def _renamed(step: Step, target: str, name: str = "") -> Step:
    """With the target called `name` (or, at the end of a program, its last point) given its own name."""
    if name:
        body = tuple(Goto(target) if s == Goto(name) else s for s in step.body)
    else:
        body = tuple(Goto("done") if s == Goto(target) else s for s in step.body)
    return replace(step, body=body)
