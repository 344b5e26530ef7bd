"""From what a search established to a verdict for each property."""

from __future__ import annotations

from dataclasses import dataclass

from dmc.engines.reference.shorten import shortened
from dmc.ir.outcome import Finding, Limit, SearchResult
from dmc.ir.system import Property, PropertyKind
from dmc.lower.faults import FAULT
from dmc.lower.lowering import Lowered
from dmc.lower.words import words
from dmc.model.model import Invariant, Model, Rule
from dmc.pipeline.telling import tell
from dmc.results.report import PropertyResult, how_it_ended
from dmc.results.verdict import Verdict


@dataclass(frozen=True)
class Names:
    """What properties are called: slug and text by id; and those of them that are rules."""

    slugs: dict[str, str]
    texts: dict[str, str]
    rules: dict[str, Rule]


def names_of(model: Model, rules: tuple[Rule, ...]) -> Names:
    """The names of all properties of a model."""
    slugs = {r.id: r.slug for r in rules}
    texts = {r.id: r.text for r in rules}
    slugs.update({i.name: "invariant" for i in model.invariants})
    texts.update({i.name: _in_words(i) for i in model.invariants})
    slugs.update({r.name: "reachable" for r in model.reachables})
    texts.update({r.name: "can be reached" for r in model.reachables})
    slugs["assertion"] = "assertion"
    texts["assertion"] = "every assertion holds"
    return Names(slugs, texts, {r.id: r for r in rules})


def _in_words(invariant: Invariant) -> str:
    """The condition itself, where it can be written in a line."""
    condition = words(invariant.condition)
    return f"{condition if '...' not in condition else 'it'} holds in every state"


def judge(lowered: Lowered, result: SearchResult, names: Names, shorten: bool = True) -> list[PropertyResult]:
    """The verdict of each property of the system; the runs into violations are made easier to read."""
    return [_judge(lowered, result, claim, names, shorten) for claim in lowered.system.properties]


def not_applicable(rule: Rule) -> PropertyResult:
    """A rule about something that the model does not use."""
    return PropertyResult(rule.id, rule.slug, Verdict.NOT_APPLICABLE, rule.text, rule.span, claim=rule.text)


def _judge(
    lowered: Lowered, result: SearchResult, claim: Property, names: Names, shorten: bool
) -> PropertyResult:
    slug, text = names.slugs.get(claim.id, claim.id), names.texts.get(claim.id, "")
    finding = next((f for f in result.findings if f.property == claim.id), None)
    if finding is not None:
        if shorten:
            finding = shortened(lowered.system, finding, lambda kind, step: is_failure(lowered, kind, step))
        return _violated(lowered, claim, finding, names)
    verdict, message = _without_finding(claim, result)
    return PropertyResult(claim.id, slug, verdict, message or text, claim.place, claim=text)


def is_failure(lowered: Lowered, thread_type: str, alternative: int) -> bool:
    """Whether a step is a call that fails because a `fault` clause lets it."""
    steps = next(t.steps for t in lowered.system.threads if t.name == thread_type)
    return steps[alternative].label.endswith(f" {FAULT}")


def _violated(lowered: Lowered, claim: Property, finding: Finding, names: Names) -> PropertyResult:
    told = tell(lowered, finding, names.rules.get(claim.id))
    return PropertyResult(
        claim.id,
        names.slugs.get(claim.id, claim.id),
        Verdict.VIOLATED,
        told.trace.summary,
        told.place if told.place.line > 0 else claim.place,
        functions=told.functions,
        trace=told.trace,
        claim=names.texts.get(claim.id, ""),
    )


def _without_finding(claim: Property, result: SearchResult) -> tuple[Verdict, str]:
    reached = claim.id in result.covered
    if claim.kind is PropertyKind.REACHABLE and reached:
        return Verdict.PROVED, ""
    if result.stopped_by is Limit.UNDECIDED:
        return Verdict.INCONCLUSIVE, f"the solver did not decide {result.doubt}"
    if claim.id in result.undecided:
        return Verdict.INCONCLUSIVE, result.undecided[claim.id]
    if result.stopped_by is not None:
        return Verdict.INCONCLUSIVE, how_it_ended(result.stopped_by.value)
    if result.dropped and not result.ends and not result.cuts:
        places = ", ".join(sorted(result.dropped))
        return Verdict.VACUOUS, f"every run was dropped: the assumption at {places} was never true"
    cuts = sorted(result.cuts)
    of_model = [c for c in cuts if not c.startswith("fault:")]
    if claim.kind is PropertyKind.REACHABLE:
        if of_model:
            return Verdict.INCONCLUSIVE, f"not reached, but cut by {_named(of_model)}"
        return Verdict.VIOLATED, "no run reaches it"
    if claim.triggers and not any(t in result.covered for t in claim.triggers):
        if of_model:
            return Verdict.INCONCLUSIVE, f"not tested, and cut by {_named(of_model)}"
        return Verdict.VACUOUS, "what it is about never happened in any run"
    if claim.kind is PropertyKind.CAN_REACH and claim.id not in result.covered:
        return Verdict.VACUOUS, "what it is about never happened in any run"
    if claim.kind in (PropertyKind.AT_END, PropertyKind.LOST) and not result.ends:
        return Verdict.VACUOUS, "no run comes to an end"
    if cuts:
        return Verdict.BOUNDED, f"no violation found, but runs were ended by {_named(cuts)}"
    return Verdict.PROVED, ""


def _named(cuts: list[str]) -> str:
    """Cuts of the model by their names, faults as what they are."""
    faults = [name.removeprefix("fault:").replace("_", " ") for name in cuts if name.startswith("fault:")]
    others = [f"`{name}`" for name in cuts if not name.startswith("fault:")]
    return ", ".join([*others, *(f"the fault {name}" for name in faults)])
