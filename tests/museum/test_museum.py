"""The documented cases: each model is as it expects of itself, and each has a page that names it."""

from __future__ import annotations

from pathlib import Path

import pytest

from dmc import pipeline

MUSEUM = Path(__file__).resolve().parents[2] / "models" / "museum"
MODELS = sorted(MUSEUM.rglob("*.dmc"))


@pytest.mark.parametrize("path", [pytest.param(p, id=str(p.relative_to(MUSEUM))) for p in MODELS])
def test_a_case_is_as_it_expects(path: Path) -> None:
    """Each run is searched completely, and each verdict is the expected one."""
    report, _ = pipeline.check(pipeline.Request((str(path),)))

    unexpected = [
        f"{run.scenario} on {run.runtime}, {run.async_threads} threads, {run.axes}: "
        f"{p.id} {p.verdict.value} in {', '.join(p.functions)}, expected {p.expected}"
        for run in report.runs
        for p in run.properties
        if not p.as_expected
    ]
    assert unexpected == []
    assert [run.runtime for run in report.runs if not run.complete and not run.not_applicable] == []
    assert report.exit == 0


@pytest.mark.parametrize("folder", sorted({path.parent for path in MODELS}), ids=lambda folder: folder.name)
def test_a_case_has_a_page_that_names_its_models(folder: Path) -> None:
    """The page begins with the number of the case, and speaks of each model of the folder."""
    page = (folder / "README.md").read_text(encoding="utf-8")

    assert page.startswith(f"# {folder.name.split('-')[0]}: ")
    assert [path.name for path in folder.glob("*.dmc") if f"`{path.name}`" not in page] == []
    assert "expect" in "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.dmc"))
