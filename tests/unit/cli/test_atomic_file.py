"""A report is there whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dmc.cli.atomic_file import write_whole


def test_a_file_is_replaced_and_keeps_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_text("old")
    path.chmod(0o640)
    with path.open() as reader:
        write_whole(str(path), "new\n")
        assert reader.read() == "old", "the old file was never written to"

    assert path.read_bytes() == b"new\n"
    assert path.stat().st_mode & 0o777 == 0o640
    assert os.listdir(tmp_path) == ["a.xml"]


def test_what_cannot_be_finished_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(source: str, target: str) -> None:
        assert Path(source).read_text() == "new", "all of it is written before"
        raise KeyboardInterrupt

    path = tmp_path / "a.xml"
    path.write_text("old")
    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(KeyboardInterrupt):
        write_whole(str(path), "new")

    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.xml"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to("real")
    write_whole(str(tmp_path / "link"), "new")

    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "new"


def test_a_device_is_written_as_it_is() -> None:
    write_whole(os.devnull, "gone")

    assert not os.path.isfile(os.devnull)
