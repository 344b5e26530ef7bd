"""The side of `dmc`: the command `check`, with an empty cache of built engines and with a full one."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.measuring import Cost, measured
from tests.benchmarks.pairs import Pair
from tests.benchmarks.result import Result

VARIANTS: dict[str, tuple[str, ...]] = {"exhaustive": ("--reduce", "none"), "reduced": ()}
"""Without any reduction, and with all of them."""


def run(pair: Pair, variant: str, folder: Path) -> Result:
    """One measurement: the command twice, as the second time nothing has to be compiled."""
    with TemporaryDirectory(dir=folder) as cache:
        total, _ = _check(pair, variant, folder, cache)
        search, output = _check(pair, variant, folder, cache)
    (found,) = json.loads(output)["runs"]
    if not found["complete"]:
        raise SystemExit(f"the search of {pair.name} is not complete: {found['cut_by']}")
    violated = [p["id"] for p in found["properties"] if p["verdict"] == "violated"]
    if violated:
        raise SystemExit(f"dmc finds a violation in {pair.name}: {', '.join(violated)}")
    return Result(found["states"], found["transitions"], search, total)


def _check(pair: Pair, variant: str, folder: Path, cache: str) -> tuple[Cost, str]:
    axes = [word for name, value in pair.axes.items() for word in ("--axis", f"{name}={value}")]
    command = [sys.executable, "-m", "dmc", "check", str(pair.model), "--engine", "compiled"]
    root = str(Path(__file__).parents[2])
    environment = {**os.environ, "XDG_CACHE_HOME": cache, "PYTHONPATH": root}
    return measured([*command, *VARIANTS[variant], *axes, "--format", "json"], folder, environment)
