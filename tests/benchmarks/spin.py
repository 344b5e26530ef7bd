"""SPIN's side: `spin -a`, a C compiler, and the verifier that comes out."""

from __future__ import annotations

import re
from pathlib import Path

from tests.benchmarks.measuring import Cost, measured
from tests.benchmarks.pairs import Pair
from tests.benchmarks.result import Result

VARIANTS = {"exhaustive": ("-DSAFETY", "-DNOREDUCE"), "reduced": ("-DSAFETY",)}
"""Without any reduction, and with SPIN's partial order reduction."""

DEPTH = 1_000_000
MEGABYTES = 20_000
NUMBER = r"(\d+(?:\.\d+)?(?:e\+\d+)?)"


def run(pair: Pair, variant: str, folder: Path) -> Result:
    """One measurement, from the text of the model to the verdict."""
    defines = [f"-D{name}={value}" for name, value in pair.defines.items()]
    generate, _ = measured(["spin", "-a", *defines, str(pair.promela)], folder)
    flags = ["-O3", "-march=native", "-w", *VARIANTS[variant], f"-DMEMLIM={MEGABYTES}"]
    build, _ = measured(["gcc", *flags, "-o", "pan", "pan.c"], folder)
    table = max(20, (pair.states - 1).bit_length())
    search, output = measured(["./pan", f"-m{DEPTH}", f"-w{table}"], folder)
    if _number("errors: (\\d+)", output):
        raise SystemExit(f"SPIN finds an error in {pair.name}:\n{output}")
    # SPIN counts the initial state as a transition.
    states = _number(f"{NUMBER} states, stored", output, pair.states)
    transitions = _number(f"{NUMBER} transitions", output, pair.transitions + 1) - 1
    return Result(states, transitions, search, _total(generate, build, search))


def _total(*costs: Cost) -> Cost:
    result = costs[0]
    for cost in costs[1:]:
        result += cost
    return result


def _number(pattern: str, text: str, expected: int = 0) -> int:
    """The number, of which SPIN prints eight digits: the expected one, where that prints the same."""
    found = re.search(pattern, text)
    if found is None:
        raise SystemExit(f"SPIN's output has no `{pattern}`:\n{text}")
    printed = float(found.group(1))
    return expected if float(f"{expected:.8g}") == printed else round(printed)
