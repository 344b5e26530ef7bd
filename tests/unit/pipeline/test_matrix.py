"""The matrix: which runs there are, where verdicts flip, and which variation points flip them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from support.golden import Golden

from dmc import pipeline
from dmc.pipeline import flips
from dmc.pipeline.request import Request
from dmc.reporters.json import render, schema
from dmc.reporters.text_matrix import render_matrix
from dmc.results.matrix import Flip
from dmc.results.report import Report

MODEL = "tests/data/matrix/lost_job_data.dmc"
ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def _in_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def matrix(**changes: object) -> Report:
    report, _ = pipeline.matrix(replace(Request((MODEL,)), **changes))  # type: ignore[arg-type]
    return report


def flips_of(report: Report) -> tuple[Flip, ...]:
    assert report.matrix is not None
    return report.matrix.flips


def test_all_presets_are_run_and_the_whole_is_told(golden: Golden) -> None:
    report, sources = pipeline.matrix(Request((MODEL,)))

    assert report.exit == 0
    assert len({run.runtime for run in report.runs}) == 11
    golden("matrix/lost_job_data.txt", render_matrix(report, sources, 80, False, False))


def test_the_document_satisfies_the_schema_and_names_its_runs() -> None:
    report = matrix(runtimes="r12smp,r13smp")
    written = json.loads(render(report))

    Draft202012Validator(schema()).validate(written)
    assert written["schema"] == "dmc.result/1"
    assert len(written["runs"]) == 4
    (grid,) = written["matrix"]["grids"]
    for row in grid["rows"]:
        for runtime, cell in row["cells"].items():
            run = written["runs"][cell["run"]]
            prop = next(p for p in run["properties"] if p["id"] == row["property"])
            assert run["runtime"] == runtime
            assert written["matrix"]["letters"][cell["letter"]] == prop["verdict"]
    for key in ("causes", "before"):
        broken = json.loads(render(report))
        del broken["matrix"]["flips"][0][key]
        assert not Draft202012Validator(schema()).is_valid(broken)


def test_what_changes_along_the_axes_of_the_author() -> None:
    document = json.loads(render(matrix(runtimes="r13smp")))
    changes = {axis["axis"]: axis["changes"] for axis in document["matrix"]["axes"]}

    (change,) = changes["freed"]
    assert (change["property"], change["values"]) == ("MEM003", ["by_runtime", "by_nobody"])
    assert change["verdicts"] == ["proved", "violated"]
    assert change["pairs"] == [[0, 1]]


def test_the_point_that_loses_the_data_is_found_in_both_directions() -> None:
    report = matrix(runtimes="r12smp,r13smp", axes={"freed": "by_runtime"})

    assert sorted(flip.property for flip in flips_of(report)) == ["ASY001", "MEM003"]
    for flip in flips_of(report):
        (cause,) = flip.causes
        (change,) = cause.changes
        assert (change.point, change.before, change.after) == ("dead_port_completion", "leak", "free")
        assert change.since == "R13A"
        assert cause.forward
        assert cause.back
        assert "dead_port_completion" in flip.differing


def test_where_it_takes_two_points_both_are_named() -> None:
    """R11B-2 calls the free function, and under the global lock; one of the two changed loses nothing."""
    report = matrix(runtimes="r11smp,r12smp", axes={"freed": "by_runtime"})
    flip = flips_of(report)[0]

    alone = [cause for cause in flip.causes if len(cause.changes) == 1]
    assert [(cause.forward, cause.back) for cause in alone] == [(False, True), (False, True)]
    (together,) = [cause for cause in flip.causes if len(cause.changes) > 1]
    points = {change.point for change in together.changes}
    assert points == {"dead_port_completion", "dead_port_async_free_lock"}
    assert together.forward


def test_builds_are_chains_of_their_own() -> None:
    """R12B-5 without SMP is no neighbour of R13B04 with it."""
    report = matrix(runtimes="r12,r13smp")

    assert flips_of(report) == ()


def test_a_runtime_that_cannot_run_the_model_is_left_out_unless_it_was_asked_for(tmp_path: Path) -> None:
    model = tmp_path / "locks.dmc"
    text = Path(MODEL).read_text(encoding="utf-8")
    call = 'ErlDrvMutex *m = erl_drv_mutex_create("m"); erl_drv_mutex_destroy(m);'
    model.write_text(text.replace("{ driver_free(d); }", f"{{ {call} driver_free(d); }}"), encoding="utf-8")
    wanted = {"paths": (str(model),), "axes": {"freed": "by_nobody"}, "properties": ("MEM002",)}

    report = matrix(**wanted)
    assert report.matrix is not None
    assert [runtime for _, runtime, _ in report.matrix.left_out] == ["r8", "r11smp"]
    assert "r8" not in {run.runtime for run in report.runs}

    asked = matrix(**wanted, runtimes="r8,otp23")
    assert [bool(run.not_applicable) for run in asked.runs] == [True, False]


def test_a_flip_that_was_not_searched_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """An interrupt among the hybrids keeps the table."""

    def interrupted(*_: object) -> object:
        raise KeyboardInterrupt

    monkeypatch.setattr(flips, "lower", interrupted)
    report = matrix(runtimes="r12smp,r13smp", axes={"freed": "by_runtime"})

    assert {flip.unexplained for flip in flips_of(report)} == {flips.INTERRUPTED}
    assert all(run.complete for run in report.runs)


def test_the_same_bytes_with_one_process_and_with_several() -> None:
    one, several = (matrix(runtimes="r12smp..r15", jobs=jobs) for jobs in (1, 3))
    runs = [[replace(run, seconds=0, peak_bytes=0) for run in report.runs] for report in (one, several)]

    assert runs[0] == runs[1]
    assert one.matrix == several.matrix
