"""The models of the seed documents: each is as it expects of itself, and as its README says."""

from __future__ import annotations

from pathlib import Path

import pytest
import readme_table

from dmc import pipeline
from dmc.results.report import Report

MODELS = Path(__file__).resolve().parents[2] / "models"
SEEDS = MODELS / "seeds"


def is_large(path: Path) -> bool:
    """Whether the first line of a model says that its searches are long."""
    return path.read_text(encoding="utf-8").startswith("// LARGE")


def models() -> list[object]:
    """All seed models; the large ones are marked slow."""
    return [
        pytest.param(
            path, id=str(path.relative_to(SEEDS)), marks=[pytest.mark.slow] if is_large(path) else []
        )
        for path in sorted(SEEDS.rglob("*.dmc"))
    ]


def unexpected(report: Report) -> list[str]:
    """What is not as the file expects, for the message of a failure."""
    return [
        f"{run.scenario} on {run.runtime}, {readme_table.configuration_of(run)}: "
        f"{p.id} {p.verdict.value} in {', '.join(p.functions)}, expected {p.expected}"
        for run in report.runs
        for p in run.properties
        if not p.as_expected
    ]


@pytest.mark.parametrize("path", models())
def test_a_seed_model_is_as_it_expects_and_as_its_readme_says(path: Path) -> None:
    """Each run is searched completely, each verdict is the expected one, and the table has them all."""
    report, _ = pipeline.check(pipeline.Request((str(path),)))
    assert unexpected(report) == []
    assert [run.runtime for run in report.runs if not run.complete and not run.not_applicable] == []
    assert report.exit == 0
    assert readme_table.differences(path.parent / "README.md", path.name, report) == []
