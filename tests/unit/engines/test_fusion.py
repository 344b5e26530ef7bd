"""Systems on which a careless fusion would be wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dmc.engines.reference.fusion import Fusion
from dmc.engines.reference.replay import replay
from dmc.engines.reference.search import check
from dmc.ir.builder import assign, at, conj, disj, eq, holds, is_live, ne, neg, reg
from dmc.ir.builder import check as check_that
from dmc.ir.evaluate import compile_system
from dmc.ir.expr import TRUE, Const, Expr, Field, Register, Self, Var
from dmc.ir.sort import Bool, Range, Ref
from dmc.ir.statement import Fault, Goto, Kill, New, Stmt
from dmc.ir.system import (
    Access,
    FieldDecl,
    Kind,
    Mover,
    Pool,
    Property,
    PropertyKind,
    RegisterDecl,
    Step,
    System,
    ThreadType,
    Variable,
)
from tests.support.tiny_systems import ALL, acquire, lock_variable, release, thread

UNREDUCED = frozenset({"heap", "dead"})
REDUCED = UNREDUCED | {"fusion"}
O = reg("o")  # noqa: E741
LIVE = check_that(is_live("pool", O), Fault("use-after-free", ("fault",)))
VALUE = Field("pool", "node", "f", O)
MUTEX = Field("pool", "node", "m", O)
REGISTERS = (RegisterDecl("o", Ref("pool")), RegisterDecl("v", Range(0, 9)))
READ = Access("f", O, write=False)
FREE = Access("f", O, write=True, frees=True)


def step(
    source: str,
    target: str,
    *body: Stmt,
    mover: Mover = Mover.NONE,
    accesses: tuple[Access, ...] = (),
    guard: Expr = TRUE,
) -> Step:
    blocking = guard != TRUE
    return Step(
        source,
        f"{source}-{target}",
        (*body, Goto(target)),
        guard,
        accesses=accesses,
        mover=mover,
        blocking=blocking,
    )


def shared(name: str, write: bool, *locks: str) -> Access:
    return Access(name, Const(0), write, protections=tuple((lock, holds(Var(lock))) for lock in locks))


def system(*threads: ThreadType, properties: tuple[Property, ...] = ALL, ends: Expr | None = None) -> System:
    node = Kind("node", (FieldDecl("f", Range(0, 9)), FieldDecl("m", Range(0, 3))))
    return System(
        variables=(
            lock_variable("a"),
            lock_variable("b"),
            Variable("flag", Bool()),
            Variable("x", Range(0, 9)),
            Variable("y", Range(0, 9)),
            Variable("g", Ref("pool")),
        ),
        lists=(),
        pools=(Pool("pool", 4, (node,)),),
        threads=threads,
        ends=conj(at(n, "done") for n in range(1, len(threads) + 1)) if ends is None else ends,
        properties=properties,
    )


def agreed(tested: System) -> set[str]:
    """The properties violated, with and without fusion, each finding replayed."""
    plain, fused = check(tested, reductions=UNREDUCED), check(tested, reductions=REDUCED)
    assert {f.property for f in plain.findings} == {f.property for f in fused.findings}
    assert set(plain.cuts) == set(fused.cuts)
    for finding in fused.findings:
        replay(tested, finding)
    return {f.property for f in fused.findings}


def fused_points(tested: System) -> set[str]:
    fusion = Fusion(compile_system(tested), frozenset())
    return {fusion.layout.point_name(number) for number in fusion.plan.fused}


def section(lock: str, *names: str) -> tuple[Step, ...]:
    """Take the lock, set the variables to 1 and back to 0, give the lock back."""
    points = [f"p{n}" for n in range(2 * len(names) + 1)]
    writes = [(name, value) for name in names for value in (1, 0)]
    return (
        acquire("start", "p0", lock),
        *(
            step(
                source,
                target,
                assign(Var(name), value),
                mover=Mover.BOTH,
                accesses=(shared(name, True, "a", "b"),),
            )
            for source, target, (name, value) in zip(points, points[1:], writes, strict=False)
        ),
        release(points[-1], "done", lock),
    )


def test_a_section_is_one_transaction() -> None:
    tested = system(thread("s", section("a", "x")), thread("t", section("a", "x")))
    assert fused_points(tested) == {f"{t}.p{n}" for t in "st" for n in range(3)}
    assert agreed(tested) == set()
    assert check(tested, reductions=REDUCED).states == 4


def test_different_locks_protect_nothing() -> None:
    assert agreed(system(thread("s", section("a", "x")), thread("t", section("b", "x")))) == {"race"}


@pytest.mark.parametrize("kind", [PropertyKind.INVARIANT, PropertyKind.REACHABLE])
def test_a_condition_that_two_transactions_must_meet_in_is_seen(kind: PropertyKind) -> None:
    both = conj([eq(Var("x"), 1), eq(Var("y"), 1)])
    claim = Property("both", kind, neg(both) if kind is PropertyKind.INVARIANT else both)
    tested = system(thread("s", section("a", "x")), thread("t", section("b", "y")), properties=(claim,))
    fused = check(tested, reductions=REDUCED)
    assert {f.property for f in fused.findings} | fused.covered == {"both"}


def test_ends_in_the_middle_of_two_transactions_are_seen() -> None:
    ends = conj([at(1, "p1"), at(2, "p1")])
    claim = Property("never", PropertyKind.AT_END, Const(0))
    assert agreed(
        system(thread("s", section("a", "x")), thread("t", section("b", "y")), properties=(claim,), ends=ends)
    ) == {"never"}


def test_ends_that_do_not_say_where_threads_stand_are_seen() -> None:
    ends = conj([eq(Var("x"), 1), eq(Var("y"), 1)])
    claim = Property("never", PropertyKind.AT_END, Const(0))
    assert agreed(
        system(thread("s", section("a", "x")), thread("t", section("b", "y")), properties=(claim,), ends=ends)
    ) == {"never"}


def maker(*then: Step) -> ThreadType:
    """Makes an object, publishes it, and goes on at `made`."""
    return thread(
        "maker",
        (
            step("start", "publish", New(Register("o"), "pool", "node")),
            step("publish", "made", assign(Var("g"), O)),
            *then,
        ),
        REGISTERS,
    )


FREER = thread(
    "freer",
    (
        step("start", "take", guard=eq(Var("flag"), 1)),
        step("take", "free", assign(Register("o"), Var("g")), assign(Var("g"), 0)),
        step("free", "done", LIVE, Kill("pool", O), accesses=(FREE,)),
    ),
    REGISTERS,
)


def test_a_read_after_the_signal_that_lets_another_free() -> None:
    tested = system(
        maker(
            step("made", "read", assign(Var("flag"), 1)),
            step("read", "forget", LIVE, assign(Register("v"), VALUE), mover=Mover.BOTH, accesses=(READ,)),
            step("forget", "done", assign(Register("o"), 0), mover=Mover.BOTH),
        ),
        FREER,
    )
    assert agreed(tested) == {"fault"}


def test_a_read_before_the_signal_is_well() -> None:
    tested = system(
        maker(
            step("made", "forget", LIVE, assign(Register("v"), VALUE), mover=Mover.BOTH, accesses=(READ,)),
            step("forget", "signal", assign(Register("o"), 0), mover=Mover.BOTH),
            step("signal", "done", assign(Var("flag"), 1)),
        ),
        FREER,
    )
    assert agreed(tested) == set()


def test_an_unlock_after_the_signal_that_lets_another_destroy_the_lock() -> None:
    alive = Access("m", O, write=False, lifetime=True)
    destroy = Access("m", O, write=True, lifetime=True)
    lock = step("made", "signal", LIVE, assign(MUTEX, Self()), mover=Mover.RIGHT, accesses=(alive,))
    unlocked = check_that(eq(MUTEX, 0), Fault("destroyed-locked", ("fault",)))
    tested = system(
        maker(
            replace(lock, guard=eq(MUTEX, 0), blocking=True),
            step("signal", "unlock", assign(Var("flag"), 1)),
            step("unlock", "forget", LIVE, assign(MUTEX, 0), mover=Mover.LEFT, accesses=(alive,)),
            step("forget", "done", assign(Register("o"), 0), mover=Mover.BOTH),
        ),
        thread(
            "freer",
            (
                step("start", "take", guard=eq(Var("flag"), 1)),
                step("take", "free", assign(Register("o"), Var("g")), assign(Var("g"), 0)),
                step("free", "done", LIVE, unlocked, Kill("pool", O), accesses=(FREE, destroy)),
            ),
            REGISTERS,
        ),
    )
    assert agreed(tested) == {"fault"}


def test_destroying_a_lock_that_another_may_hold() -> None:
    alive = Access("m", O, write=False, lifetime=True)
    destroy = Access("m", O, write=True, lifetime=True)
    lock = step("made", "inside", LIVE, assign(MUTEX, Self()), mover=Mover.RIGHT, accesses=(alive,))
    free = disj([neg(is_live("pool", O)), eq(MUTEX, 0)])
    unlocked = check_that(eq(MUTEX, 0), Fault("destroyed-locked", ("locked",)))
    tested = system(
        maker(
            replace(lock, guard=free, blocking=True),
            step("inside", "unlock", assign(Register("v"), 1), mover=Mover.BOTH),
            step("unlock", "done", LIVE, assign(MUTEX, 0), mover=Mover.LEFT, accesses=(alive,)),
        ),
        thread(
            "freer",
            (
                step("start", "free", assign(Register("o"), Var("g")), guard=ne(Var("g"), 0)),
                step("free", "done", LIVE, unlocked, Kill("pool", O), accesses=(destroy,)),
            ),
            REGISTERS,
        ),
        properties=(*ALL, Property("locked", PropertyKind.FAULT)),
    )
    assert agreed(tested) == {"fault", "locked"}


def test_a_fault_after_a_signal_does_not_hide_what_the_signal_causes() -> None:
    tested = system(
        thread(
            "faulty",
            (
                step("start", "fault", assign(Var("flag"), 1)),
                step("fault", "done", check_that(Const(0), Fault("own", ("fault",))), mover=Mover.BOTH),
            ),
        ),
        thread(
            "other",
            (
                step("start", "fault", guard=eq(Var("flag"), 1)),
                step("fault", "done", check_that(Const(0), Fault("caused", ("caused",)))),
            ),
        ),
        properties=(*ALL, Property("caused", PropertyKind.FAULT)),
    )
    assert agreed(tested) == {"fault", "caused"}


def test_a_loop_of_movers_does_not_run_for_ever() -> None:
    turn = (
        acquire("start", "test", "a"),
        step("test", "again", assign(Register("v"), 1), mover=Mover.BOTH),
        step("again", "test", assign(Register("v"), 0), mover=Mover.BOTH),
        replace(release("again", "done", "a"), mover=Mover.BOTH),
    )
    assert agreed(system(thread("s", turn, REGISTERS), thread("t", turn, REGISTERS))) == set()


def test_an_object_that_nobody_else_knows_needs_no_lock() -> None:
    own = (
        step("start", "write", New(Register("o"), "pool", "node"), mover=Mover.BOTH),
        step(
            "write", "free", LIVE, assign(VALUE, 1), mover=Mover.BOTH, accesses=(replace(READ, write=True),)
        ),
        step("free", "forget", LIVE, Kill("pool", O), accesses=(FREE,)),
        step("forget", "done", assign(Register("o"), 0), mover=Mover.BOTH),
    )
    tested = system(thread("s", own, REGISTERS), thread("t", own, REGISTERS))
    assert agreed(tested) == set()
    assert check(tested, reductions=REDUCED).states == 4
