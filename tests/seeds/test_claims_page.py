"""The page of claims is what the models say today."""

from __future__ import annotations

from pathlib import Path

import pytest

from dmc.cli.main import main

SEEDS = Path(__file__).resolve().parents[2] / "models" / "seeds"


def test_the_page_of_claims_is_up_to_date(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest
) -> None:
    monkeypatch.chdir(SEEDS)
    code = main(["test", "--claims", "claims.toml"])
    page = capsys.readouterr().out
    path = SEEDS / "README.md"
    stored = path.read_text(encoding="utf-8") if path.exists() else ""
    if page != stored and request.config.getoption("--bless"):
        path.write_text(page, encoding="utf-8", newline="\n")

    assert code == 0
    assert page == stored, "`pytest --bless` rewrites it"
