"""A report as Markdown for the step summary of GitHub Actions: a table of verdicts, traces below it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from dmc.base.source import SourceFile
from dmc.reporters.cases import Case, case_text, cases, scenario_title
from dmc.reporters.markdown import fenced, plain, table
from dmc.reporters.reporter import Look, Reporter
from dmc.reporters.run_groups import count_runs, describe, scenarios_of
from dmc.reporters.text import MEANING, verdict_counts
from dmc.results.report import Report, Run
from dmc.results.verdict import Verdict


def render(report: Report, sources: Mapping[str, SourceFile]) -> str:
    """The whole page."""
    found = cases(report)
    lines = [f"## dmc: {MEANING.get(report.exit, 'unknown')} (exit {report.exit})", ""]
    lines += [", ".join(f"{count} {kind}" for kind, count in verdict_counts(report.runs).items()), ""]
    for case in found:
        if case.run is None:
            lines += _folded(case, f"{case.title}: {case.reason}", sources)
    for runs in scenarios_of(report.runs):
        lines += _scenario(runs, [case for case in found if case.run in runs], sources)
    return "\n".join(lines).rstrip("\n") + "\n"


def _scenario(runs: Sequence[Run], own: Sequence[Case], sources: Mapping[str, SourceFile]) -> Iterator[str]:
    groups: dict[tuple[object, ...], list[Case]] = {}
    for case in own:
        groups.setdefault((case.title, case.status, case.reason), []).append(case)
    ordered = sorted(groups.values(), key=lambda group: (not group[0].failing, not _shown(group[0])))
    yield f"### {plain(f'{runs[0].model}: {scenario_title(runs[0])}')}"
    yield ""
    yield from table(("", "property", "runs", "why"), (_row(group, runs) for group in ordered))
    yield ""
    for group in ordered:
        if _shown(group[0]):
            shortest = min(group, key=_steps)
            yield from _folded(shortest, f"{shortest.title} {_runs(group, runs)}".rstrip(), sources)


def _row(group: Sequence[Case], among: Sequence[Run]) -> tuple[str, ...]:
    first = group[0]
    sign = (
        "\N{CROSS MARK}"
        if first.failing
        else "\N{WHITE HEAVY CHECK MARK}"
        if _holds(first)
        else "\N{EN DASH}"
    )
    return sign, first.title, _runs(group, among), first.reason


def _holds(case: Case) -> bool:
    proved = case.result is not None and case.result.verdict is Verdict.PROVED
    return case.expected_violation or proved


def _runs(group: Sequence[Case], among: Sequence[Run]) -> str:
    own = [case.run for case in group if case.run is not None]
    return ": ".join(filter(None, (count_runs(own, among), describe(own, among, complete=True))))


def _shown(case: Case) -> bool:
    return case.failing or case.expected_violation


def _steps(case: Case) -> float:
    trace = case.result.trace if case.result else None
    return len(trace.steps) if trace else float("inf")


def _folded(case: Case, title: str, sources: Mapping[str, SourceFile]) -> Iterator[str]:
    """A text that is opened with a click."""
    yield f"<details><summary>{_html(title)}</summary>"
    yield ""
    yield from fenced(case_text(case, sources).split("\n"), "text")
    yield ""
    yield "</details>"
    yield ""


def _html(text: str) -> str:
    from html import escape

    return escape(text)


def _render(report: Report, sources: Mapping[str, SourceFile], _look: Look) -> str:
    return render(report, sources)


REPORTER = Reporter("github-summary", _render)
