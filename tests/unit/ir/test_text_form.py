"""What is printed can be read back, equal to the last detail."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings

from dmc.base.exceptions import InternalError
from dmc.base.source import Span
from dmc.ir.builder import at, count, exists, forall, ite, reg, var
from dmc.ir.digest import digest
from dmc.ir.expr import FALSE, Binary, Const, Expr, Full, Instance, Item, KindOf, ListPlace, Read, Unary
from dmc.ir.printer import print_system
from dmc.ir.sort import UNSET, Enum, Range
from dmc.ir.statement import Check, Drop, If
from dmc.ir.system import Frame, Point, Property, PropertyKind, Step, System, ThreadType, Variable
from dmc.ir.text_parser import parse_system
from tests.support.system_strategies import systems
from tests.support.tiny_systems import heap, producer_consumer, two_locks

SPAN = Span('a "file".dmc', 3, 4, 5, 6)

EXPRESSIONS: list[Expr] = [
    Const(-4),
    Const(UNSET),
    Unary("-", Const(4)),
    Unary("not", var("x", 2)),
    Binary("-", Const(1), Const(-1)),
    ite(var("x"), 1, 2),
    Instance(),
    KindOf("a b", reg("not")),
    Full("pool"),
    Read(Item(ListPlace("if", Const(2)), var("x"))),
    forall("i", 0, 3, lambda i: exists("else", i, 3, lambda j: Binary("<<", i, j))),
    count("i", 0, 3, lambda i: at(i, "p", 'a "b"\\', "rest")),
]


@pytest.mark.parametrize(
    "system", [two_locks(True), producer_consumer(False), producer_consumer(True), heap("ok"), heap("lose")]
)
def test_hand_built_systems(system: System) -> None:
    assert parse_system(print_system(system)) == system


@given(systems())
@settings(max_examples=50, derandomize=True, deadline=None)
def test_random_systems(system: System) -> None:
    assert parse_system(print_system(system)) == system


@pytest.mark.parametrize("expr", EXPRESSIONS)
def test_expressions(expr: Expr) -> None:
    system = replace(two_locks(True), ends=expr)
    assert parse_system(print_system(system)) == system


def test_places_names_and_sorts() -> None:
    frames = (Frame("output", "the role", SPAN), Frame("helper"))
    points = (Point("output@1 [stop]", frames, SPAN, rest=True), Point("goto"))
    body = (If(var("x"), (Check(FALSE, Drop("never mind")),), (If(var("x"), ()),)),)
    steps = (Step("goto", 'say "x"\n', body, place=SPAN, holder=Const(1)),)
    system = System(
        variables=(
            Variable("x", Enum("colour", ("red", "size"), unset=True), 3, UNSET),
            Variable("a.b", Range(-3, -1), initial=-2),
        ),
        lists=(),
        pools=(),
        threads=(ThreadType("t", 2, "goto", (), points, steps),),
        ends=FALSE,
        properties=(Property("ASY001", PropertyKind.INVARIANT, FALSE, ("a", "b c"), SPAN),),
    )
    assert parse_system(print_system(system)) == system


def test_the_digest_tells_systems_apart() -> None:
    assert digest(two_locks(True)) == digest(two_locks(True)) != digest(two_locks(False))


@pytest.mark.parametrize(
    "text", ["", "dmc_ir 99\nends 1", "dmc_ir 2\nends (1 ? 2)", "dmc_ir 2\nends 1 1", "dmc_ir 2\nends (1 1)"]
)
def test_what_is_no_text_form(text: str) -> None:
    with pytest.raises(InternalError):
        parse_system(text)
