"""What `dmc` finds reachable in the models is what the hand-written Promela models reach."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
import reachable_facts as dmc_facts

from dmc.lower.run import RunChoice
from dmc.model.model import Model

HERE = Path(__file__).resolve().parent
SEEDS = HERE.parents[1] / "models" / "seeds"


@dataclass(frozen=True)
class Design:
    """Where a design of the oracles is in the models: the file, the axes that its values name."""

    file: str
    scenario: str = "commands_then_close"
    axes: tuple[str, ...] = ()
    fixed: tuple[tuple[str, str], ...] = ()
    folder: str = "2008-stop-and-async"


DESIGNS = {
    "left_behind": Design("left_behind.dmc", axes=("job_uses",)),
    "refcounted": Design("reference_counted.dmc", fixed=(("count", "atomic_int"),)),
    "barrier": Design("barrier.dmc", axes=("barrier",)),
    "cancel": Design("cancel.dmc", axes=("after_cancel",)),
    "keep_alive": Design("keep_alive.dmc", "one_byte_per_job", ("drained_by", "ending")),
    "pdl_against_jobs": Design("pdl_against_jobs.dmc", "command_then_close", ("stop_takes_lock",)),
    "own_thread": Design("keep_alive_own_thread.dmc", "command_then_close", ("asked_again",)),
    "counter": Design("counter.dmc", axes=("waits_for",)),
    "inline_barrier": Design("barrier_without_threads.dmc", axes=("posted",)),
    "busy": Design("busy.dmc", "two_commands", ("frees",), folder="2001-multithreaded"),
}

RUNTIMES = {"R14B03": "R14B03/smp"}
"""The oracles are all of the emulator with several threads."""

LARGE = ("one_per_thread async_threads=3",)
"""Searches of more than 200 000 states."""


@cache
def model_of(file: str) -> Model:
    return dmc_facts.load_model(SEEDS / file)


def stored() -> dict[str, dict[str, list[str]]]:
    outcomes: dict[str, dict[str, list[str]]] = json.loads(
        (HERE / "outcomes.json").read_text(encoding="utf-8")
    )
    return outcomes


def run_of(design_name: str, key: str, **other: str) -> RunChoice:
    """The run of a model that is an instance of `outcomes.json`, perhaps with other values of axes."""
    design = DESIGNS[design_name]
    runtime, *values, threads = key.split()
    axes = dict(design.fixed) | dict(zip(design.axes, values, strict=True))
    return dmc_facts.run_of(
        model_of(f"{design.folder}/{design.file}"),
        design.scenario,
        RUNTIMES.get(runtime, runtime),
        int(threads.removeprefix("async_threads=")),
        axes | other,
    )


def facts_of(design_name: str, key: str) -> dmc_facts.Facts:
    """The facts that `dmc` reaches in an instance of `outcomes.json`."""
    return dmc_facts.reachable_facts(run_of(design_name, key))


def instances() -> list[object]:
    """All instances of `outcomes.json`; the large ones are marked slow."""
    return [
        pytest.param(
            design, key, id=f"{design}: {key}", marks=[pytest.mark.slow] if key.endswith(LARGE) else []
        )
        for design, keys in stored().items()
        for key in keys
    ]


@pytest.mark.parametrize(("design", "key"), instances())
def test_dmc_reaches_the_facts_of_the_oracle_and_no_others(design: str, key: str) -> None:
    """The two sets are equal, so neither an outcome is missed nor one made up."""
    assert list(facts_of(design, key).facts) == stored()[design][key]


@pytest.mark.parametrize("key", [key for key in stored()["cancel"] if key.endswith("async_threads=1")])
def test_facts_do_not_depend_on_reductions(key: str) -> None:
    """Without any reduction the same facts are reached, in more states."""
    reduced = facts_of("cancel", key)
    full = dmc_facts.reachable_facts(run_of("cancel", key), frozenset())
    assert full.facts == reduced.facts
    assert full.states > reduced.states


def test_a_broken_design_reaches_other_facts() -> None:
    """A comparison that could not fail would prove nothing: a count that is not atomic is noticed."""
    run = run_of("refcounted", "otp23 async_threads=1", count="plain_int")
    new = set(dmc_facts.reachable_facts(run).facts) - set(stored()["refcounted"]["otp23 async_threads=1"])
    assert new == {"double_free", "leak port", "use_after_free in drop"}
