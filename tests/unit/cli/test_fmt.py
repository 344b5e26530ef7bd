"""`dmc fmt`: rewrites what is not in the layout, and nothing else."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from dmc.cli.main import main

Capture = pytest.CaptureFixture[str]

UGLY = "driver  bdb {\nint n=0;\n}\n"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("ugly.dmc").write_text(UGLY)


def test_a_file_is_rewritten_once(capsys: Capture) -> None:
    """The second time there is nothing to do and nothing to say."""
    assert main(["fmt", "ugly.dmc"]) == 0
    assert capsys.readouterr().out == "ugly.dmc rewritten\n"
    assert "driver bdb {" in Path("ugly.dmc").read_text()
    assert main(["fmt", "ugly.dmc"]) == 0
    assert capsys.readouterr().out == ""
    assert [path.name for path in Path().iterdir()] == ["ugly.dmc"]


def test_check_changes_nothing(capsys: Capture) -> None:
    """It says what would change, with exit code 1."""
    assert main(["fmt", "--check", "."]) == 1
    assert "ugly.dmc is not in the layout" in capsys.readouterr().out
    assert Path("ugly.dmc").read_text() == UGLY


def test_a_file_with_errors_stays_as_it_is(capsys: Capture) -> None:
    """The others are rewritten all the same."""
    Path("broken.dmc").write_text("driver {\n")

    assert main(["fmt", "broken.dmc", "ugly.dmc"]) == 2
    captured = capsys.readouterr()
    assert captured.out == "ugly.dmc rewritten\n"
    assert "broken.dmc:1:8" in captured.err
    assert Path("broken.dmc").read_text() == "driver {\n"


def test_standard_input_goes_to_standard_output(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    """For editors."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(UGLY))

    assert main(["fmt", "-"]) == 0
    assert capsys.readouterr().out.startswith("driver bdb {\n")
