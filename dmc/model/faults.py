"""`fault NAME, ... upto n;`: what may go wrong in a scenario."""

from __future__ import annotations

from dmc.base.source import Span
from dmc.base.types import IntType
from dmc.driver_api.registry import NOT_MODELLED, api_functions
from dmc.model import model
from dmc.model.checked import constant
from dmc.model.constants import fold
from dmc.model.environment import Env, World
from dmc.model.near_miss import did_you_mean
from dmc.model.vocabulary import FAULTS, FAULTS_NOT_YET
from dmc.syntax import ast


def fault_clauses(items: list[ast.Fault], env: Env) -> tuple[model.FaultClause, ...]:
    """The clauses of a scenario; one that names nothing known is left out."""
    found = []
    first: dict[str, Span] = {}
    for item in items:
        count = _count(item, env)
        names = []
        for name in item.names:
            if not _is_known(name, env):
                continue
            known = first.setdefault(name.text, name.span)
            if known is not name.span:
                note = f"the first one is at {known}"
                env.report("E205", f"the fault `{name.text}` is given twice", name.span, note)
                continue
            names.append(name)
        if names:
            texts = tuple(name.text for name in names)
            found.append(model.FaultClause(texts, count, tuple(name.span for name in names)))
    return tuple(found)


def check_faults(found: model.Model, world: World) -> None:
    """A function that is never called cannot fail."""
    for scenario in found.scenarios:
        for clause in scenario.faults:
            for name, span in zip(clause.names, clause.spans, strict=True):
                if name in FAULTS or name in found.api_uses:
                    continue
                hints = did_you_mean(name, [n for n, f in api_functions().items() if n in found.api_uses])
                world.report("E413", f"`{name}` is never called", span, "it cannot fail, then", hints)


def _is_known(name: ast.Identifier, env: Env) -> bool:
    functions = api_functions()
    failing = [one for one, entry in functions.items() if entry.may_fail]
    if name.text in FAULTS or name.text in failing:
        return True
    if name.text in FAULTS_NOT_YET or name.text in NOT_MODELLED:
        env.report("E490", f"the fault `{name.text}` is not in this version", name.span)
    elif name.text in functions:
        note = f"those that can are {', '.join(failing)}"
        env.report("E411", f"`{name.text}` does not fail by itself", name.span, note)
    else:
        hints = did_you_mean(name.text, [*FAULTS, *failing, *FAULTS_NOT_YET])
        env.report("E411", f"unknown fault `{name.text}`", name.span, "", hints)
    return False


def _count(item: ast.Fault, env: Env) -> int | None:
    if item.count is None:
        return None
    count = constant(item.count, env)
    folded = fold(count)
    if not isinstance(count.type, IntType):
        return None
    if folded is None:
        env.report("E313", "how often a fault may happen must be constant", item.count.span)
        return None
    if folded.value < 1:
        message = f"`upto {folded.value}`: the fault would never happen"
        env.report("E404", message, item.count.span, "", ("leave the line out",))
        return None
    return folded.value
