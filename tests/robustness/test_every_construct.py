"""Each construct in each place: it has a meaning, or is refused by name; none is a fault of dmc."""

from __future__ import annotations

from pathlib import Path

import pytest

from dmc import pipeline
from dmc.ir.evaluate import compile_system
from dmc.lower.lowering import lower
from dmc.pipeline.loading import catalogue, load
from dmc.pipeline.table import cells

DATA = Path(__file__).parents[1] / "data" / "constructs"
PLAIN = {
    "code": "", "job": "", "process": "", "thread": "", "atomic": "", "condition": "true",
    "quiescent": "false", "invariant": "true", "rule": "assert(rv < 2);", "rule_job": "rv = 1;",
    "end_job": "assert(rv < 2);", "rule_object": "rv = 1;", "end_object": "assert(rv < 2);",
    "rule_plain": "rv = 1;", "end_plain": "assert(rv < 2);",
}  # fmt: skip

STATEMENT_PLACES = tuple(name for name in PLAIN if name not in ("condition", "quiescent", "invariant"))
EXPRESSION_PLACES = ("condition", "quiescent", "invariant")
FILLED = (
    "1",
    "g",
    "true",
    "NULL",
    "gp",
    "choose(g, 1)",
    "twice(g)",
    "t",
    "buf",
    "x",
    "d",
    "p",
    "j.port",
    "rv",
    "IDLE",
)


FORMS = ("if ({}) {{}}", "g = {};", "assert({});", "{};")


def lines(name: str) -> list[str]:
    """A table: one construct a line; `@` is a gap."""
    return (DATA / f"{name}.txt").read_text(encoding="utf-8").splitlines()


def models() -> dict[str, str]:
    """By place and construct; places, forms and what fills the gaps take turns."""
    found: dict[str, dict[str, str]] = {}
    for number, expression in enumerate(lines("expressions")):
        found |= {f"{place}: {expression}": {place: expression} for place in EXPRESSION_PLACES}
        for turn, place in enumerate(STATEMENT_PLACES):
            if (number + turn) % 2 == 0:
                form = FORMS[(number + turn // 2) % len(FORMS)].format(expression)
                found[f"{place}: {form}"] = {place: form}
    for number, statement in enumerate(lines("statements")):
        for turn, place in enumerate(STATEMENT_PLACES):
            form = statement.replace("@", FILLED[(number + turn) % len(FILLED)])
            form = form if form.endswith(("}", ";")) else form + ";"
            if (number + turn) % 2 == 0:
                found[f"{place}: {form}"] = {place: form}
    frame = "\n".join(lines("frame"))
    return {name: frame.format(**{**PLAIN, **change}) for name, change in found.items()}


MODELS = models()
PARTS = 8


def attempt(path: Path, text: str) -> bool:
    """Whether the model is accepted; then each of its runs must have a transition system."""
    path.write_text(text, encoding="utf-8")
    model = load(str(path)).model
    if model is None:
        return False
    run = cells(model, model.scenarios[0], pipeline.Request(()))[0].run
    compile_system(lower(run, (*catalogue(), *model.rules)).system, checked=True, events=True)
    return True


@pytest.mark.parametrize("part", range(PARTS))
def test_what_is_accepted_has_a_meaning(part: int, tmp_path: Path) -> None:
    failures = []
    accepted = 0
    for number, (name, text) in enumerate(MODELS.items()):
        if number % PARTS == part:
            try:
                accepted += attempt(tmp_path / "model.dmc", text)
            except Exception as error:
                failures.append(f"{name}: {type(error).__name__}: {error}")
    assert failures == []
    assert accepted > 30
