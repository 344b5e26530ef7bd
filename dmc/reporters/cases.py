"""A report as a list of cases: each property in each run, what it comes to, and how to say it.

The one place that decides for all formats what is a failure. It agrees with the exit code: a report has a
case that failed or could not be decided if, and only if, its command does not exit with 0. What asks for
another exit code and is about no property (a model with errors, `--strict`, nothing verified) is a case
without one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum

from dmc.base.diagnostic import Diagnostic, Severity
from dmc.base.source import NOWHERE, SourceFile, Span
from dmc.reporters.terminal import Paint, printable, wrap
from dmc.reporters.text_diagnostic import excerpt, place_name, render_diagnostics
from dmc.reporters.text_run import ScenarioText, said_before
from dmc.reporters.text_trace import render_trace
from dmc.results.exit_code import ExitCode, Reason, is_unexpected, meets, reasons, vacuous_everywhere
from dmc.results.matrix import coordinates
from dmc.results.report import PropertyResult, Report, Run, how_it_ended
from dmc.results.verdict import Verdict

WIDTH = 100
"""The width of traces inside of other documents."""


class Status(Enum):
    """What a case comes to."""

    PASSED = "passed"
    FAILED = "failed"
    UNDECIDED = "undecided"
    """Asks for another exit code than 0, but nothing was found to be wrong with the model."""
    SKIPPED = "skipped"
    """Says nothing, and need not."""


@dataclass(frozen=True)
class Case:
    """One property in one run; or a run, a diagnostic or the whole command, where there is no property.

    `title` is one line without the name of the run, `reason` says in one line why it comes to its status.
    """

    status: Status
    title: str
    reason: str
    where: Span = NOWHERE
    run: Run | None = None
    result: PropertyResult | None = None
    diagnostic: Diagnostic | None = None

    @property
    def failing(self) -> bool:
        """Whether the command does not exit with 0 because of it."""
        return self.status in (Status.FAILED, Status.UNDECIDED)

    @property
    def expected_violation(self) -> bool:
        """Whether it is a violation that the model expects."""
        found = self.result is not None and self.result.verdict is Verdict.VIOLATED
        return found and self.status is Status.PASSED


def cases(report: Report) -> tuple[Case, ...]:
    """All cases: diagnostics first, then the runs in their order, then what is about all of them."""
    everywhere = vacuous_everywhere([run for run in report.runs if not run.not_applicable])
    found = [_of_diagnostic(diagnostic) for diagnostic in report.diagnostics]
    for run in report.runs:
        found += _of_run(run, everywhere)
    if report.exit == 0:  # a random run is inconclusive, and nobody asked it to be more
        return tuple(replace(c, status=Status.SKIPPED) if c.status is Status.UNDECIDED else c for c in found)
    if not any(case.failing for case in found):
        found.append(_of_command(report))
    return tuple(found)


def property_title(result: PropertyResult) -> str:
    """Id and name; some properties have only one of them, and a random run has none."""
    return printable(" ".join(dict.fromkeys(filter(None, (result.id, result.name)))) or "run")


def run_title(run: Run) -> str:
    """Where a run differs from all others of its scenario: `otp23, port locking, async_threads = 1, ...`."""
    here = coordinates(run)
    runtime, locking = here.pop("runtime"), here.pop("locking")
    rest = (f"{axis} = {value}" for axis, value in here.items())
    return printable(", ".join([runtime, f"{locking} locking", *rest]))


def scenario_title(run: Run) -> str:
    """The scenario's name; one that has no name is the default."""
    return printable(run.scenario or "default")


def case_text(case: Case, sources: Mapping[str, SourceFile]) -> str:
    """All that a person would want to know of a case: instance, coverage, finding, trace."""
    plain = Paint(False)
    lines: list[str] = []
    if case.diagnostic is not None:
        lines += render_diagnostics((case.diagnostic,), sources, WIDTH, plain)
    if case.run is not None:
        told = ScenarioText([case.run], sources, WIDTH, plain, verbose=False, cost=False)
        lines += told.heading()
        lines += told.coverage() if not case.run.not_applicable else ()
    lines += _finding(case, sources, plain)
    return "\n".join(line.rstrip() for line in lines).strip("\n")


def winning_reasons(report: Report) -> list[Reason]:
    """What asked for the exit code of the report; `strict` is not part of a report, but shows in its code."""
    for strict in (False, True):
        found = reasons(report.runs, report.diagnostics, strict)
        asking = [reason for reason in found if reason.code == report.exit]
        if asking:
            return asking
    return []


