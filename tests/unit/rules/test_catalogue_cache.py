"""The resolved catalogue in the user's cache: the same rules, never those of other texts or other code."""

from __future__ import annotations

import enum
import gc
import pickle
import sys
from pathlib import Path

import pytest

from dmc.cache import kept_file
from dmc.model.model import Rule
from dmc.rules import catalogue, catalogue_cache
from dmc.rules.catalogue import load_catalogue, rule_files

_ATOMS = (str, int, enum.Enum, type(None), type)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of this test's own."""
    monkeypatch.setattr(kept_file, "user_cache_path", lambda name: tmp_path / name)
    return tmp_path / "dmc"


def _load(path: Path) -> Rule:
    return catalogue._load(path)


def test_rules_are_resolved_once(folder: Path) -> None:
    """The second time no text is read as a rule."""
    files = rule_files()[:3]
    first = catalogue_cache.resolved_catalogue(files, _load)

    def refuse(path: Path) -> Rule:
        raise AssertionError(f"{path} was read again")

    second = catalogue_cache.resolved_catalogue(files, refuse)
    assert [(r.id, r.slug, r.text) for r in second] == [(r.id, r.slug, r.text) for r in first]
    assert [len(r.handlers) for r in second] == [len(r.handlers) for r in first]
    assert len(list(folder.glob("rules-*"))) == 1


def test_a_damaged_file_is_written_anew(folder: Path) -> None:
    """Neither bytes that are no pickle nor a pickle of something else are taken for rules."""
    files = rule_files()[:2]
    path = catalogue_cache.cache_path(files)
    for content in (b"no pickle", pickle.dumps(("no", "rules")), b""):
        kept_file.write(path, content)
        assert len(catalogue_cache.resolved_catalogue(files, _load)) == 2
        assert path.read_bytes() != content


def test_another_text_has_another_file(tmp_path: Path) -> None:
    """A changed rule never meets its old meaning."""
    text = tmp_path / "MEM001_use_after_free.dmc"
    text.write_text("one")
    one = catalogue_cache.cache_path([text])
    text.write_text("two")
    assert catalogue_cache.cache_path([text]) != one


def test_rules_share_no_symbol_with_the_program() -> None:
    """What is compared by identity must not be in a rule and in a module at once: a copy would differ."""
    symbols = {id(thing) for thing in _parts(load_catalogue()) if type(thing).__eq__ is object.__eq__}
    shared = [
        f"{module}.{name}"
        for module, content in list(sys.modules.items())
        if module.startswith("dmc")
        for name, value in vars(content).items()
        for thing in (value, *_items(value))
        if id(thing) in symbols
    ]
    assert symbols
    assert shared == []


def _items(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return list(value) if isinstance(value, tuple | list | set | frozenset) else []


def _parts(thing: object) -> list[object]:
    seen: dict[int, object] = {}
    pending = [thing]
    while pending:
        one = pending.pop()
        if id(one) not in seen and not isinstance(one, _ATOMS):
            seen[id(one)] = one
            pending.extend(gc.get_referents(one))
    return [one for one in seen.values() if not isinstance(one, dict | tuple)]
