"""Models with data on their whole way: verdicts, limits, a machine without Z3, the choice of the engine."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from dmc import pipeline
from dmc.base.exceptions import UsageError
from dmc.cli.main import main
from dmc.ir.outcome import Limits
from dmc.results.report import Report

PLAIN = """\
int n = 0;
scenario s { thread t { n = choose(0..3); } }
"""


def model(tmp_path: Path, body: str, declarations: str = "long n = 0;") -> str:
    path = tmp_path / "m.dmc"
    path.write_text(
        f"{declarations}\n\nscenario s {{\n    thread t {{\n{body}\n    }}\n}}\n", encoding="utf-8"
    )
    return str(path)


def checked(path: str, **given: object) -> Report:
    return pipeline.check(pipeline.Request((path,), **given))[0]  # type: ignore[arg-type]


def verdicts(report: Report) -> dict[str, str]:
    return {p.id: p.verdict.value for run in report.runs for p in run.properties}


def test_an_assumption_that_nothing_meets_is_vacuous(tmp_path: Path) -> None:
    path = model(tmp_path, 'n = choose(1..1000000); assume(n > 5 && n < 5); assert(n == 0, "no");')
    assert verdicts(checked(path))["assertion"] == "vacuous"


def test_a_product_of_two_chosen_values_is_decided_or_said_to_be_undecided(tmp_path: Path) -> None:
    body = 'long a = choose(2..100000); long b = choose(2..100000); n = a * b; assert(n != 35, "35");'
    found = verdicts(checked(model(tmp_path, body)))
    assert found["assertion"] in ("violated", "inconclusive")
    assert "proved" not in (found["assertion"],)


def test_bits_of_two_chosen_values_are_inconclusive_with_the_reason(tmp_path: Path) -> None:
    body = "long a = choose(0..100000); long b = choose(0..100000); n = a & b;"
    report = checked(model(tmp_path, body))
    (run,) = report.runs
    assert report.exit == 3
    assert not run.complete
    messages = {p.message for p in run.properties if p.verdict.value == "inconclusive"}
    assert any("neither of which is known" in message for message in messages)


def test_a_value_that_leaves_64_bits_is_found(tmp_path: Path) -> None:
    body = "n = choose(1..0x7fffffffffffffff); n += 1;"
    assert verdicts(checked(model(tmp_path, body)))["DAT001"] == "violated"


@pytest.mark.parametrize(
    ("declaration", "body"),
    [
        ("int n where n % 2 == 0 = 0;", "n = choose(2..5000);"),
        ("int n in 0..4999 = 0;", "n = choose(2..5000);"),
        ("unsigned n = 0;", "n = choose(2..5000); n -= 5000;"),
        ("long n = 0;", "int x where x != 77 = choose(2..5000); n = x;"),
        ("long n = 0; void f(int x in 0..4000) { n = x; }", "f(choose(2..5000));"),
        ("long n = 0; void f(int x where x < 5000) { n = x; }", "f(choose(2..5000));"),
        ("long n = 0; int f(long x) { return x * 1000000; }", "n = f(choose(2..5000));"),
    ],
)
def test_constraints_are_checked_at_each_store(tmp_path: Path, declaration: str, body: str) -> None:
    assert verdicts(checked(model(tmp_path, body, declaration)))["DAT001"] == "violated"


@pytest.mark.parametrize(
    ("declaration", "body"),
    [
        ("int n where n % 2 == 0 = 0;", "n = choose(2..5000) * 2;"),
        ("int n in 0..5000 = 0;", "n = choose(2..5000);"),
        ("unsigned n = 0;", "n = choose(2..5000); n = ~n;"),
        ("int n = 0;", "n = choose(2..5000); n = ~n; assert(n < 0);"),
    ],
)
def test_what_fits_is_proved(tmp_path: Path, declaration: str, body: str) -> None:
    assert verdicts(checked(model(tmp_path, body, declaration)))["DAT001"] == "proved"


def test_limits_end_a_search_of_data(tmp_path: Path) -> None:
    path = model(tmp_path, "while (true) { long m = choose(1..100000); n = n + m; if (n > 1000) n = n % 7; }")
    (run,) = checked(path, limits=Limits(states=5)).runs
    assert run.stopped_by == "states"
    assert {p.verdict.value for p in run.properties} <= {"inconclusive", "not-applicable", "violated"}


def test_the_lowest_int_is_a_number_and_not_unset(tmp_path: Path) -> None:
    path = model(tmp_path, "long m; m = choose(-0x80000000..0x7fffffff); n = m;")
    found = verdicts(checked(path))
    assert found["MEM004"] in ("proved", "vacuous", "not-applicable")


@pytest.mark.parametrize("engine", ["reference", "compiled"])
def test_other_engines_refuse_data(tmp_path: Path, engine: str) -> None:
    with pytest.raises(UsageError, match="more values than are tried one by one"):
        checked(model(tmp_path, "n = choose(1..100000); n = n / 2;"), engine=engine)


def test_the_symbolic_engine_searches_models_without_data(tmp_path: Path) -> None:
    path = model(tmp_path, "n = choose(1..3); assert(n < 3);")
    assert verdicts(checked(path, engine="symbolic")) == verdicts(checked(path, engine="reference"))


def test_without_z3_a_model_with_data_is_refused_with_a_hint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "z3", None)
    assert main(["check", model(tmp_path, "n = choose(1..100000);")]) == 2
    assert "pip install z3-solver" in capsys.readouterr().err
    plain = tmp_path / "plain.dmc"
    plain.write_text(PLAIN, encoding="utf-8")
    assert main(["check", str(plain)]) == 0
