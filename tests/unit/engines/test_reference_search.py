"""The search on hand-built systems: counts that can be checked by hand, findings, replays."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dmc.base.exceptions import InternalError
from dmc.engines.interface import REDUCTIONS
from dmc.engines.reference.replay import replay
from dmc.engines.reference.search import check
from dmc.ir.builder import assign, at, eq, lt, ne, var
from dmc.ir.builder import check as check_that
from dmc.ir.expr import Const, Var
from dmc.ir.outcome import Finding, SearchResult
from dmc.ir.sort import Range
from dmc.ir.statement import Collect, Cover, Cut, Drop, Goto, Violate
from dmc.ir.system import InitialChoice, Property, PropertyKind, Step, System, Variable
from tests.support.tiny_systems import heap, producer_consumer, thread, two_locks

NONE: frozenset[str] = frozenset()


def violated(result: SearchResult) -> list[str]:
    return [finding.property for finding in result.findings]


def only(result: SearchResult, claim: str) -> Finding:
    return next(finding for finding in result.findings if finding.property == claim)


COUNTS = [
    (two_locks(True), (19, 22, 9), ["hang"]),
    (two_locks(False), (16, 16, 9), []),
    (producer_consumer(True), (24, 54, 9), ["hang"]),
    (producer_consumer(False), (22, 53, 8), []),
    (heap("ok"), (7, 6, 7), []),
    (heap("use"), (13, 14, 8), ["fault", "race"]),
    (heap("lose"), (7, 6, 7), ["lost"]),
]


@pytest.mark.parametrize(("system", "counts", "found"), COUNTS)
def test_counts_and_verdicts(system: System, counts: tuple[int, int, int], found: list[str]) -> None:
    result = check(system, reductions=NONE)
    assert (result.states, result.transitions, result.depth) == counts
    assert violated(result) == found
    assert result.stopped_by is None


@pytest.mark.parametrize("reductions", [NONE, REDUCTIONS])
@pytest.mark.parametrize(("system", "counts", "found"), COUNTS)
def test_findings_replay(
    system: System, counts: tuple[int, int, int], found: list[str], reductions: frozenset[str]
) -> None:
    result = check(system, reductions=reductions)
    assert violated(result) == found
    for finding in result.findings:
        assert replay(system, finding).settled


def test_a_finding_that_does_not_replay_is_our_own_fault() -> None:
    finding = only(check(two_locks(True)), "hang")
    with pytest.raises(InternalError, match="does not replay"):
        replay(two_locks(False), finding)
    with pytest.raises(InternalError, match="does not replay"):
        replay(two_locks(True), replace(finding, path=replace(finding.path, choices=())))


def test_a_deadlock_names_who_waits_for_whom() -> None:
    finding = only(check(two_locks(True)), "hang")
    assert finding.deadlock
    assert [(s.thread, s.point, s.waits, s.holder, s.looping) for s in finding.stuck] == [
        (1, "one", "b", 2, False),
        (2, "one", "a", 1, False),
    ]


def test_a_lost_wake_up_is_a_hang_in_which_others_still_move() -> None:
    finding = only(check(producer_consumer(True)), "hang")
    assert not finding.deadlock
    assert [(s.thread, s.waits, s.looping) for s in finding.stuck] == [(1, "c", False)]


def test_a_replay_tells_what_happened_to_objects() -> None:
    finding = only(check(heap("lose")), "lost")
    steps = replay(heap("lose"), finding).steps
    assert steps[0].events == (("alloc", (("o", 1),)),)
    assert ("maker.o", 0, 1) in [(c.cell, c.before, c.after) for c in steps[0].changes]
    assert [(o.kind, o.number, o.made_at) for o in steps[-1].lost] == [("job", 1, 1)]


def one_thread(
    *steps: Step, properties: tuple[Property, ...] = (), choices: tuple[int, ...] = (0,)
) -> System:
    return System(
        variables=(Variable("x", Range(0, 9)),),
        lists=(),
        pools=(),
        threads=(thread("t", steps),),
        ends=at(1, "done"),
        properties=(*properties, Property("hang", PropertyKind.HANG)),
        initial_choices=(InitialChoice("x", 0, choices),),
    )


def step(source: str, target: str, *body: object, guard: int = 1) -> Step:
    return Step(source, f"{source} to {target}", (*body, Goto(target)), Const(guard))  # type: ignore[arg-type]


def test_initial_choices_are_part_of_the_path() -> None:
    claim = Property("small", PropertyKind.INVARIANT, lt(var("x"), 5))
    result = check(one_thread(step("start", "done"), properties=(claim,), choices=(1, 7)))
    finding = only(result, "small")
    assert finding.path.initial == (7,)
    assert finding.path.choices == ()
    assert result.states == 4
    replay(one_thread(step("start", "done"), properties=(claim,), choices=(1, 7)), finding)


def test_violations_do_not_end_a_run() -> None:
    claims = (
        Property("now", PropertyKind.VIOLATION),
        Property("later", PropertyKind.VIOLATION),
        Property("end", PropertyKind.AT_END, eq(var("x"), 0)),
        Property("lost", PropertyKind.LOST, ne(var("x"), 1)),
    )
    system = one_thread(
        step("start", "one", Violate("now", (("x", var("x")),)), Violate("not asked for")),
        step("one", "done", Violate("later"), assign(Var("x"), 1)),
        properties=claims,
    )
    result = check(system)
    assert violated(result) == ["now", "later", "end", "lost"]
    assert only(result, "now").details == (("x", 0),)
    for finding in result.findings:
        replay(system, finding)


def test_cuts_and_drops_end_a_run_and_are_no_hang() -> None:
    for outcome in (Cut("here"), Drop("here")):
        result = check(one_thread(step("start", "done", check_that(Const(0), outcome))))
        assert (result.cuts, result.dropped)[isinstance(outcome, Drop)] == {"here": 1}
        assert (result.states, violated(result)) == (1, [])


def test_a_loop_without_an_end_is_a_hang() -> None:
    system = one_thread(step("start", "one"), step("one", "start"))
    finding = only(check(system), "hang")
    assert [(s.thread, s.looping) for s in finding.stuck] == [(1, True)]
    assert not finding.deadlock
    assert replay(system, finding, hang_budget=1).settled is False


def test_what_is_covered_and_reached() -> None:
    claims = (
        Property("reached", PropertyKind.REACHABLE, eq(var("x"), 1)),
        Property("not reached", PropertyKind.REACHABLE, eq(var("x"), 2)),
        Property("covered", PropertyKind.REACHABLE),
    )
    result = check(
        one_thread(step("start", "done", Cover("covered"), assign(Var("x"), 1)), properties=claims)
    )
    assert result.covered == {"reached", "covered"}
    assert result.findings == ()


def test_a_relation_with_a_cycle() -> None:
    claims = (Property("order", PropertyKind.ACYCLIC),)
    pairs = [Collect("order", Const(a), Const(b)) for a, b in ((1, 2), (2, 3), (5, 6))]
    straight = check(one_thread(step("start", "done", *pairs), properties=claims))
    assert straight.relations == {"order": frozenset({(1, 2), (2, 3), (5, 6)})}
    assert straight.findings == ()
    steps = (step("start", "one", *pairs), step("one", "done", Collect("order", Const(3), Const(1))))
    system = one_thread(*steps, properties=claims)
    finding = only(check(system), "order")
    assert finding.cycle == ((1, 2), (2, 3), (3, 1))
    assert len(finding.path.choices) == 2
    replay(system, finding)


def test_the_same_system_gives_the_same_result() -> None:
    def plain(result: SearchResult) -> SearchResult:
        return replace(result, seconds=0, peak_bytes=0)

    assert plain(check(heap("use"))) == plain(check(heap("use")))


def test_how_often_points_were_visited() -> None:
    result = check(two_locks(False), reductions=NONE)
    assert result.points_visited["left.start"] == 5
    assert sum(result.points_visited.values()) == 2 * result.states


def test_an_unknown_reduction_is_refused() -> None:
    with pytest.raises(InternalError, match="symmetry"):
        check(two_locks(True), reductions=frozenset({"symmetry"}))
