"""The texts of assertions: in rules, with the names in braces filled in, and in code."""

from __future__ import annotations

import re

from dmc.base.types import ErlangType
from dmc.ir.outcome import Finding
from dmc.lower import uses
from dmc.lower.words import words
from dmc.model import model
from dmc.pipeline.telling.history import History

PLACEHOLDER = re.compile(r"\{(\w+)\}")


def assertion_text(history: History, finding: Finding, rule: model.Rule | None) -> str:
    """The text of the assertion that failed in the last step; "" where there is none."""
    if rule is None:
        return _in_code(history)
    details = _details(history, finding)
    line = details.pop("line", 0)
    failed = [a for a in _assertions(rule) if a.span.line == line] or _assertions(rule)
    if len(failed) != 1:
        return ""
    types = {v.name: v.type for v in _variables(rule)}
    objects = history.steps[-1].objects if history.steps else {}

    def filled(match: re.Match[str]) -> str:
        name = match[1]
        if name not in details:
            return name
        return history.names.typed(str(types.get(name, "")), details[name], objects)

    return PLACEHOLDER.sub(filled, failed[0].text)


def end_text(history: History, rule: model.Rule | None) -> str:
    """What a rule says about an end that is not as it should be, if it says one thing only."""
    if rule is None:
        return ""
    ends = [h for h in rule.handlers if any(e.kind == "quiescence" for e in h.events)]
    texts = [n.text for h in ends for n in uses.nodes(h.body) if isinstance(n, model.Assert)]
    if len(texts) != 1:
        return ""
    view = history.view(history.end)
    subject = rule.subject
    variables = {v.name for v in rule.variables} if subject is None else set()

    def filled(match: re.Match[str]) -> str:
        if match[1] in variables:
            return str(view.variable(f"{rule.id}.{match[1]}"))
        if subject is not None and match[1] == subject.name and isinstance(subject.type, ErlangType):
            return f"a {subject.type.name}"
        return match[1]

    return PLACEHOLDER.sub(filled, texts[0])


def _details(history: History, finding: Finding) -> dict[str, int]:
    """The values that came with the violation, in the last step of the run."""
    violations = history.steps[-1].violations if history.steps else ()
    found = next((values for name, values in violations if name == finding.property), finding.details)
    return dict(found)


def _assertions(rule: model.Rule) -> list[model.Assert]:
    return [n for h in rule.handlers for n in uses.nodes(h.body) if isinstance(n, model.Assert)]


def _variables(rule: model.Rule) -> list[model.Variable]:
    found = [rule.subject] if rule.subject is not None else []
    patterns = [e for h in rule.handlers for e in h.events]
    bound = [v for e in patterns for v in (*e.bindings, e.subject, e.result) if v is not None]
    return [*found, *rule.variables, *bound]


def _in_code(history: History) -> str:
    """The assertion of a thread or driver that stands where the last step does."""
    run = history.lowered.run
    place = history.steps[-1].place
    for node in uses.code_of(run.model, run.scenario):
        if isinstance(node, model.Assert) and node.span == place:
            return node.text or f"{words(node.condition)} is false"
    return ""
