"""Some runs of a table, named in few words and exactly."""

from __future__ import annotations

from itertools import product

import pytest
from support.sample_reports import run, table

from dmc.cli.options import FORMATS
from dmc.reporters.registry import REPORTERS
from dmc.reporters.run_groups import describe, name_run, rows_of
from dmc.results.matrix import coordinates
from dmc.results.report import Run

RUNS = [
    run(runtime=runtime, async_threads=pool, axes={"key": key})
    for runtime, pool, key in product(("r12smp", "otp23"), (1, 2, 3), ("none", "same"))
]


def those(**wanted: tuple[str, ...]) -> list[Run]:
    return [one for one in RUNS if all(coordinates(one)[axis] in values for axis, values in wanted.items())]


@pytest.mark.parametrize(
    ("chosen", "text"),
    [
        (RUNS, ""),
        (those(runtime=("otp23",)), "otp23"),
        (those(key=("none",), async_threads=("2", "3")), "async_threads = 2|3, key = none"),
        (
            those(runtime=("otp23",), key=("same",)) + those(runtime=("r12smp",), async_threads=("1",)),
            "r12smp, async_threads = 1 or otp23, key = same",
        ),
        ([RUNS[0], RUNS[5], RUNS[8]], None),
    ],
)
def test_runs_are_named_by_the_values_that_single_them_out(chosen: list[Run], text: str | None) -> None:
    """Else one by one."""
    named = describe(chosen, RUNS, complete=True)

    assert named == (text if text is not None else named)
    if text is None:
        assert named.count(" or ") >= 2


def test_a_run_is_named_by_what_varies() -> None:
    """Two coordinates that all runs share say nothing."""
    assert name_run(RUNS[9], RUNS) == "otp23, async_threads = 2, key = same"


def test_rows_keep_every_verdict() -> None:
    """Grouping loses nothing: each property of each run is in one row."""
    runs = [one for one in table().runs if not one.not_applicable]

    assert sum(len(one.properties) for one in runs) == sum(len(row.cells) for row in rows_of(runs))


def test_the_reporters_have_their_names() -> None:
    """What `--format` and `--report` take."""
    assert list(FORMATS) == list(REPORTERS)
    assert all(name == reporter.name for name, reporter in REPORTERS.items())
