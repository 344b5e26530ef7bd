"""The sources pass the linter, are in one layout, and their types fit."""

from __future__ import annotations

import subprocess
import sys

import pytest
from architecture.imports import ROOT

pytestmark = pytest.mark.slow

CHECKS = {
    "lint": ("ruff", "check", "--no-cache", "dmc", "tests"),
    "layout": ("ruff", "format", "--no-cache", "--check", "dmc", "tests"),
    "types": ("mypy", "--strict", "-p", "dmc"),
}


@pytest.mark.parametrize("check", CHECKS)
def test_the_sources_pass(check: str) -> None:
    command = (sys.executable, "-m", *CHECKS[check])
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
