"""The command line in front of a pipeline that does nothing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from support.fake_pipeline import FakePipeline

import dmc


@pytest.fixture
def pipeline(monkeypatch: pytest.MonkeyPatch) -> FakePipeline:
    fake = FakePipeline()
    monkeypatch.setitem(sys.modules, "dmc.pipeline", fake)
    monkeypatch.setattr(dmc, "pipeline", fake, raising=False)
    return fake


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A file, and the directory that it is in as the current one."""
    monkeypatch.chdir(tmp_path)
    Path("bdb.dmc").write_text("driver bdb { }\n")
    return "bdb.dmc"
