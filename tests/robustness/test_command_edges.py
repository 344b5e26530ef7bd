"""The edges of the command line: values of options, limits, streams and files that cannot be written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from robustness.commands import check, output, thread

from dmc.cli.main import main

Capture = pytest.CaptureFixture[str]
ROOT = Path(__file__).parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}
RACE = "int n = 0;\nscenario s { thread a { n = 1; } thread b { n = 2; } }\n"
COUNTS = (
    "atomic int n = 0;\n" + "scenario s { thread a[3] { for (int i = 0; i < 40; i++) n += choose(0..1); } }\n"
)


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    Path("race.dmc").write_text(RACE)
    return "race.dmc"


@pytest.mark.parametrize(
    "options",
    [
        "--max-seconds nan",
        "--max-seconds inf",
        "--max-seconds 0",
        "--max-seconds x",
        "--max-states 0",
        "--max-depth -1",
        "--max-memory 10Q",
        "--scenario nope",
        "--property nope",
        "--axis x=1",
        "--runtime nope",
        "--runtime ,",
        "--schedulers 0",
        "--schedulers 3..1",
        "--async-threads x",
        "--reduce nope",
        "--reduce none,heap",
        "--report json=race.dmc",
        "--report json=gone/x",
        "--report json=.",
        "--report json=a --report text=./a",
    ],
)
def test_wrong_values_are_told_in_one_line(options: str, model: str, capsys: Capture) -> None:
    assert main(["check", model, *options.split()]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert len(printed.err.splitlines()) == 1
    assert Path(model).read_text() == RACE


@pytest.mark.parametrize(
    ("option", "word"),
    [
        ("--max-states=100", "states"),
        ("--max-depth=3", "depth"),
        ("--max-memory=20k", "memory"),
        ("--max-seconds=0.05", "seconds"),
    ],
)
def test_limits_are_obeyed_and_told(option: str, word: str, tmp_path: Path, capsys: Capture) -> None:
    answer = check(COUNTS, tmp_path, capsys, option)

    (run,) = answer.document["runs"]
    assert (answer.code, run["complete"], run["stopped_by"]) == (3, False, word)
    assert {p["verdict"] for p in run["properties"]} == {"inconclusive", "not-applicable"}


def test_exit_codes(tmp_path: Path, capsys: Capture) -> None:
    unread = (
        "driver d { struct Port { int n = 0; }; Port *start(ErlDrvPort port) {"
        " return driver_alloc(sizeof(Port)); } void stop(Port *d) { driver_free(d); } }"
    )

    assert check(thread("n = 1;"), tmp_path, capsys).code == 0
    assert check(RACE, tmp_path, capsys).code == 1
    assert check("nonsense", tmp_path, capsys).code == 2
    assert check(COUNTS, tmp_path, capsys, "--max-states", "10").code == 3
    assert check(unread, tmp_path, capsys).code == 4
    assert check(RACE + "expect { RAC001 violated; }", tmp_path, capsys).code == 0
    assert check(RACE + "expect { RAC001, HNG001 violated; }", tmp_path, capsys).code == 1


def test_a_report_that_cannot_be_written_does_not_cost_the_answer(model: str, capsys: Capture) -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("there is no full device")

    assert main(["check", model, "--report", "json=/dev/full"]) == 2
    assert "RAC001 data_race is violated" in capsys.readouterr().out


def test_what_was_recorded_is_replayed_and_a_change_is_noticed(model: str, capsys: Capture) -> None:
    assert main(["check", model, "--report", "json=result.json"]) == 1
    capsys.readouterr()

    assert main(["replay", "result.json"]) == 1
    assert "RAC001" in capsys.readouterr().out

    Path(model).write_text(RACE.replace("n = 1", "n = 3"))
    assert main(["replay", "result.json"]) in (1, 2)
    Path(model).write_text("int n = 0; scenario s { thread z { n = 1; } }")
    assert main(["replay", "result.json"]) == 2
    Path(model).unlink()
    assert main(["replay", "result.json"]) == 2


def test_a_violation_that_needed_a_large_heap_is_replayed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.chdir(tmp_path)
    many = (
        "while (d->n < 14) { Port *t = driver_alloc(sizeof(Port)); t->next = d->next; d->next = t; d->n++; }"
        " assert(d->n == 0);"
    )
    Path("many.dmc").write_text(output(many, "ErlDrvPort port; int n = 0; Port *next = NULL;"))
    assert main(["check", "many.dmc", "--property", "assertion", "--report", "json=result.json"]) == 1

    assert main(["replay", "result.json"]) == 1
    assert "d->n == 0 is false" in capsys.readouterr().out


@pytest.mark.parametrize(
    "junk",
    [
        "",
        "[]",
        "{}",
        "null",
        '{"runs": 3}',
        '{"runs": [3]}',
        '{"runs": [{}]}',
        '{"runs": [{"model": 3, "properties": [{}]}]}',
        '{"runs": [{"model": "race.dmc", "properties": [{"id": "RAC001", "name": "x", "trace": {}}]}]}',
        "\0",
    ],
)
def test_junk_is_no_result(junk: str, model: str, capsys: Capture) -> None:
    Path("junk.json").write_text(junk)

    assert main(["replay", "junk.json"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.parametrize("damage", ["initial_values", "steps", "thread", "runtime", "axes", "stuck"])
def test_a_damaged_result_is_no_result(damage: str, model: str, capsys: Capture) -> None:
    main(["check", model, "--report", "json=result.json"])
    document = json.loads(Path("result.json").read_text())
    for run in document["runs"]:
        if damage in ("runtime", "axes"):
            run[damage] = 7
        for prop in run["properties"]:
            trace = prop["trace"] or {}
            if damage == "thread":
                for step in trace.get("steps", ()):
                    step["thread"] = "?"
            else:
                trace.pop(damage, None)
    Path("damaged.json").write_text(json.dumps(document))
    capsys.readouterr()

    assert main(["replay", "damaged.json"]) == 2


def shell(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """A command of a shell, with `dmc` as a word of it."""
    program = f'dmc() {{ "{sys.executable}" -m dmc "$@"; }}\n'
    return subprocess.run(
        ["bash", "-c", program + command],
        cwd=folder,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("dmc check race.dmc >&-", 1),
        ("dmc check race.dmc >&- 2>&-", 1),
        ("dmc check race.dmc >/dev/full", 2),
        ("dmc check race.dmc | true; exit ${PIPESTATUS[0]}", 1),
        ("PYTHONIOENCODING=ascii dmc check race.dmc", 1),
        ("HOME=/nonexistent XDG_CACHE_HOME=/nonexistent dmc check race.dmc", 1),
        ("env -u HOME true; unset HOME; dmc check race.dmc", 1),
    ],
)
def test_streams_and_homes_that_are_not_there(command: str, code: int, model: str, tmp_path: Path) -> None:
    done = shell(command, tmp_path)

    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_the_same_bytes_whatever_the_hash_seed(model: str, tmp_path: Path) -> None:
    (tmp_path / "driver.dmc").write_text(output("d->n = 1;"))
    for command in ("check driver.dmc race.dmc", "dump driver.dmc", "simulate driver.dmc --seed 3"):
        printed = {shell(f"PYTHONHASHSEED={seed} dmc {command}", tmp_path).stdout for seed in (0, 1, 77)}
        assert len(printed) == 1
