"""The catalogue as it was resolved the last time: to read all rules takes longer than to check a small model.

It is kept under a name that changes with the rules' texts and with the code that reads them. Rules hold no
symbol that another part of the program knows by identity, so a copy is as good as the original.
"""

from __future__ import annotations

import hashlib
import pickle
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from dmc.cache import kept_file
from dmc.model.model import Rule

_PACKAGE = Path(__file__).parents[1]
_READERS = ("base", "driver_api", "model", "rules", "syntax")
"""The parts of the program that a resolved rule depends on, its grammar included."""

_CODE = (".py", ".lark")


def resolved_catalogue(files: Sequence[Path], load: Callable[[Path], Rule]) -> tuple[Rule, ...]:
    """The rules of these files, from the cache or loaded and put there."""
    path = cache_path(files)
    kept = _read(path)
    if kept is not None:
        return kept
    rules = tuple(map(load, files))
    kept_file.write(path, pickle.dumps(rules, protocol=pickle.HIGHEST_PROTOCOL))
    return rules


def cache_path(files: Sequence[Path]) -> Path:
    """Where the rules of these files are kept; other texts and other code have other names."""
    digest = hashlib.sha256(sys.version.encode())
    for file in files:
        digest.update(f"{file}\n".encode() + file.read_bytes())
    for folder in _READERS:
        for code in sorted(c for c in _PACKAGE.joinpath(folder).rglob("*") if c.suffix in _CODE):
            known = code.stat()
            digest.update(f"{code} {known.st_mtime_ns} {known.st_size}\n".encode())
    return kept_file.place_of("rules", digest.hexdigest())


def _read(path: Path) -> tuple[Rule, ...] | None:
    content = kept_file.read(path)
    if content is None:
        return None
    try:
        found = pickle.loads(content)
    except Exception:  # a damaged file of the cache can raise anything, and means only that it is no use
        return None
    is_ours = isinstance(found, tuple) and all(isinstance(rule, Rule) for rule in found)
    return found if is_ours else None
