"""Run the hand-written Promela models with SPIN and store, or compare, the outcomes that each can reach.

``run_oracles.py`` writes ``outcomes.json``; ``--check`` compares with it and writes nothing; ``--only TEXT``
takes the instances whose name contains the text. ``--variants`` and ``--acyclic`` check assumptions of the
models themselves, see ``README.md``.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

HERE = Path(__file__).resolve().parent
STORED = HERE / "outcomes.json"

Outcomes = dict[str, dict[str, list[str]]]
Result = TypeVar("Result")


@dataclass(frozen=True)
class Design:
    """One model file, and the values it is run with."""

    name: str
    runtimes: tuple[str, ...]
    axis: dict[str, str]  # values -> macros that select them; a design without axis has {"": ""}
    async_threads: tuple[int, ...]


@dataclass(frozen=True)
class Instance:
    """One search: a design and a value of each of its axes."""

    design: str
    runtime: str
    value: str
    macro: str
    async_threads: int

    @property
    def key(self) -> str:
        """The name of this instance within its design, in ``outcomes.json``."""
        return " ".join(filter(None, [self.runtime, self.value, f"async_threads={self.async_threads}"]))

    @property
    def name(self) -> str:
        return f"{self.design}: {self.key}"

    @property
    def macros(self) -> list[str]:
        chosen = [self.runtime.upper(), f"ASYNC_THREADS={self.async_threads}", *self.macro.split()]
        return [f"-D{macro}" for macro in chosen if macro]


class OracleError(Exception):
    """A search that did not say all it should have said."""


ALL_RUNTIMES = ("r12smp", "r13smp", "r15", "otp23")

DESIGNS = (
    Design(
        "left_behind",
        ALL_RUNTIMES,
        {"drv_data": "JOB_USES_DRV_DATA", "own_copy": "JOB_USES_OWN_COPY"},
        (1, 2),
    ),
    Design(
        "barrier",
        ALL_RUNTIMES,
        {"key_null": "KEY_NULL", "key_same": "KEY_SAME", "one_per_thread": "ONE_PER_THREAD"},
        (1, 2, 3),
    ),
    Design("refcounted", ALL_RUNTIMES, {"": ""}, (1, 2)),
    Design(
        "cancel",
        ("r13smp", "R14B03", "r15"),
        {"free_at_once": "FREE_AT_ONCE", "hand_over": "HAND_OVER"},
        (1, 2),
    ),
    Design(
        "keep_alive",
        ALL_RUNTIMES,
        {
            f"{drained} {ending}": f"DRAINED_BY_{drained.upper()} {ending.upper()}"
            for drained in ("reply", "job")
            for ending in ("closed", "killed", "failed")
        },
        (1, 2),
    ),
    Design("pdl_against_jobs", ALL_RUNTIMES, {"false": "", "true": "STOP_TAKES_LOCK"}, (1, 2)),
    Design("own_thread", ALL_RUNTIMES, {"false": "", "true": "ASKED_AGAIN"}, (1,)),
    Design("counter", ALL_RUNTIMES, {"every_job": "EVERY_JOB", "running_jobs": "RUNNING_JOBS"}, (1, 2)),
    Design(
        "busy",
        ALL_RUNTIMES,
        {"every_time": "EVERY_TIME", "when_it_went_well": "WHEN_IT_WENT_WELL"},
        (1, 2),
    ),
    Design(
        "inline_barrier",
        ("r12smp", "r13smp", "r15", "otp21"),
        {"with_mutex": "WITH_MUTEX", "without_mutex": "WITHOUT_MUTEX"},
        (0, 1),
    ),
)


def instances() -> list[Instance]:
    """All searches whose outcomes are stored."""
    return [
        Instance(design.name, runtime, value, macro, threads)
        for design in DESIGNS
        for runtime in design.runtimes
        for value, macro in design.axis.items()
        for threads in design.async_threads
    ]


def missing_tools() -> list[str]:
    """The programs that a search needs and this machine lacks."""
    return [tool for tool in ("spin", "gcc") if shutil.which(tool) is None]


def reachable_facts(instance: Instance, macros: Iterable[str] = (), models: Path = HERE) -> list[str]:
    """The facts that an exhaustive search of one instance meets, sorted."""
    output = _search(instance, [*instance.macros, *macros], ["-DSAFETY", "-DNOCLAIM"], ["-E"], models)
    return sorted(line.removeprefix("fact: ") for line in output.splitlines() if line.startswith("fact: "))


def check_acyclic(instance: Instance) -> None:
    """Raise ``OracleError`` if a state can come back: as nothing is labelled, no cycle has progress."""
    _search(instance, instance.macros, ["-DNP", "-DNOSTUTTER"], ["-E", "-l"], HERE)


def _search(
    instance: Instance,
    macros: Sequence[str],
    compile_with: Sequence[str],
    run_with: Sequence[str],
    models: Path,
) -> str:
    source = str(models / f"{instance.design}.pml")
    with tempfile.TemporaryDirectory() as folder:
        _run(["spin", "-a", *macros, source], folder)
        # No partial-order reduction: a fact is printed when its transition is executed, so all must be.
        _run(["gcc", "-O1", "-w", "-DNOREDUCE", "-DMEMLIM=8000", *compile_with, "-o", "pan", "pan.c"], folder)
        output = _run(["./pan", "-m1000000", *run_with], folder)
    _demand_complete(instance, output)
    return output


def _run(command: Sequence[str], folder: str) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    output = done.stdout + done.stderr
    if done.returncode != 0 or "Error:" in output:
        raise OracleError(f"{' '.join(command)}: {output.strip()}")
    return output


def _demand_complete(instance: Instance, output: str) -> None:
    incomplete = ("max search depth too small", "Search not completed", "out of memory", "memory limit")
    if "errors: 0" not in output or any(text in output for text in incomplete):
        raise OracleError(f"{instance.name}: the search found an error or was not complete\n{output}")


def run_all(chosen: Sequence[Instance], macros: Sequence[str] = ()) -> Outcomes:
    """Search each instance; the result has them in their order, with sorted facts."""
    outcomes: Outcomes = {}
    facts = _map_parallel(lambda instance: reachable_facts(instance, macros), chosen)
    for instance, found in zip(chosen, facts, strict=True):
        outcomes.setdefault(instance.design, {})[instance.key] = found
    return outcomes


def _map_parallel(work: Callable[[Instance], Result], chosen: Sequence[Instance]) -> list[Result]:
    with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool:
        return list(pool.map(work, chosen))


def stored_outcomes() -> Outcomes:
    """What ``outcomes.json`` says."""
    outcomes: Outcomes = json.loads(STORED.read_text(encoding="utf-8"))
    return outcomes


def differences(stored: Outcomes, found: Outcomes) -> list[str]:
    """One line for each found instance whose facts are not the stored ones."""
    lines = []
    for design, cells in found.items():
        for key, facts in cells.items():
            expected = stored.get(design, {}).get(key)
            if expected != facts:
                lines.append(f"{design}: {key}: stored {expected}, found {facts}")
    return lines


def _variants(chosen: Sequence[Instance]) -> list[str]:
    """Compare the stored facts with those of freedoms that must not matter."""
    stored = stored_outcomes()
    waiting = [instance for instance in chosen if instance.design == "barrier"]
    queued = [instance for instance in chosen if instance.runtime == "otp23"]
    lines = []
    for macro, affected in (("SPURIOUS=2", waiting), ("ASYNC_COMMAND", queued)):
        found = run_all(affected, [f"-D{macro}"])
        lines += [f"with {macro}: {line}" for line in differences(stored, found)]
    return lines


def _write(outcomes: Outcomes) -> None:
    STORED.write_text(json.dumps(outcomes, indent=2) + "\n", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--check", action="store_true", help="compare with outcomes.json, write nothing")
    mode.add_argument("--variants", action="store_true", help="freedoms that must not change an outcome")
    mode.add_argument("--acyclic", action="store_true", help="show that no state can come back")
    parser.add_argument("--only", default="", metavar="TEXT", help="instances whose name contains TEXT")
    return parser.parse_args()


def main() -> int:
    """Return 0 if all went as it should, 1 if something differs, 2 if a program is missing."""
    arguments = _arguments()
    if missing := missing_tools():
        print(f"missing: {', '.join(missing)}", file=sys.stderr)
        return 2
    chosen = [instance for instance in instances() if arguments.only in instance.name]
    if not chosen:
        print(f"no instance has {arguments.only!r} in its name", file=sys.stderr)
        return 2
    lines: list[str] = []
    if arguments.acyclic:
        _map_parallel(check_acyclic, chosen)
    elif arguments.variants:
        lines = _variants(chosen)
    elif arguments.check:
        lines = differences(stored_outcomes(), run_all(chosen))
    elif arguments.only:
        print(json.dumps(run_all(chosen), indent=2))
    else:
        _write(run_all(chosen))
    print("\n".join(lines or [f"{len(chosen)} instances, as they should be"]), file=sys.stderr)
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
