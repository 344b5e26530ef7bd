"""Data as classes: exact where values are only compared, refused where they are computed with."""

from __future__ import annotations

from pathlib import Path

import pytest

from dmc import pipeline
from dmc.base.exceptions import UsageError
from dmc.results.report import Report, Run

MODELS = Path(__file__).resolve().parents[3] / "models" / "data"


def model(tmp_path: Path, body: str, declarations: str = "long n = 0;") -> str:
    path = tmp_path / "m.dmc"
    path.write_text(
        f"{declarations}\n\nscenario s {{\n    thread t {{\n{body}\n    }}\n}}\n", encoding="utf-8"
    )
    return str(path)


def checked(path: str, engine: str = "auto") -> Report:
    return pipeline.check(pipeline.Request((path,), engine=engine))[0]


def run_of(path: str, engine: str = "auto") -> Run:
    (run,) = checked(path, engine).runs
    return run


def values(run: Run, claim: str) -> list[int]:
    trace = next(p.trace for p in run.properties if p.id == claim)
    assert trace is not None
    return [value for step in trace.steps for value in step.values]


def verdicts(run: Run) -> dict[str, str]:
    return {p.id: p.verdict.value for p in run.properties if p.verdict.value != "not-applicable"}


@pytest.mark.parametrize(
    ("condition", "count", "least"),
    [
        ("x <= 65535", 2, 65536),
        ("x % 4 != 3 || x < 70000", 4, 70003),
        ("(x & 0x10000) == 0", 2, 65536),
        ("x != 99999", 2, 99999),
        ("x * 3 < 200000", 2, 66667),
    ],
)
def test_a_comparison_gives_classes_by_their_least_values(
    tmp_path: Path, condition: str, count: int, least: int
) -> None:
    run = run_of(model(tmp_path, f"long x = choose(0..100000); n = x; assert({condition});"))
    assert run.engine == "reference"
    (how,) = run.data
    assert f"each of {count} classes" in how
    assert values(run, "assertion") == [least]


@pytest.mark.parametrize(
    "body",
    [
        "long x = choose(0..100000); assert(x <= 65535); n = x;",
        "long x = choose(0..100000); long y = choose(5..100000); n = y; if (x > 7) n = x; assert(n != 3);",
        "long x = choose(0..100000); n = x; await (n % 7 == 6);",
        "long x = choose(0..100000); assume(x > 99999); n = x; assert(n == 100000);",
    ],
)
def test_classes_and_all_values_have_the_same_verdicts(tmp_path: Path, body: str) -> None:
    path = model(tmp_path, body)
    by_class, at_once = run_of(path), run_of(path, "symbolic")
    assert (by_class.engine, at_once.engine) == ("reference", "symbolic")
    assert verdicts(by_class) == verdicts(at_once)


@pytest.mark.parametrize(
    ("body", "because"),
    [
        ("long x = choose(0..100000); n += x;", "what is"),
        ("long x = choose(0..100000); long y = choose(0..100000); assert(x <= y); n = x;", "no constant"),
    ],
)
def test_what_is_computed_with_has_no_classes(tmp_path: Path, body: str, because: str) -> None:
    run = run_of(model(tmp_path, body))
    assert run.engine == "symbolic"
    assert all("all values at once" in how and because in how for how in run.data)
    with pytest.raises(UsageError, match="computes with them"):
        checked(model(tmp_path, body), "reference")


def test_one_value_for_each_class_would_have_missed_the_overflow_and_is_not_tried() -> None:
    """A sum is no comparison: with one small length for each class it never overflows."""
    report, _ = pipeline.check(pipeline.Request((str(MODELS / "overflow.dmc"),), axes={"fixed": "false"}))
    (run,) = report.runs
    assert run.engine == "symbolic"
    assert verdicts(run)["DAT001"] == "violated"
    assert values(run, "DAT001") == [1, 2147483647]


def test_the_compiled_engine_searches_classes(tmp_path: Path) -> None:
    path = model(tmp_path, "long x = choose(0..100000); n = x; assert(n != 99999);")
    run = run_of(path, "compiled")
    assert run.engine == "compiled"
    assert values(run, "assertion") == [99999]
