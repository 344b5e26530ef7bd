"""A report as text for people: diagnostics, the runs of each scenario, why the command ends as it does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from dmc.base.source import SourceFile
from dmc.reporters.cases import winning_reasons
from dmc.reporters.reporter import Look, Reporter
from dmc.reporters.run_groups import scenarios_of
from dmc.reporters.terminal import MIN_WIDTH, Paint, printable, wrap
from dmc.reporters.text_diagnostic import render_diagnostics
from dmc.reporters.text_run import ScenarioText
from dmc.results.exit_code import is_unexpected
from dmc.results.report import Report, Run
from dmc.results.verdict import Verdict

MAX_REASONS = 6

MEANING = {
    0: "everything is as expected",
    1: "not as expected",
    2: "the input cannot be used as it is",
    3: "inconclusive",
    4: "nothing was verified, or a property was vacuous in all runs of a file",
    5: "a fault of dmc itself",
}


def render(
    report: Report,
    sources: Mapping[str, SourceFile],
    width: int,
    colour: bool,
    verbose: bool,
    cost: bool = False,
) -> str:
    """The whole report. `sources` maps the paths of places to their texts, for excerpts."""
    paint = Paint(colour)
    width = max(width, MIN_WIDTH)
    blocks: list[list[str]] = []
    if report.diagnostics:
        blocks.append(render_diagnostics(report.diagnostics, sources, width, paint))
    for model, runs in _by_model(report.runs).items():
        blocks.append([paint.strong(printable(model))])
        for scenario in scenarios_of(runs):
            text = ScenarioText(scenario, sources, width, paint, verbose, cost)
            blocks.append(list(text.lines()))
    blocks.append(list(closing(report, width, paint)))
    return "\n\n".join("\n".join(line.rstrip() for line in block) for block in blocks) + "\n"


def closing(report: Report, width: int, paint: Paint) -> Iterator[str]:
    """The exit code in words, with what asked for it, and how many verdicts there are of each kind."""
    tone = paint.good if report.exit == 0 else paint.bad
    yield tone(f"exit {report.exit}: {MEANING.get(report.exit, 'unknown')}")
    counts = ", ".join(f"{count} {kind}" for kind, count in verdict_counts(report.runs).items())
    yield from wrap(counts, width, "  ") if counts else ()
    texts = list(dict.fromkeys(reason.text for reason in winning_reasons(report)))
    for text in texts[:MAX_REASONS]:
        yield from wrap(text, width, "  ", "    ")
    if len(texts) > MAX_REASONS:
        yield f"  and {len(texts) - MAX_REASONS} more"


def _by_model(runs: Sequence[Run]) -> dict[str, list[Run]]:
    found: dict[str, list[Run]] = {}
    for run in runs:
        found.setdefault(run.model, []).append(run)
    return found


def verdict_counts(runs: Sequence[Run]) -> dict[str, int]:
    """How many verdicts of each kind there are, violations as expected apart from others."""
    kinds: Counter[str] = Counter()
    for run in runs:
        for prop in run.properties:
            match prop.verdict:
                case Verdict.NOT_APPLICABLE:
                    continue
                case Verdict.VIOLATED if not is_unexpected(prop):
                    kinds["violated as expected"] += 1
                case _:
                    kinds[prop.verdict.value] += 1
    order = ["violated", "violated as expected", *(verdict.value for verdict in Verdict)]
    return {kind: kinds[kind] for kind in dict.fromkeys(order) if kinds[kind]}


def _render(report: Report, sources: Mapping[str, SourceFile], look: Look) -> str:
    return render(report, sources, look.width, look.colour, look.verbose, look.cost)


REPORTER = Reporter("text", _render)
