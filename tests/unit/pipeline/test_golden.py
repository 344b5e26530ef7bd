"""Golden traces: what keeps them, what breaks them, and what is said then."""

from __future__ import annotations

from pathlib import Path

import pytest

from dmc.cli.main import main
from dmc.pipeline.golden import check_golden, golden_path

MODEL = """schedulers = 1;

driver echo {
    struct Port { ErlDrvPort port; int limit = 3; int count = 0; };
    struct Job  { Port *owner; };

    Port *start(ErlDrvPort port) { Port *d = driver_alloc(sizeof(Port)); d->port = port; return d; }
    void output(Port *d) {
        Job *j = driver_alloc(sizeof(Job));
        j->owner = d;
        driver_async(d->port, NULL, work, j, driver_free);
    }
    void work(Job *j)                 { reads(j->owner->limit); }
    void ready_async(Port *d, Job *j) { driver_free(j); }
    void stop(Port *d)                { driver_free(d); }
}

scenario close {
    process owner {
        port p = open_port(echo);
        port_command(p, bytes(1));
        port_close(p);
    }
}

expect { MEM001 violated in work; rest any; }
"""
WORK = "{ reads(j->owner->limit); }"

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def kept(tmp_path: Path, capsys: Capture) -> Path:
    path = tmp_path / "echo.dmc"
    path.write_text(MODEL)
    assert main(["test", "--update", str(path)]) == 0
    assert f"{golden_path(str(path))}: written" in capsys.readouterr().err
    return path


def problems(path: Path) -> list[str]:
    found = check_golden(str(path))
    assert found
    return [trace.problem for trace in found]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("driver echo {", "// a comment\n\n/* and another */\ndriver echo {"),
        ("{ driver_free(j); }", "{ if (d->count > 3) d->count = 0; d->count++; driver_free(j); }"),
        ("expect {", "scenario other { process p { port q = open_port(echo); } }\nexpect {"),
    ],
    ids=["comment", "callback that the run never enters", "another scenario"],
)
def test_an_edit_elsewhere_keeps_it(kept: Path, old: str, new: str) -> None:
    kept.write_text(MODEL.replace(old, new))

    assert problems(kept) == [""]


def test_an_edit_on_the_way_is_named_with_what_is_possible_instead(kept: Path) -> None:
    kept.write_text(MODEL.replace("j->owner = d;", "d->count++; j->owner = d;"))

    (problem,) = problems(kept)
    assert problem.startswith("step ")
    assert "(j->owner = d) cannot be taken; possible there: scheduler 1: " in problem


def test_a_bug_that_is_gone_is_not_kept(kept: Path) -> None:
    """The job gets a copy of what it reads, so the same steps violate nothing."""
    kept.write_text(MODEL.replace(WORK, "{ reads(j->owner); }"))

    (problem,) = problems(kept)
    assert problem


def test_without_update_nothing_is_written_and_what_would_be_is_said(kept: Path, capsys: Capture) -> None:
    kept.write_text(MODEL.replace("j->owner = d;", "d->count++; j->owner = d;"))
    before = golden_path(str(kept)).read_text()

    assert main(["test", str(kept)]) == 1
    said = capsys.readouterr().err
    assert "golden trace: MEM001 in work, close on otp23: step " in said
    assert f"`dmc test --update {kept}` writes the runs of today" in said
    assert golden_path(str(kept)).read_text() == before
    assert main(["test", "--update", str(kept)]) == 0
    assert "rewritten" in capsys.readouterr().err
    assert main(["test", str(kept)]) == 0
    assert capsys.readouterr().err == ""


def test_the_same_traces_are_the_same_bytes(kept: Path, capsys: Capture) -> None:
    before = golden_path(str(kept)).read_bytes()

    assert main(["test", "--update", str(kept)]) == 0
    assert golden_path(str(kept)).read_bytes() == before
    assert capsys.readouterr().err == ""


def test_a_recorded_result_replays_after_an_edit_elsewhere(
    kept: Path, tmp_path: Path, capsys: Capture
) -> None:
    result = tmp_path / "result.json"
    main(["check", str(kept), "--report", f"json={result}"])
    kept.write_text(MODEL.replace("{ driver_free(j); }", "{ d->count = 1; d->count = 2; driver_free(j); }"))
    capsys.readouterr()

    assert main(["replay", str(result)]) == 1
    assert "<- violates MEM001" in capsys.readouterr().out
    kept.write_text(MODEL.replace("j->owner = d;", "d->count = 1; j->owner = d;"))
    assert main(["replay", str(result)]) == 2
    assert "the model has changed: step " in capsys.readouterr().err
