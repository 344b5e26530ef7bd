"""The IO queue, ports that are closing and the port data lock, by release: models with expectations."""

from __future__ import annotations

from pathlib import Path

import pytest

from dmc import pipeline

MODELS = sorted((Path(__file__).parents[2] / "data" / "queue").glob("*.dmc"))


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_a_model_is_as_it_expects(path: Path) -> None:
    report, _ = pipeline.check(pipeline.Request((str(path),), engine="reference"))
    unexpected = [
        f"{run.scenario} on {run.runtime} {run.axes}: {p.id} is {p.verdict.value} in {p.functions}"
        for run in report.runs
        for p in run.properties
        if not p.as_expected
    ]
    assert unexpected == []
    assert report.exit == 0
    assert all(run.complete for run in report.runs)
