"""Monitors of processes, by release: models with expectations."""

from __future__ import annotations

from pathlib import Path

import pytest

from dmc import pipeline

MODELS = sorted((Path(__file__).parents[2] / "data" / "monitors").glob("*.dmc"))


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_a_model_comes_out_as_it_expects(path: Path) -> None:
    report, _ = pipeline.check(pipeline.Request((str(path),)))
    wrong = [
        (run.scenario, run.runtime, run.locking, run.axes, p.id, p.verdict.value, p.functions, p.expected)
        for run in report.runs
        for p in run.properties
        if not p.as_expected
    ]
    assert wrong == []
    assert report.exit == 0
    assert all(run.complete for run in report.runs)
