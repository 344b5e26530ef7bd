"""ITF, read by the parser of others, and the rules of its ADR-015 that the parser does not check."""

from __future__ import annotations

import json
from typing import Any

import pytest
from itf_py import trace_from_json
from support import sample_reports as samples
from support.golden import Golden

from dmc.reporters.cases import cases
from dmc.reporters.itf import render


def documents(name: str) -> list[dict[str, Any]]:
    """The trace, and those that it holds beside itself."""
    whole = json.loads(render(samples.FOREIGN[name]()))
    return [whole, *whole["#meta"]["others"]]


def test_document(golden: Golden) -> None:
    golden("reports/single.itf.json", render(samples.single()))


@pytest.mark.parametrize("name", samples.FOREIGN)
def test_a_foreign_reader_takes_every_trace(name: str) -> None:
    assert render(samples.FOREIGN[name]()) == render(samples.FOREIGN[name]())
    for told in documents(name):
        trace = trace_from_json(told)
        assert [set(state.values) for state in trace.states] == [set(told["vars"])] * len(told["states"])
        for state in told["states"]:
            assert {key for key in state if key.startswith("#")} == {"#meta"}
            for value in (state[var] for var in told["vars"]):
                assert isinstance(value, str) or str(int(value["#bigint"])) == value["#bigint"]


@pytest.mark.parametrize("name", samples.FOREIGN)
def test_no_trace_and_no_verdict_is_left_out(name: str) -> None:
    report = samples.FOREIGN[name]()
    traces = [prop.trace for run in report.runs for prop in run.properties if prop.trace]
    whole, *others = documents(name)
    lengths = sorted(len(told["states"]) - 1 for told in (whole, *others)) if traces else []

    assert lengths == sorted(len(trace.steps) for trace in traces)
    assert [told["title"] for told in whole["#meta"]["verdicts"]] == [case.title for case in cases(report)]


def test_the_states_are_what_the_steps_make_of_them() -> None:
    trace = trace_from_json(documents("single")[0])
    owners = [state.values["t->owner"] for state in trace.states]

    assert owners == ["NULL"] * 6 + ["Port 1"] * 7
    assert [state.values["job counter"] for state in trace.states] == [0] * 13
    assert trace.states[12].values["dmc::action"] == "reads(t->owner->port)"
    assert trace.states[0].values["port 1"] == "", "not there yet"


def test_a_large_number_survives() -> None:
    numbers = [state["n"]["#bigint"] for state in documents("hostile")[0]["states"]]

    assert numbers == ["-9007199254740993"] * 3 + ["2"]
