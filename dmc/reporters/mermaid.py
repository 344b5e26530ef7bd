"""A report as Markdown with a Mermaid sequence diagram for each violation, as a pull request shows it.

A lane is a participant, a step an arrow from it to itself; what a step brings about stands in a note. Of runs
that violate a property alike, the one with the shortest trace is drawn. Below, what else the report says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from dmc.base.source import SourceFile
from dmc.reporters.cases import Case, cases, run_title, scenario_title
from dmc.reporters.markdown import fenced, plain
from dmc.reporters.reporter import Look, Reporter
from dmc.reporters.terminal import printable
from dmc.results.report import Change, Report, Trace, TraceStep

_VIOLATES = "violates"


def render(report: Report) -> str:
    """The whole page."""
    lines = [f"# dmc: exit {report.exit}", ""]
    groups: dict[tuple[object, ...], list[Case]] = {}
    for case in cases(report):
        model, scenario = (case.run.model, case.run.scenario) if case.run else ("", "")
        groups.setdefault((model, scenario, case.title, case.status, case.reason), []).append(case)
    ordered = sorted(groups.values(), key=lambda group: not group[0].failing)
    for group in ordered:
        drawn = min(group, key=_steps)
        if drawn.result is not None and drawn.result.trace is not None:
            lines += _section(drawn, drawn.result.trace, group)
    lines += ["## All verdicts", ""]
    lines += [f"* {_told(group)}" for group in ordered]
    return "\n".join(lines) + "\n"


def _steps(case: Case) -> float:
    trace = case.result.trace if case.result else None
    return len(trace.steps) if trace else float("inf")


def _told(group: Sequence[Case]) -> str:
    """A verdict and the runs that have it."""
    first = group[0]
    text = plain(f"{first.title}: {first.reason}")
    if first.run is None:
        return text
    runs = "; ".join(run_title(case.run) for case in group if case.run is not None)
    return f"{text} ({plain(f'{first.run.model}: {scenario_title(first.run)} on {runs}')})"


def _section(case: Case, trace: Trace, group: Sequence[Case]) -> Iterator[str]:
    assert case.run is not None
    yield f"## {plain(case.title)}"
    yield ""
    others = f" and {len(group) - 1} more runs" if len(group) > 1 else ""
    yield plain(f"{case.run.model}: {scenario_title(case.run)} on {run_title(case.run)}{others}")
    yield ""
    yield from fenced(_diagram(trace), "mermaid")
    yield ""
    remarks = [f"{name} = {value}" for name, value in (*trace.initial, *trace.environment)]
    remarks += [f"stuck: {text}" for text in trace.stuck] + [f"owed: {text}" for text in trace.owed]
    yield from (f"* {plain(text)}" for text in remarks)
    yield ""
    if trace.summary:
        yield plain(trace.summary)
        yield ""


def _diagram(trace: Trace) -> Iterator[str]:
    yield "sequenceDiagram"
    lanes = list(dict.fromkeys(step.lane for step in trace.steps)) or ["nobody"]
    for number, lane in enumerate(lanes):
        yield f"    participant p{number} as {_text(lane)}"
    inside: dict[str, tuple[str, ...]] = {}
    for number, step in enumerate(trace.steps, 1):
        yield from _step(number, step, f"p{lanes.index(step.lane)}", inside)
    if trace.summary:
        first, last = "p0", f"p{len(lanes) - 1}"
        yield f"    Note over {first if first == last else f'{first},{last}'}: {_text(trace.summary)}"


def _step(number: int, step: TraceStep, lane: str, inside: dict[str, tuple[str, ...]]) -> Iterator[str]:
    if inside.get(step.lane, ()) != step.frames:
        inside[step.lane] = step.frames
        within = f"in {' / '.join(step.frames)}" if step.frames else "in no callback"
        yield f"    Note over {lane}: {_text(within)}"
    violating = any(mark.startswith(_VIOLATES) for mark in step.marks)
    if violating:
        yield "    rect rgba(255, 0, 0, 0.2)"
    place = f" ({step.place.line})" if step.place.line > 0 else ""
    said = step.action + (f" -> {step.result}" if step.result else "") + place
    yield f"    {lane}->>{lane}: {number}. {_text(said)}"
    brought = [_change(change) for change in step.changes]
    brought += [*step.notes, *step.marks]
    if brought:
        yield f"    Note right of {lane}: {'<br/>'.join(map(_text, brought))}"
    if violating:
        yield "    end"


def _change(change: Change) -> str:
    if not change.before:
        return f"{change.name} = {change.after}"
    return f"{change.name}: {change.before} -> {change.after or 'gone'}"


def _text(text: str) -> str:
    """A text in one line in which nothing is a sign of Mermaid or HTML: those are entity codes."""
    shown = printable(text).strip() or "-"
    shown = re.sub(r"[^\w .,()\[\]=+*/!?'-]", lambda sign: f"#{ord(sign[0])};", shown)
    return re.sub(r"(?i)\b(end)\b", lambda word: f"#{ord(word[0][0])};{word[0][1:]}", shown)


def _render(report: Report, _sources: Mapping[str, SourceFile], _look: Look) -> str:
    return render(report)


REPORTER = Reporter("mermaid", _render)
