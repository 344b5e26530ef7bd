"""What OTP 25 was observed to do, as questions to the model: one file, one question, its answer in it.

A file's `reachable` lines are what was seen, so the model must allow it; its rules and assertions are
what was never seen, so the model must forbid it. Names begin with the row of the observation. An axiom is
what was so in every run of all rows; its file also has the conditions without which it is not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dmc import pipeline
from dmc.engines.reference.search import check as search
from dmc.ir.evaluate import CompiledSystem
from dmc.ir.outcome import Limits
from dmc.lower.lowering import lower
from dmc.pipeline.loading import load
from dmc.pipeline.table import cells
from dmc.results.report import Report

HERE = Path(__file__).parent
QUESTIONS = sorted(path.name for path in HERE.glob("row*.dmc"))
ROWS = {"01", "02", "03", "04", "05", "06", "07", "08", "09", "11", "12", "13", "14", "16", "20", "23"}
"""The rows that the language of today can speak of."""
AXIOMS = sorted(path.name for path in HERE.glob("axiom*.dmc"))


def checked(name: str, **options: str) -> Report:
    report, _ = pipeline.check(pipeline.Request((str(HERE / name),), **options))  # type: ignore[arg-type]
    return report


def answers(report: Report) -> list[str]:
    """The properties that are not as expected, to be read in a failure."""
    return [
        f"{run.scenario} on {run.runtime}, {run.locking} +A {run.async_threads} +S {run.schedulers},"
        f" {run.axes}:"
        f" {p.id} is {p.verdict.value} in {p.functions}, expected: {p.expected}"
        for run in report.runs
        for p in run.properties
        if not p.as_expected
    ]


@pytest.mark.parametrize("name", [*QUESTIONS, *AXIOMS])
def test_the_model_answers_as_observed(name: str) -> None:
    report = checked(name)
    assert answers(report) == []
    assert report.exit == 0
    assert all(run.complete or run.not_applicable for run in report.runs)
    assert {"otp23", "25"} <= {run.runtime for run in report.runs}


def test_every_row_has_its_questions() -> None:
    assert {name[3:5] for name in QUESTIONS} == ROWS


def test_the_axioms_are_there() -> None:
    assert [name[5:7] for name in AXIOMS] == ["01", "02", "03", "04", "05", "06", "07", "08", "12"]


# --- what is no verdict -------------------------------------------------------------------------


def test_a_driver_that_cancels_does_not_load_from_17_on() -> None:
    report = checked("row02_no_cancel.dmc")
    refused = {run.runtime: run.not_applicable for run in report.runs if run.not_applicable}
    assert set(refused) == {"otp17", "otp23", "25"}
    assert all("driver_async_cancel went with 17.0" in reason for reason in refused.values())
    assert all(not run.properties for run in report.runs if run.not_applicable)
    assert "E502" in {d.code for d in report.diagnostics}


def test_it_is_an_error_if_it_loads_nowhere() -> None:
    assert checked("row02_no_cancel.dmc", runtimes="otp23").exit == 2


def test_no_async_threads_is_no_setting_from_23_on() -> None:
    runs = {run.runtime: run for run in checked("row16_no_threads_means_one.dmc").runs}
    for runtime in ("otp23", "25"):
        assert "0 means 1" in runs[runtime].not_applicable
    for runtime in ("otp17", "otp21"):
        assert runs[runtime].complete


# --- who calls ----------------------------------------------------------------------------------


def ending(compiled: CompiledSystem, state: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    """For each `ready_async` or free function under way: the thread, and the one that posted the job."""
    layout = compiled.layout
    heap = layout.pools["heap"]
    submitter = heap.fields["job", "submitter"]
    for thread in layout.threads:
        type_index, name = layout.points[state[thread.base]]
        point = next(p for p in layout.system.threads[type_index].points if p.name == name)
        if not any(frame.role in ("reply", "async_free") for frame in point.frames):
            continue
        job = state[thread.base + layout.registers[type_index]["job"]]
        yield thread.number, state[heap.base + heap.stride * job + submitter]


@pytest.mark.parametrize("async_threads", [1, 2])
def test_a_job_ends_on_the_scheduler_that_posted_it(async_threads: int) -> None:
    model = load(str(HERE / "row01_one_end_for_each_job.dmc")).model
    assert model is not None
    request = pipeline.Request((), runtimes="25", async_threads=str(async_threads))
    (cell, *_) = cells(model, model.scenarios[0], request)
    pairs: set[tuple[int, int]] = set()

    def look(compiled: CompiledSystem, states: list[tuple[int, ...]]) -> None:
        for state in states:
            pairs.update(ending(compiled, state))

    search(lower(replace(cell.run), ()).system, Limits(), frozenset(), inspect=look)
    assert pairs == {(1, 1), (2, 2)}
