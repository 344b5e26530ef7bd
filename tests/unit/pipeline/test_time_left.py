"""What the limit of seconds counts: everything that is done for a run, the compiler included."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from support.tiny_systems import producer_consumer

from dmc.engines.compiled import engine
from dmc.engines.compiled.toolchain import Compiler, OutOfTime
from dmc.engines.interface import REDUCTIONS
from dmc.ir.outcome import Limit, Limits
from dmc.pipeline import searching
from dmc.pipeline.time_left import TimeLeft

SLOW = Compiler((sys.executable, "-c", "import time; time.sleep(60)"), "a compiler that never ends")


def test_each_search_of_a_run_gets_what_the_others_have_left() -> None:
    left = TimeLeft(Limits(seconds=60.0, states=7))
    first = left.limits()
    time.sleep(0.01)
    second = left.limits()

    assert first.seconds is not None
    assert second.seconds is not None
    assert second.seconds < first.seconds <= 60.0
    assert second.states == 7
    assert TimeLeft(Limits()).limits() == Limits()


def test_a_compiler_is_ended_with_the_time(tmp_path: Path) -> None:
    began = time.monotonic()
    with pytest.raises(OutOfTime):
        replace(SLOW, until=began + 0.3).compile([], (), tmp_path / "result")
    assert time.monotonic() - began < 20


def test_without_time_for_the_compiler_the_states_of_the_reference_engine_count(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engine, "find_compiler", lambda: SLOW)
    monkeypatch.setattr(searching, "FIRST_STATES", 5)

    found = searching.search(
        producer_consumer(lost_wakeup=False), "auto", Limits(seconds=2.0), REDUCTIONS, None, None
    )

    assert found.engine == "reference"
    assert found.result.stopped_by is Limit.SECONDS
    assert found.result.states == 5
