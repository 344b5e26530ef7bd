"""`--prove`: a claim of its own, with a certificate; never a verdict, and never of what is violated."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dmc import pipeline
from dmc.cli.main import main
from dmc.engines.interface import REDUCTIONS
from dmc.engines.symbolic.abstraction import abstract
from dmc.engines.symbolic.certificate import certify
from dmc.engines.symbolic.proving import prove
from dmc.engines.symbolic.solver import Solver, load
from dmc.ir.evaluate import compile_system
from dmc.ir.outcome import Limits
from dmc.ir.system import System
from dmc.lower.lowering import lower
from dmc.pipeline.checking import woven_rules
from dmc.pipeline.loading import load as load_model
from dmc.pipeline.table import cells
from dmc.results.proof import ForAllValues

MODELS = Path(__file__).resolve().parents[3] / "models" / "data"

ENDLESS = """\
atomic long given = 0;
atomic long taken = 0;

scenario for_ever {
    thread giver {
        while (true) { long n = choose(1..100000); atomic { await (given < 100000000); given += n; } }
    }
    thread taker {
        while (true) { long n = choose(1..100000); atomic { await (taken + n <= given); taken += n; } }
    }
    thread tidy {
        while (true) { atomic { await (taken > 1000); given -= taken; taken = 0; } }
    }
    quiescent when true;
}

invariant never_too_much: taken <= given;
"""


def system_of(path: Path, **axes: str) -> System:
    model = load_model(str(path)).model
    assert model is not None
    request = pipeline.Request((str(path),), axes=axes)
    (cell,) = cells(model, model.scenarios[0], request)
    return lower(cell.run, woven_rules(cell.run, request)).system


def proof_of(path: Path, **given: object) -> ForAllValues:
    report, _ = pipeline.check(pipeline.Request((str(path),), prove=True, **given))  # type: ignore[arg-type]
    (run,) = report.runs
    assert run.proof is not None
    return run.proof


def test_an_account_on_three_threads_is_proved_for_all_lengths() -> None:
    proof = proof_of(MODELS / "shared_budget.dmc", axes={"fixed": "true"})
    assert {"never_below_zero", "whole", "DAT001"} <= set(proof.proved)
    assert any(line.startswith("left + n of taker[0] == 1000000") for line in proof.invariant)
    assert proof.consecution > 0
    assert [claim for claim, _ in proof.open] == ["HNG001"]


def test_what_is_violated_is_not_proved() -> None:
    proof = proof_of(MODELS / "shared_budget.dmc", axes={"fixed": "false"})
    assert "never_below_zero" not in proof.proved


def test_a_search_without_end_is_no_hindrance(tmp_path: Path) -> None:
    path = tmp_path / "endless.dmc"
    path.write_text(ENDLESS, encoding="utf-8")
    report, _ = pipeline.check(pipeline.Request((str(path),), prove=True, limits=Limits(states=60)))
    (run,) = report.runs
    assert run.proof is not None
    assert {p.verdict.value for p in run.properties} <= {"inconclusive", "not-applicable"}
    assert "never_too_much" in run.proof.proved
    assert report.exit == 3, "HNG001 is about what can still happen"
    only = pipeline.Request(
        (str(path),), prove=True, limits=Limits(states=60), properties=("never_too_much",)
    )
    assert pipeline.check(only)[0].exit == 0


def test_an_invariant_that_is_none_does_not_stand_a_second_look() -> None:
    compiled = compile_system(system_of(MODELS / "shared_budget.dmc", fixed="true"))
    found = abstract(compiled, Solver(), REDUCTIONS, lambda: None)
    z3 = load()
    false = [z3.BoolVal(False)] * len(found.controls)
    true = [z3.BoolVal(True)] * len(found.controls)
    excluded = {"whole"}
    assert "initial" in certify(compiled, found, false, excluded, REDUCTIONS, lambda: None).failed
    assert "whole" in certify(compiled, found, true, excluded, REDUCTIONS, lambda: None).failed
    first = [z3.BoolVal(False)] * len(found.controls)
    first[found.first[0][0]] = z3.BoolVal(True)
    assert (
        "leaves the invariant" in certify(compiled, found, first, excluded, REDUCTIONS, lambda: None).failed
    )


def test_a_proof_has_a_limit_of_its_own() -> None:
    proof = prove(system_of(MODELS / "overflow.dmc", fixed="true"), REDUCTIONS, 0.05)
    assert not proof.proved
    assert {why for _, why in proof.open} == {"not within 0.05 seconds"}


def test_a_model_without_large_choices_needs_no_proof(tmp_path: Path) -> None:
    path = tmp_path / "plain.dmc"
    path.write_text(
        "int n = 0;\nscenario s { thread t { n = choose(0..3); assert(n < 4); } }\n", encoding="utf-8"
    )
    proof = proof_of(path)
    assert not proof.proved
    assert "of all values already" in proof.open[0][1]


def test_the_claim_stands_beside_the_verdicts(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["check", str(MODELS / "water_marks.dmc"), "--prove"]
    arguments += ["--axis", "careful=true", "--axis", "together=true"]
    assert main([*arguments, "--format", "json"]) == 0
    (run,) = json.loads(capsys.readouterr().out)["runs"]
    assert "DAT001" in run["for_all_values"]["proved"]
    assert {p["verdict"] for p in run["properties"]} == {"proved", "not-applicable"}
    assert main(arguments) == 0
    assert "proved for all values: " in capsys.readouterr().out
