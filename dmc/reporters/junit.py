"""A report as JUnit XML, as CI servers read it: a suite for each run, a test case for each property.

An expected violation passes. What makes the command exit with another code than 0 is a failure, or an error
if nothing was decided. The trace is the failure's text; what passes has it as its output. The elements and
attributes are those of the schema of Jenkins' xUnit plugin (junit-10.xsd).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from xml.sax.saxutils import escape, quoteattr

from dmc.base.source import SourceFile
from dmc.reporters.cases import Case, Status, case_text, cases, run_title, scenario_title
from dmc.reporters.reporter import Look, Reporter
from dmc.results.report import Report, Run

_ILLEGAL = re.compile("[^\\t\\n\\r -\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")
"""What XML 1.0 has no way to write."""

_ELEMENTS = {Status.FAILED: "failure", Status.UNDECIDED: "error", Status.SKIPPED: "skipped"}


def render(report: Report, sources: Mapping[str, SourceFile]) -> str:
    """The whole document."""
    found = cases(report)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    seconds = sum(run.seconds for run in report.runs)
    counts = {"tests": len(found), **_failures(found), "time": f"{seconds:.3f}"}
    lines.append(f"<testsuites{_attributes(name='dmc', **counts)}>")
    for _, suite in groupby(found, key=_suite_key):
        lines += _suite(tuple(suite), sources)
    lines.append("</testsuites>")
    return "\n".join(lines) + "\n"


def _suite_key(case: Case) -> tuple[int, bool]:
    """The same for all cases of a run; diagnostics have a suite of their own."""
    return id(case.run), case.diagnostic is None


def _suite(suite: Sequence[Case], sources: Mapping[str, SourceFile]) -> Iterator[str]:
    first = suite[0]
    name, time = _suite_name(first), first.run.seconds if first.run else 0.0
    skipped = sum(case.status is Status.SKIPPED for case in suite)
    counts = {"tests": len(suite), **_failures(suite), "skipped": skipped, "time": f"{time:.3f}"}
    yield f"  <testsuite{_attributes(name=name, **counts)}>"
    if first.run is not None:
        yield "    <properties>"
        for key, value in _facts(first.run):
            yield f"      <property{_attributes(name=key, value=value)}/>"
        yield "    </properties>"
    for case in suite:
        yield from _case(case, sources)
    yield "  </testsuite>"


def _suite_name(case: Case) -> str:
    if case.run is None:
        return "diagnostics" if case.diagnostic is not None else "dmc"
    return f"{case.run.model}: {scenario_title(case.run)} on {run_title(case.run)}"


def _facts(run: Run) -> Iterator[tuple[str, object]]:
    """What was searched and what was not: without it a pass says too much."""
    yield from (("model", run.model), ("scenario", run.scenario), ("runtime", run.runtime))
    yield from (("locking", run.locking), ("regime", run.regime), ("build", run.build))
    yield from (("async_threads", run.async_threads), ("schedulers", run.schedulers))
    yield from ((f"axis {name}", value) for name, value in run.axes.items())
    yield from (("instance", run.instance), ("engine", run.engine))
    yield ("reductions", ", ".join(run.reductions))
    yield from (("assumption", text) for text in run.assumptions)
    yield from (("complete", str(run.complete).lower()), ("stopped_by", run.stopped_by))
    yield from ((f"cut {name}", count) for name, count in run.cut_by)
    yield from ((f"fault {kind}", ", ".join(violated)) for kind, violated in run.faults)
    yield from ((f"dropped {name}", count) for name, count in run.dropped)
    yield from (("states", run.states), ("transitions", run.transitions), ("depth", run.depth))


def _case(case: Case, sources: Mapping[str, SourceFile]) -> Iterator[str]:
    name = case.title.split(": ", 1)[0] if case.result is not None else case.title
    if case.diagnostic is not None and case.where.line > 0:
        name = f"{name} {case.where}"
    group = f"{case.run.model}.{scenario_title(case.run)}" if case.run else "dmc"
    start = f"    <testcase{_attributes(name=name, classname=group)}>"
    text = escape(_legal(case_text(case, sources)))
    element = _ELEMENTS.get(case.status)
    if element is None:
        yield f"{start}<system-out>{case.reason and _line(case.reason)}{text}</system-out></testcase>"
        return
    kind = case.result.verdict.value if case.result else case.title
    said = case.reason if case.result else f"{case.title}: {case.reason}"
    yield f"{start}<{element}{_attributes(type=kind, message=said)}>{text}</{element}></testcase>"


def _line(reason: str) -> str:
    return escape(_legal(reason)) + "\n"


def _failures(found: Sequence[Case]) -> dict[str, int]:
    return {
        "failures": sum(case.status is Status.FAILED for case in found),
        "errors": sum(case.status is Status.UNDECIDED for case in found),
    }


def _attributes(**values: object) -> str:
    return "".join(f" {key}={quoteattr(_legal(str(value)))}" for key, value in values.items())


def _legal(text: str) -> str:
    return _ILLEGAL.sub("\ufffd", text)


def _render(report: Report, sources: Mapping[str, SourceFile], _look: Look) -> str:
    return render(report, sources)


REPORTER = Reporter("junit", _render)
