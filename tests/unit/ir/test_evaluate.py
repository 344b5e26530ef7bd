"""The meaning of each operator and statement."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from dmc.base.exceptions import InternalError
from dmc.ir.builder import add, assign, at, count, exists, forall, ite, lt, reg, var
from dmc.ir.evaluate import Record, compile_expression, compile_system
from dmc.ir.expr import (
    TRUE,
    Binary,
    Const,
    Expr,
    Field,
    Full,
    Instance,
    Item,
    KindOf,
    Length,
    ListPlace,
    Read,
    Register,
    Self,
    Unary,
    Var,
)
from dmc.ir.layout import lay_out
from dmc.ir.sort import DEAD, FREE, UNSET, Range, Ref
from dmc.ir.statement import (
    Check,
    Collect,
    Cover,
    Cut,
    Emit,
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
    FieldDecl,
    Kind,
    ListVariable,
    Point,
    Pool,
    RegisterDecl,
    Step,
    System,
    ThreadType,
    Variable,
)

A = Kind("a", (FieldDecl("n", Range(0, 9), 7), FieldDecl("r", Ref("pool"))))
B = Kind("b", (FieldDecl("m", Range(0, 9)),))


def system(*body: Stmt, guard: Expr = TRUE) -> System:
    points = (Point("p"), Point("q"))
    registers = (RegisterDecl("r", Ref("pool", unset=True)), RegisterDecl("v", Range(-99, 99)))
    return System(
        variables=(Variable("x", Range(-99, 99)), Variable("xs", Range(0, 9), 3, 1)),
        lists=(ListVariable("l", Range(0, 9), 3, 2),),
        pools=(Pool("pool", 2, (A, B)),),
        threads=(
            ThreadType("other", 1, "p", (), points, ()),
            ThreadType("t", 2, "p", registers, points, (Step("p", "step", body, guard),)),
        ),
        ends=TRUE,
    )


def value(expr: Expr, thread: int = 3, **cells: int) -> int:
    layout = lay_out(system())
    ((_, state),) = layout.initial_states()
    for name, number in cells.items():
        state[layout.cell_names().index(name)] = number
    where = layout.threads[thread - 1]
    return compile_expression(layout, expr, where.type_index)(state, where.base, where.number, where.instance)


def run(*body: Stmt, checked: bool = True) -> tuple[dict[str, int], object, Record]:
    """The cells that the body changes when the last thread takes it, its outcome and its record."""
    compiled = compile_system(system(*body), checked=checked, events=True)
    ((_, before),) = compiled.layout.initial_states()
    after, record = list(before), Record()
    thread = compiled.layout.threads[2]
    (step,) = compiled.steps[before[thread.base]]
    outcome = step.body(after, thread.base, thread.number, thread.instance, record)
    names = compiled.layout.cell_names(after)
    return {n: b for n, a, b in zip(names, before, after, strict=True) if a != b}, outcome, record


@pytest.mark.parametrize(
    ("operator", "left", "right", "result"),
    [
        ("+", 2, 3, 5),
        ("-", 2, 3, -1),
        ("*", -2, 3, -6),
        ("/", 7, 2, 3),
        ("/", -7, 2, -3),
        ("/", 7, -2, -3),
        ("/", -7, -2, 3),
        ("/", 7, 0, 0),
        ("%", 7, 2, 1),
        ("%", -7, 2, -1),
        ("%", 7, -2, 1),
        ("%", 7, 0, 0),
        ("==", 2, 2, 1),
        ("==", 2, 3, 0),
        ("!=", 2, 3, 1),
        ("<", 2, 2, 0),
        ("<=", 2, 2, 1),
        (">", 3, 2, 1),
        (">=", 1, 2, 0),
        ("and", 2, 3, 1),
        ("and", 2, 0, 0),
        ("or", 0, 5, 1),
        ("or", 0, 0, 0),
        ("&", 6, 3, 2),
        ("|", 6, 3, 7),
        ("^", 6, 3, 5),
        ("<<", 3, 2, 12),
        ("<<", 3, -1, 0),
        (">>", 12, 2, 3),
        (">>", 12, 99, 0),
    ],
)
def test_binary(operator: str, left: int, right: int, result: int) -> None:
    for expr in (Binary(operator, Const(left), Const(right)), Binary(operator, var("x"), Const(right))):
        assert value(expr, x=left) == result


@pytest.mark.parametrize(
    ("expr", "result"),
    [
        (Unary("not", Const(0)), 1),
        (Unary("not", Const(5)), 0),
        (Unary("-", Const(5)), -5),
        (ite(var("x"), 4, 5), 5),
        (Self(), 3),
        (Instance(), 1),
        (var("xs", 2), 1),
        (Read(Var("xs", add(1, Unary("-", Const(1))))), 1),
        (at(1, "p"), 1),
        (at(1, "q"), 0),
        (at(Self(), "q", "p"), 1),
        (at(var("x"), "p"), 0),
        (Full("pool"), 0),
        (Length(ListPlace("l", Const(1))), 0),
        (Read(Item(ListPlace("l", Const(1)), Const(0))), 0),
        (exists("i", 0, 2, lambda i: lt(1, i)), 1),
        (exists("i", 0, -1, lambda i: TRUE), 0),
        (forall("i", 0, 2, lambda i: lt(i, 2)), 0),
        (forall("i", 0, -1, lambda i: Const(0)), 1),
        (count("i", 0, 2, lambda i: lt(i, 2)), 2),
        (count("i", 0, 20, lambda i: lt(i, 12)), 12),
        (exists("i", 0, 20, lambda i: count("j", 0, i, lambda j: lt(j, i))), 1),
        (forall("i", var("x"), 20, lambda i: lt(i, 20)), 0),
    ],
)
def test_other_expressions(expr: Expr, result: int) -> None:
    assert value(expr) == result


@pytest.mark.parametrize(("reference", "kind"), [(0, FREE), (UNSET, FREE), (1, DEAD), (2, 3)])
def test_kind_of(reference: int, kind: int) -> None:
    assert (
        value(KindOf("pool", reg("r")), **{"t[1].r": reference, "pool#1.kind": DEAD, "pool#2.kind": 3})
        == kind
    )


@pytest.mark.parametrize("reference", [0, UNSET, 2])
def test_a_field_of_no_object_is_zero_outside_of_bodies(reference: int) -> None:
    assert value(Read(Field("pool", "a", "n", reg("r"))), **{"t[1].r": reference}) == 0


def test_full() -> None:
    assert value(Full("pool"), **{"pool#1.kind": DEAD, "pool#2.kind": 3}) == 1


QUEUE = ListPlace("l", Const(1))
NEW = New(Register("r"), "pool", "a", (("n", Const(4)),))


@pytest.mark.parametrize("checked", [True, False])
@pytest.mark.parametrize(
    ("body", "changes"),
    [
        ((assign(Var("x"), Binary("<", Const(1), Const(2))),), {"x": 1}),
        ((assign(Register("v"), -3), assign(Var("xs", Const(1)), 5)), {"t[1].v": -3, "xs[1]": 5}),
        ((If(var("x"), (assign(Var("x"), 1),), (assign(Var("x"), 2),)),), {"x": 2}),
        ((If(TRUE, ()),), {}),
        ((Goto("q"),), {"t[1].point": 3}),
        ((Push(QUEUE, Const(4)), Push(QUEUE, Const(5))), {"l[1].length": 2, "l[1][0]": 4, "l[1][1]": 5}),
        (
            (*(Push(QUEUE, Const(n)) for n in (4, 5, 6)), Remove(QUEUE, Const(1))),
            {"l[1].length": 2, "l[1][0]": 4, "l[1][1]": 6},
        ),
        ((Push(QUEUE, Const(4)), Remove(QUEUE, Const(0))), {}),
        ((NEW,), {"t[1].r": 1, "pool#1.kind": 2, "pool#1.n": 4}),
        (
            (NEW, New(Field("pool", "a", "r", reg("r")), "pool", "b")),
            {"t[1].r": 1, "pool#1.kind": 2, "pool#1.n": 4, "pool#1.r": 2, "pool#2.kind": 3},
        ),
        ((New(Register("r"), "pool", "a"),), {"t[1].r": 1, "pool#1.kind": 2, "pool#1.n": 7}),
        ((NEW, Kill("pool", reg("r"))), {"t[1].r": 1, "pool#1.kind": DEAD}),
    ],
)
def test_statements(body: Sequence[Stmt], changes: dict[str, int], checked: bool) -> None:
    changed, outcome, _ = run(*body, checked=checked)
    assert {name.replace("pool#1.0", "pool#1.n"): n for name, n in changed.items()} == changes
    assert outcome is None


def test_a_failing_check_ends_the_run_after_what_came_before() -> None:
    changed, outcome, _ = run(assign(Var("x"), 1), Check(Const(0), Cut("here")), assign(Var("x"), 2))
    assert (changed, outcome) == ({"x": 1}, Cut("here"))


def test_what_is_recorded() -> None:
    details = (("n", add(var("x"), 1)),)
    _, _, record = run(
        Violate("p", details),
        Cover("c"),
        Collect("r", Const(1), Self()),
        Emit("e", details),
        Check(TRUE, Cut("")),
    )
    assert record.violations == [("p", (("n", 1),))]
    assert record.events == [("e", (("n", 1),))]
    assert record.covered == {"c"}
    assert record.collected == [("r", 1, 3)]


@pytest.mark.parametrize(
    "body",
    [
        (assign(Var("x"), 100),),
        (assign(Var("x"), UNSET),),
        (assign(Var("xs", var("x")), 1), assign(Var("xs", add(var("x"), 3)), 1)),
        (assign(Register("v"), Item(QUEUE, Const(0))),),
        (Remove(QUEUE, Const(0)),),
        tuple(Push(QUEUE, Const(1)) for _ in range(4)),
        (assign(Register("v"), Field("pool", "a", "n", reg("r"))),),
        (NEW, assign(Register("v"), Field("pool", "b", "m", reg("r")))),
        (NEW, Kill("pool", reg("r")), assign(Field("pool", "a", "n", reg("r")), 1)),
        (NEW, Kill("pool", reg("r")), Kill("pool", reg("r"))),
        (NEW, NEW, NEW),
    ],
)
def test_broken_promises_are_noticed_in_the_checked_mode(body: Sequence[Stmt]) -> None:
    with pytest.raises(InternalError):
        run(*body)


def test_a_register_may_be_unset_where_its_sort_says_so() -> None:
    assert run(assign(Register("r"), UNSET))[0] == {"t[1].r": UNSET}
