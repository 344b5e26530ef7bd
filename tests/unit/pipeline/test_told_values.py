"""What a trace tells of values: each local once in a step, and the operands of a violation."""

from __future__ import annotations

from pathlib import Path

import pytest

from dmc.cli.main import main

MODEL = "int n = 0;\nscenario s {{ thread t {{ {} }} }}\n"


def trace(statements: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The lines of the report of a violation."""
    path = folder / "model.dmc"
    path.write_text(MODEL.format(statements), encoding="utf-8")
    main(["check", "--engine", "reference", str(path)])
    return [line.strip() for line in capsys.readouterr().out.splitlines()]


def test_a_local_that_is_set_twice_in_a_step_has_its_last_value(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = trace("n = 1; int r = 5; r = 6; r = 6; n = 2; assert(n == 1);", tmp_path, capsys)
    assert "│        r = 6;  n: 0 -> 1" in told


def test_what_leaves_its_range_is_told_with_its_operand(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = trace("unsigned u = n - 1;", tmp_path, capsys)
    assert any("n is 0" in line or "n -> 0" in line for line in told)
