"""Where registers live, and that they are cleared where they do not."""

from __future__ import annotations

from dmc.engines.reference.search import check
from dmc.ir.builder import assign, at, eq, lt, reg, var, when
from dmc.ir.expr import Register, Var
from dmc.ir.sort import Range
from dmc.ir.statement import Goto
from dmc.ir.system import RegisterDecl, Step, System, Variable
from dmc.transform.dead_locals import clear_dead_locals, live_registers
from tests.support.tiny_systems import thread

REGISTERS = (RegisterDecl("a", Range(0, 3)), RegisterDecl("b", Range(0, 3), 1))


def system(*steps: Step) -> System:
    return System(
        variables=(Variable("x", Range(0, 3)),),
        lists=(),
        pools=(),
        threads=(thread("t", steps, REGISTERS),),
        ends=at(1, "done"),
    )


def live(*steps: Step) -> dict[str, list[str]]:
    return {point: sorted(names) for point, names in live_registers(system(*steps).threads[0]).items()}


def test_a_register_lives_from_its_write_to_its_last_read() -> None:
    assert live(
        Step("start", "", (assign(Register("a"), 1), Goto("one"))),
        Step("one", "", (Goto("two"),)),
        Step("two", "", (assign(Var("x"), reg("a")), Goto("three"))),
        Step("three", "", (assign(Var("x"), reg("b")), Goto("done")), guard=lt(reg("b"), 2)),
    ) == {"start": ["b"], "one": ["a", "b"], "two": ["a", "b"], "three": ["b"], "done": []}


def test_a_loop_keeps_what_its_next_turn_reads() -> None:
    assert live(
        Step("start", "", (assign(Var("x"), reg("a")), Goto("one"))),
        Step("one", "", (assign(Register("a"), 2), Goto("start"))),
    ) == {"start": ["a"], "one": [], "done": []}


def test_a_write_in_one_branch_alone_ends_no_life() -> None:
    body = (when(eq(var("x"), 0), assign(Register("a"), 2)), assign(Var("x"), reg("a")), Goto("done"))
    assert live(Step("start", "", body))["start"] == ["a"]


def test_dead_registers_get_their_initial_value() -> None:
    steps = (
        Step("start", "", (assign(Register("a"), 3), assign(Register("b"), 2), Goto("one"))),
        Step("one", "", (assign(Var("x"), reg("a")), when(eq(reg("a"), 3), Goto("done")))),
        Step("one", "", (assign(Var("x"), reg("b")), Goto("done"))),
    )
    cleared = clear_dead_locals(system(*steps)).threads[0].steps
    assert cleared[0].body == steps[0].body
    assert cleared[2].body == (*steps[2].body, assign(Register("a"), 0), assign(Register("b"), 1))
    assert len(cleared[1].body) == 3
    assert check(system(*steps), reductions=frozenset()).states == 4
    assert check(system(*steps), reductions=frozenset({"dead"})).states == 4


def test_states_that_differ_in_a_dead_register_alone_become_one() -> None:
    steps = tuple(
        Step("start", "", (assign(Register("a"), n), assign(Var("x"), reg("a")), Goto("one"))) for n in (1, 2)
    )
    last = Step("one", "", (assign(Var("x"), 0), Goto("done")))
    assert check(system(*steps, last), reductions=frozenset()).states == 5
    assert check(system(*steps, last), reductions=frozenset({"dead"})).states == 4
