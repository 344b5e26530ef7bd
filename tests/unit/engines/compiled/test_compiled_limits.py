"""Limits, progress and interrupts of the compiled engine."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from dmc.base.exceptions import InternalError
from dmc.engines.compiled import engine
from dmc.engines.compiled.toolchain import Compiler, find_compiler
from dmc.engines.reference.search import check as reference
from dmc.ir.builder import add, assign, binary, reg
from dmc.ir.expr import Register, Var
from dmc.ir.outcome import Limit, Limits
from dmc.ir.sort import Range
from dmc.ir.statement import Goto
from dmc.ir.system import RegisterDecl, Step, System, Variable
from tests.support.tiny_systems import ALL, all_done, heap, thread, two_locks

pytestmark = pytest.mark.skipif(not isinstance(find_compiler(), Compiler), reason="there is no C compiler")

NONE: frozenset[str] = frozenset()


def counters(threads: int, values: int) -> System:
    """Threads that count on without end: `values` to the power of their number states, and more."""
    v = reg("v")
    turn = Step("start", "turn", (assign(Register("v"), binary("%", add(v, 1), values)),))
    leave = Step("start", "leave", (Goto("done"),))
    counting = thread("t", (turn, leave), (RegisterDecl("v", Range(0, values)),), instances=threads)
    return System((Variable("x", Range(0, 1)),), (), (), (counting,), all_done(threads), ALL)


LARGE = counters(5, 60)


@pytest.mark.parametrize(
    ("limits", "stopped_by", "states"),
    [
        (Limits(states=5), Limit.STATES, 5),
        (Limits(depth=2), Limit.DEPTH, 6),
        (Limits(depth=0), Limit.DEPTH, 1),
        (Limits(seconds=0.0), Limit.SECONDS, 1),
    ],
)
def test_each_limit(limits: Limits, stopped_by: Limit, states: int) -> None:
    result = engine.check(two_locks(True), limits, NONE)
    assert result.stopped_by is stopped_by
    assert result.states == states
    assert result.findings == ()


@pytest.mark.parametrize("states", range(1, 20))
def test_a_limit_of_states_stops_where_the_reference_stops(states: int) -> None:
    for system in (two_locks(True), heap("use")):
        ours, theirs = (run(system, Limits(states=states), NONE) for run in (engine.check, reference))
        assert replace(ours, seconds=0, peak_bytes=0) == replace(theirs, seconds=0, peak_bytes=0)


def test_a_limit_that_suffices_does_not_stop() -> None:
    limits = Limits(states=19, depth=9, seconds=60, memory=10**6)
    assert engine.check(two_locks(True), limits, NONE).stopped_by is None


@pytest.mark.parametrize("memory", [10**5, 10**6, 2 * 10**7])
def test_memory_is_used_up_and_not_exceeded(memory: int) -> None:
    prepared = engine.prepare(LARGE, NONE)
    used: list[int] = []

    class Watched(engine.Handle):
        def step(self, budget: int) -> int:
            status = super().step(budget)
            used.append(self.statistics().bytes)
            return status

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "Handle", Watched)
        result = engine.check(LARGE, Limits(memory=memory), NONE, model=prepared)
    assert result.stopped_by is Limit.MEMORY
    assert memory / 3 < max(used) <= memory * 1.05


def test_seconds_are_kept() -> None:
    prepared = engine.prepare(LARGE, NONE)
    started = time.monotonic()
    result = engine.check(LARGE, Limits(seconds=0.5), NONE, model=prepared)
    assert result.stopped_by is Limit.SECONDS
    assert result.states > 1000
    assert time.monotonic() - started < 5


def test_an_interrupt_gives_a_partial_result(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[int, ...]] = []

    def interrupt(*numbers: int) -> None:
        told.append(numbers)
        if len(told) == 5:
            raise KeyboardInterrupt

    monkeypatch.setattr(engine, "PROGRESS_SECONDS", 0)
    result = engine.check(LARGE, reductions=NONE, progress=interrupt)
    assert result.stopped_by is Limit.INTERRUPT
    assert result.states == told[-1][0]
    assert told == sorted(told)


def test_an_unknown_reduction_is_our_own_fault() -> None:
    with pytest.raises(InternalError, match="no reduction"):
        engine.check(two_locks(True), reductions=frozenset({"magic"}))


def test_a_broken_promise_is_our_own_fault() -> None:
    """A write outside of its range, which only a checked build sees."""
    step = Step("start", "too far", (assign(Var("x"), add(Var("x"), 5)), Goto("done")))
    system = System((Variable("x", Range(0, 2)),), (), (), (thread("t", (step,)),), all_done(1), ALL)
    prepared = engine.prepare(system, NONE, flags=("-O1", "-DDMC_CHECKED"))
    with pytest.raises(InternalError, match="promise"):
        engine.check(system, reductions=NONE, model=prepared)


def test_states_are_shown_to_the_one_who_inspects(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: dict[str, list[tuple[int, ...]]] = {}
    for name, run in (("ours", engine.check), ("theirs", reference)):
        run(heap("use"), reductions=NONE, inspect=lambda _, states, name=name: shown.update({name: states}))
    assert shown["ours"] == shown["theirs"]
    monkeypatch.setattr(engine, "INSPECTED", 4)
    engine.check(heap("use"), reductions=NONE, inspect=lambda _, states: shown.update({"few": states}))
    assert shown["few"] == shown["ours"][::4]


def test_steps_of_a_search_stay_short() -> None:
    """However many small levels came before: signals and limits are heeded between them."""
    seconds: list[float] = []

    class Timed(engine.Handle):
        def step(self, budget: int) -> int:
            before = time.monotonic()
            status = super().step(budget)
            seconds.append(time.monotonic() - before)
            return status

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "Handle", Timed)
        engine.check(LARGE, Limits(seconds=1.5), NONE)
    assert len(seconds) > 10
    assert max(seconds) < 5
