"""The keys `bisection`, `difference` and `situation` of a result: what commands about several runs have to
say.

A run is named by its place in `runs`, from 0.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dmc.reporters.json_matrix import cause_document
from dmc.results.bisection import Bisection, Line, Stretch
from dmc.results.report import Trace
from dmc.results.runtime_diff import OutcomeDiff, RuntimeDiff, Turn, VerdictDiff
from dmc.results.situation import Situation


def bisection_document(found: Bisection) -> dict[str, Any]:
    """The value of the key `bisection`; the causes are in `matrix.flips`."""
    return {
        "property": found.property,
        "name": found.name,
        "lines": [_line(line) for line in found.lines],
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "model": line.model,
        "scenario": line.scenario,
        "build": line.build,
        "setting": dict(line.setting),
        "first_bad": line.first_bad,
        "first_good": line.first_good,
        "stretches": [_stretch(stretch) for stretch in line.stretches],
    }


def _stretch(stretch: Stretch) -> dict[str, Any]:
    return {
        "first": stretch.first,
        "last": stretch.last,
        "verdict": stretch.verdict.value if stretch.verdict is not None else None,
        "runs": list(stretch.runs),
        "cannot_run": stretch.reason,
    }


def difference_document(found: RuntimeDiff, trace: Callable[[Trace], dict[str, Any]]) -> dict[str, Any]:
    """The value of the key `difference`. The traces of verdicts are in the runs."""
    return {
        "left": found.left,
        "right": found.right,
        "complete": found.complete,
        "verdicts": [_verdict(one) for one in found.verdicts],
        "outcomes": [_outcome(one, trace) for one in found.outcomes],
        "turns": [_turn(one) for one in found.turns],
    }


def _verdict(one: VerdictDiff) -> dict[str, Any]:
    return {
        "property": one.property,
        "name": one.name,
        "runs": [one.left, one.right],
        "verdicts": [verdict.value if verdict is not None else None for verdict in one.verdicts],
        "functions": [list(functions) for functions in one.functions],
    }


def _outcome(one: OutcomeDiff, trace: Callable[[Trace], dict[str, Any]]) -> dict[str, Any]:
    return {
        "text": one.text,
        "side": "left" if one.side == 0 else "right",
        "runs": list(one.runs),
        "trace": trace(one.trace) if one.trace is not None else None,
    }


def _turn(one: Turn) -> dict[str, Any]:
    return {
        "model": one.model,
        "property": one.property,
        "release": one.release,
        "violated": one.violated,
        "settings": list(one.settings),
        "causes": [cause_document(cause) for cause in one.causes],
        "unexplained": one.unexplained,
    }


def situation_document(found: Situation) -> dict[str, Any]:
    """The value of the key `situation`; the run into it, if there is one, is in `runs`."""
    return {
        "condition": found.condition,
        "happens": found.happens,
        "runs": found.runs,
        "parts": [{"condition": part.condition, "happens": part.happens} for part in found.parts],
        "elsewhere": list(found.elsewhere),
        "tried_elsewhere": found.tried,
    }
