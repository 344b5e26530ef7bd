"""`dmc compare`, for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from dmc.reporters.terminal import MIN_WIDTH, Paint, printable, wrap
from dmc.results.comparison import WORSE, Change, Comparison, Difference, Side
from dmc.results.verdict import Verdict

SCHEMA = "dmc.comparison/1"


def render_comparison(found: Comparison, old: str, new: str, width: int, colour: bool) -> str:
    """The differences, the worst first; of many runs in which the same changed, the settings they share."""
    paint, width = Paint(colour), max(width, MIN_WIDTH)
    lines: list[str] = []
    for change in Change:
        groups: dict[tuple[object, ...], list[Difference]] = {}
        for one in found.differences:
            if one.change is change:
                violated = one.new is not None and one.new.verdict is Verdict.VIOLATED
                own = one.property if violated else ""
                key = (one.model, one.scenario, own, _side(one.old), _side(one.new))
                groups.setdefault(key, []).append(one)
        if groups:
            tone = paint.bad if change in WORSE else paint.strong
            lines += [tone(f"{change.value}"), *_groups(list(groups.values()), new, width), ""]
    for label, names in (("runs that are not there any more", found.only_old), ("new runs", found.only_new)):
        if names:
            lines += [paint.strong(label), *(t for n in names for t in wrap(n, width, "  ", "    ")), ""]
    changed = len(found.differences)
    what = f"{changed} of them changed" if changed else "none of them changed"
    lines += wrap(f"{old} beside {new}: {found.compared} verdicts compared, {what}", width, "", "  ")
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _groups(groups: Sequence[Sequence[Difference]], new: str, width: int) -> Iterator[str]:
    for alike in groups:
        one = alike[0]
        names = list(dict.fromkeys(d.property for d in alike))
        title = " ".join(dict.fromkeys((one.property, one.name))) if len(names) == 1 else ", ".join(names)
        yield from wrap(f"{title}: {_side(one.old)} -> {_side(one.new)}", width, "  ", "    ")
        yield from wrap(f"{printable(one.model)}, {_where(alike)}", width, "    ", "      ")
        if one.new is not None and one.new.verdict is Verdict.VIOLATED:
            yield from wrap(one.new.message, width, "    ")
            yield f"    dmc replay {new} --property {one.property} --run {one.new.number}"


def _where(alike: Sequence[Difference]) -> str:
    axes: dict[str, dict[str, None]] = {}
    for one in alike:
        for axis, value in one.setting:
            axes.setdefault(axis, {})[value] = None
    told = ", ".join(f"{axis} = {'|'.join(values)}" for axis, values in axes.items())
    count = len({one.setting for one in alike})
    runs = f", {count} runs" if count > 1 else ""
    return f"{alike[0].scenario or 'default scenario'} ({told}){runs}"


def _side(side: Side | None) -> str:
    if side is None:
        return "not there"
    where = f" in {', '.join(side.functions)}" if side.functions else ""
    surprise = "" if side.as_expected else f", not as expected ({side.expected or 'nothing was expected'})"
    return f"{side.verdict.value}{where}{surprise}"


def render_comparison_json(found: Comparison) -> str:
    """One document; every difference by itself."""
    document = {
        "schema": SCHEMA,
        "exit": found.exit,
        "compared": found.compared,
        "differences": [_difference(one) for one in found.differences],
        "only_old": list(found.only_old),
        "only_new": list(found.only_new),
    }
    return json.dumps(document, indent=1) + "\n"


def _difference(one: Difference) -> dict[str, Any]:
    return {
        "change": one.change.name.lower(),
        "worse": one.change in WORSE,
        "model": one.model,
        "scenario": one.scenario,
        "setting": dict(one.setting),
        "property": one.property,
        "name": one.name,
        "old": _side_document(one.old),
        "new": _side_document(one.new),
    }


def _side_document(side: Side | None) -> dict[str, Any] | None:
    if side is None:
        return None
    return {
        "run": side.number,
        "verdict": side.verdict.value,
        "functions": list(side.functions),
        "expected": side.expected,
        "as_expected": side.as_expected,
        "message": side.message,
        "steps": side.steps,
    }
