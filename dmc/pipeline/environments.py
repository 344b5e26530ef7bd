"""Rules with `under`: what holds in a run holds in another environment, too.

Each environment is a run of its own, searched with the rules that are named. What is violated in the run
itself is left out: there the environment makes no difference. The verdict stands under the id of the rule
with `under`; its trace is one of the other run and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from dmc.lower.lowering import Lowered
from dmc.lower.run import RunChoice
from dmc.model.model import Model, Rule, Under
from dmc.pipeline.judging import judge, names_of, not_applicable
from dmc.pipeline.loading import catalogue
from dmc.pipeline.searching import Searched
from dmc.pipeline.selection import applies, is_advisory, watches_faults_only
from dmc.pipeline.table import refusal
from dmc.results.report import PropertyResult
from dmc.results.verdict import Verdict

ALL_RULES = "all"

Search = Callable[[RunChoice, tuple[Rule, ...]], tuple[Lowered, Searched]]
"""Searches a run with some rules."""


@dataclass(frozen=True)
class Environment:
    """A run beside the one that is checked: what is different in it, by name and value."""

    axis: str
    value: str
    run: RunChoice
    rules: tuple[Rule, ...]
    claims: bool
    """Whether what the model claims itself must hold, too."""

    @property
    def text(self) -> str:
        """How it differs, as it would be set."""
        return f"{self.axis} = {self.value}"


def with_rechecked(rules: Sequence[Rule], model: Model) -> tuple[Rule, ...]:
    """The rules to be searched for in the run itself: those selected, and those that an `under` names."""
    plain = {rule.id: rule for rule in rules if not rule.under}
    for rule in rules:
        for one in rule.under:
            plain |= {named.id: named for named in _named(one, model)}
    return tuple(plain.values())


def recheck(rule: Rule, run: RunChoice, judged: Iterable[PropertyResult], search: Search) -> PropertyResult:
    """The verdict of a rule with `under`; `judged` are the verdicts of the run itself."""
    unfit = not_applicable(rule)
    if not applies(rule, run.model, run.scenario):
        return unfit
    environments = list(_environments(rule, run))
    possible = [one for one in environments if not refusal(one.run)]
    if not possible:
        reason = next((refusal(one.run) for one in environments), "this run is in that environment itself")
        return replace(unfit, message=reason)
    violated = {result.id for result in judged if result.verdict is Verdict.VIOLATED}
    found: list[PropertyResult] = []
    states = 0
    for one in possible:
        lowered, searched = search(one.run, one.rules)
        states += searched.result.states
        own = {r.id for r in one.rules}
        claimed = judge(lowered, searched.result, names_of(run.model, one.rules))
        told = [p for p in claimed if p.id not in violated and (one.claims or p.id in own)]
        worse = next((p for p in told if p.verdict is Verdict.VIOLATED), None)
        if worse is not None:
            return _violated(rule, one, worse)
        found += told
    where = " and ".join(one.text for one in possible)
    return _held(rule, found, f"searched with {where} as well: {states:,} states")


def _environments(rule: Rule, run: RunChoice) -> Iterator[Environment]:
    for one in rule.under:
        named = [
            r for r in _named(one, run.model) if applies(r, run.model, run.scenario) or watches_faults_only(r)
        ]
        for value in one.values:
            other = _changed(run, one.axis, value)
            if other != run:
                yield Environment(one.axis, value, other, tuple(named), ALL_RULES in one.rules)


def _changed(run: RunChoice, axis: str, value: str) -> RunChoice:
    match axis:
        case "async_threads":
            return replace(run, async_threads=int(value))
        case "schedulers":
            return replace(run, schedulers=int(value))
        case _:
            return replace(run, locking=value)


def _named(one: Under, model: Model) -> tuple[Rule, ...]:
    """The rules that an `under` names, in the order of the catalogue."""
    every = (*catalogue(), *model.rules)
    return tuple(
        rule
        for rule in every
        if not rule.under
        and (
            {rule.id, rule.slug, rule.id[:3]} & set(one.rules)
            or (ALL_RULES in one.rules and not is_advisory(rule))
        )
    )


def _violated(rule: Rule, where: Environment, worse: PropertyResult) -> PropertyResult:
    assert worse.trace is not None
    begin = f"With {where.text} {worse.id} {worse.name} is violated, and in this run it is not."
    summary = f"{begin} {worse.trace.summary}"
    trace = replace(worse.trace, summary=summary, environment=((where.axis, where.value),))
    return replace(worse, id=rule.id, name=rule.slug, message=summary, trace=trace, claim=rule.text)


_WORST_FIRST = (Verdict.INCONCLUSIVE, Verdict.BOUNDED, Verdict.PROVED, Verdict.VACUOUS)


def _held(rule: Rule, found: list[PropertyResult], cost: str) -> PropertyResult:
    """The weakest verdict of those found; vacuous if there is nothing that could have been lost."""
    present = {result.verdict for result in found}
    verdict = next((one for one in _WORST_FIRST if one in present), Verdict.VACUOUS)
    weakest = next((p for p in found if p.verdict is verdict), None)
    reason = f"; {weakest.message}" if weakest is not None and verdict is not Verdict.PROVED else ""
    return PropertyResult(rule.id, rule.slug, verdict, cost + reason, rule.span, claim=rule.text)
