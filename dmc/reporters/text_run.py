"""The runs of one scenario as text: the instance, a line for each verdict, what was covered, the findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from dmc.base.source import SourceFile
from dmc.reporters.run_groups import Cell, Row, count_runs, describe, name_run, rows_of
from dmc.reporters.run_instance import instance_of
from dmc.reporters.terminal import Paint, wrap
from dmc.reporters.text_cost import render_cost
from dmc.reporters.text_diagnostic import excerpt, place_name
from dmc.reporters.text_proof import render_proofs
from dmc.reporters.text_trace import render_ending, render_trace
from dmc.results.exit_code import unexcused_cuts
from dmc.results.matrix import axes_of
from dmc.results.report import PropertyResult, Run, how_it_ended
from dmc.results.verdict import Verdict

LOCKS = {"global": "the driver lock is global", "emulator": "the emulator lock covers all"}

_VERDICT_WIDTH = max(len(verdict.value) for verdict in Verdict)
_LABEL = 11

_WEAKEST_FIRST = (
    Verdict.INCONCLUSIVE,
    Verdict.VACUOUS,
    Verdict.BOUNDED,
    Verdict.VIOLATED,
    Verdict.PROVED,
    Verdict.NOT_APPLICABLE,
)


class ScenarioText:
    """All that is said about the runs of one scenario of one model."""

    def __init__(
        self,
        runs: Sequence[Run],
        sources: Mapping[str, SourceFile],
        width: int,
        paint: Paint,
        verbose: bool,
        cost: bool,
    ) -> None:
        self._all = runs
        self._runs = [run for run in runs if not run.not_applicable]
        self._sources = sources
        self._width = width
        self._paint = paint
        self._verbose = verbose
        self._cost = cost
        self._shown: dict[tuple[object, ...], str] = {}

    def lines(self) -> Iterator[str]:
        """Everything, in the order in which it is read."""
        yield from self.heading()
        if self._runs:
            yield from self.verdicts()
            yield ""
            yield from self.coverage()
        yield from self._not_applicable_cells()
        yield from render_proofs(self._runs, self._width, self._paint)
        yield from self._cost_sections()
        yield from self.findings()

    def heading(self) -> Iterator[str]:
        """The instance: what exactly was searched."""
        first, *others = wrap(self._instance(), self._width, "", "  ")
        yield self._paint.strong(first)
        yield from others

    def verdicts(self) -> Iterator[str]:
        """A line for each property and verdict; what does not apply comes last, in one line.

        Of many runs, violations and surprises come first, and properties of which the same can be said
        of the same runs share a line.
        """
        rows = rows_of(self._runs)
        used = [row for row in rows if row.first.verdict is not Verdict.NOT_APPLICABLE or self._verbose]
        alone = [row for row in used if self._verbose or _is_notable(row) or self._is_single(row)]
        for row in alone:
            yield from self.verdict(row)
        for alike in _alike([row for row in used if row not in alone]):
            yield from self._verdict_line(alike)
        unused = dict.fromkeys(row.first.id for row in rows if row.first.verdict is Verdict.NOT_APPLICABLE)
        if unused and not self._verbose:
            label = "  " + "not applicable".ljust(_VERDICT_WIDTH + 2)
            yield from wrap(", ".join(unused), self._width, label, " " * len(label))

    def _is_single(self, row: Row) -> bool:
        """Of a single run each property is named, except where the same is to be said of many."""
        return len(self._runs) == 1 and row.first.verdict not in (Verdict.BOUNDED, Verdict.INCONCLUSIVE)

    def verdict(self, row: Row) -> Iterator[str]:
        """One property, one verdict, the runs that have it."""
        yield from self._verdict_line([row])

    def _verdict_line(self, rows: Sequence[Row]) -> Iterator[str]:
        result = rows[0].first
        word = result.verdict.value.upper()
        start = f"  {word:<{_VERDICT_WIDTH}}  "
        name = _title(result)
        if len(rows) > 1:
            name = ", ".join(row.first.id for row in rows)
        remark = "; ".join(filter(None, self._remarks(rows[0])))
        text = f"{name}  {remark}" if remark else name
        first, *others = wrap(text, self._width, start, " " * (len(start) + 2))
        tone = tone_of(rows[0], self._paint)
        yield first.replace(word, tone(word), 1)
        yield from others

    def coverage(self) -> Iterator[str]:
        """What was searched and with what, what was cut, what was taken for granted."""
        yield from self._labelled("searched", self._counts())
        for name, where in _notes(self._runs, lambda run: dict(run.cut_by)):
            expected = all(name not in unexcused_cuts(run) for run in where)
            yield from self._labelled("cut", self._cut(name, where) + (", as expected" if expected else ""))
        for reason, where in _notes(self._runs, lambda run: [run.stopped_by] if run.stopped_by else []):
            begun = [run for run in where if run.states]
            if begun:
                text = f"{how_it_ended(reason)} before it was complete"
                yield from self._labelled("stopped", self._scoped(text, begun))
            if len(begun) < len(where):
                text = f"{how_it_ended(reason)} before it began"
                yield from self._labelled("stopped", self._scoped(text, [r for r in where if not r.states]))
        for name, where in _notes(self._runs, lambda run: dict(run.dropped)):
            count = _plural(sum(dict(run.dropped)[name] for run in where), "path")
            yield from self._labelled("dropped", self._scoped(f"{name}: {count} ended there", where))
        if len(self._all) > 1:
            for text, where in _notes(self._runs, lambda run: [_regime(run)] if _regime(run) else []):
                yield from self._labelled("locks", self._scoped(text, where))
        for text, where in _notes(self._runs, lambda run: [run.engine_note] if run.engine_note else []):
            told = f"than with the compiled engine, which cannot be used here: {text}"
            yield from self._labelled("slower", self._scoped(told, where))
        for text, where in _notes(self._runs, lambda run: run.data):
            yield from self._labelled("values", self._scoped(text, where))
        for text, where in _notes(self._runs, lambda run: run.assumptions):
            yield from self._labelled("assumed", self._scoped(text, where))
        names = ["+".join(run.reductions) or "none" for run in self._runs]
        reductions = dict.fromkeys(names)
        yield from self._labelled("reduced by", " or ".join(reductions).replace("+", ", "))

    def findings(self) -> Iterator[str]:
        """Each violation, with the shortest run into it; each of its runs where that is asked for."""
        for row in rows_of(self._runs):
            if row.first.verdict is Verdict.VIOLATED:
                cells = row.cells if self._verbose else (row.shortest(),)
                for cell in cells:
                    yield ""
                    yield from self.finding(row, cell)

    def finding(self, row: Row, cell: Cell) -> Iterator[str]:
        """One violation: where, what, and how it comes to it."""
        result = cell.result
        title = f"{_title(result)} is violated{_in_functions(result)}"
        title += f" {count_runs(row.runs, self._runs)}".rstrip() + _expectation(row)
        first, *others = wrap(title, self._width, "", "  ")
        yield self._paint.bad(first) if row.unexpected else self._paint.strong(first)
        yield from others
        for text in said_before(result):
            yield from wrap(text, self._width, "  ")
        if result.where.line > 0:
            yield f"  {place_name(result.where)}"
            yield from excerpt(result.where, "", self._sources, self._width, self._paint)
        yield from self._shown_run(row, cell)
        yield from self._other_runs(row, cell)

    def _shown_run(self, row: Row, cell: Cell) -> Iterator[str]:
        trace = cell.result.trace
        if trace is None:
            return
        choices = tuple((step.thread, step.alternative, step.values) for step in trace.steps)
        key = (id(cell.run), trace.initial_values, choices)
        earlier = self._shown.setdefault(key, cell.result.id)
        if earlier != cell.result.id:
            yield ""
            yield f"  the run of {earlier} above leads there, too"
            yield from render_ending(trace, self._width, self._paint)
            return
        text = f"a run of {_plural(cell.steps, 'step')} that leads there"
        if len(self._runs) > 1:
            text += f" ({name_run(cell.run, self._runs)})"
        yield ""
        yield from wrap(f"{text}:", self._width, "  ", "    ")
        yield from render_trace(trace, self._width, self._paint)

    def _other_runs(self, row: Row, cell: Cell) -> Iterator[str]:
        if len(row.runs) > 1 and cell.result.trace is not None and not self._verbose:
            named = describe(row.runs, self._runs, complete=False)
            text = f"found {count_runs(row.runs, self._runs)}" + (f": {named}" if named else "")
            yield ""
            yield from wrap(text, self._width, "  ", "    ")

    def _instance(self) -> str:
        runs = self._runs or self._all
        one = runs[0]
        name = one.scenario or "default scenario"
        if len(self._all) == 1:
            chosen = ", ".join(f"{axis} = {value}" for axis, value in one.axes.items())
            regime = f" ({_regime(one)})" if _regime(one) else ""
            text = f"{name} on {_runtime(one)}, {one.locking} locking{regime}"
            return _colon(text, [one.instance, chosen])
        axes = axes_of(self._all)
        runtimes, locking = (", ".join(axes.pop(axis)) for axis in ("runtime", "locking"))
        common = instance_of(runs)
        told = [axis for axis, values in axes.items() if _is_told(axis, values, one, common)]
        ranges = [f"{axis} = {'|'.join(axes[axis])}" for axis in told]
        head = f"{name}, {len(self._all)} runs on {runtimes}, {locking} locking"
        return _colon(head, [*common, *ranges])

    def _remarks(self, row: Row) -> Iterator[str]:
        result = row.first
        if result.verdict is Verdict.VIOLATED:
            yield _in_functions(result).strip()
        elif result.verdict is not Verdict.PROVED or self._verbose:
            messages = dict.fromkeys(cell.result.message for cell in row.cells)
            yield next(iter(messages)) if len(messages) == 1 else ""
        counted = count_runs(row.runs, self._runs)
        named = describe(row.runs, self._runs, self._verbose)
        yield f"{counted}: {named}" if named else counted
        if row.unexpected:
            yield _expectation(row).removeprefix(", ")
        elif result.expected is not None and result.verdict is Verdict.VIOLATED:
            yield "as expected"

    def _counts(self) -> str:
        runs = self._runs
        states, steps = sum(run.states for run in runs), sum(run.transitions for run in runs)
        depth = max(run.depth for run in runs)
        text = f"{_plural(states, 'state')}, {_plural(steps, 'transition')}, depth {depth}"
        if len(runs) > 1:
            text += f", in {len(runs)} runs of up to {max(run.states for run in runs):,} states"
        engines = ", ".join(dict.fromkeys(run.engine for run in runs))
        text += f"; {engines} engine; {'complete' if all(run.complete for run in runs) else 'not complete'}"
        if not any(run.cut_by or run.stopped_by for run in runs):
            text += ", nothing cut"
        if self._verbose or self._cost:
            seconds, peak = sum(run.seconds for run in runs), max(run.peak_bytes for run in runs)
            text += f"; {seconds:.1f} s, {peak / 2**20:.1f} MiB"
        return text

    def _cut(self, name: str, where: Sequence[Run]) -> str:
        count = sum(dict(run.cut_by)[name] for run in where)
        kind = name.removeprefix("fault:")
        what = f"fault {kind}" if kind != name else name
        return self._scoped(f"{what} ended {_plural(count, 'path')} early", where)

    def _scoped(self, text: str, where: Sequence[Run]) -> str:
        return text if len(where) == len(self._runs) else f"{text}, {count_runs(where, self._runs)}"

    def _labelled(self, label: str, text: str) -> Iterator[str]:
        yield from wrap(text, self._width, f"  {label:<{_LABEL}} ", " " * (_LABEL + 3))

    def _not_applicable_cells(self) -> Iterator[str]:
        cells = [run for run in self._all if run.not_applicable]
        for reason, where in _notes(cells, lambda run: [run.not_applicable]):
            names = ", ".join(dict.fromkeys(run.runtime for run in where))
            yield from self._labelled("not run", f"on {names}: {reason}")

    def _cost_sections(self) -> Iterator[str]:
        """Asked for, or of the largest search that a limit ended."""
        stopped = [run for run in self._runs if run.stopped_by not in ("", "interrupt")]
        candidates = self._runs if self._cost else stopped
        largest = max(candidates, key=lambda run: run.states, default=None)
        for run in candidates:
            lines = render_cost(run, self._width, self._paint)
            if lines and (self._verbose or run is largest):
                if len(self._runs) > 1:
                    yield ""
                    yield from wrap(f"{name_run(run, self._runs)}:", self._width, "  ")
                yield from lines


def _title(result: PropertyResult) -> str:
    """Id and name; some properties have only one of them."""
    return " ".join(dict.fromkeys(filter(None, (result.id, result.name))))


def said_before(result: PropertyResult) -> Iterator[str]:
    """What the property claims, and what was found unless that is the last word of a trace."""
    if result.claim and result.claim != result.message:
        yield f"claimed: {result.claim}"
    if result.message and (result.trace is None or result.trace.summary != result.message):
        yield result.message


def tone_of(row: Row, paint: Paint) -> Callable[[str], str]:
    """The colour of a verdict: expected violations are good news."""
    match row.first.verdict:
        case Verdict.VIOLATED:
            return paint.bad if row.unexpected else paint.strong
        case Verdict.PROVED:
            return paint.bad if row.unexpected else paint.good
        case Verdict.NOT_APPLICABLE:
            return paint.faint
        case _:
            return paint.doubtful


def _is_notable(row: Row) -> bool:
    return row.unexpected or row.first.verdict is Verdict.VIOLATED


def _alike(rows: Sequence[Row]) -> list[list[Row]]:
    """The rows of the same verdict, runs and message together, the weakest verdicts first."""
    found: dict[tuple[object, ...], list[Row]] = {}
    for row in rows:
        runs = tuple(id(run) for run in row.runs)
        message = "" if row.first.verdict is Verdict.PROVED else row.first.message
        found.setdefault((row.first.verdict, runs, message), []).append(row)
    return sorted(found.values(), key=lambda alike: _WEAKEST_FIRST.index(alike[0].first.verdict))


def _notes(runs: Sequence[Run], texts: Callable[[Run], Iterable[str]]) -> list[tuple[str, list[Run]]]:
    """Each text that some run has, with those runs."""
    found: dict[str, list[Run]] = {}
    for run in runs:
        for text in dict.fromkeys(texts(run)):
            found.setdefault(text, []).append(run)
    return list(found.items())


def _runtime(run: Run) -> str:
    same = "" if run.equivalent_preset in ("", run.runtime) else f"same as {run.equivalent_preset}"
    remarks = ", ".join(filter(None, (run.build, same)))
    return f"{run.runtime} ({remarks})" if remarks else run.runtime


def _regime(run: Run) -> str:
    if run.regime in ("", run.locking):
        return ""
    return LOCKS.get(run.regime, f"what is asked for comes to {run.regime} locking")


def _colon(head: str, parts: Iterable[str]) -> str:
    tail = ", ".join(part for part in parts if part)
    return f"{head}: {tail}" if tail else head


def _is_told(axis: str, values: Sequence[str], run: Run, instance: Sequence[str]) -> bool:
    """Whether an axis is to be listed: the author's always, another if it varies untold."""
    if axis in run.axes:
        return True
    noun = axis.replace("_", " ")
    return len(values) > 1 and not any(part.endswith((noun, noun.removesuffix("s"))) for part in instance)


def _in_functions(result: PropertyResult) -> str:
    return f" in {', '.join(result.functions)}" if result.functions else ""


def _expectation(row: Row) -> str:
    if row.unexpected:
        expected = row.first.expected
        return f", NOT AS EXPECTED ({expected})" if expected else ", NOT EXPECTED"
    return ", as expected" if row.first.expected else ""


def _plural(count: int, word: str) -> str:
    return f"{count:,} {word}" + ("" if count == 1 else "s")
