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


def _excerpt(printed: str) -> str:
    """The head of the run with the verdict that is violated, and the trace from the close on."""
    lines = printed.splitlines()
    violated = next(i for i, line in enumerate(lines) if line.startswith("  VIOLATED"))
    close = next(i for i, line in enumerate(lines) if "port_close(p)" in line) - 1
    end = next(i for i, line in enumerate(lines) if line.startswith("exit ")) - 1
    return "\n".join([*lines[2 : violated + 1], LEFT_OUT, *lines[close:end], ""])


def test_the_trace_is_what_the_tool_prints(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    request: pytest.FixtureRequest,
) -> None:
    (tmp_path / "echo.dmc").write_text(_fence("dmc"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    code = main(["check", "echo.dmc"])
    excerpt = _excerpt(capsys.readouterr().out)
    if request.config.getoption("--bless"):
        README.write_text(TEXT.replace(_fence("text"), excerpt), encoding="utf-8")

    assert code == 1
    assert _fence("text") == excerpt, "`pytest --bless` rewrites it"


def test_the_set_up_lines_stand_alone() -> None:
    for name in ("main-job", "tests"):
        assert len(re.findall(rf"^<!-- set-up: {name} -->\n```sh\n[^\n]+\n```$", TEXT, re.MULTILINE)) == 1
    assert len(re.findall(r"^```sh$", TEXT, re.MULTILINE)) == 2


def test_it_is_two_screens_long() -> None:
    assert len(TEXT.splitlines()) <= 110


def test_the_model_of_the_main_job_is_there() -> None:
    (path,) = re.findall(r"dmc check .*?(\S+\.dmc)$", TEXT, re.MULTILINE)

    assert (README.parent / path).exists()
