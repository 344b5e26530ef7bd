"""`dmc diff` as text: the verdicts that differ, the releases that turn them, and what happens on one side
only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from dmc.base.source import SourceFile
from dmc.reporters.run_groups import count_runs, describe, scenarios_of
from dmc.reporters.terminal import MIN_WIDTH, Paint, printable, wrap
from dmc.reporters.text_diagnostic import render_diagnostics
from dmc.reporters.text_flips import change_lines
from dmc.reporters.text_trace import render_ending, render_trace
from dmc.results.matrix import results_of
from dmc.results.report import Report, Run, Trace
from dmc.results.runtime_diff import OutcomeDiff, RuntimeDiff, Turn, VerdictDiff
from dmc.results.verdict import Verdict


def render_diff(
    report: Report, sources: Mapping[str, SourceFile], width: int, colour: bool, verbose: bool
) -> str:
    """Model by model; what does not differ is not told."""
    paint, width = Paint(colour), max(width, MIN_WIDTH)
    blocks: list[list[str]] = []
    if report.diagnostics:
        blocks.append(render_diagnostics(report.diagnostics, sources, width, paint))
    found = report.difference
    if found is not None:
        page = _Page(report, found, width, paint, verbose)
        for model in dict.fromkeys(run.model for run in report.runs):
            blocks += page.model(model)
        blocks.append(list(page.closing()))
    return "\n\n".join("\n".join(line.rstrip() for line in block) for block in blocks) + "\n"


class _Page:
    def __init__(self, report: Report, found: RuntimeDiff, width: int, paint: Paint, verbose: bool) -> None:
        self._report = report
        self._found = found
        self._width = width
        self._paint = paint
        self._verbose = verbose
        self._names = (found.left, found.right)
        self._shown: set[tuple[object, ...]] = set()

    def model(self, path: str) -> Iterator[list[str]]:
        """Everything that differs about one model."""
        yield [self._paint.strong(f"{printable(path)}: {self._names[0]} beside {self._names[1]}")]
        verdicts = [v for v in self._found.verdicts if self._run(v.left).model == path]
        outcomes = [o for o in self._found.outcomes if self._run(o.runs[0]).model == path]
        if not verdicts and not outcomes:
            yield ["  no difference that this model could notice"]
            return
        groups: dict[tuple[object, ...], list[VerdictDiff]] = {}
        for one in verdicts:
            groups.setdefault((one.property, one.verdicts, one.functions), []).append(one)
        turns = [turn for turn in self._found.turns if turn.model == path]
        for alike in groups.values():
            yield list(self._verdict(alike, turns))
        for side in (0, 1):
            own = [o for o in outcomes if o.side == side]
            if own:
                yield list(self._outcomes(own, side))

    def closing(self) -> Iterator[str]:
        """How much differs, in a sentence."""
        verdicts = len({(self._run(v.left).model, v.property) for v in self._found.verdicts})
        if not self._found.differs:
            yield f"exit {self._report.exit}: " + (
                "nothing differs" if self._found.complete else "nothing differs in what could be searched"
            )
            return
        yield f"exit {self._report.exit}: {self._names[0]} and {self._names[1]} differ"
        yield f"  {verdicts} propert{'y' if verdicts == 1 else 'ies'}, {len(self._found.outcomes)} outcomes"
        if not self._found.complete:
            yield "  not every search was complete: there may be more"

    def _run(self, place: int) -> Run:
        return self._report.runs[place]

    def _verdict(self, alike: Sequence[VerdictDiff], turns: Sequence[Turn]) -> Iterator[str]:
        one = alike[0]
        title = " ".join(dict.fromkeys((one.property, one.name)))
        yield from wrap(f"{title}: {self._side(one, 0)}, {self._side(one, 1)}", self._width, "  ", "    ")
        where = self._where([v.left for v in alike])
        yield from wrap(f"in {where}", self._width, "    ", "      ")
        for turn in turns:
            if turn.property == one.property:
                yield from self._turn(turn)
        traces = [t for v in alike for t in (self._trace(v),) if t is not None]
        if traces:
            yield ""
            yield from self._shown_once(min(traces, key=lambda t: len(t.steps)))

    def _shown_once(self, trace: Trace) -> Iterator[str]:
        """A run that was shown already is not shown again, only how it ends."""
        key = (trace.initial_values, tuple((s.thread, s.alternative, s.action) for s in trace.steps[:-1]))
        if key in self._shown:
            yield "  the run above leads there, too"
            yield from render_ending(trace, self._width, self._paint)
            return
        self._shown.add(key)
        yield from render_trace(trace, self._width, self._paint)

    def _side(self, one: VerdictDiff, side: int) -> str:
        verdict, functions = one.verdicts[side], one.functions[side]
        if verdict is None:
            return f"{self._names[side]} cannot run it"
        inside = f" in {', '.join(functions)}" if functions else ""
        return f"{verdict.value} on {self._names[side]}{inside}"

    def _trace(self, one: VerdictDiff) -> Trace | None:
        for place, verdict in zip((one.left, one.right), one.verdicts, strict=True):
            if verdict is Verdict.VIOLATED:
                return results_of(self._run(place))[one.property].trace
        return None

    def _turn(self, turn: Turn) -> Iterator[str]:
        word = "brings it" if turn.violated else "ends it"
        text = f"{turn.release} {word} in {', '.join(turn.settings)}"
        yield from wrap(text, self._width, "    ", "      ")
        if turn.unexplained:
            yield from wrap(f"not explained: {turn.unexplained}", self._width, "      ")
        for cause in turn.causes:
            for change in cause.changes:
                yield from (f"    {line}" for line in change_lines(change, self._width - 4, self._paint))

    def _outcomes(self, own: Sequence[OutcomeDiff], side: int) -> Iterator[str]:
        yield self._paint.strong(f"  only on {self._names[side]}")
        for one in own:
            yield from wrap(f"{one.text} (in {self._where(one.runs)})", self._width, "    ", "      ")
        shown = own if self._verbose else own[:1]
        for one in shown:
            if one.trace is not None:
                yield ""
                yield from wrap(
                    f"a run of {len(one.trace.steps)} steps in which {one.text}:", self._width, "  "
                )
                yield from render_trace(one.trace, self._width, self._paint)

    def _where(self, places: Sequence[int]) -> str:
        """The scenarios, each with its settings and how many runs that are."""
        parts = []
        for runs in scenarios_of([self._run(place) for place in places]):
            first = runs[0]
            among = [
                r
                for r in self._report.runs
                if (r.model, r.scenario, r.runtime) == (first.model, first.scenario, first.runtime)
            ]
            text = describe(runs, among, complete=False) or count_runs(runs, among).removeprefix("in ")
            parts.append(f"{first.scenario or 'default scenario'}{f' ({text})' if text else ''}")
        return ", ".join(parts)
