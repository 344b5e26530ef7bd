"""Whenever a fault happens some rule is violated: a run that ends early is never only a cut."""

from __future__ import annotations

import ast
from pathlib import Path

import dmc
from dmc.model.vocabulary import MISUSES
from dmc.pipeline.selection import watches_faults_only
from dmc.rules.catalogue import load_catalogue

PACKAGE = Path(dmc.__file__).parent
INSIDE_OF_STOP = {"second_stop"}
"""Faults that need a `stop`, and so does the rule about them."""


def kinds_given() -> set[str]:
    """The texts that the lowering and the mechanisms give as the kind of a misuse."""
    found = set()
    for folder in ("lower", "runtime"):
        for path in sorted((PACKAGE / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and (kind := kind_of(node)) is not None:
                    found.add(kind)
    return found


def kind_of(call: ast.Call) -> str | None:
    """The kind in `misuse("kind", ...)`, `demand("kind", ...)` or `Event("fault", "kind")`."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    texts = [a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
    if name in ("misuse", "demand", "demand_at") and texts and call.args[0] is not None:
        return texts[0] if isinstance(call.args[0], ast.Constant) else None
    return texts[1] if name == "Event" and texts[:1] == ["fault"] else None


def test_every_kind_that_the_code_gives_is_one_that_rules_can_watch() -> None:
    assert kinds_given() <= MISUSES
    # One is handed on in a variable, by the type of what is unset.
    assert MISUSES - kinds_given() <= {"unset_pointer", "unset_value"}


def test_every_kind_is_claimed_by_a_rule_that_is_woven_whatever_the_model_needs() -> None:
    always = [r for r in load_catalogue() if watches_faults_only(r) or not r.needs]
    claimed = {e.name for r in always for h in r.handlers for e in h.events if e.kind == "fault"}
    assert MISUSES - claimed == INSIDE_OF_STOP
    (rule,) = [
        r for r in load_catalogue() if any(e.name == "second_stop" for h in r.handlers for e in h.events)
    ]
    assert rule.needs == ("stop",)
