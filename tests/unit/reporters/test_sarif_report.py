"""SARIF as others read it: a foreign model of SARIF 2.1.0, and what its standard demands beyond types."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sarif_pydantic import Sarif
from support import sample_reports as samples
from support.golden import Golden

from dmc.reporters.cases import cases
from dmc.reporters.sarif import render


def results_of(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(render(samples.FOREIGN[name]()))["runs"][0]["results"]
    return found


@pytest.mark.parametrize("name", ["single", "mistakes"])
def test_document(name: str, golden: Golden) -> None:
    golden(f"reports/{name}.sarif", render(samples.FOREIGN[name]()))


@pytest.mark.parametrize("name", samples.FOREIGN)
def test_a_foreign_reader_loses_nothing(name: str) -> None:
    report = samples.FOREIGN[name]()
    text = render(report)
    told = Sarif.model_validate_json(text)

    assert text == render(report)
    assert [result.rule_id for result in told.runs[0].results or []] == [
        prop.id for run in report.runs for prop in run.properties
    ]


@pytest.mark.parametrize("name", samples.FOREIGN)
def test_what_the_standard_demands(name: str) -> None:
    whole = json.loads(render(samples.FOREIGN[name]()))["runs"][0]
    rules = whole["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for result in whole["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert (result["level"] == "none") == (result["kind"] != "fail")
        assert "suppressions" in result, "in all results or in none"
        for flow in result.get("codeFlows", ()):
            orders = [loc["executionOrder"] for thread in flow["threadFlows"] for loc in thread["locations"]]
            assert sorted(orders) == list(range(1, len(orders) + 1))


@pytest.mark.parametrize("name", samples.FOREIGN)
def test_what_fails_unexcused_is_what_fails_the_command(name: str) -> None:
    own = [case for case in cases(samples.FOREIGN[name]()) if case.result is not None]
    failing = [r["kind"] == "fail" and not r["suppressions"] for r in results_of(name)]

    assert failing == [case.failing for case in own]


def test_each_verdict_keeps_its_kind() -> None:
    told = {result["ruleId"]: (result["kind"], result["level"]) for result in results_of("hostile")}

    assert told["PRO000"] == ("pass", "none")
    assert told["BOU000"] == told["INC001"] == ("open", "none")
    assert told["VAC001"] == ("review", "none")
    assert told["NOT000"] == ("notApplicable", "none")
    assert told["VIO001"] == ("fail", "note")
    assert told["VIO000"] == told["PRO002"] == ("fail", "error")
    assert told["INC000"] == told["VAC000"] == ("fail", "warning")


def test_a_trace_has_a_flow_for_each_lane() -> None:
    (result,) = [result for result in results_of("single") if "codeFlows" in result]
    flows = result["codeFlows"][0]["threadFlows"]

    assert [flow["id"] for flow in flows] == ["owner", "scheduler 1", "async thread 1"]
    assert sum(len(flow["locations"]) for flow in flows) == 12
    assert flows[1]["locations"][1]["state"] == {"d->port": {"text": "port 1"}}
    assert result["suppressions"][0]["justification"] == "expected: violated in run"
