"""Messages and binaries through the whole way: who may send from where, who waits in vain, what is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from dmc import pipeline
from dmc.results.report import Report, Run

MODEL = """
driver sender {
    struct Port { ErlDrvPort port; };
    struct Job  { ErlDrvPort port; ErlDrvTermData to; ErlDrvBinary *b; };

    Port *start(ErlDrvPort port) {
        Port *d = driver_alloc(sizeof(Port));
        d->port = port;
        return d;
    }

    void output(Port *d) {
        Job *t = driver_alloc(sizeof(Job));
        t->port = d->port;
        t->to = driver_connected(d->port);
        t->b = driver_alloc_binary(100);
        OUTPUT
        driver_async(d->port, NULL, work, t, driver_free);
    }

    void work(Job *t)                 { WORK driver_free_binary(t->b); }
    void ready_async(Port *d, Job *t) { driver_free(t); }
    void stop(Port *d)                { driver_free(d); }
}

scenario one_command {
    process owner {
        port p = open_port(sender);
        port_command(p, bytes(1));
        RECEIVE
        port_close(p);
    }
}

expect { rest any; }
"""


def checked(tmp_path: Path, runtime: str, output: str = "", work: str = "", receive: str = "") -> Report:
    path = tmp_path / "sender.dmc"
    text = MODEL.replace("OUTPUT", output).replace("WORK", work).replace("RECEIVE", receive)
    path.write_text(text, encoding="utf-8")
    report, _ = pipeline.check(pipeline.Request((str(path),), runtimes=runtime))
    return report


def violated(run: Run) -> set[str]:
    return {p.id for p in run.properties if p.verdict.value == "violated"}


@pytest.mark.parametrize(
    ("runtime", "is_safe"), [("r12", False), ("r13smp", True), ("r16", False), ("otp23", False)]
)
def test_where_a_job_may_send_a_term_with_the_old_function(
    tmp_path: Path, runtime: str, is_safe: bool
) -> None:
    (run,) = checked(tmp_path, runtime, work="driver_send_term(t->port, t->to, { done, 1 });").runs
    assert ("CTX001" in violated(run)) is not is_safe


def test_the_count_races_where_it_is_an_ordinary_number(tmp_path: Path) -> None:
    output = "driver_output_binary(d->port, NULL, 0, t->b, 0, 100);"
    received = "receive { data, binary b }; reads(b);"
    report = checked(tmp_path, "r13, r13smp", output=output, receive=received)
    assert {run.runtime: "RAC001" in violated(run) for run in report.runs} == {"r13": True, "r13smp": False}


def test_a_message_that_never_comes_is_a_hang_and_is_told(tmp_path: Path) -> None:
    output = "driver_output_term(d->port, { answer, 1 });"
    report = checked(tmp_path, "otp23", output=output, receive="receive { answer, 2 };")
    assert violated(report.runs[0]) == {"HNG001"}
    (finding,) = [p for p in report.runs[0].properties if p.id == "HNG001"]
    assert finding.functions == ("owner",)
    assert finding.trace is not None
    assert any("waits for a message: receive { answer, 2 }" in line for line in finding.trace.stuck)


def test_a_trace_tells_the_references(tmp_path: Path) -> None:
    output = "driver_output_binary(d->port, NULL, 0, t->b, 0, 100); driver_binary_inc_refc(t->b);"
    report = checked(tmp_path, "otp23", output=output)
    assert violated(report.runs[0]) == {"BIN001"}
    (finding,) = [p for p in report.runs[0].properties if p.id == "BIN001"]
    assert finding.trace is not None
    notes = [note for step in finding.trace.steps for note in step.notes]
    assert "binary 1 has 3 references, 2 of them the driver's" in notes
    assert "binary 1 has 2 references, 1 of them the driver's" in notes
    assert "that it has not given back" in finding.trace.summary
