"""Which rules are checked in a run, and which of them apply."""

from __future__ import annotations

from collections.abc import Sequence

from dmc.base.exceptions import UsageError
from dmc.base.types import BINARY
from dmc.lower.uses import all_functions, code_of, nodes
from dmc.model.model import ApiCall, Atomic, FieldUse, Model, Rule, Scenario
from dmc.model.replies import has_replies
from dmc.pipeline.loading import catalogue
from dmc.rules.catalogue import families

ADVISORY_FAMILIES = frozenset(family.letters for family in families() if family.advisory)


def selected_rules(model: Model, wanted: tuple[str, ...]) -> tuple[Rule, ...]:
    """The catalogue's default set and the model's own rules, or those asked for by id, slug or family.

    An advisory rule of the catalogue is in the set where the model expects something of it.
    """
    rules = (*catalogue(), *model.rules)
    if not wanted:
        expected = {line.property for block in model.expects for line in block.lines}
        expected |= {name for name, _, _ in (*model.allows, *(a for s in model.scenarios for a in s.allows))}
        return tuple(r for r in rules if r in model.rules or not is_advisory(r) or {r.id, r.slug} & expected)
    chosen = tuple(r for r in rules if any(_names(r, w) for w in wanted))
    own = {i.name for i in model.invariants} | {r.name for r in model.reachables} | {"assertion"}
    for word in wanted:
        if word not in own and not any(_names(r, word) for r in rules):
            raise UsageError(f"no property is called {word}")
    return chosen


def refuse_unknown_scenario(models: Sequence[Model], wanted: str | None) -> None:
    """A scenario that is asked for must be in one of the files, or nothing would be searched."""
    names = list(dict.fromkeys(scenario.name for model in models for scenario in model.scenarios))
    if wanted is not None and models and wanted not in names:
        known = f": there are {', '.join(names)}" if names else ""
        raise UsageError(f"no scenario is called {wanted}{known}")


def applies(rule: Rule, model: Model, scenario: Scenario) -> bool:
    """Whether the model uses any of what the rule needs."""
    return not rule.needs or bool(reasons(rule, model, scenario))


def is_advisory(rule: Rule) -> bool:
    """Whether the rule has to be asked for.

    Its family is advisory, it costs a search of its own, or it asks what those who act leave possible.
    """
    return bool(rule.under or rule.can_reach) or rule.id[:3] in ADVISORY_FAMILIES


def watches_faults_only(rule: Rule) -> bool:
    """Such a rule costs no state, and its fault may happen in a model without what the rule needs."""
    return bool(rule.handlers) and all(e.kind == "fault" for h in rule.handlers for e in h.events)


def reasons(rule: Rule, model: Model, scenario: Scenario) -> tuple[str, ...]:
    """Which of the things that a rule needs the model has."""
    return tuple(need for need in rule.needs if _has(need, model, scenario))


def _has(need: str, model: Model, scenario: Scenario) -> bool:
    match need:
        case "ports":
            return bool(model.drivers)
        case "jobs":
            return "driver_async" in model.api_uses
        case "binaries":
            calls = any("binary" in name for name in model.api_uses)
            return calls or any("outputv" in driver.callbacks for driver in model.drivers)
        case "written_binaries":
            return any(_writes_binary(n) for f in all_functions(model) for n in nodes(f.body))
        case "replies":
            return has_replies(model)
        case "memory":
            return "driver_alloc" in model.api_uses
        case "locks":
            return any(
                n.startswith(("erl_drv_mutex", "erl_drv_cond", "erl_drv_rwlock")) for n in model.api_uses
            )
        case "threads":
            return bool(scenario.threads)
        case "atomic_blocks":
            return any(isinstance(node, Atomic) for node in code_of(model, scenario))
        case "shared_data":
            fields = any(s.fields for s in model.structs)
            variables = bool(model.variables or scenario.variables)
            return fields or variables or any(d.variables for d in model.drivers)
        case _:
            names = {f.name for f in all_functions(model)}
            callbacks = {c for d in model.drivers for c in d.callbacks}
            return need in model.api_uses or need in names or need in callbacks


def _writes_binary(node: object) -> bool:
    match node:
        case ApiCall(function="writes", arguments=(FieldUse(object=subject),)):
            return subject.type == BINARY
        case _:
            return False


def _names(rule: Rule, word: str) -> bool:
    return word in (rule.id, rule.slug, rule.id[:3]) or (word.endswith("*") and rule.id.startswith(word[:-1]))
