"""Ctrl-C at any time: what was found is told, what was not searched is named, and the exit code is 3."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from robustness.commands import check, output

from dmc.pipeline import checking

ROOT = Path(__file__).parents[2]
LONG = """
axis k: 1..4;
atomic int n = 0;
scenario s {
    thread a[6] { for (int i = 0; i < 50; i++) n = choose(0..9) + k; }
}
"""
AXES = "axis k: 1..3; int n = 0;\nscenario s { thread a { n = k; } }\nscenario t { thread a { n = k; } }\n"


@pytest.mark.parametrize("moment", ["search", "lower", "judge"])
def test_runs_after_an_interrupt_are_named(
    moment: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    calls = 0
    original = getattr(checking, moment)

    def interrupted(*arguments: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise KeyboardInterrupt
        return original(*arguments, **named)

    monkeypatch.setattr(checking, moment, interrupted)

    answer = check('allow HNG001 because "?";' + AXES, tmp_path, capsys)

    runs = answer.document["runs"]
    assert answer.code == 3
    assert len(runs) == 6
    assert [run["complete"] for run in runs] == [True] + [False] * 5
    assert {run["stopped_by"] for run in runs[1:]} == {"interrupt"}
    assert answer.errors == []


def interrupt(folder: Path, *pauses: float, options: tuple[str, ...] = ()) -> tuple[int, str, str]:
    """Start a long search, and interrupt all its processes after each pause, as a terminal does."""
    (folder / "model.dmc").write_text(LONG + output("d->n = 1;").replace("scenario s", "scenario t"))
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(folder / "cache")}
    process = subprocess.Popen(
        [sys.executable, "-m", "dmc", "check", "model.dmc", "--reduce", "none", *options],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    for pause in pauses:
        time.sleep(pause)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


@pytest.mark.slow
@pytest.mark.parametrize("pauses", [(0.25,), (0.5,), (4.0,), (4.0, 0.05), (4.0, 0.4)])
def test_an_interrupt_of_the_process(pauses: tuple[float, ...], tmp_path: Path) -> None:
    code, out, err = interrupt(tmp_path, *pauses)

    assert "Traceback" not in err
    assert code == 3
    assert out or "interrupted" in err


@pytest.mark.slow
@pytest.mark.parametrize("pauses", [(0.4,), (2.0,), (4.0,), (4.0, 0.3), (3.0, 0.01, 0.01)])
def test_an_interrupt_of_several_processes(pauses: tuple[float, ...], tmp_path: Path) -> None:
    code, out, err = interrupt(tmp_path, *pauses, options=("--jobs", "2"))

    assert "Traceback" not in err
    assert code == 3
    assert "an interrupt" in out or "interrupted" in err
    assert running_in(tmp_path) == []


def running_in(folder: Path) -> list[str]:
    """The commands of processes, compilers among them, that were started from a folder and still run."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if str(folder) in command or (process / "cwd").readlink() == folder:
                found.append(command)
    return found
