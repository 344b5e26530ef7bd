"""The confidence card, and the source of a model with counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dmc.base.source import SourceFile
from dmc.reporters.terminal import MIN_WIDTH, Paint, printable, wrap
from dmc.reporters.text_diagnostic import render_diagnostics
from dmc.results.coverage import ModelCoverage
from dmc.results.report import Report, Run
from dmc.results.verdict import Verdict

_TESTED = (Verdict.PROVED, Verdict.BOUNDED, Verdict.VIOLATED)
_LABEL = 11


def render_coverage(report: Report, sources: Mapping[str, SourceFile], width: int, colour: bool) -> str:
    """Model by model the card, then the source."""
    paint, width = Paint(colour), max(width, MIN_WIDTH)
    blocks: list[list[str]] = []
    if report.diagnostics:
        blocks.append(render_diagnostics(report.diagnostics, sources, width, paint))
    for found in report.coverage:
        blocks.append(list(card(report, found, width, paint)))
        if found.model in sources:
            blocks.append(list(_source(found, sources[found.model], width, paint)))
    return "\n\n".join("\n".join(line.rstrip() for line in block) for block in blocks) + "\n"


def render_cards(report: Report, width: int, colour: bool) -> str:
    """Only the cards, to stand below a report."""
    paint, width = Paint(colour), max(width, MIN_WIDTH)
    blocks = ["\n".join(line.rstrip() for line in card(report, c, width, paint)) for c in report.coverage]
    return "\n\n".join(blocks) + "\n"


def card(report: Report, found: ModelCoverage, width: int, paint: Paint) -> Iterator[str]:
    """How much a green result of this model says."""
    runs = [run for run in report.runs if run.model == found.model and not run.not_applicable]
    yield paint.strong(f"how much {printable(found.model)} was put to the test")

    def labelled(label: str, text: str) -> Iterator[str]:
        yield from wrap(text, width, f"  {label:<{_LABEL}} ", " " * (_LABEL + 3))

    yield from labelled("properties", _properties(runs))
    vacuous = _vacuous(runs)
    if vacuous:
        yield from labelled("vacuous", f"in all runs: {', '.join(vacuous)}")
    yield from _callbacks(found)
    executed = len(found.lines) - len(found.never)
    yield from labelled(
        "lines", f"{executed} of {len(found.lines)} lines with steps are executed in some run"
    )
    if found.never:
        yield from labelled("never", f"line {', '.join(map(str, found.never))}")
    yield from labelled("bounds", _bounds(runs))
    if found.cuts:
        yield from labelled("cut by", ", ".join(name.replace("fault:", "the fault ") for name in found.cuts))
    for text in dict.fromkeys(a for run in runs for a in run.assumptions):
        yield from labelled("assumed", text)
    yield from labelled("searched by", _engines(runs, found))
    yield from labelled("again", found.reproduce)


def _properties(runs: list[Run]) -> str:
    ids = dict.fromkeys(p.id for run in runs for p in run.properties)
    verdicts = {i: {p.verdict for run in runs for p in run.properties if p.id == i} for i in ids}
    applicable = [i for i in ids if verdicts[i] != {Verdict.NOT_APPLICABLE}]
    tested = [i for i in applicable if verdicts[i] & set(_TESTED)]
    return f"{len(applicable)} of {len(ids)} apply, {len(tested)} of these were put to the test in some run"


def _vacuous(runs: list[Run]) -> list[str]:
    ids = dict.fromkeys(p.id for run in runs for p in run.properties)
    return [
        i
        for i in ids
        if {p.verdict for run in runs for p in run.properties if p.id == i} == {Verdict.VACUOUS}
    ]


def _callbacks(found: ModelCoverage) -> Iterator[str]:
    """A table: in how many runs a callback is called in which state of its port."""
    counts = {(s.callback, s.state): s.runs for s in found.situations}
    states = [state for state in found.states if any((c, state) in counts for c in found.callbacks)]
    if not found.callbacks or not states:
        return
    name = max(len(callback) for callback in found.callbacks) + 2
    yield "  " + "called with its port".ljust(max(name, 22)) + "".join(f"{state:>10}" for state in states)
    for callback in found.callbacks:
        cells = [counts.get((callback, state), 0) for state in states]
        told = "".join(f"{f'{cell}/{found.runs}' if cell else '.':>10}" for cell in cells)
        remark = "" if any(cells) else "  never" if found.complete and not found.cuts else "  not reached"
        yield f"    {callback.ljust(max(name, 22) - 2)}{told}{remark}"
    doubtful = found.cuts or not found.complete
    yield f"  . {'not reached; some runs were cut' if doubtful else 'never, in any run'}"


def _bounds(runs: list[Run]) -> str:
    return "; ".join(dict.fromkeys(run.instance for run in runs)) or "none"


def _engines(runs: list[Run], found: ModelCoverage) -> str:
    engines = ", ".join(dict.fromkeys(run.engine for run in runs))
    reductions = ", ".join(dict.fromkeys(name for run in runs for name in run.reductions)) or "no reduction"
    complete = "every search complete" if found.complete else "not every search was complete"
    return f"{engines} engine, with {reductions}; {complete}; every violation replayed unreduced"


def _source(found: ModelCoverage, source: SourceFile, width: int, paint: Paint) -> Iterator[str]:
    """Each line, with the number of runs that execute it among those that have it."""
    counts = {count.line: count for count in found.lines}
    yield paint.strong(printable(found.model))
    for number, text in enumerate(source.text.splitlines(), 1):
        count = counts.get(number)
        told = "" if count is None else f"{count.executed}/{count.runs}"
        line = f"{told:>9} {number:>5}  {printable(text)}"
        line = line if len(line) <= width else f"{line[: width - 3]}..."
        yield line if count is None or count.executed else paint.bad(f"{'never':>9}{line[9:]}")
