"""`python -m tests.benchmarks`: SPIN beside `dmc`, pair by pair; the table goes to standard output."""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks import ours, spin
from tests.benchmarks.measuring import typical
from tests.benchmarks.pairs import PAIRS, Pair
from tests.benchmarks.result import Result
from tests.benchmarks.table import Row, table

Tool = Callable[[Pair, str, Path], Result]


def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("pairs", nargs="*", default=["tiny", "A"], metavar="PAIR", help=", ".join(PAIRS))
    parser.add_argument("--repeats", type=int, default=3, help="how often each is measured (default: 3)")
    parser.add_argument("--variants", default="exhaustive", help="exhaustive, reduced or both, with a comma")
    parser.add_argument("--output", type=Path, help="write the table to this file, too")
    chosen = parser.parse_args()
    unknown = set(chosen.pairs) - set(PAIRS) | set(chosen.variants.split(",")) - set(ours.VARIANTS)
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    missing = [name for name in ("spin", "gcc") if shutil.which(name) is None]
    if missing:
        parser.error(f"not installed: {', '.join(missing)}")
    rows = [
        _row(PAIRS[name], variant, chosen.repeats)
        for name in chosen.pairs
        for variant in chosen.variants.split(",")
    ]
    text = table(rows)
    sys.stdout.write(text)
    if chosen.output is not None:
        chosen.output.write_text(text, encoding="utf-8")


def _row(pair: Pair, variant: str, repeats: int) -> Row:
    """Both tools in turn, so that a load of the machine meets both."""
    spins: list[Result] = []
    dmcs: list[Result] = []
    for number in range(1, repeats + 1):
        for tool, results in ((spin.run, spins), (ours.run, dmcs)):
            sys.stderr.write(f"{pair.name}, {variant}, {number} of {repeats}: {tool.__module__}\n")
            results.append(_once(tool, pair, variant))
    return Row(pair.name, variant, _typical(spins, pair, variant), _typical(dmcs, pair, variant))


def _once(tool: Tool, pair: Pair, variant: str) -> Result:
    with TemporaryDirectory() as folder:
        return tool(pair, variant, Path(folder))


def _typical(results: Sequence[Result], pair: Pair, variant: str) -> Result:
    """The medians; counts are the same each time, and without reductions those of the pair."""
    counts = {(r.states, r.transitions) for r in results}
    if len(counts) != 1 or (variant == "exhaustive" and counts != {(pair.states, pair.transitions)}):
        raise SystemExit(f"{pair.name}, {variant}: counts are {sorted(counts)}")
    first = results[0]
    return Result(
        first.states,
        first.transitions,
        typical([r.search for r in results]),
        typical([r.total for r in results]),
    )


if __name__ == "__main__":
    main()
