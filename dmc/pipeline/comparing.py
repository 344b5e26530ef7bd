"""`compare`: two JSON results, run by run and property by property."""

from __future__ import annotations

import json
from typing import Any

from dmc.base.exceptions import UsageError
from dmc.results.comparison import Comparison, Difference, Side, change_of
from dmc.results.verdict import Verdict

Key = tuple[str, str, tuple[tuple[str, str], ...]]
Properties = dict[str, tuple[str, Side]]


def compare_results(old: str, new: str) -> Comparison:
    """What changed from the one file to the other."""
    before, after = _read(old), _read(new)
    differences = []
    compared = 0
    for key, properties in before.items():
        there = after.get(key)
        if there is None:
            continue
        compared += len(properties.keys() & there.keys())
        for identifier in dict.fromkeys((*properties, *there)):
            name, left = properties.get(identifier, ("", None))
            other, right = there.get(identifier, ("", None))
            change = change_of(left, right)
            if change is not None:
                differences.append(Difference(change, *key, identifier, name or other, left, right))
    only_old = tuple(_named(key) for key in before if key not in after)
    only_new = tuple(_named(key) for key in after if key not in before)
    return Comparison(tuple(differences), compared, only_old, only_new)


def _named(key: Key) -> str:
    model, scenario, setting = key
    return f"{model}, {scenario or 'default scenario'} ({', '.join(f'{a} = {v}' for a, v in setting)})"


def _read(path: str) -> dict[Key, Properties]:
    try:
        with open(path, encoding="utf-8") as stream:
            document = json.load(stream)
        if not isinstance(document, dict) or document.get("schema") != "dmc.result/1":
            raise UsageError(f"{path} is no result of dmc: its schema is not dmc.result/1")
        return {_key(run): _properties(run, number) for number, run in enumerate(document["runs"], 1)}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        told = f"it has no {error}" if isinstance(error, KeyError) else str(error)
        raise UsageError(f"{path} is no result of dmc: {told}") from None


def _key(run: dict[str, Any]) -> Key:
    setting = {
        "runtime": run["runtime"],
        "locking": run["locking"],
        "async_threads": str(run["async_threads"]),
        "schedulers": str(run["schedulers"]),
        **{str(axis): str(value) for axis, value in run["axes"].items()},
    }
    return str(run["model"]), str(run["scenario"]), tuple(setting.items())


def _properties(run: dict[str, Any], number: int) -> Properties:
    found = {}
    for prop in run["properties"]:
        trace = prop["trace"]
        side = Side(
            Verdict(prop["verdict"]),
            tuple(prop["functions"]),
            prop["expected"],
            bool(prop["as_expected"]),
            str(prop["message"]),
            len(trace["steps"]) if trace else 0,
            number,
        )
        found[str(prop["id"])] = (str(prop["name"]), side)
    return found
