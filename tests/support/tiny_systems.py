"""Hand-built systems, small enough to count by hand."""

from __future__ import annotations

from dmc.ir.builder import assign, at, check, conj, eq, holds, is_live, is_null, lt, reg, var
from dmc.ir.expr import Const, Expr, Field, Item, KindOf, Length, ListPlace, Read, Register, Self, Var
from dmc.ir.sort import Bool, Range, Ref
from dmc.ir.statement import Emit, Fault, Goto, Kill, New, Push, Remove, Stmt
from dmc.ir.system import (
    Access,
    FieldDecl,
    Kind,
    ListVariable,
    Mover,
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

THREADS = 3

ALL = (
    Property("fault", PropertyKind.FAULT),
    Property("hang", PropertyKind.HANG),
    Property("race", PropertyKind.RACE),
    Property("lost", PropertyKind.LOST),
)


def acquire(source: str, target: str, lock: str) -> Step:
    """Take the lock, as soon as nobody has it."""
    return Step(
        source,
        f"lock {lock}",
        (assign(Var(lock), Self()), Goto(target)),
        guard=eq(Var(lock), 0),
        mover=Mover.RIGHT,
        blocking=True,
        waits=lock,
        holder=var(lock),
    )


def release(source: str, target: str, lock: str) -> Step:
    return Step(source, f"unlock {lock}", (assign(Var(lock), 0), Goto(target)), mover=Mover.LEFT)


def thread(
    name: str, steps: tuple[Step, ...], registers: tuple[RegisterDecl, ...] = (), instances: int = 1
) -> ThreadType:
    """A thread from the points that its steps name; it starts at `start` and may rest at `done`."""
    names = dict.fromkeys(["start", *(s.source for s in steps), "done"])
    points = tuple(Point(point, rest=point == "done") for point in names)
    return ThreadType(name, instances, "start", registers, points, steps)


def lock_variable(name: str) -> Variable:
    return Variable(name, Range(0, THREADS))


def all_done(threads: int) -> Expr:
    return conj(at(number, "done") for number in range(1, threads + 1))


def two_locks(opposite: bool) -> System:
    """Two threads that take two locks each, in opposite order or in the same."""

    def take(first: str, second: str) -> tuple[Step, ...]:
        return (
            acquire("start", "one", first),
            acquire("one", "two", second),
            release("two", "three", second),
            release("three", "done", first),
        )

    return System(
        variables=(lock_variable("a"), lock_variable("b")),
        lists=(),
        pools=(),
        threads=(
            thread("left", take("a", "b")),
            thread("right", take("b", "a") if opposite else take("a", "b")),
        ),
        ends=all_done(2),
        properties=ALL,
    )


def producer_consumer(lost_wakeup: bool) -> System:
    """A consumer waits until there is something; the producer's signal may come before it waits."""
    ready = Access("ready", Const(0), write=False, protections=(("m", holds(Var("m"))),))
    written = Access("ready", Const(0), write=True, protections=(("m", holds(Var("m"))),))
    consumer = (
        acquire("start", "test", "m"),
        Step("test", "ready", (Goto("leave"),), eq(Var("ready"), 1), accesses=(ready,), mover=Mover.BOTH),
        Step(
            "test",
            "not ready",
            (Goto("unlock" if lost_wakeup else "wait"),),
            eq(Var("ready"), 0),
            accesses=(ready,),
            mover=Mover.BOTH,
        ),
        Step("wait", "wait", (assign(Var("m"), 0), assign(Var("waiting"), 1), Goto("asleep"))),
        Step("unlock", "unlock m", (assign(Var("m"), 0), Goto("enter")), mover=Mover.LEFT),
        Step("enter", "wait", (assign(Var("waiting"), 1), Goto("asleep"))),
        Step(
            "asleep",
            "woken",
            (assign(Var("m"), Self()), Goto("test")),
            conj([eq(Var("waiting"), 0), eq(Var("m"), 0)]),
            blocking=True,
            waits="c",
        ),
        Step("asleep", "spurious", (assign(Var("waiting"), 0),), eq(Var("waiting"), 1), spurious=True),
        release("leave", "done", "m"),
    )
    if lost_wakeup:
        consumer = tuple(s for s in consumer if not s.spurious and s.source != "wait")
    else:
        consumer = tuple(s for s in consumer if s.source not in ("unlock", "enter"))
    producer = (
        acquire("start", "set", "m"),
        Step(
            "set",
            "ready = 1",
            (assign(Var("ready"), 1), Goto("unlock")),
            accesses=(written,),
            mover=Mover.BOTH,
        ),
        release("unlock", "signal", "m"),
        Step("signal", "signal c", (assign(Var("waiting"), 0), Goto("done"))),
    )
    poller = (Step("start", "turn", ()),)
    turning = ThreadType("poller", 1, "start", (), (Point("start", rest=True),), poller)
    return System(
        variables=(lock_variable("m"), Variable("ready", Bool()), Variable("waiting", Bool())),
        lists=(),
        pools=(),
        threads=(thread("consumer", consumer), thread("producer", producer), turning),
        ends=conj([all_done(2), at(3, "start")]),
        properties=ALL,
    )


def heap(variant: str) -> System:
    """An object is made, handed over through a list, and freed: well, used after (`use`), or `lose`d."""
    queue = ListPlace("queue")
    o = reg("o")
    live = check(is_live("jobs", o), Fault("use-after-free", ("fault",)))
    value = Field("jobs", "job", "value", o)
    maker = (
        Step(
            "start",
            "alloc",
            (
                New(Register("o"), "jobs", "job", (("tag", Const(1)),)),
                Emit("alloc", (("o", o),)),
                Goto("write"),
            ),
        ),
        Step(
            "write",
            "value = 1",
            (live, assign(value, 1), Goto("push")),
            accesses=(Access("value", o, write=True),),
        ),
        Step(
            "push",
            "push",
            (Push(queue, o), *_forget(variant != "use"), Goto("use" if variant == "use" else "done")),
        ),
        Step(
            "use",
            "value = 2",
            (live, assign(value, 2), assign(Register("o"), 0), Goto("done")),
            accesses=(Access("value", o, write=True),),
        ),
    )
    taker = (
        Step(
            "start",
            "pop",
            (assign(Register("o"), Item(queue, Const(0))), Remove(queue, Const(0)), Goto("read")),
            guard=lt(0, Length(queue)),
            blocking=True,
            waits="queue",
        ),
        Step(
            "read",
            "read",
            (live, assign(Register("v"), value), Goto("free")),
            accesses=(Access("value", o, write=False),),
        ),
        Step(
            "free",
            "free",
            ((Kill("jobs", o),) if variant != "lose" else ()) + (assign(Register("o"), 0), Goto("done")),
            accesses=(Access("value", o, write=True, frees=True),) if variant != "lose" else (),
        ),
    )
    registers = (RegisterDecl("o", Ref("jobs")), RegisterDecl("v", Range(0, 2)))
    job = Kind(
        "job",
        (FieldDecl("value", Range(0, 2)), FieldDecl("tag", Range(0, 3)), FieldDecl("next", Ref("jobs"))),
    )
    return System(
        variables=(),
        lists=(ListVariable("queue", Ref("jobs"), 2),),
        pools=(Pool("jobs", 2, (job,)),),
        threads=(thread("maker", maker, registers), thread("taker", taker, registers)),
        ends=all_done(2),
        properties=(*ALL, Property("empty", PropertyKind.AT_END, eq(KindOf("jobs", Const(1)), 0))),
    )


def _forget(really: bool) -> tuple[Stmt, ...]:
    return (assign(Register("o"), 0),) if really else ()


__all__ = ["Read", "acquire", "all_done", "heap", "is_null", "producer_consumer", "release", "two_locks"]