def _of_run(run: Run, everywhere: frozenset[tuple[str, str]]) -> Iterator[Case]:
    if run.not_applicable:
        reason = printable(f"not run: {run.not_applicable}")
        yield Case(Status.SKIPPED, "not applicable", reason, run=run)
        return
    for result in run.properties:
        yield _of_property(run, result, (run.model, result.id) in everywhere)
    if run.stopped_by and not run.properties:
        yield Case(Status.UNDECIDED, "search", how_it_ended(run.stopped_by), run=run)


def case_of(run: Run, result: PropertyResult) -> Case:
    """One property in one run by itself: that it is vacuous in all runs is for `cases` to say."""
    return _of_property(run, result, vacuous_in_all=False)


def _of_property(run: Run, result: PropertyResult, vacuous_in_all: bool) -> Case:
    status, why = _judged(result, vacuous_in_all)
    functions = f" in {', '.join(result.functions)}" if result.functions else ""
    said = f"{result.verdict.value}{functions}" + (f", {why}" if why else "")
    limit = how_it_ended(run.stopped_by) if run.stopped_by else ""
    cuts = ", ".join(name for name, _ in run.cut_by)
    cut = f"cut by {cuts}" if cuts and result.verdict is Verdict.BOUNDED else ""
    last_word = result.trace.summary if result.trace else ""
    reason = "; ".join(dict.fromkeys(filter(None, (said, result.message or last_word or cut or limit))))
    title = f"{property_title(result)}: {printable(said)}"
    return Case(status, title, printable(reason), _place(run, result), run, result)


def _place(run: Run, result: PropertyResult) -> Span:
    """Where the result is in the model; the file of a rule from the catalogue is nobody's model."""
    steps = result.trace.steps if result.trace else ()
    own = {run.model, *(step.place.path for step in steps)}
    return result.where if result.where.path in own else NOWHERE


def _judged(result: PropertyResult, vacuous_in_all: bool) -> tuple[Status, str]:
    """What a verdict comes to, and what is to be said beside it, as the exit code has it."""
    if is_unexpected(result):
        expected = result.expected
        return Status.FAILED, f"NOT AS EXPECTED ({expected})" if expected else "NOT EXPECTED"
    match result.verdict:
        case Verdict.INCONCLUSIVE if not meets(result, "inconclusive"):
            return Status.UNDECIDED, ""
        case Verdict.VACUOUS if not meets(result, "vacuous"):
            return (Status.FAILED, "in all runs of the file") if vacuous_in_all else (Status.SKIPPED, "")
        case Verdict.NOT_APPLICABLE:
            return Status.SKIPPED, ""
        case _:
            return Status.PASSED, "as expected" if result.expected else ""


def _of_diagnostic(diagnostic: Diagnostic) -> Case:
    status = Status.UNDECIDED if diagnostic.severity is Severity.ERROR else Status.PASSED
    said = printable(f"{diagnostic.code} {diagnostic.severity.value}")
    return Case(status, said, printable(diagnostic.message), diagnostic.span, diagnostic=diagnostic)


def _of_command(report: Report) -> Case:
    status = Status.FAILED if report.exit == ExitCode.UNEXPECTED else Status.UNDECIDED
    texts = dict.fromkeys(reason.text for reason in winning_reasons(report))
    return Case(status, f"exit code {report.exit}", printable("; ".join(texts) or "no verdict"))


def _finding(case: Case, sources: Mapping[str, SourceFile], plain: Paint) -> Iterator[str]:
    """What was found, where, and the run into it."""
    result = case.result
    if result is None:
        yield from wrap(case.reason, WIDTH)
        return
    yield ""
    yield from wrap(case.title, WIDTH)
    for text in said_before(result):
        yield from wrap(text, WIDTH, "  ")
    if result.where.line > 0:
        yield f"  {printable(place_name(result.where))}"
        yield from excerpt(result.where, "", sources, WIDTH, plain)
    if result.trace is not None:
        if result.trace.environment:
            differs = ", ".join(f"{name} = {value}" for name, value in result.trace.environment)
            yield from wrap(f"in an environment with {differs}", WIDTH, "  ", "    ")
        yield ""
        yield from render_trace(result.trace, WIDTH, plain)
