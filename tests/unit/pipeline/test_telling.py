"""Findings of real runs, told: what is read off the run, and that every step stays in it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from support.golden import Golden

from dmc.pipeline.checking import check
from dmc.pipeline.request import Request
from dmc.reporters.json import document, schema
from dmc.reporters.terminal import columns
from dmc.reporters.text import render
from dmc.results.report import PropertyResult, Report, TraceStep
from dmc.results.verdict import Verdict

MODELS = Path("tests/data/reports/models")
ROOT = Path(__file__).parents[3]

REQUESTS = {
    "hang": Request((str(MODELS / "barrier.dmc"),), runtimes="r12smp", axes={"same_queue": "true"}),
    "use_after_free": Request(
        (str(MODELS / "barrier.dmc"),), runtimes="otp23", async_threads="2", axes={"same_queue": "false"}
    ),
    "leak": Request(
        (str(MODELS / "barrier.dmc"),),
        runtimes="r12smp",
        axes={"same_queue": "true"},
        properties=("MEM003", "ASY001"),
    ),
    "race": Request((str(MODELS / "race.dmc"),), runtimes="otp23", properties=("RAC001",)),
    "locks": Request((str(MODELS / "locks.dmc"),), runtimes="otp23"),
    "own_rules": Request((str(MODELS / "rule.dmc"),), runtimes="otp23"),
    "pass": Request((str(MODELS / "pass.dmc"),), runtimes="otp23"),
}


@pytest.fixture(autouse=True)
def _at_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    """Paths in the goldens are those of the repository."""
    monkeypatch.chdir(ROOT)


def _pinned(name: str) -> Request:
    """The engine is named on the page: it must not depend on the machine."""
    return replace(REQUESTS[name], engine="reference")


@cache
def report_of(name: str) -> Report:
    return check(_pinned(name))[0]


def page(name: str, width: int = 80, colour: bool = False) -> str:
    report, sources = check(_pinned(name))
    return render(report, sources, width, colour, verbose=False)


def violated(name: str, identifier: str) -> PropertyResult:
    found = [p for r in report_of(name).runs for p in r.properties if p.id == identifier]
    return next(p for p in found if p.verdict is Verdict.VIOLATED)


def steps_of(result: PropertyResult) -> tuple[TraceStep, ...]:
    assert result.trace is not None
    return result.trace.steps


@pytest.mark.parametrize("name", REQUESTS)
def test_page(name: str, golden: Golden) -> None:
    """What a driver author reads."""
    golden(f"reports/real.{name}.txt", page(name))


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("name", ["hang", "race"])
def test_no_line_of_a_real_run_is_wider_than_the_terminal(name: str, width: int) -> None:
    assert [line for line in page(name, width).splitlines() if columns(line) > width] == []


@pytest.mark.parametrize("name", REQUESTS)
def test_a_real_document_satisfies_the_schema(name: str) -> None:
    Draft202012Validator(schema()).validate(document(report_of(name)))


def test_every_step_is_in_the_document() -> None:
    """What the page folds is there for replay: one choice for each step, operands among them."""
    steps = steps_of(violated("hang", "HNG001"))

    assert any(step.operand for step in steps)
    assert all(step.thread > 0 and step.alternative >= 0 for step in steps)
    assert not steps[-1].operand


def test_an_operand_is_fetched_for_the_next_step_of_its_line() -> None:
    steps = steps_of(violated("hang", "HNG001"))
    pairs = [(a, b) for a, b in pairwise(steps) if a.operand]

    assert pairs
    assert all((a.lane, a.frames, a.place.line) == (b.lane, b.frames, b.place.line) for a, b in pairs)


def test_objects_are_numbered_by_kind() -> None:
    """A job, a mutex and two structs each begin at 1."""
    told = [step.result for step in steps_of(violated("use_after_free", "MEM001"))]

    assert {"Port #1", "Txn #1", "Barrier #1", "mutex 1", "condition 1", "job 1", "job 2"} <= set(told)


def test_a_use_after_free_names_both_ends() -> None:
    """Which object, who freed it and when, who uses it; and it points at the use."""
    result = violated("use_after_free", "MEM001")

    for part in ("freed Port #1", "`stop` on scheduler 1", "`run` on async thread 1", "allocated in step 3"):
        assert part in result.message
    assert result.where.line == 31
    assert "Port #1 is freed" in [note for step in steps_of(result) for note in step.notes]


def test_a_hang_names_its_kind_and_who_waits_for_what() -> None:
    result = violated("hang", "HNG001")
    assert result.trace is not None

    assert "A deadlock" in result.message
    assert "`stop` never returns, and owner waits for ever" in result.message
    assert result.where.line == 48
    assert any("waits for a signal on condition 1" in line for line in result.trace.stuck)
    assert any("the port's lock, which scheduler 1 holds since step" in line for line in result.trace.stuck)
    assert any(line.startswith("owner waits for port_close(p) to return") for line in result.trace.stuck)
    assert any("job 2 of port 1 is queued on async thread 1" in line for line in result.trace.owed)


def test_the_run_into_a_hang_goes_on_to_where_nothing_moves() -> None:
    steps = steps_of(violated("hang", "HNG001"))
    marked = [number for number, step in enumerate(steps) if step.marks]

    assert len(marked) == 1
    assert marked[0] < len(steps) - 1


def test_a_leak_names_the_allocation_and_the_last_reference() -> None:
    result = violated("leak", "MEM003")

    assert "Barrier #1 was allocated in step" in result.message
    assert "the async_data of job 1" in result.message
    assert result.where.line == 42


def test_a_job_is_told_with_its_submission() -> None:
    """`{j}` of the rule's text is the job."""
    result = violated("leak", "ASY001")

    assert "job 1 is over, and its free function was not called" in result.message
    assert "Job 1 was submitted in step" in result.message
    assert result.where.line == 46


def test_a_race_shows_both_accesses() -> None:
    result = violated("race", "RAC001")
    first, second = steps_of(result)[-2:]

    assert "`jobs` of Port #1" in result.message
    assert "`output` on scheduler 1" in result.message
    assert "`work` on async thread 1" in result.message
    assert first.lane != second.lane
    assert first.marks
    assert second.marks


def test_a_cycle_of_locks_names_them_by_where_they_are_made() -> None:
    message = violated("locks", "LCK004").message

    assert "the mutex created at locks.dmc:9" in message
    assert "the mutex created at locks.dmc:10" in message


def test_an_assertion_is_told_in_its_own_words() -> None:
    assert "someone else let go of it" in violated("own_rules", "assertion").message
    assert violated("own_rules", "few_turns").claim == "turns <= 1 holds in every state"


def test_jobs_and_waiters_are_told_where_they_change() -> None:
    steps = steps_of(violated("use_after_free", "MEM001"))
    changes = [(c.name, c.before, c.after) for step in steps for c in step.changes]
    notes = [note for step in steps for note in step.notes]

    assert ("job 1", "queued", "running") in changes
    assert any("is in the queue of async thread" in note for note in notes)
    assert "owner: open_port(bdb) -> port 1" in notes


def test_a_page_without_colour_has_no_escape() -> None:
    assert "\x1b" not in page("race")
    assert "\x1b" in page("race", colour=True)
