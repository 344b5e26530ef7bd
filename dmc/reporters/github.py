"""A report as workflow commands of GitHub Actions: annotations at the places in the models.

One for each property and verdict of a scenario, whatever the number of its runs: only the first few of a kind
are shown. What makes the command exit with another code than 0 is an error, the rest are notices.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from dmc.base.diagnostic import Severity
from dmc.base.source import NOWHERE, SourceFile, Span
from dmc.reporters.cases import Case, case_text, cases, scenario_title
from dmc.reporters.reporter import Look, Reporter
from dmc.reporters.run_groups import count_runs
from dmc.reporters.text import MEANING, verdict_counts
from dmc.results.report import Report, Run
from dmc.results.verdict import Verdict


def render(report: Report, sources: Mapping[str, SourceFile]) -> str:
    """One command on each line, the errors first."""
    alike: dict[tuple[object, ...], list[Case]] = {}
    for case in cases(report):
        if case.failing or case.result is None or case.result.verdict is not Verdict.PROVED:
            alike.setdefault(_key(case), []).append(case)
    groups = sorted(_merged(alike.values()), key=lambda group: not group[0].failing)
    lines = [_annotation(group, report, sources) for group in groups]
    lines.append(
        _command("error" if report.exit else "notice", NOWHERE, f"exit {report.exit}", _counts(report))
    )
    return "\n".join(lines) + "\n"


def _key(case: Case) -> tuple[object, ...]:
    if case.run is None:
        return (id(case),)
    return case.run.model, case.run.scenario, case.title, case.status, case.where, case.run.not_applicable


def _merged(groups: Iterable[list[Case]]) -> list[list[Case]]:
    """With what is of no account together where the same is to be said of the same runs."""
    found: dict[tuple[object, ...], list[Case]] = {}
    for group in groups:
        first, verdict = group[0], group[0].result.verdict if group[0].result else None
        key: tuple[object, ...] = (id(group),)
        if verdict is not None and not first.failing and not first.expected_violation:
            reason = "" if verdict is Verdict.NOT_APPLICABLE else first.reason
            key = (verdict, reason, *(id(case.run) for case in group))
        found.setdefault(key, []).extend(group)
    return list(found.values())


def _title(group: Sequence[Case]) -> str:
    """The title of the first, with the ids of all where there are several."""
    first, ids = group[0], list(dict.fromkeys(case.result.id for case in group if case.result))
    if len(ids) < 2 or first.result is None:
        return first.title
    return f"{', '.join(ids)}: {first.result.verdict.value}"


def _annotation(group: list[Case], report: Report, sources: Mapping[str, SourceFile]) -> str:
    first = group[0]
    level = "error" if first.failing else "notice"
    if first.diagnostic is not None and first.diagnostic.severity is Severity.WARNING:
        level = "warning"
    title, text = _title(group), first.reason
    where = first.where if len({case.title for case in group}) == 1 else NOWHERE
    if first.run is not None:
        among = [run for run in report.runs if _same_scenario(run, first.run)]
        own = list({id(case.run): case.run for case in group if case.run is not None}.values())
        counted = count_runs(own, among)
        title = ", ".join(filter(None, (f"{title} ({scenario_title(first.run)})", counted)))
        where = where if where.line > 0 else Span(first.run.model, 0, 0)
    if first.failing or first.expected_violation or first.diagnostic is not None:
        shortest = min(group, key=_steps)
        text = f"{shortest.reason}\n\n{case_text(shortest, sources)}"
    return _command(level, where, title, text)


def _steps(case: Case) -> float:
    trace = case.result.trace if case.result else None
    return len(trace.steps) if trace else float("inf")


def _same_scenario(run: Run, other: Run) -> bool:
    return (run.model, run.scenario) == (other.model, other.scenario)


def _counts(report: Report) -> str:
    counts = ", ".join(f"{count} {kind}" for kind, count in verdict_counts(report.runs).items())
    return "; ".join(filter(None, (MEANING.get(report.exit, "unknown"), counts)))


def _command(level: str, where: Span, title: str, text: str) -> str:
    settings = ",".join(f"{name}={_setting(value)}" for name, value in (*_place(where), ("title", title)))
    return f"::{level} {settings}::{_data(text)}"


def _place(where: Span) -> Iterator[tuple[str, str]]:
    if where == NOWHERE:
        return
    yield "file", where.path
    if where.line > 0:
        yield "line", str(where.line)
        if where.end_line > where.line:
            yield "endLine", str(where.end_line)
        elif where.column > 0:
            yield "col", str(where.column)
            if where.end_column > where.column:
                yield "endColumn", str(where.end_column)


def _data(text: str) -> str:
    """As `escapeData` of the actions toolkit has it."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _setting(text: str) -> str:
    """As `escapeProperty` of the actions toolkit has it."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _render(report: Report, sources: Mapping[str, SourceFile], _look: Look) -> str:
    return render(report, sources)


REPORTER = Reporter("github", _render)
