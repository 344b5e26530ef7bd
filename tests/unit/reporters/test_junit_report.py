"""JUnit XML as others read it: a foreign parser, the elements of Jenkins' schema, and the exit code."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from junitparser import JUnitXml
from support import sample_reports as samples
from support.golden import Golden

from dmc.reporters.junit import render
from dmc.results.exit_code import exit_code
from dmc.results.report import Report

CHILDREN = {
    "testsuites": {"testsuite"},
    "testsuite": {"properties", "testcase"},
    "properties": {"property"},
    "property": set(),
    "testcase": {"failure", "error", "skipped", "system-out"},
    "failure": set(),
    "error": set(),
    "skipped": set(),
    "system-out": set(),
}
REQUIRED = {
    "testsuite": {"name", "tests", "failures", "errors"},
    "property": {"name", "value"},
    "testcase": {"name"},
}
ALLOWED = {
    "testsuites": {"name", "tests", "failures", "errors", "time"},
    "testsuite": {"name", "tests", "failures", "errors", "skipped", "time"},
    "property": {"name", "value"},
    "testcase": {"name", "classname"},
    "failure": {"type", "message"},
    "error": {"type", "message"},
    "skipped": {"type", "message"},
}
"""What of the schema of Jenkins' xUnit plugin this format needs."""

TIME = re.compile(r"(([0-9]{0,3},)*[0-9]{3}|[0-9]{0,3})*(\.[0-9]*)?")


def text_of(report: Report) -> str:
    return render(report, samples.SOURCES)


def outcomes(report: Report) -> dict[str, str]:
    """What each test case comes to, by its name."""
    root = ElementTree.fromstring(text_of(report))
    return {case.attrib["name"]: case[0].tag for case in root.iter("testcase")}


@pytest.mark.parametrize("name", ["single", "surprising", "stopped", "mistakes"])
def test_document(name: str, golden: Golden) -> None:
    golden(f"reports/{name}.junit.xml", text_of(samples.FOREIGN[name]()))


@pytest.mark.parametrize("name", samples.FOREIGN)
def test_elements_and_attributes_are_those_of_the_schema(name: str) -> None:
    text = text_of(samples.FOREIGN[name]())
    assert text == text_of(samples.FOREIGN[name]())
    for element in ElementTree.fromstring(text.encode()).iter():
        assert {child.tag for child in element} <= CHILDREN[element.tag]
        assert REQUIRED.get(element.tag, set()) <= set(element.attrib) <= ALLOWED.get(element.tag, set())
        assert TIME.fullmatch(element.attrib.get("time", ""))


@pytest.mark.parametrize("name", samples.FOREIGN)
def test_a_foreign_reader_counts_as_the_document_says(name: str) -> None:
    text = text_of(samples.FOREIGN[name]())
    told = JUnitXml.fromstring(text.encode())
    counts = (told.tests, told.failures, told.errors)
    told.update_statistics()

    assert counts == (told.tests, told.failures, told.errors)
    for suite in told:
        names = [(case.classname, case.name) for case in suite]
        assert len(names) == len(set(names)) == suite.tests


@pytest.mark.parametrize("name", samples.FOREIGN)
@pytest.mark.parametrize("strict", [False, True])
def test_nothing_failed_if_and_only_if_the_command_exits_with_0(name: str, strict: bool) -> None:
    sample = samples.FOREIGN[name]()
    report = replace(sample, exit=exit_code(sample.runs, sample.diagnostics, strict))
    told = JUnitXml.fromstring(text_of(report).encode())

    assert (report.exit == 0) == (told.failures + told.errors == 0)


def test_what_a_verdict_comes_to() -> None:
    told = {name.split()[0]: tag for name, tag in outcomes(samples.hostile()).items()}

    assert told["PRO000"] == told["BOU000"] == "system-out"
    assert told["VIO000"] == told["VIO002"] == told["PRO002"] == told["VIO009"] == "failure"
    assert told["VIO001"] == told["VIO010"] == "system-out", "an expected violation passes"
    assert told["INC000"] == "error"
    assert told["INC001"] == told["VAC001"] == "system-out"
    assert told["VAC000"] == "failure", "vacuous in all runs of the file"
    assert told["NOT000"] == told["not"] == "skipped"


def test_a_failure_holds_the_trace_and_what_was_cut() -> None:
    root = ElementTree.fromstring(text_of(samples.surprising()))
    failures = [element.text or "" for element in root.iter("failure")]

    assert len(failures) == 2
    assert all(f"d->pending[{n}] = d->pending[{n - 1}] + 1" in failures[0] for n in range(40) if n != 25)
    assert "which nobody will signal" in failures[0]


def test_what_passes_says_what_it_did_not_search() -> None:
    text = text_of(samples.single())

    assert '<property name="cut fault:use_after_free" value="17"/>' in text
    assert "bounded; cut by the fault use_after_free" in text
    assert "violated in run, as expected" in text
