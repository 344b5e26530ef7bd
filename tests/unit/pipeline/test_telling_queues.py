"""What a trace says of queues, of ports that are closing, and of the port data lock."""

from __future__ import annotations

from pathlib import Path

from dmc.pipeline.checking import check
from dmc.pipeline.request import Request
from dmc.results.report import Trace
from dmc.results.verdict import Verdict

TESTS = Path(__file__).parents[2]


def trace_of(path: Path, identifier: str, axes: dict[str, str]) -> Trace:
    request = Request((str(path),), runtimes="otp23", axes=axes, engine="reference")
    report, _ = check(request)
    found = [p for r in report.runs for p in r.properties if p.id == identifier]
    trace = next(p.trace for p in found if p.verdict is Verdict.VIOLATED)
    assert trace is not None
    return trace


def notes_of(trace: Trace) -> list[str]:
    return [note for step in trace.steps for note in step.notes]


def test_a_port_that_is_closing_for_ever_is_named_with_what_is_in_its_queue() -> None:
    trace = trace_of(TESTS / "litmus" / "row05_never_drained.dmc", "HNG001", {"first": "close"})

    assert "Port 1 is closing for ever: nothing takes the rest out of its queue." in trace.summary
    assert "the queue of port 1 holds 1 byte" in notes_of(trace)
    assert any("port 1 is closing, not dead; its queue holds 1 byte" in line for line in trace.owed)


def test_an_empty_queue_that_nobody_sees_is_told() -> None:
    trace = trace_of(TESTS / "counts" / "models" / "closing_thread.dmc", "HNG001", {"asked_again": "false"})

    assert "its queue is empty, but no callback comes after which that would be seen" in trace.summary
    assert "references to the port data lock of port 1: 1 -> 2" in notes_of(trace)


def test_the_port_data_lock_is_named_where_a_thread_waits_for_it() -> None:
    trace = trace_of(TESTS / "data" / "queue" / "data_lock_is_a_lock.dmc", "HNG001", {"mistake": "twice"})

    assert any("port data lock 1" in lock for step in trace.steps for lock in step.held)
    assert any("waits for the port data lock, which it holds itself" in line for line in trace.stuck)
