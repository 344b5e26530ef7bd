"""Rules with `under`: the verdict, what it is about, and a trace that replays in the other environment."""

from __future__ import annotations

import json
from pathlib import Path

from dmc.pipeline.checking import check
from dmc.pipeline.replaying import replay
from dmc.pipeline.request import Request
from dmc.reporters.json import render
from dmc.results.report import PropertyResult, Report
from dmc.results.verdict import Verdict

# `stop` of one port waits for a command to the other: with one scheduler nobody is left to send it.
RELAY = """
driver relay {
    driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING;

    struct Port { ErlDrvPort port; };

    ErlDrvMutex *mtx      = NULL;
    ErlDrvCond  *asked    = NULL;
    int          commands = 0;

    Port *start(ErlDrvPort port) {
        Port *d = driver_alloc(sizeof(Port));
        d->port = port;
        if (mtx == NULL) {
            mtx   = erl_drv_mutex_create("commands");
            asked = erl_drv_cond_create("asked");
        }
        return d;
    }

    void output(Port *d) {
        reads(d->port);
        erl_drv_mutex_lock(mtx);
        commands++;
        erl_drv_cond_broadcast(asked);
        erl_drv_mutex_unlock(mtx);
    }

    void stop(Port *d) {
        erl_drv_mutex_lock(mtx);
        while (commands == 0) erl_drv_cond_wait(asked, mtx);
        erl_drv_mutex_unlock(mtx);
        driver_free(d);
    }
}

scenario two {
    process owner {
        port a = open_port(relay);
        port b = open_port(relay);
        spawn client { port_command(b, bytes(1)); }
        port_close(a);
        port_close(b);
    }
}
"""
ONE = 'rule one "one scheduler is enough" { under schedulers = 1: %s; }\n'


def report_of(tmp_path: Path, text: str, **asked: object) -> Report:
    path = tmp_path / "relay.dmc"
    path.write_text(text, encoding="utf-8")
    return check(Request((str(path),), engine="reference", **asked))[0]  # type: ignore[arg-type]


def result_of(tmp_path: Path, text: str, name: str = "one", **asked: object) -> PropertyResult:
    (run,) = report_of(tmp_path, text, **asked).runs
    return next(p for p in run.properties if p.id == name)


def test_a_rule_that_fails_elsewhere_is_told_with_a_run_of_there(tmp_path: Path) -> None:
    found = result_of(tmp_path, RELAY + ONE % "all")
    assert found.verdict is Verdict.VIOLATED
    assert "stop" in found.functions
    assert found.message.startswith("With schedulers = 1 HNG001 hang is violated, and in this run it is not.")
    assert found.trace is not None
    assert found.trace.environment == (("schedulers", "1"),)
    assert {step.lane for step in found.trace.steps} == {"scheduler 1"}


def test_rules_that_are_not_named_are_not_looked_at(tmp_path: Path) -> None:
    found = result_of(tmp_path, RELAY + ONE % "MEM, LCK001")
    assert found.verdict is Verdict.PROVED
    assert found.message.startswith("searched with schedulers = 1 as well: ")


def test_a_run_that_is_there_already_has_nothing_to_compare(tmp_path: Path) -> None:
    found = result_of(tmp_path, RELAY + ONE % "MEM", schedulers="1")
    assert found.verdict is Verdict.NOT_APPLICABLE
    assert found.message == "this run is in that environment itself"


def test_what_is_violated_in_the_run_itself_is_not_told_again(tmp_path: Path) -> None:
    stuck = RELAY.replace("commands++;", "")
    (run,) = report_of(tmp_path, stuck + ONE % "HNG001").runs
    verdicts = {p.id: p.verdict for p in run.properties}
    assert verdicts["HNG001"] is Verdict.VIOLATED
    assert verdicts["one"] is Verdict.VACUOUS


def test_rules_searched_for_an_under_alone_stay_out_of_the_report(tmp_path: Path) -> None:
    (run,) = report_of(tmp_path, RELAY + ONE % "HNG001", properties=("one",)).runs
    assert [(p.id, p.verdict) for p in run.properties] == [("one", Verdict.VIOLATED)]


def test_an_environment_that_a_release_does_not_allow_is_named(tmp_path: Path) -> None:
    rule = 'rule one "no thread is needed" { under async_threads = 0: all; }\n'
    found = result_of(tmp_path, RELAY + rule)
    assert found.verdict is Verdict.NOT_APPLICABLE
    assert found.message == "there always is an async thread: 0 means 1"


def test_advisory_rules_are_asked_for(tmp_path: Path) -> None:
    (run,) = report_of(tmp_path, RELAY).runs
    assert not {"BLK002", "BLK005", "ASY006"} & {p.id for p in run.properties}
    (run,) = report_of(tmp_path, RELAY + "expect { BLK002 violated in stop; }").runs
    found = next(p for p in run.properties if p.id == "BLK002")
    assert found.as_expected
    assert found.message.endswith("Only a further step of client could help, and that is up to Erlang code.")


def test_a_recorded_finding_is_made_again_where_it_was_found(tmp_path: Path) -> None:
    report = report_of(tmp_path, RELAY + ONE % "all", properties=("one",))
    result = tmp_path / "result.json"
    result.write_text(json.dumps(json.loads(render(report))), encoding="utf-8")
    again, _ = replay(str(result), None, None)
    (run,) = again.runs
    assert run.schedulers == 1
    (found,) = run.properties
    (before,) = report.runs[0].properties
    assert found.trace is not None
    assert before.trace is not None
    assert [step.action for step in found.trace.steps] == [step.action for step in before.trace.steps]
