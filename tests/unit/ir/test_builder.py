"""What the constructors fold."""

from __future__ import annotations

from dmc.ir.builder import add, at, conj, disj, eq, holds, implies, is_null, ite, lt, neg, reg, sub, var
from dmc.ir.expr import FALSE, TRUE, Binary, Const, Expr, Read, Self, Unary, Var
from dmc.ir.statement import Goto, If
from dmc.ir.walk import targets


def test_constants_are_folded() -> None:
    assert [add(1, 2), sub(1, 2), eq(1, 1), lt(2, 1)] == [Const(3), Const(-1), TRUE, FALSE]
    assert add(Var("x"), 1) == Binary("+", Read(Var("x")), Const(1))


def test_connectives() -> None:
    a, b = eq(var("a"), 1), eq(var("b"), 1)
    assert conj([]) == TRUE
    assert conj([TRUE, a]) == a
    assert conj([a, FALSE, b]) == FALSE
    assert conj([a, b]) == Binary("and", a, b)
    assert disj([]) == FALSE
    assert disj([FALSE, a]) == a
    assert disj([a, TRUE]) == TRUE
    assert implies(FALSE, a) == TRUE
    assert implies(TRUE, a) == a


def test_negation_keeps_truth_values() -> None:
    assert neg(neg(at(1, "p"))) == at(1, "p")
    assert neg(TRUE) == FALSE
    number: Expr = Unary("not", var("x"))
    assert neg(number) == Unary("not", number)


def test_the_rest() -> None:
    assert ite(TRUE, 1, 2) == Const(1)
    assert holds(Var("lock")) == Binary("==", var("lock"), Self())
    assert is_null(reg("r")) == Binary("==", reg("r"), Const(0))


def test_targets_of_a_body() -> None:
    assert targets("s", ()) == ("s",)
    assert targets("s", (Goto("a"), Goto("b"))) == ("b",)
    assert targets("s", (If(TRUE, (Goto("a"),)),)) == ("a", "s")
    assert targets("s", (If(TRUE, (Goto("a"),), (Goto("b"),)),)) == ("a", "b")
    assert targets("s", (Goto("c"), If(TRUE, (Goto("a"),)))) == ("c", "a")
