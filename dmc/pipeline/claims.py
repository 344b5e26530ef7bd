"""`dmc test --claims`: a file of claims, decided by the runs that each of them names."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from dmc.base.exceptions import ModelError, UsageError
from dmc.model.model import Model
from dmc.pipeline.checking import search_tables, table_of
from dmc.pipeline.loading import load
from dmc.pipeline.request import Progress, Request
from dmc.pipeline.selection import refuse_unknown_scenario, selected_rules
from dmc.pipeline.table import Cell
from dmc.results.claims import Claim, Claims, Finding, Says, Unstated, decide
from dmc.results.report import Run
from dmc.runtime.presets import PRESETS

_CLAIM = {"document", "text", "says", "model", "scenario", "properties"}
_OPTIONAL = {"note", "axes", "runtimes", "locking", "async_threads", "schedulers"}
_UNSTATED = {"document", "text", "needs"}

Key = tuple[object, ...]


def claims(path: str, request: Request, progress: Progress | None = None) -> Claims:
    """Decide all claims of a file; the models' paths in it are relative to it. Equal runs are run once."""
    written = _read(path)
    folder = Path(path).parent
    stated = [(_claim(entry, path), entry) for entry in _entries(written, "claim", path)]
    models = {claim.model: _model(str(folder / claim.model)) for claim, _ in stated}
    cells: dict[Key, Cell] = {}
    wanted: list[list[Key]] = []
    for claim, entry in stated:
        model = models[claim.model]
        refuse_unknown_scenario([model], claim.scenario)
        for name in claim.properties:
            selected_rules(model, (name,))
        own = table_of(model, _request(claim, entry, request))
        keys = [_key(cell) for cell in own]
        cells.update(zip(keys, own, strict=True))
        wanted.append(keys)
    by_model: dict[str, list[Key]] = {}
    for key in cells:
        by_model.setdefault(str(key[0]), []).append(key)
    tables = [[cells[key] for key in keys] for keys in by_model.values()]
    found = search_tables(tables, request, progress)
    order = [key for keys in by_model.values() for key in keys]
    runs = dict(zip(order, (run for own in found for run in own), strict=True))
    return Claims(
        tuple((claim, _findings(claim, keys, runs)) for (claim, _), keys in zip(stated, wanted, strict=True)),
        tuple(_unstated(entry, path) for entry in _entries(written, "unstated", path)),
    )


def _findings(claim: Claim, keys: list[Key], runs: Mapping[Key, Run]) -> tuple[Finding, ...]:
    by_runtime: dict[str, list[Run]] = {}
    for key in keys:
        by_runtime.setdefault(runs[key].runtime, []).append(runs[key])
    return tuple(decide(claim, runtime, tuple(own)) for runtime, own in by_runtime.items())


def _key(cell: Cell) -> Key:
    run = cell.run
    return (
        run.model.path,
        run.scenario.name,
        run.profile.name,
        run.locking,
        run.async_threads,
        run.schedulers,
        run.axes,
    )


def _request(claim: Claim, entry: Mapping[str, Any], request: Request) -> Request:
    runtimes = str(entry.get("runtimes", ",".join(preset.name for preset in PRESETS)))
    return replace(
        request,
        runtimes=runtimes,
        scenario=claim.scenario,
        axes={str(name): str(value) for name, value in dict(entry.get("axes", {})).items()},
        locking=str(entry["locking"]) if "locking" in entry else None,
        async_threads=str(entry["async_threads"]) if "async_threads" in entry else None,
        schedulers=str(entry["schedulers"]) if "schedulers" in entry else None,
    )


def _model(path: str) -> Model:
    loaded = load(path)
    if loaded.model is None:
        raise ModelError(loaded.diagnostics)
    return loaded.model


def _read(path: str) -> dict[str, Any]:
    try:
        return tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} is no file of claims: {error}") from None


def _entries(written: Mapping[str, Any], kind: str, path: str) -> list[dict[str, Any]]:
    unknown = set(written) - {"claim", "unstated"}
    entries = written.get(kind, [])
    if unknown or not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise UsageError(f"{path}: a file of claims has tables `[[claim]]` and `[[unstated]]`, nothing else")
    return entries


def _claim(entry: Mapping[str, Any], path: str) -> Claim:
    _refuse(entry, _CLAIM, _OPTIONAL, path)
    if entry["says"] not in {says.value for says in Says}:
        raise UsageError(f"{path}: `says` is `holds` or `happens`, not `{entry['says']}`")
    named = ("locking", "async_threads", "schedulers")
    setting = [(str(name), str(value)) for name, value in dict(entry.get("axes", {})).items()]
    setting += [(name, str(entry[name])) for name in named if name in entry]
    return Claim(
        str(entry["document"]),
        " ".join(str(entry["text"]).split()),
        Says(entry["says"]),
        str(entry["model"]),
        str(entry["scenario"]),
        tuple(map(str, entry["properties"])),
        tuple(setting),
        " ".join(str(entry.get("note", "")).split()),
    )


def _unstated(entry: Mapping[str, Any], path: str) -> Unstated:
    _refuse(entry, _UNSTATED, set(), path)
    texts = [" ".join(str(entry[name]).split()) for name in ("document", "text", "needs")]
    return Unstated(texts[0], texts[1], texts[2])


def _refuse(entry: Mapping[str, Any], needed: set[str], optional: set[str], path: str) -> None:
    missing = sorted(needed - set(entry))
    unknown = sorted(set(entry) - needed - optional)
    told = [f"has no `{name}`" for name in missing] + [f"has an unknown key `{name}`" for name in unknown]
    if told:
        raise UsageError(f"{path}: the claim `{entry.get('text', '')!s:.40}` {' and '.join(told)}")
