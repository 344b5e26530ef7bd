"""A search that is stopped says so, and says nothing that it does not know."""

from __future__ import annotations

import pytest

from dmc.engines.reference import hang
from dmc.engines.reference.search import check
from dmc.ir.outcome import Limit, Limits
from tests.support.tiny_systems import heap, two_locks

NONE: frozenset[str] = frozenset()


@pytest.mark.parametrize(
    ("limits", "stopped_by", "states"),
    [
        (Limits(states=5), Limit.STATES, 5),
        (Limits(depth=2), Limit.DEPTH, 6),
        (Limits(seconds=0.0), Limit.SECONDS, 1),
        (Limits(memory=1000), Limit.MEMORY, 5),
    ],
)
def test_each_limit(limits: Limits, stopped_by: Limit, states: int) -> None:
    result = check(two_locks(True), limits, NONE)
    assert result.stopped_by is stopped_by
    assert result.states == states
    assert result.findings == ()


def test_a_limit_that_suffices_does_not_stop() -> None:
    assert (
        check(two_locks(True), Limits(states=19, depth=9, seconds=60, memory=10**6), NONE).stopped_by is None
    )


def test_what_was_found_before_a_limit_counts() -> None:
    result = check(heap("use"), Limits(depth=5), NONE)
    assert [finding.property for finding in result.findings] == ["race"]
    assert result.stopped_by is Limit.DEPTH


def test_an_interrupt_gives_a_partial_result(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[int, ...]] = []

    def interrupt(*numbers: int) -> None:
        told.append(numbers)
        if len(told) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr("dmc.engines.reference.search.PROGRESS_SECONDS", 0)
    result = check(two_locks(True), reductions=NONE, progress=interrupt)
    assert result.stopped_by is Limit.INTERRUPT
    assert told == [(1, 0, 0, 1), (3, 2, 1, 2), (5, 4, 1, 2)]
    assert result.states == 5


def test_an_interrupt_of_the_backward_pass_leaves_hangs_unjudged(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(hang, "can_finish", interrupt)
    result = check(two_locks(True), reductions=NONE)
    assert result.stopped_by is Limit.INTERRUPT
    assert (result.states, result.findings) == (19, ())
