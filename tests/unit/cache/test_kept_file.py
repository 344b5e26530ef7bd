"""Files kept from one run to the next: a help where there is a place, no harm where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from dmc.cache import kept_file


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of this test's own."""
    monkeypatch.setattr(kept_file, "user_cache_path", lambda name: tmp_path / name)
    return tmp_path / "dmc"


def test_what_is_written_is_read(folder: Path) -> None:
    """And lies where only its owner looks."""
    path = kept_file.place_of("kind", "0" * 64)
    kept_file.write(path, b"content")

    assert kept_file.read(path) == b"content"
    assert list(folder.iterdir()) == [path]
    assert folder.stat().st_mode & 0o077 == 0


def test_only_the_newest_of_a_kind_are_kept(folder: Path) -> None:
    """Files of another kind are let alone."""
    other = kept_file.place_of("other", "f" * 64)
    kept_file.write(other, b"")
    paths = [kept_file.place_of("kind", f"{n:064}"[::-1]) for n in range(kept_file.MOST_OF_A_KIND + 3)]
    for path in paths:
        kept_file.write(path, b"")

    assert set(folder.iterdir()) == {other, *paths[3:]}


def test_what_is_absent_or_no_file_is_not_read(folder: Path) -> None:
    """Neither a missing file nor a folder in its place is an error."""
    path = kept_file.place_of("kind", "1" * 64)
    assert kept_file.read(path) is None
    path.mkdir(parents=True)
    assert kept_file.read(path) is None


def test_without_a_place_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache folder that is a file hinders nobody."""
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setattr(kept_file, "user_cache_path", lambda name: blocked / name)
    path = kept_file.place_of("kind", "2" * 64)

    kept_file.write(path, b"content")
    assert kept_file.read(path) is None
