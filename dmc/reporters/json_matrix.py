"""The key `matrix` of a result: grids of letters, what changes along axes, which verdicts flip and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dmc.reporters.matrix_grid import LETTERS, square
from dmc.reporters.run_groups import scenarios_of
from dmc.results.matrix import (
    RUNTIME,
    Cause,
    Flip,
    Matrix,
    changes_along,
    compared_axes,
    coordinates,
    results_of,
)
from dmc.results.report import Report, Run


def matrix_document(report: Report, matrix: Matrix) -> dict[str, Any]:
    """The value of the key. A run is named by its place in `runs`, from 0."""
    places = {id(run): place for place, run in enumerate(report.runs)}
    scenarios = [[run for run in runs if not run.not_applicable] for runs in scenarios_of(report.runs)]
    return {
        "letters": {letter: verdict.value for verdict, letter in LETTERS.items()},
        "grids": [_grid(runs, places) for runs in scenarios if runs],
        "axes": [change for runs in scenarios for change in _axes(runs, places)],
        "flips": [_flip(flip, report) for flip in matrix.flips],
        "left_out": [
            {"model": model, "runtime": runtime, "reason": reason}
            for model, runtime, reason in matrix.left_out
        ],
    }


def _grid(runs: Sequence[Run], places: dict[int, int]) -> dict[str, Any]:
    """Nothing is folded: one row for each property and setting, one cell for each runtime that was run."""
    names = {prop.id: prop.name for run in runs for prop in run.properties}
    settings: dict[tuple[tuple[str, str], ...], list[Run]] = {}
    for run in runs:
        own = tuple((axis, value) for axis, value in coordinates(run).items() if axis != RUNTIME)
        settings.setdefault(own, []).append(run)
    return {
        "model": runs[0].model,
        "scenario": runs[0].scenario,
        "runtimes": list(dict.fromkeys(run.runtime for run in runs)),
        "rows": [
            {
                "property": identifier,
                "name": names[identifier],
                "setting": dict(setting),
                "cells": {run.runtime: _cell(run, identifier, places) for run in own},
            }
            for identifier in names
            for setting, own in settings.items()
        ],
    }


def _cell(run: Run, identifier: str, places: dict[int, int]) -> dict[str, Any]:
    found = square(run, identifier)
    return {
        "run": places[id(run)],
        "letter": found.letter,
        "functions": list(found.functions),
        "as_expected": not found.unexpected,
    }


def _axes(runs: Sequence[Run], places: dict[int, int]) -> list[dict[str, Any]]:
    return [
        {
            "model": runs[0].model,
            "scenario": runs[0].scenario,
            "axis": axis,
            "changes": [
                {
                    "property": change.property,
                    "values": list(change.values),
                    "verdicts": [verdict.value for verdict in change.verdicts],
                    "pairs": [[places[id(low)], places[id(high)]] for low, high in change.pairs],
                }
                for change in changes_along(runs, axis)
            ],
        }
        for axis in compared_axes(runs)
    ]


def _flip(flip: Flip, report: Report) -> dict[str, Any]:
    return {
        "property": flip.property,
        "before": _side(report.runs[flip.before], flip.before, flip.property),
        "after": _side(report.runs[flip.after], flip.after, flip.property),
        "causes": [cause_document(cause) for cause in flip.causes],
        "differing_points": list(flip.differing),
        "hybrids_searched": flip.hybrids,
        "unexplained": flip.unexplained,
    }


def _side(run: Run, place: int, identifier: str) -> dict[str, Any]:
    return {"run": place, "runtime": run.runtime, "verdict": results_of(run)[identifier].verdict.value}


def cause_document(cause: Cause) -> dict[str, Any]:
    """Variation points that flip a verdict together."""
    return {
        "points": [
            {
                "number": change.number,
                "name": change.point,
                "before": change.before,
                "after": change.after,
                "since": change.since,
                "citation": change.citation,
            }
            for change in cause.changes
        ],
        "forward": cause.forward,
        "back": cause.back,
    }
