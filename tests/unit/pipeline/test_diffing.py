"""Two runtimes beside each other: verdicts, what happens on one side only, and where it turns."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from dmc import pipeline
from dmc.base.exceptions import UsageError
from dmc.lower.lowering import lower
from dmc.pipeline.checking import table_of, woven_rules
from dmc.pipeline.loading import load
from dmc.pipeline.outcomes import happened, witnesses
from dmc.pipeline.request import Request
from dmc.reporters.json import render, schema
from dmc.reporters.text_diff import render_diff
from dmc.results.report import Report

ROOT = Path(__file__).parents[3]
LOST = str(ROOT / "tests/data/matrix/lost_job_data.dmc")
SEEDS = ROOT / "models/seeds/2008-stop-and-async"


def diff(path: str, left: str, right: str, **changes: object) -> Report:
    request = replace(Request((path,), jobs=2), **changes)  # type: ignore[arg-type]
    return pipeline.diff(request, (left, right))[0]


def test_a_leak_that_went_is_told_with_its_release_and_what_replaces_it() -> None:
    report = diff(LOST, "r12smp", "otp23", async_threads="1", schedulers="1")

    found = report.difference
    assert found is not None
    assert report.exit == 1
    assert found.complete
    assert {v.property for v in found.verdicts} == {"MEM003", "ASY001"}
    assert {(t.property, t.release, t.violated) for t in found.turns} == {
        ("MEM003", "R13A", False),
        ("ASY001", "R13A", False),
    }
    sides = {(o.side, o.text) for o in found.outcomes}
    assert (1, "`async_free` is called on a scheduler, with its port dead") in sides
    assert (0, "`ready_async` is called on an async thread, with its port open") in sides
    assert all(o.trace is not None and o.trace.steps for o in found.outcomes)
    Draft202012Validator(schema()).validate(json.loads(render(report)))
    text = render_diff(report, {}, 80, False, False)
    assert "R13A ends it" in text
    assert max(map(len, text.replace(str(LOST), "m.dmc").splitlines())) <= 80


def test_equal_runtimes_do_not_differ() -> None:
    report = diff(LOST, "R13A/smp", "R13B04/smp", async_threads="1", schedulers="1")

    assert report.exit == 0
    assert report.difference is not None
    assert not report.difference.differs
    assert "no difference that this model could notice" in render_diff(report, {}, 80, False, False)


@pytest.mark.parametrize(("left", "right"), [("r12smp", "r12smp"), ("R13B..", "otp23"), ("r99", "otp23")])
def test_what_are_not_two_runtimes_is_refused(left: str, right: str) -> None:
    with pytest.raises(UsageError):
        diff(LOST, left, right)


def test_an_outcome_is_covered_exactly_where_a_run_leads_to_it() -> None:
    """What is covered has a witness, with and without reductions."""
    request = Request((LOST,), runtimes="otp23", async_threads="1", schedulers="1")
    model = load(LOST).model
    assert model is not None
    for cell in table_of(model, request):
        lowered = lower(cell.run, woven_rules(cell.run, request))
        found, _ = happened(lowered, request)
        unreduced, _ = happened(lowered, replace(request, reductions=()))
        assert found == unreduced
        assert set(witnesses(lowered, found, request)) == found


@pytest.mark.slow
def test_the_story_of_2008_unasked() -> None:
    """Between R12B-5 and 23: the leak, the barrier's hang, and the cancel that loops."""
    names = ("async_free_leak", "barrier", "cancel")
    request = Request(tuple(str(SEEDS / f"{name}.dmc") for name in names), jobs=2, async_threads="1")
    report, _ = pipeline.diff(request, ("r12smp", "otp23"))

    found = report.difference
    assert found is not None
    turned = {(Path(t.model).stem, t.property, t.release) for t in found.turns if not t.violated}
    assert {
        ("async_free_leak", "MEM003", "R13A"),
        ("barrier", "HNG001", "R15A"),
        ("cancel", "HNG001", "R14B03"),
    } <= turned
