"""The kinds of rules beside monitors: obligations (`can_reach`) and other environments (`under`).

What a rule demands is of one kind; `refuse_two_kinds` says so. An obligation may read the rule's variables,
which handlers without assertions then keep.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from dmc.base.types import PORT
from dmc.model import model
from dmc.model.checked import tested
from dmc.model.environment import Env, Place, declare
from dmc.model.near_miss import did_you_mean
from dmc.model.settings import settings
from dmc.model.vocabulary import THREAD
from dmc.syntax import ast
from dmc.syntax.expression_text import values

HELPERS = ("process", "owner")
ENVIRONMENTS = ("async_threads", "schedulers", "locking")
ALL_RULES = "all"
_ID = re.compile(r"[A-Z]{3}(\d{3})?")


def is_about_a_thread(item: ast.Rule) -> bool:
    """Threads are subjects of obligations alone."""
    owes = any(isinstance(one, ast.CanReach) for one in item.items)
    return owes and item.quantifiers[0].type.name.text == "thread"


def thread_of(subject: ast.Quantifier, env: Env) -> model.Variable:
    """The `t` of `for thread t`."""
    variable = model.Variable(subject.name.text, THREAD, model.Storage.BOUND, subject.name.span)
    declare(env, variable.name, variable, subject.name.span)
    return variable


def can_reach(item: ast.CanReach, subject: model.Variable | None, outer: Env) -> model.CanReach:
    """An obligation: conditions of a state, as in an invariant."""
    env = replace(outer, place=Place.PROPERTY)
    if subject is not None and subject.type not in (PORT, THREAD):
        message = f"an obligation of a `{subject.type}` is not in this version"
        env.report(
            "E422", message, item.span, "rules about ports and threads, and those without `for`, have some"
        )
    without = item.without.text if item.without is not None else ""
    if item.without is not None:
        _check_helper(item.without, subject, env)
    when = tested(item.when, env) if item.when is not None else None
    return model.CanReach(tested(item.target, env), when, without, item.span)


def _check_helper(name: ast.Identifier, subject: model.Variable | None, env: Env) -> None:
    if name.text not in HELPERS:
        hints = did_you_mean(name.text, HELPERS)
        env.report("E422", f"nobody is called `{name.text}` here", name.span, "`process` or `owner`", hints)
    elif name.text == "owner" and (subject is None or subject.type != PORT):
        env.report("E422", "only a port has an owner", name.span, "", ("write `without process`",))


def under(item: ast.Under, env: Env) -> model.Under | None:
    """Another environment, and the rules that must hold in it."""
    if item.setting is None:
        assert item.fault is not None
        message = "other faults for other rules are not in this version"
        env.report("E423", message, item.fault.span, "settings are: `under schedulers = 1: all;`")
        return None
    name = item.setting.name
    if name.text not in ENVIRONMENTS:
        hints = did_you_mean(name.text, ENVIRONMENTS)
        env.report("E423", f"`{name.text}` is no environment", name.span, ", ".join(ENVIRONMENTS), hints)
        return None
    found = settings([item.setting], env)
    chosen: dict[str, Iterable[object] | None] = {
        "async_threads": found.async_threads,
        "schedulers": found.schedulers,
        "locking": found.locking,
    }
    texts = tuple(str(value) for value in chosen[name.text] or ())
    return model.Under(
        axis=name.text,
        values=texts,
        rules=tuple(rule.text for rule in item.rules),
        text=f"{name.text} = {values(item.setting.values)}",
        span=item.span,
    )


def refuse_two_kinds(item: ast.Rule, env: Env) -> None:
    """A verdict of a rule speaks of one demand."""
    kinds = {
        "asserts": any(_asserts(one.body) for one in item.items if isinstance(one, ast.Handler)),
        "has relations": any(isinstance(one, ast.Acyclic) for one in item.items),
        "has obligations": any(isinstance(one, ast.CanReach) for one in item.items),
        "varies the environment": any(isinstance(one, ast.Under) for one in item.items),
    }
    several = [kind for kind, present in kinds.items() if present]
    relates = kinds["has relations"] and not (kinds["has obligations"] or kinds["varies the environment"])
    if len(several) > 1 and not relates:
        message = f"rule `{item.id.text}` {' and '.join(several)}"
        env.report("E421", message, item.id.span, "", ("write one rule for each",))
    if kinds["varies the environment"] and item.quantifiers:
        env.report("E421", "a rule with `under` is about no single thing", item.quantifiers[0].span)


def check_rules_named(
    rules: Iterable[model.Rule], known: Iterable[model.Rule], open_catalogue: bool, env: Env
) -> None:
    """Each rule that is to hold in another environment exists, and does not ask for one itself.

    Where the catalogue is not known, all that looks like one of its ids passes.
    """
    plain = [rule for rule in known if not rule.under]
    names = {name for rule in plain for name in (rule.id, rule.slug, rule.id[:3]) if name} | {ALL_RULES}
    for rule in rules:
        for one in rule.under:
            for name in one.rules:
                if name not in names and not (open_catalogue and _ID.fullmatch(name)):
                    hints = did_you_mean(name, names)
                    env.report("E423", f"no rule is called `{name}`", one.span, "", hints)


def _asserts(node: ast.Statement) -> bool:
    match node:
        case ast.Assert():
            return True
        case ast.Block():
            return any(map(_asserts, node.statements))
        case ast.If():
            return _asserts(node.then) or (node.otherwise is not None and _asserts(node.otherwise))
        case _:
            return False
