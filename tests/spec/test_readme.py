"""What the README shows is what the tool prints, and its set-up lines are where CI looks for them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dmc.cli.main import main

README = Path(__file__).parents[2] / "README.md"
TEXT = README.read_text(encoding="utf-8")
LEFT_OUT = "..."


def _fence(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


def test_the_trace_is_what_the_tool_prints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "echo.dmc").write_text(_fence("dmc"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    code = main(["check", "echo.dmc"])
    printed = capsys.readouterr().out

    assert code == 1
    position = 0
    for part in _fence("text").split(f"{LEFT_OUT}\n"):
        found = printed.find(part, position)
        assert found >= 0, f"the README shows\n{part}\nand the tool prints\n{printed}"
        position = found + len(part)


def test_the_set_up_lines_stand_alone() -> None:
    for name in ("main-job", "tests"):
        assert len(re.findall(rf"^<!-- set-up: {name} -->\n```sh\n[^\n]+\n```$", TEXT, re.MULTILINE)) == 1
    assert len(re.findall(r"^```sh$", TEXT, re.MULTILINE)) == 2


def test_it_is_two_screens_long() -> None:
    assert len(TEXT.splitlines()) <= 100


def test_the_model_of_the_main_job_is_there() -> None:
    (path,) = re.findall(r"dmc check (\S+\.dmc)$", TEXT, re.MULTILINE)

    assert (README.parent / path).exists()
