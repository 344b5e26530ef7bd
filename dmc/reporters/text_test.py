"""The report of `dmc test`: a line for each scenario, details only where something is not as expected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from dmc.base.diagnostic import Diagnostic, Severity
from dmc.base.source import SourceFile
from dmc.reporters.run_groups import rows_of, scenarios_of
from dmc.reporters.terminal import MIN_WIDTH, Paint, printable
from dmc.reporters.text import closing
from dmc.reporters.text_diagnostic import render_diagnostics
from dmc.reporters.text_run import ScenarioText
from dmc.results.exit_code import ExitCode, is_unexpected, reasons
from dmc.results.report import Report, Run
from dmc.results.verdict import Verdict


@dataclass(frozen=True)
class Tally:
    """The scenarios that are as expected, and those that are not."""

    passed: int
    failed: int


def render_test(
    report: Report, sources: Mapping[str, SourceFile], width: int, colour: bool, verbose: bool
) -> str:
    """The table, the differences, and as its last line how many scenarios passed and failed."""
    paint = Paint(colour)
    width = max(width, MIN_WIDTH)
    broken = _broken_files(report.diagnostics)
    scenarios = scenarios_of(report.runs)
    blocks: list[list[str]] = []
    if report.diagnostics:
        blocks.append(render_diagnostics(report.diagnostics, sources, width, paint))
    table = list(_table(scenarios, broken, width, paint))
    if table:
        blocks.append(table)
    for runs in scenarios:
        details = ScenarioText(runs, sources, width, paint, verbose, cost=False)
        lines = list(_differences(runs, details, width))
        if lines:
            blocks.append([paint.strong(printable(runs[0].model)), *lines])
    if report.exit != ExitCode.AS_EXPECTED:
        blocks.append(list(closing(report, width, paint)))
    result = tally(report)
    tone = paint.bad if result.failed else paint.good
    blocks.append([tone(f"{result.passed} passed, {result.failed} failed")])
    return "\n\n".join("\n".join(line.rstrip() for line in block) for block in blocks) + "\n"


def tally(report: Report) -> Tally:
    """Counts scenarios; a file with errors is one that failed, one that ran nowhere is neither."""
    outcomes = [_outcome(runs) for runs in scenarios_of(report.runs)]
    failed = outcomes.count("FAILED") + len(_broken_files(report.diagnostics))
    return Tally(outcomes.count("ok"), failed)


def _table(
    scenarios: Sequence[tuple[Run, ...]], broken: Sequence[str], width: int, paint: Paint
) -> Iterator[str]:
    for path in broken:
        yield f"{paint.bad('ERROR ')}  {printable(path)}"
    model = ""
    for runs in scenarios:
        if runs[0].model != model:
            model = runs[0].model
            yield printable(model)
        yield _table_line(runs, width, paint)


def _table_line(runs: Sequence[Run], width: int, paint: Paint) -> str:
    outcome = _outcome(runs)
    searched = [run for run in runs if not run.not_applicable]
    verdicts = sum(p.verdict is not Verdict.NOT_APPLICABLE for run in searched for p in run.properties)
    tone = {"ok": paint.good, "FAILED": paint.bad}.get(outcome, paint.doubtful)
    name = printable(runs[0].scenario or "default scenario")
    room = width - 41
    name = name if len(name) <= room else name[: room - 3] + "..."
    counts = f"{_counted(len(searched), 'run'):>11} {_counted(verdicts, 'verdict'):>17}"
    return f"  {tone(f'{outcome:<6}')}  {name:<{room}}  {counts}"


def _counted(count: int, word: str) -> str:
    """The number, with words of one width for one and for many."""
    return f"{count:,} {word}{' ' if count == 1 else 's'}"


def _outcome(runs: Sequence[Run]) -> str:
    """`ok`, `FAILED`, or `no run` where no release of the table has what the model uses."""
    if all(run.not_applicable for run in runs):
        return "no run"
    asks = {reason.code for reason in reasons(runs, (), strict=False)}
    return "FAILED" if asks & {ExitCode.UNEXPECTED, ExitCode.INCONCLUSIVE} else "ok"


def _differences(runs: Sequence[Run], details: ScenarioText, width: int) -> Iterator[str]:
    """The rows that are not as expected, each with its trace if it has one."""
    searched = [run for run in runs if not run.not_applicable]
    rows = [
        row
        for row in rows_of(searched)
        if is_unexpected(row.first)
        or (row.first.verdict is Verdict.INCONCLUSIVE and row.first.expected != "inconclusive")
    ]
    if not rows:
        return
    yield from details.heading()
    for row in rows:
        yield from details.verdict(row)
    for row in rows:
        if row.first.verdict is Verdict.VIOLATED:
            yield ""
            yield from details.finding(row, row.shortest())


def _broken_files(diagnostics: Sequence[Diagnostic]) -> tuple[str, ...]:
    errors = [diagnostic for diagnostic in diagnostics if diagnostic.severity is Severity.ERROR]
    return tuple(dict.fromkeys(diagnostic.span.path for diagnostic in errors))
