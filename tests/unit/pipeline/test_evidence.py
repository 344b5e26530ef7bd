"""Runs into violations: shorter, with what matters in them, and with their ledger."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from dmc import pipeline
from dmc.engines.interface import REDUCTIONS
from dmc.engines.reference.critical import critical
from dmc.engines.reference.replay import replay
from dmc.engines.reference.shorten import shortened
from dmc.ir.outcome import Choice, Finding, Limits
from dmc.ir.outcome import Path as Run
from dmc.lower.lowering import Lowered, lower
from dmc.pipeline.checking import table_of, woven_rules
from dmc.pipeline.loading import load
from dmc.pipeline.request import Request
from dmc.pipeline.searching import search
from dmc.reporters.json import render, schema
from dmc.reporters.text_why import render_why
from dmc.reporters.text_why_not import render_why_not
from dmc.results.ledger import GONE, with_ledger_notes

ROOT = Path(__file__).parents[3]
LEFT_BEHIND = str(ROOT / "models/tutorial/01_left_behind.dmc")
KEY = str(ROOT / "models/tutorial/04_key.dmc")
HANG = str(ROOT / "models/tutorial/09_hang.dmc")
LOST = str(ROOT / "tests/data/matrix/lost_job_data.dmc")
MODELS = (LEFT_BEHIND, KEY, HANG, LOST)


def findings(path: str) -> list[tuple[Lowered, Finding]]:
    model = load(path).model
    assert model is not None
    request = Request((path,))
    found = []
    for cell in table_of(model, request):
        lowered = lower(cell.run, woven_rules(cell.run, request))
        result = search(lowered.system, "reference", Limits(), REDUCTIONS, None, None).result
        found += [(lowered, finding) for finding in result.findings]
    return found


def weight(finding: Finding) -> tuple[int, int, int]:
    choices = finding.path.choices
    switches = sum(a.thread != b.thread for a, b in pairwise(choices))
    return len({c.thread for c in choices}), switches, len(choices)


def never(kind: str, step: int) -> bool:
    return False


def stretched(lowered: Lowered, finding: Finding, seed: int) -> Finding:
    """The same finding with a needless detour: another order of steps that still leads there."""
    chance = random.Random(seed)
    choices = list(finding.path.choices)
    for _ in range(200):
        place = chance.randrange(max(len(choices) - 1, 1))
        if place + 1 < len(choices) and choices[place].thread != choices[place + 1].thread:
            swapped = [*choices[:place], choices[place + 1], choices[place], *choices[place + 2 :]]
            candidate = replace(finding, path=Run(finding.path.initial, tuple(swapped)))
            if _replays(lowered, candidate):
                choices = swapped
    return replace(finding, path=Run(finding.path.initial, tuple(choices)))


def _replays(lowered: Lowered, finding: Finding) -> bool:
    try:
        replay(lowered.system, finding)
    except Exception:
        return False
    return True


@pytest.mark.parametrize("path", MODELS, ids=lambda p: Path(p).stem)
def test_a_shorter_run_is_no_worse_replays_and_is_always_the_same(path: str) -> None:
    for lowered, finding in findings(path):
        shorter = shortened(lowered.system, finding, never)

        assert weight(shorter) <= weight(finding)
        assert replay(lowered.system, shorter)
        assert shorter == shortened(lowered.system, finding, never)
        assert shortened(lowered.system, shorter, never) == shorter


def test_needless_switches_are_taken_out() -> None:
    """Two runs with the same end, one of them shuffled, become equally short."""
    for lowered, finding in findings(KEY):
        tangled = stretched(lowered, finding, seed=7)

        assert weight(shortened(lowered.system, tangled, never))[1] <= weight(finding)[1]


def test_without_a_budget_a_finding_stays_as_it_is() -> None:
    lowered, finding = findings(KEY)[0]

    assert shortened(lowered.system, finding, never, budget=0) == finding


def test_as_found_shows_the_run_of_the_search() -> None:
    """And the verdicts do not depend on it."""
    request = Request((KEY,))
    easy, _ = pipeline.check(request)
    plain, _ = pipeline.check(replace(request, shorten=False))

    def verdicts(report: object) -> list[tuple[str, str]]:
        return [(p.id, p.verdict.value) for run in report.runs for p in run.properties]  # type: ignore[attr-defined]

    def lanes(report: object) -> list[list[str]]:
        return [
            [s.lane for s in p.trace.steps]
            for r in report.runs
            for p in r.properties
            if p.trace  # type: ignore[attr-defined]
        ]

    assert verdicts(easy) == verdicts(plain)
    assert lanes(easy) != lanes(plain)


def test_the_order_that_is_missing_is_named() -> None:
    report, _ = pipeline.why(Request((LEFT_BEHIND,)), "MEM001")

    (result,) = report.runs[0].properties
    assert result.trace is not None
    orders = [r for r in result.trace.reasons if len(r.steps) == 2]
    assert orders
    (order,) = orders
    first, second = (result.trace.steps[n - 1] for n in order.steps)
    assert first.action.startswith("driver_free(")
    assert second.frames[-1:] == result.functions
    assert second is result.trace.steps[-1]
    text = render_why(report, {}, 80, False, False)
    assert f"{len(result.trace.matters)} of {len(result.trace.steps)} steps matter" in text
    assert "steps of scheduler 1: start" in text
    assert max(map(len, text.replace(str(LEFT_BEHIND), "m.dmc").splitlines())) <= 80
    assert len(render_why(report, {}, 80, False, True)) > len(text)
    Draft202012Validator(schema()).validate(json.loads(render(report)))


def test_an_order_that_matters_does_and_a_run_without_one_has_none() -> None:
    """Each order is checked by hand: the second step first, and the rest as it was."""
    lowered, finding = next((one, f) for one, f in findings(LEFT_BEHIND) if f.property == "MEM001")
    found = critical(lowered.system, shortened(lowered.system, finding, never))

    assert found.complete
    assert found.steps
    assert all(order.first < order.second for order in found.orders)


def test_why_of_what_holds_has_nothing_to_explain() -> None:
    report, _ = pipeline.why(Request((LEFT_BEHIND,)), "MEM002")

    assert report.exit == 4
    assert "nothing to explain" in render_why(report, {}, 80, False, False)


def test_a_situation_that_happens_has_a_run_into_it() -> None:
    condition = "(exists (port p) p.state == dead) && (exists (job j) j.state == running)"
    report, _ = pipeline.why_not(Request((LOST,), runtimes="otp23"), condition)

    found = report.situation
    assert found is not None
    assert found.happens is True
    assert report.exit == 0
    assert all(p.trace is not None for run in report.runs for p in run.properties)
    assert "a run of" in render_why_not(report, {}, 80, False)


def test_a_situation_that_never_happens_is_told_by_the_parts_that_exclude_each_other() -> None:
    parts = ("exists (job j) j.state == finished", "forall (port p) p.state == open", "false || 1 == 2")
    report, _ = pipeline.why_not(Request((LOST,), runtimes="otp23"), " && ".join(f"({p})" for p in parts))

    found = report.situation
    assert found is not None
    assert (found.happens, report.exit) == (False, 0)
    assert [part.condition for part in found.excluded] == [parts[2]]
    assert found.elsewhere == ()
    assert found.tried > 5
    Draft202012Validator(schema()).validate(json.loads(render(report)))


def test_another_setting_in_which_it_happens_is_found() -> None:
    """Without async threads a job is over before its port can die."""
    condition = "exists (job j) j.state == finished && j.port.state == dead"
    report, _ = pipeline.why_not(Request((LOST,), runtimes="r13smp", async_threads="0"), condition)

    found = report.situation
    assert found is not None
    assert found.happens is False
    assert "with 1 async thread" in found.elsewhere


def test_the_ledger_says_what_is_owed_after_each_step() -> None:
    """Read from beginning to end, it has at each step what there is; in the end what the trace owes."""
    report, _ = pipeline.check(Request((LEFT_BEHIND,)))
    trace = next(p.trace for run in report.runs for p in run.properties if p.trace is not None)
    standing = {}
    for step in trace.steps:
        for entry in step.ledger:
            standing[entry.name] = entry
        held = {e.name for e in standing.values() if e.state == "held" and e.owner == step.lane}
        assert held == set(step.held)
    open_ = {name for name, entry in standing.items() if entry.owes and entry.state != GONE}
    assert "job 1" in open_
    assert any("job 1" in line for line in trace.owed)
    assert standing["Port #1"].state == GONE
    owed = [e.text for s in trace.steps for e in s.ledger if e.kind == "memory"]
    assert any("as its data, owes driver_free" in text for text in owed)
    told = with_ledger_notes(report)
    notes = [n for r in told.runs for p in r.properties if p.trace for s in p.trace.steps for n in s.notes]
    assert any(note.startswith("= job 1: queued, of port 1, owes its run") for note in notes)


def test_a_lost_object_still_owes() -> None:
    report, _ = pipeline.check(Request((LOST,), runtimes="otp23", axes={"freed": "by_nobody"}))
    trace = next(p.trace for run in report.runs for p in run.properties if p.trace is not None)

    last = [entry for entry in trace.steps[-1].ledger if entry.state == "lost"]
    assert [(entry.kind, entry.owes) for entry in last] == [("memory", "driver_free")]


def test_a_choice_that_is_not_possible_is_left_out() -> None:
    lowered, finding = findings(KEY)[0]
    bad = replace(
        finding, path=Run(finding.path.initial, (Choice(1, 9999), *finding.path.choices, Choice(1, 9999)))
    )

    assert shortened(lowered.system, bad, never) == bad
