"""Coverage against runs that are made by hand, and the card that shows it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from jsonschema import Draft202012Validator

from dmc import pipeline
from dmc.cli.main import main
from dmc.engines.reference.walk import begin
from dmc.lower.lowering import lower
from dmc.pipeline.checking import table_of, woven_rules
from dmc.pipeline.following import iter_starts
from dmc.pipeline.loading import load
from dmc.pipeline.request import Request
from dmc.reporters.json import render, schema
from dmc.reporters.text_coverage import render_coverage
from dmc.results.coverage import ModelCoverage

ROOT = Path(__file__).parents[3]
LOST = str(ROOT / "tests/data/matrix/lost_job_data.dmc")


def coverage(path: str, **changes: object) -> ModelCoverage:
    request = replace(Request((path,)), **changes)  # type: ignore[arg-type]
    (found,) = pipeline.coverage(request)[0].coverage
    return found


def executed_by_hand(path: str) -> dict[int, int]:
    """Every state of every run, visited one by one: the lines of the steps that are taken."""
    model = load(path).model
    assert model is not None
    request = Request((path,))
    counts: dict[int, int] = {}
    for cell in table_of(model, request):
        lowered = lower(cell.run, woven_rules(cell.run, request))
        lines: set[int] = set()
        for start in iter_starts(lowered):
            walk = begin(lowered.system, start)
            waiting, seen = [tuple(walk.state)], {tuple(walk.state)}
            while waiting:
                state = waiting.pop()
                walk.state, walk.steps, walk.objects = list(state), [], {}
                for choice in walk.possible():
                    thread = walk.compiled.layout.threads[choice.thread - 1]
                    step = thread.type.steps[choice.alternative]
                    lines.add(step.place.line if step.place.path == path else 0)
                    compiled = next(
                        s
                        for s in walk.compiled.steps[state[thread.base]]
                        if s.alternative == choice.alternative
                    )
                    after = list(state)
                    from dmc.ir.evaluate import Record

                    if compiled.body(after, thread.base, thread.number, thread.instance, Record()) is None:
                        walk.collect(after)
                        if tuple(after) not in seen:
                            seen.add(tuple(after))
                            waiting.append(tuple(after))
        for line in lines - {0}:
            counts[line] = counts.get(line, 0) + 1
    return counts


def test_the_counts_of_lines_are_those_of_every_state_visited_by_hand() -> None:
    found = coverage(LOST)

    assert {c.line: c.executed for c in found.lines if c.executed} == executed_by_hand(LOST)


def test_reductions_change_nothing() -> None:
    assert replace(coverage(LOST, reductions=()), reproduce="") == replace(coverage(LOST), reproduce="")


def test_what_is_never_executed_is_shown_and_which_states_a_callback_sees(tmp_path: Path) -> None:
    path = tmp_path / "never.dmc"
    text = (
        Path(LOST)
        .read_text()
        .replace("driver_free(d); }", "if (d == NULL)\n reads(d->port);\n driver_free(d); }")
    )
    path.write_text(text[: text.index("expect")])
    report, sources = pipeline.coverage(Request((str(path),), runtimes="otp23"))
    (found,) = report.coverage

    never = next(n for n, line in enumerate(path.read_text().splitlines(), 1) if "reads(d->port)" in line)
    assert found.never == (never,)
    calls = {(s.callback, s.state): s.runs for s in found.situations}
    assert calls["stop", "exiting"] == found.runs
    assert ("ready_async", "dead") not in calls
    shown = render_coverage(report, sources, 80, False)
    assert f"never {never:>5}" in shown
    assert found.reproduce == f"dmc check --runtime otp23 {path}"
    assert "dmc check --runtime otp23" in shown
    Draft202012Validator(schema()).validate(json.loads(render(report)))


def test_a_check_shows_the_card_where_it_is_asked_for(capsys: object) -> None:
    assert main(["check", LOST, "--card"]) == 0
    with_card = capsys.readouterr().out  # type: ignore[attr-defined]
    assert main(["check", LOST]) == 0
    without = capsys.readouterr().out  # type: ignore[attr-defined]

    assert with_card.startswith(without)
    assert "was put to the test" in with_card
    assert "was put to the test" not in without
