"""CAN_REACH: what a state owes can be reached, by the steps of those who may be asked for help."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dmc.base.exceptions import InternalError
from dmc.engines.interface import REDUCTIONS
from dmc.engines.reference.collect import collector
from dmc.engines.reference.replay import replay
from dmc.engines.reference.search import check
from dmc.ir.builder import assign, at, conj, eq, ne, var
from dmc.ir.builder import check as check_that
from dmc.ir.evaluate import CompiledSystem, Record, compile_system
from dmc.ir.expr import FALSE, TRUE, Expr, Var
from dmc.ir.outcome import Limits, SearchResult
from dmc.ir.printer import print_system
from dmc.ir.sort import Range
from dmc.ir.statement import Cut, Drop, Fault, Goto, Stmt
from dmc.ir.system import Mover, Obligation, Property, PropertyKind, Step, System, ThreadType, Variable
from dmc.ir.text_parser import parse_system
from dmc.ir.verifier import problems, verify
from tests.support.system_strategies import seeded_system
from tests.support.tiny_systems import thread

NONE: frozenset[str] = frozenset()
BUDGET = Limits(states=1500)
CLAIM = "owed"


def step(source: str, target: str, *body: Stmt, party: str = "", mover: Mover = Mover.BOTH) -> Step:
    return Step(source, f"{source}-{target}", (*body, Goto(target)), mover=mover, party=party)


def system(*threads: ThreadType, owed: tuple[Obligation, ...]) -> System:
    made = System(
        variables=tuple(Variable(name, Range(0, 9)) for name in ("x", "y")),
        lists=(),
        pools=(),
        threads=threads,
        ends=conj(at(number, "done") for number in range(1, len(threads) + 1)),
        properties=(Property(CLAIM, PropertyKind.CAN_REACH, obligations=owed),),
    )
    verify(made)
    return made


def violates(made: System, reductions: frozenset[str] = NONE) -> bool:
    """With every finding replayed, and both forms of the system the same."""
    result = check(made, reductions=reductions)
    assert parse_system(print_system(made)) == made
    for finding in result.findings:
        assert replay(made, finding).settled
    return bool(result.findings)


def owes(target: Expr, when: Expr = TRUE, without: tuple[str, ...] = ()) -> tuple[Obligation, ...]:
    return (Obligation(when, target, without),)


HELPED = (
    thread("waiter", (replace(step("start", "done"), guard=ne(var("x"), 0), blocking=True, waits="x"),)),
    thread("helper", (step("start", "done", assign(Var("x"), 1), party="process"),)),
)


@pytest.mark.parametrize("reductions", [NONE, REDUCTIONS])
def test_help_of_a_party_counts_only_where_it_may(reductions: frozenset[str]) -> None:
    assert not violates(system(*HELPED, owed=owes(at(1, "done"))), reductions)
    assert violates(system(*HELPED, owed=owes(at(1, "done"), TRUE, ("process",))), reductions)
    owed = (Obligation(eq(var("x"), 1), at(1, "done"), ("process",)),)
    assert not violates(system(*HELPED, owed=owed), reductions)


def test_a_finding_names_who_waits_and_who_could_help() -> None:
    owed = (Obligation(FALSE, FALSE), Obligation(TRUE, at(1, "done"), ("process",)))
    made = system(*HELPED, owed=owed)
    (finding,) = check(made).findings
    assert (finding.obligation, finding.awaited, finding.deadlock) == (1, ("process",), True)
    assert [(s.thread, s.waits) for s in finding.stuck] == [(1, "x"), (2, "")]
    assert finding.path.choices == ()
    with pytest.raises(InternalError, match="does not replay"):
        replay(made, replace(finding, obligation=0))
    with pytest.raises(InternalError, match="does not replay"):
        replay(system(*HELPED, owed=owes(at(1, "done"))), replace(finding, obligation=0))


@pytest.mark.parametrize("outcome", [Fault("f", ()), Cut("c"), Drop("d")])
def test_a_step_that_ends_the_run_counts_as_reaching_unless_it_is_of_others(
    outcome: Fault | Cut | Drop,
) -> None:
    ends = check_that(FALSE, outcome)
    own = thread("one", (step("start", "done", ends),))
    assert not violates(system(own, owed=owes(eq(var("x"), 1))))
    others = thread("one", (step("start", "done", ends, party="process"),))
    assert not violates(system(others, owed=owes(eq(var("x"), 1))))
    assert violates(system(others, owed=owes(eq(var("x"), 1), TRUE, ("process",))))


def test_an_end_is_no_target_and_a_spurious_step_is_no_way() -> None:
    assert violates(system(thread("one", (step("start", "done"),)), owed=owes(eq(var("x"), 1))))
    wake = replace(step("start", "done", assign(Var("x"), 1)), spurious=True)
    assert violates(system(thread("one", (wake,)), owed=owes(eq(var("x"), 1), at(1, "start"))))


def test_what_nobody_can_help_is_no_want_of_help() -> None:
    made = system(*HELPED, owed=owes(eq(var("y"), 1), TRUE, ("process",)))
    assert not violates(made)
    assert check(made).covered == {CLAIM}
    assert violates(system(*HELPED, owed=owes(eq(var("y"), 1))))


def test_what_is_never_owed_is_not_tested() -> None:
    made = system(thread("one", (step("start", "done"),)), owed=owes(FALSE, eq(var("x"), 5)))
    assert check(made).covered == frozenset()
    assert check(system(*HELPED, owed=owes(TRUE, eq(var("x"), 1)))).covered == {CLAIM}


def test_a_choice_that_gives_the_target_away_is_seen_inside_of_a_transaction() -> None:
    """The state after `give up` owes, and cannot reach; only steps that others cannot tell follow it."""
    one = thread(
        "one",
        (
            step("start", "a"),
            step("a", "b"),
            step("a", "w"),
            step("b", "done", assign(Var("x"), 1)),
            step("w", "done", assign(Var("x"), 2)),
        ),
    )
    other = thread("two", (step("start", "done", assign(Var("y"), 1)),))
    made = system(one, other, owed=owes(eq(var("x"), 1), eq(var("x"), 0)))
    assert violates(made)
    assert violates(made, REDUCTIONS)


def test_a_step_of_others_inside_of_a_transaction_is_seen() -> None:
    one = thread(
        "one",
        (
            step("start", "a"),
            step("a", "b"),
            step("b", "c", party="process"),
            step("c", "d"),
            step("d", "done", assign(Var("x"), 1)),
        ),
    )
    made = system(one, owed=owes(eq(var("x"), 1), TRUE, ("process",)))
    assert violates(made)
    assert violates(made, REDUCTIONS)
    late = system(one, owed=owes(eq(var("x"), 1), at(1, "c", "d", "done"), ("process",)))
    assert not violates(late)
    assert not violates(late, REDUCTIONS)


def test_two_ways_to_one_state_by_different_parties_are_two_edges() -> None:
    one = thread(
        "one",
        (
            step("start", "a", party="process"),
            step("start", "a"),
            step("a", "done", assign(Var("x"), 1)),
        ),
    )
    made = system(one, owed=owes(eq(var("x"), 1), TRUE, ("process",)))
    assert not violates(made)
    assert not violates(made, REDUCTIONS)


def test_the_verifier_knows_obligations() -> None:
    made = system(*HELPED, owed=owes(TRUE))
    (claim,) = made.properties
    wrong = replace(claim, obligations=owes(eq(var("z"), 1), TRUE, ("nobody",)))
    assert problems(replace(made, properties=(wrong,))) == [
        "obligation 0 of owed: there is no variable z",
        "obligation 0 of owed: there is no party nobody",
    ]
    other = replace(claim, kind=PropertyKind.HANG)
    assert problems(replace(made, properties=(other,))) == [
        "property owed has obligations, and its kind has none"
    ]


# --- against the definition -----------------------------------------------------------------------


def _violated(made: System) -> bool | None:
    """By the definition, on all states and steps of the unreduced system; None if there are too many."""
    compiled = compile_system(made)
    collect = collector(compiled.layout, renumber=True)
    steps: dict[tuple[int, ...], list[tuple[str, tuple[int, ...] | None]]] = {}
    pending = []
    for _, state in compiled.layout.initial_states():
        collect(state)
        pending.append(tuple(state))
    while pending:
        state = pending.pop()
        if state not in steps:
            steps[state] = list(_steps(compiled, state, collect))
            pending += [after for _, after in steps[state] if after is not None]
        if len(steps) > BUDGET.states:  # type: ignore[operator]
            return None
    owed = next(claim for claim in made.properties if claim.kind is PropertyKind.CAN_REACH)
    conditions = compiled.obligations[owed.id]
    return any(
        _misses(steps, *pair, one.without) for pair, one in zip(conditions, owed.obligations, strict=True)
    )


def _steps(compiled: CompiledSystem, state, collect):  # type: ignore[no-untyped-def]
    for one in compiled.layout.threads:
        where = one.base, one.number, one.instance
        for taken in compiled.steps[state[one.base]]:
            if taken.guard is None or taken.guard(state, *where):
                after = list(state)
                ended = taken.body(after, *where, Record()) is not None
                if not ended:
                    collect(after)
                party = "spurious" if taken.step.spurious else taken.step.party
                yield party, None if ended else tuple(after)


def _misses(steps, when, target, without) -> bool:  # type: ignore[no-untyped-def]
    reaching = _reaching(steps, target, without)
    helped = _reaching(steps, target, ()) if without else set(steps)
    return any(when(s, 0, 0, 0) and s not in reaching and s in helped for s in steps)


def _reaching(steps, target, without) -> set[tuple[int, ...]]:  # type: ignore[no-untyped-def]
    excluded = {"spurious", *without}
    reaching = {s for s in steps if target(s, 0, 0, 0)}
    more = True
    while more:
        found = {
            s
            for s, ways in steps.items()
            if s not in reaching
            and any(p not in excluded and (after is None or after in reaching) for p, after in ways)
        }
        reaching |= found
        more = bool(found)
    return reaching


def _has_obligations(made: System) -> bool:
    return any(claim.obligations for claim in made.properties)


def _finds(result: SearchResult) -> bool:
    return "can_reach" in {finding.property for finding in result.findings}


def test_random_systems_agree_with_the_definition() -> None:
    compared = violated = 0
    for seed in range(60):
        made = seeded_system(seed)
        by_definition = _violated(made) if _has_obligations(made) else None
        if by_definition is not None:
            compared += 1
            violated += by_definition
            assert _finds(check(made, reductions=NONE)) == by_definition, seed
            assert _finds(check(made, reductions=frozenset({"heap", "fusion"}))) == by_definition, seed
    assert compared >= 30
    assert violated >= compared / 5
