"""The cache of the parser's tables: a help where it works, no harm where it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from dmc.cache import kept_file
from dmc.syntax import grammar_cache

GRAMMAR = 'start: "a"+\n'


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of this test's own."""
    monkeypatch.setattr(kept_file, "user_cache_path", lambda name: tmp_path / name)
    return tmp_path / "dmc"


def test_tables_are_built_once(cache: Path) -> None:
    """The second parser comes from the file that the first one left."""
    grammar_cache.load_grammar(GRAMMAR)
    (kept,) = cache.iterdir()
    before = kept.read_bytes()

    assert grammar_cache.load_grammar(GRAMMAR).parse("aa") is not None
    assert before == kept.read_bytes()


def test_a_damaged_file_is_built_anew(cache: Path) -> None:
    """What cannot be loaded is replaced."""
    path = grammar_cache.cache_path(GRAMMAR)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"no pickle")

    assert grammar_cache.load_grammar(GRAMMAR).parse("a") is not None
    assert path.read_bytes() != b"no pickle"


def test_without_a_place_for_it_there_is_no_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home that is a file, not a folder, hinders nobody."""
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setattr(kept_file, "user_cache_path", lambda name: blocked / name)

    assert grammar_cache.load_grammar(GRAMMAR).parse("a") is not None


def test_another_grammar_has_another_file() -> None:
    """A changed grammar never meets old tables."""
    assert grammar_cache.cache_path(GRAMMAR) != grammar_cache.cache_path(GRAMMAR + " ")
