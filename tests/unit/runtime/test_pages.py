"""The pages of `specs/runtime` say what the data says."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from dmc.runtime import pages
from dmc.runtime.variation_points import MECHANISMS, VARIATION_POINTS

FOLDER = Path(__file__).parents[3] / "specs" / "runtime"
REGENERATE = "run: python -m dmc.runtime.pages specs/runtime"


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_the_tables_of_a_page_are_current(mechanism: str) -> None:
    page = (FOLDER / f"{mechanism}.md").read_text(encoding="utf-8")
    assert page == pages.refreshed(page, pages.generated(mechanism)), REGENERATE


def test_the_index_is_current() -> None:
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert page == pages.refreshed(page, pages.generated_index()), REGENERATE


def test_every_page_has_an_introduction_and_a_mechanism() -> None:
    found = {path.stem for path in FOLDER.glob("*.md")}
    assert found == {"README", *MECHANISMS}
    for path in FOLDER.glob("*.md"):
        head, marker, _ = path.read_text(encoding="utf-8").partition(pages.MARKER)
        assert marker
        assert head.startswith("# ")
        assert len(head) > 100


def test_every_entry_is_on_its_page() -> None:
    for mechanism, points in MECHANISMS.items():
        text = pages.generated(mechanism)
        for point in points:
            assert f"## V{point.number}: `{point.name}`" in text
            assert all(entry.citation in text for entry in point.entries)
            assert all(f"* `{value.word}`: {value.meaning}" in text for value in point.values)
    assert all(f"`{point.name}`" in pages.generated_index() for point in VARIATION_POINTS)


def test_the_command_rewrites_only_what_changed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "runtime"
    shutil.copytree(FOLDER, folder)
    stale = folder / "cancel.md"
    stale.write_text(stale.read_text(encoding="utf-8") + "left over\n", encoding="utf-8")
    assert pages.main([str(folder)]) == 0
    assert capsys.readouterr().out.split() == [str(stale)]
    assert "left over" not in stale.read_text(encoding="utf-8")
    assert pages.main([]) == 2
