"""Each kind of ill-formed system is noticed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings

from dmc.base.exceptions import InternalError
from dmc.ir.builder import assign, at, eq, lt, reg, var
from dmc.ir.expr import (
    Binary,
    Bound,
    Const,
    Expr,
    Field,
    Full,
    Length,
    ListPlace,
    Quantified,
    Read,
    Register,
    Self,
    Unary,
    Var,
)
from dmc.ir.sort import Range, Ref
from dmc.ir.statement import Goto, Kill, New, Push, Stmt
from dmc.ir.system import InitialChoice, Pool, Property, PropertyKind, System, Variable
from dmc.ir.verifier import problems, verify
from tests.support.system_strategies import systems
from tests.support.tiny_systems import heap, producer_consumer, two_locks

HEAP = heap("ok")


def with_body(*body: Stmt) -> System:
    maker, taker = HEAP.threads
    first, *rest = maker.steps
    return replace(HEAP, threads=(replace(maker, steps=(replace(first, body=body), *rest)), taker))


def with_ends(ends: Expr) -> System:
    return replace(HEAP, ends=ends)


def with_thread(**changes: object) -> System:
    maker, taker = HEAP.threads
    return replace(HEAP, threads=(replace(maker, **changes), taker))  # type: ignore[arg-type]


@given(systems())
@settings(max_examples=50, derandomize=True, deadline=None)
def test_random_systems_are_well_formed(system: System) -> None:
    assert problems(system) == []


def test_hand_built_systems_are_well_formed() -> None:
    for system in (HEAP, two_locks(True), two_locks(False), producer_consumer(True)):
        verify(system)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: with_body(Goto("nowhere")), "goes to no point nowhere"),
        (lambda: with_body(assign(Var("nothing"), 1)), "there is no variable nothing"),
        (lambda: with_body(assign(Register("nothing"), 1)), "there is no register nothing"),
        (lambda: with_body(assign(Field("jobs", "job", "no", reg("o")), 1)), "there is no field jobs.job.no"),
        (lambda: with_body(Push(ListPlace("no"), Const(1))), "there is no list no"),
        (lambda: with_body(Push(ListPlace("queue", Const(1)), Const(1))), "queue has no list 1"),
        (lambda: with_body(Kill("no", reg("o"))), "there is no pool no"),
        (lambda: with_body(New(Register("o"), "jobs", "no")), "there is no kind jobs.no"),
        (lambda: with_body(New(Register("v"), "jobs", "job")), "a place that cannot refer to jobs"),
        (lambda: with_body(New(Register("o"), "jobs", "job", (("no", Const(1)),))), "no field jobs.job.no"),
        (lambda: with_ends(Read(Register("o"))), "there is no register o"),
        (lambda: with_ends(Self()), "there is no executing thread"),
        (lambda: with_ends(Full("no")), "there is no pool no"),
        (lambda: with_ends(Length(ListPlace("no"))), "there is no list no"),
        (lambda: with_ends(at(1, "no")), "there is no point no"),
        (lambda: with_ends(Bound("i")), "nothing binds i"),
        (lambda: with_ends(Unary("~", Const(1))), "there is no operator ~"),
        (lambda: with_ends(Binary("**", Const(1), Const(1))), "there is no operator **"),
        (lambda: with_ends(Quantified("most", "i", Const(1), Const(1), Const(1))), "no quantifier most"),
        (lambda: with_body(assign(Register("v"), lt(reg("o"), 1))), "a reference under <"),
        (lambda: with_thread(start="no"), "starts at no point no"),
        (lambda: with_thread(points=HEAP.threads[0].points * 2), "2 times point"),
        (lambda: replace(HEAP, properties=HEAP.properties * 2), "2 times property"),
        (lambda: replace(HEAP, pools=(*HEAP.pools, Pool("jobs", 1, ()))), "2 times pool"),
        (lambda: replace(HEAP, variables=(Variable("x", Range(1, 2)),)), "cannot have the value 0"),
        (lambda: replace(HEAP, variables=(Variable("x", Range(2, 1)),)), "has an empty range"),
        (lambda: replace(HEAP, variables=(Variable("x", Ref("no")),)), "refers to no pool no"),
        (lambda: replace(HEAP, initial_choices=(InitialChoice("x", 0, (1,)),)), "is of no cell"),
        (lambda: replace(HEAP, properties=(Property("p", PropertyKind.AT_END),)), "has no condition"),
        (lambda: replace(HEAP, version=0), "version 0"),
    ],
)
def test_what_is_ill_formed(build: Callable[[], System], message: str) -> None:
    assert any(message in problem for problem in problems(build())), problems(build())
    with pytest.raises(InternalError):
        verify(build())


def test_references_to_different_pools_do_not_mix() -> None:
    system = replace(
        HEAP, pools=(*HEAP.pools, Pool("other", 1, ())), variables=(Variable("g", Ref("other")),)
    )
    maker, taker = system.threads
    step = replace(maker.steps[0], body=(assign(Register("o"), var("g")),), guard=eq(var("g"), 0))
    mixed = replace(system, threads=(replace(maker, steps=(step,)), taker))
    assert any("a reference to other where one to jobs belongs" in problem for problem in problems(mixed))
