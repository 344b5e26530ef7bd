"""The system of the benchmarks has as many states as three other model checkers count for it.

The numbers are those of a Promela model of the same system (`tests/benchmarks/anchor.pml`), searched by SPIN
without reductions; SPIN counts the initial state as a transition, and that one is taken off.
"""

from __future__ import annotations

import pytest

from dmc import pipeline
from dmc.results.report import Run
from tests.benchmarks.pairs import PAIRS

Sizes = dict[str, str]


def run_of(axes: Sizes, engine: str = "auto", reductions: tuple[str, ...] = ()) -> Run:
    request = pipeline.Request(
        (str(PAIRS["A"].model),), axes={**PAIRS["A"].axes, **axes}, engine=engine, reductions=reductions
    )
    (run,) = pipeline.check(request)[0].runs
    assert run.complete
    return run


def verdicts(run: Run) -> dict[str, str]:
    return {p.id: p.verdict.value for p in run.properties if p.verdict.value != "not-applicable"}


@pytest.mark.parametrize(
    ("ports", "jobs", "schedulers", "states", "transitions"),
    [(1, 1, 1, 97, 152), (1, 2, 1, 484, 909), (1, 2, 2, 872, 1_711), (2, 1, 1, 3_590, 8_496)],
)
def test_tiny_sizes(ports: int, jobs: int, schedulers: int, states: int, transitions: int) -> None:
    run = run_of({"P": str(ports), "J": str(jobs), "A": "1", "S": str(schedulers)}, "reference")
    assert (run.states, run.transitions) == (states, transitions)
    assert verdicts(run) == {
        "HNG001": "proved",
        "HNG002": "proved",
        "RAC001": "proved",
        "DAT001": "proved",
        "assertion": "proved",
    }


@pytest.mark.parametrize("reductions", [(), ("dead", "fusion", "heap")])
def test_a_forgotten_completion_hangs(reductions: tuple[str, ...]) -> None:
    run = run_of({"P": "1", "J": "2", "A": "1", "S": "1", "bug": "true"}, "reference", reductions)
    assert verdicts(run)["HNG001"] == "violated"


@pytest.mark.slow
def test_size_a() -> None:
    pair = PAIRS["A"]
    run = run_of(pair.axes, "compiled")
    assert (run.states, run.transitions) == (pair.states, pair.transitions)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("axes", "states"),
    [({"wait": "false"}, 494_354), ({"lock": "of_driver", "cancel": "false"}, 256_655)],
    ids=["stop does not wait", "nothing is cancelled, one lock"],
)
def test_size_a_in_other_variants(axes: Sizes, states: int) -> None:
    assert run_of(axes, "compiled").states == states
