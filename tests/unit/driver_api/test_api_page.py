"""`specs/driver_api.md` says what the entries say."""

from __future__ import annotations

from pathlib import Path

import pytest

from dmc.driver_api import pages
from dmc.driver_api.callbacks import CALLBACKS
from dmc.driver_api.registry import NOT_MODELLED, api_functions

PAGE = Path(__file__).parents[3] / "specs" / "driver_api.md"


def test_the_page_is_current() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == pages.refreshed(page), "run: python -m dmc.driver_api.pages specs/driver_api.md"


def test_nothing_is_missing() -> None:
    text = pages.generated()
    assert all(f"`{name}`" in text for name in (*api_functions(), *NOT_MODELLED))
    assert all(f" {name}(" in text for name in CALLBACKS)


@pytest.mark.parametrize("entry", api_functions().values(), ids=lambda entry: entry.name)
def test_what_acts_on_a_port_says_what_becomes_of_ports_that_end(entry) -> None:
    acts = entry.port_argument is not None
    assert (entry.closing != "", entry.dead != "") == (acts, acts)


def test_the_command_rewrites_only_what_changed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy = tmp_path / "driver_api.md"
    copy.write_text(PAGE.read_text(encoding="utf-8") + "left over\n", encoding="utf-8")
    assert pages.main([str(copy)]) == 0
    assert capsys.readouterr().out.split() == [str(copy)]
    assert copy.read_text(encoding="utf-8") == PAGE.read_text(encoding="utf-8")
    assert pages.main([str(copy)]) == 0
    assert capsys.readouterr().out == ""
    assert pages.main([]) == 2
