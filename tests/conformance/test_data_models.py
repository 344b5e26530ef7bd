"""The models about data: as they expect, with the least values that show what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dmc import pipeline
from dmc.cli.main import main
from dmc.results.report import PropertyResult, Report

MODELS = Path(__file__).resolve().parents[2] / "models" / "data"


def checked(path: Path, **axes: str) -> Report:
    report, _ = pipeline.check(pipeline.Request((str(path),), axes=axes))
    return report


def violated(report: Report, claim: str) -> PropertyResult:
    return next(
        p for run in report.runs for p in run.properties if p.id == claim and p.verdict.value == "violated"
    )


def chosen(result: PropertyResult) -> list[int]:
    assert result.trace is not None
    return [value for step in result.trace.steps for value in step.values]


@pytest.mark.parametrize("path", sorted(MODELS.glob("*.dmc")), ids=lambda path: path.stem)
def test_a_model_is_as_it_expects(path: Path) -> None:
    report = checked(path)
    assert report.exit == 0, [(p.id, p.verdict) for run in report.runs for p in run.properties]
    assert {run.engine for run in report.runs} == {"symbolic"}
    assert all(run.complete for run in report.runs)


@pytest.mark.parametrize(
    ("model", "claim", "values"),
    [
        ("sizes", "DAT001", [4, 2147483644]),
        ("header", "DAT001", [65536]),
        ("overflow", "DAT001", [1, 2147483647]),
        ("dequeue", "IOQ002", [0, 1]),
    ],
)
def test_findings_have_the_least_values(model: str, claim: str, values: list[int]) -> None:
    assert chosen(violated(checked(MODELS / f"{model}.dmc"), claim)) == values


def test_a_command_is_told_as_erlang_would_send_it() -> None:
    trace = violated(checked(MODELS / "header.dmc", fixed="false"), "DAT001").trace
    assert trace is not None
    assert any("erlang:port_command(P, <<0:524288>>)" in note for step in trace.steps for note in step.notes)


def test_the_fixed_accounting_is_proved() -> None:
    (run,) = checked(MODELS / "overflow.dmc", fixed="true").runs
    assert {p.verdict.value for p in run.properties} == {"proved", "not-applicable"}


def test_what_goes_on_for_ever_is_proved() -> None:
    (run,) = checked(MODELS / "water_marks.dmc", careful="true", together="true").runs
    assert {p.id: p.verdict.value for p in run.properties}["DAT001"] == "proved"
    assert run.complete


def test_a_recorded_run_is_made_again_with_its_values(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded = tmp_path / "result.json"
    model = str(MODELS / "header.dmc")
    assert main(["check", model, "--axis", "fixed=false", "--report", f"json={recorded}"]) == 0
    values = [
        step["values"]
        for run in json.loads(recorded.read_text(encoding="utf-8"))["runs"]
        for claim in run["properties"]
        if claim["trace"]
        for step in claim["trace"]["steps"]
        if step["values"]
    ]
    assert values == [[65536]]
    capsys.readouterr()
    assert main(["replay", str(recorded)]) == 1
    assert "65536" in capsys.readouterr().out


def test_a_random_run_takes_extreme_values(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", str(MODELS / "header.dmc"), "--axis", "fixed=true", "--seed", "3"]) == 0
    assert "choose(0..250000)" in capsys.readouterr().out
