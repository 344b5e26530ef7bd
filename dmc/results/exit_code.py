"""The exit code of a command that searched, and the sentences that say why.

    0  every selected property is as expected, or holds where nothing was expected
    1  a violation that was not expected, or an expected verdict missing after a complete search
    2  a model with errors, or no cell of the table could be searched
    3  inconclusive, and not proved for all values; with `--strict` also: something was cut, or vacuous
    4  nothing was verified, or a property was vacuous in all runs of a file
    5  the tool's own fault

The highest of 5 > 2 > 1 > 3 > 4 > 0 wins. `not-applicable` never counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from dmc.base.diagnostic import Diagnostic, Severity
from dmc.results.report import PropertyResult, Run, how_it_ended
from dmc.results.verdict import Verdict


class ExitCode(IntEnum):
    """What a caller of the command learns without reading a word."""

    AS_EXPECTED = 0
    UNEXPECTED = 1
    UNUSABLE_INPUT = 2
    INCONCLUSIVE = 3
    NOTHING_VERIFIED = 4
    OWN_FAULT = 5


_PRECEDENCE = (
    ExitCode.OWN_FAULT,
    ExitCode.UNUSABLE_INPUT,
    ExitCode.UNEXPECTED,
    ExitCode.INCONCLUSIVE,
    ExitCode.NOTHING_VERIFIED,
    ExitCode.AS_EXPECTED,
)


_LINES = frozenset({"violated", "vacuous", "bounded", "inconclusive"})
"""What a line of an expectation says of a property."""


@dataclass(frozen=True)
class Reason:
    """One thing that asks for an exit code."""

    code: ExitCode
    text: str


def exit_code(runs: Sequence[Run], diagnostics: Sequence[Diagnostic], strict: bool) -> int:
    """The code that wins."""
    return worst(reason.code for reason in reasons(runs, diagnostics, strict))


def worst(codes: Iterable[int]) -> int:
    """The code that wins among several, 0 for none."""
    present = set(codes)
    return int(next((code for code in _PRECEDENCE if code in present), ExitCode.AS_EXPECTED))


def reasons(runs: Sequence[Run], diagnostics: Sequence[Diagnostic], strict: bool) -> tuple[Reason, ...]:
    """All that speaks against exit code 0, in the order of the runs.

    A diagnostic of severity error always does, so a cell that is not applicable carries a warning.
    """
    found = list(_unusable(runs, diagnostics))
    searched = [run for run in runs if not run.not_applicable]
    for run in searched:
        found += _of_run(run)
        if strict:
            found += _of_strict_run(run)
    for model, identifier in _vacuous_everywhere(searched):
        found.append(Reason(ExitCode.NOTHING_VERIFIED, f"{identifier} was vacuous in all runs of {model}"))
    if not any(_verified(prop) or _holds(prop, run) for run in searched for prop in run.properties):
        found.append(Reason(ExitCode.NOTHING_VERIFIED, "nothing was verified"))
    return tuple(found)


def unexcused_cuts(run: Run) -> tuple[str, ...]:
    """The cuts of a run, without the faults of which the violation was expected."""
    return tuple(name for name, _ in run.cut_by if not _is_expected_fault(name, run))


def is_unexpected(prop: PropertyResult) -> bool:
    """Whether a verdict contradicts what was expected; an inconclusive or vacuous one says too little to.

    A violation where nothing was expected is never as expected, whatever the record says. What is not
    applicable never counts, but for a line that says how it comes out: that would never be checked.
    """
    match prop.verdict:
        case Verdict.NOT_APPLICABLE:
            return not prop.as_expected and (prop.expected or "").split(" ", 1)[0] in _LINES
        case Verdict.INCONCLUSIVE:
            return False
        case Verdict.VACUOUS:
            return not prop.as_expected and prop.expected not in (None, "holds")
        case Verdict.VIOLATED if prop.expected is None:
            return True
        case _:
            return not prop.as_expected


def _unusable(runs: Sequence[Run], diagnostics: Sequence[Diagnostic]) -> Iterator[Reason]:
    errors = sum(diagnostic.severity is Severity.ERROR for diagnostic in diagnostics)
    if errors:
        text = f"the input has {errors} error{'s' if errors > 1 else ''}"
        yield Reason(ExitCode.UNUSABLE_INPUT, text)
    if runs and all(run.not_applicable for run in runs):
        yield Reason(ExitCode.UNUSABLE_INPUT, "the model can run on none of the runtimes asked for")


def _holds(prop: PropertyResult, run: Run) -> bool:
    """Whether it is proved for all values: that is more than a search that was ended could have said."""
    return run.proof is not None and prop.id in run.proof.proved


def _of_run(run: Run) -> Iterator[Reason]:
    open_ = []
    for prop in run.properties:
        if is_unexpected(prop):
            yield Reason(ExitCode.UNEXPECTED, _surprise(prop))
        elif prop.verdict is Verdict.INCONCLUSIVE and not (meets(prop, "inconclusive") or _holds(prop, run)):
            open_.append(Reason(ExitCode.INCONCLUSIVE, f"{prop.id} is inconclusive"))
    if run.stopped_by and (open_ or not run.properties):
        yield Reason(ExitCode.INCONCLUSIVE, how_it_ended(run.stopped_by))
    yield from open_


def _surprise(prop: PropertyResult) -> str:
    if prop.verdict is Verdict.VIOLATED and prop.expected is None:
        return f"{prop.id} is violated"
    verdict = prop.verdict.value + (f" in {', '.join(prop.functions)}" if prop.functions else "")
    return f"{prop.id} is {verdict}, expected was: {prop.expected or 'holds'}"


def _of_strict_run(run: Run) -> Iterator[Reason]:
    cuts = unexcused_cuts(run)
    if cuts:
        yield Reason(ExitCode.INCONCLUSIVE, f"with --strict: cut by {', '.join(cuts)}")
    for prop in run.properties:
        if prop.verdict is Verdict.VACUOUS and not meets(prop, "vacuous"):
            yield Reason(ExitCode.INCONCLUSIVE, f"with --strict: {prop.id} is vacuous")
        if prop.verdict is Verdict.BOUNDED and not run.cut_by:
            yield Reason(ExitCode.INCONCLUSIVE, f"with --strict: {prop.id} is bounded")


def _is_expected_fault(cut: str, run: Run) -> bool:
    """Whether a property that this fault violates was expected to be violated, and is."""
    kind = cut.removeprefix("fault:")
    if kind == cut:
        return False
    named = dict(run.faults).get(kind, ())
    return any(
        prop.verdict is Verdict.VIOLATED and meets(prop, "violated")
        for prop in run.properties
        if prop.id in named or kind in (prop.id, prop.name)
    )


def vacuous_everywhere(runs: Sequence[Run]) -> frozenset[tuple[str, str]]:
    """The properties, each with its file, that no run of that file could say anything about."""
    return frozenset(_vacuous_everywhere(runs))


def _vacuous_everywhere(runs: Sequence[Run]) -> Iterator[tuple[str, str]]:
    """In the order of their first run."""
    results: dict[tuple[str, str], list[PropertyResult]] = {}
    for run in runs:
        for prop in run.properties:
            if prop.verdict is not Verdict.NOT_APPLICABLE:
                results.setdefault((run.model, prop.id), []).append(prop)
    for (model, identifier), props in results.items():
        vacuous = all(prop.verdict is Verdict.VACUOUS for prop in props)
        if vacuous and not all(meets(prop, "vacuous") for prop in props):
            yield model, identifier


def _verified(prop: PropertyResult) -> bool:
    match prop.verdict:
        case Verdict.PROVED | Verdict.BOUNDED | Verdict.VIOLATED:
            return True
        case Verdict.VACUOUS:
            return meets(prop, "vacuous")
        case _:
            return False


def meets(prop: PropertyResult, verdict: str) -> bool:
    """Whether this verdict was expected in so many words, or anything was."""
    expected = prop.expected or ""
    return prop.as_expected and (expected.split(" ", 1)[0] == verdict or expected == "any")
