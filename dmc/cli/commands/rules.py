"""`dmc rules`: the catalogue."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from dmc.cli.exit import write_output
from dmc.cli.options import terminal_width
from dmc.cli.paths import files

if TYPE_CHECKING:
    from dmc.pipeline import RuleInfo


@click.command("rules")
@click.option(
    "--for", "path", metavar="FILE", help="Say of each rule whether it applies to this model, and why."
)
def command(path: str | None) -> int:
    """List all rules with what each one demands."""
    from dmc import pipeline

    rules = pipeline.rules()
    width = max(terminal_width(), 60)
    if path is None:
        lines = list(_table(rules, width))
        count = f"{len(rules)} rules; `dmc explain ID` shows the page of one"
    else:
        (file,) = files([path], "rules")
        reasons = pipeline.applicable_rules(file)
        lines = list(_applicable(rules, reasons, width))
        count = f"{len(rules)} rules: {len(reasons)} apply to {file}, {len(rules) - len(reasons)} do not"
    write_output("\n".join([*lines, "", count]) + "\n")
    return 0


def _table(rules: Sequence[RuleInfo], width: int) -> Iterator[str]:
    for rule in rules:
        remarks = ["asked for by --property"] if rule.advisory else []
        needs = _needs(rule)
        if needs:
            remarks.append(f"applies to {needs}")
        tail = f" ({'; '.join(remarks)})" if remarks else ""
        yield from _entry(rule, f"{rule.text}{tail}", width)


def _applicable(rules: Sequence[RuleInfo], reasons: dict[str, str], width: int) -> Iterator[str]:
    for rule in rules:
        missing = f"not applicable: no {_needs(rule)}" if _needs(rule) else "not applicable"
        yield from _entry(rule, reasons.get(rule.id, missing), width)


def _entry(rule: RuleInfo, text: str, width: int) -> Iterator[str]:
    from dmc.reporters.terminal import wrap

    yield f"{rule.id}  {rule.slug}"
    yield from wrap(text, width, " " * (len(rule.id) + 2))


def _needs(rule: RuleInfo) -> str:
    return rule.needs if isinstance(rule.needs, str) else ", ".join(rule.needs)
