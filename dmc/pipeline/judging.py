"""From what a search established to a verdict for each property."""

from __future__ import annotations

from dataclasses import dataclass

from dmc.base.source import Span
from dmc.ir.outcome import Finding, SearchResult
from dmc.ir.system import Property, PropertyKind
from dmc.lower.lowering import Lowered
from dmc.model.model import Model, Rule
from dmc.pipeline.telling import tell
from dmc.results.report import PropertyResult
from dmc.results.verdict import Verdict


@dataclass(frozen=True)
class Names:
    """What properties are called: slug and text by id."""

    slugs: dict[str, str]
    texts: dict[str, str]


def names_of(model: Model, rules: tuple[Rule, ...]) -> Names:
    """The names of all properties of a model."""
    slugs = {r.id: r.slug for r in rules}
    texts = {r.id: r.text for r in rules}
    slugs.update({i.name: "invariant" for i in model.invariants})
    texts.update({i.name: "holds in every state" for i in model.invariants})
    slugs.update({r.name: "reachable" for r in model.reachables})
    texts.update({r.name: "can be reached" for r in model.reachables})
    slugs["assertion"] = "assertion"
    texts["assertion"] = "every assertion holds"
    return Names(slugs, texts)


def judge(lowered: Lowered, result: SearchResult, names: Names) -> list[PropertyResult]:
    """The verdict of each property of the system."""
    return [_judge(lowered, result, claim, names) for claim in lowered.system.properties]


def not_applicable(rule: Rule) -> PropertyResult:
    """A rule about something that the model does not use."""
    return PropertyResult(rule.id, rule.slug, Verdict.NOT_APPLICABLE, rule.text, rule.span)


def _judge(lowered: Lowered, result: SearchResult, claim: Property, names: Names) -> PropertyResult:
    slug, text = names.slugs.get(claim.id, claim.id), names.texts.get(claim.id, "")
    finding = next((f for f in result.findings if f.property == claim.id), None)
    if finding is not None:
        return _violated(lowered, claim, finding, slug, text)
    verdict, message = _without_finding(claim, result)
    return PropertyResult(claim.id, slug, verdict, message or text, claim.place)


def _violated(lowered: Lowered, claim: Property, finding: Finding, slug: str, text: str) -> PropertyResult:
    told = tell(lowered, finding, text)
    place = _last_place(told.trace.steps, claim.place)
    return PropertyResult(
        claim.id,
        slug,
        Verdict.VIOLATED,
        told.trace.summary,
        place,
        functions=told.functions,
        trace=told.trace,
    )


def _last_place(steps: tuple[object, ...], fallback: Span) -> Span:
    from dmc.results.report import TraceStep

    for step in reversed(steps):
        if isinstance(step, TraceStep) and step.place.line:
            return step.place
    return fallback


def _without_finding(claim: Property, result: SearchResult) -> tuple[Verdict, str]:
    reached = claim.id in result.covered
    if claim.kind is PropertyKind.REACHABLE and reached:
        return Verdict.PROVED, ""
    if result.stopped_by is not None:
        return Verdict.INCONCLUSIVE, f"the search was stopped by its limit of {result.stopped_by.value}"
    cuts = sorted(result.cuts)
    of_model = [c for c in cuts if not c.startswith("fault:")]
    if claim.kind is PropertyKind.REACHABLE:
        if of_model:
            return Verdict.INCONCLUSIVE, f"not reached, but cut by {', '.join(of_model)}"
        return Verdict.VIOLATED, "no run reaches it"
    if claim.triggers and not any(t in result.covered for t in claim.triggers):
        if of_model:
            return Verdict.INCONCLUSIVE, f"not tested, and cut by {', '.join(of_model)}"
        return Verdict.VACUOUS, "what it is about never happened in any run"
    if claim.kind in (PropertyKind.AT_END, PropertyKind.LOST) and not result.ends:
        return Verdict.VACUOUS, "no run comes to an end"
    if cuts:
        return Verdict.BOUNDED, f"no violation found; runs were cut by {', '.join(cuts)}"
    return Verdict.PROVED, ""
