"""What a command costs: CPU time, wall time and memory, of it and of all processes that it starts."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median


@dataclass(frozen=True)
class Cost:
    """Of one command. `cpu` and `wall` are seconds, `peak` is in bytes: that of the largest process."""

    cpu: float
    wall: float
    peak: int

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.cpu + other.cpu, self.wall + other.wall, max(self.peak, other.peak))


def measured(
    command: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None
) -> tuple[Cost, str]:
    """Run the command in the folder; its cost, and what it wrote on standard output."""
    output = folder / "output"
    before = time.monotonic()
    with output.open("wb") as file:
        # `wait4` gives the cost of this one process and its children; it must be the one that waits.
        process = subprocess.Popen(
            list(command), cwd=folder, stdout=file, stderr=subprocess.STDOUT, env=environment
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.monotonic() - before
    text = output.read_text(encoding="utf-8", errors="replace")
    if process.returncode not in (0, 1):
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}:\n{text}")
    kilobytes = usage.ru_maxrss if sys.platform != "darwin" else usage.ru_maxrss // 1024
    return Cost(usage.ru_utime + usage.ru_stime, wall, kilobytes * 1024), text


def typical(costs: Sequence[Cost]) -> Cost:
    """The median of each of the three, on its own."""
    return Cost(
        median(c.cpu for c in costs), median(c.wall for c in costs), int(median(c.peak for c in costs))
    )
