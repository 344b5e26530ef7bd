"""What depends on a terminal: colours, width, the progress line."""

from __future__ import annotations

import io
import sys

import pytest

from dmc.cli import progress as progress_module
from dmc.cli.options import terminal_width, wants_colour
from dmc.cli.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(progress_module.time, "monotonic", lambda: now[0])
    return now


def test_short_work_shows_no_progress(clock: list[float]) -> None:
    """Nothing flickers."""
    stream = Terminal()
    with Progress(stream) as progress:
        clock[0] += 0.9
        progress.update("close on otp23", 1000, 3000, 10, 50)

    assert stream.getvalue() == ""


def test_long_work_shows_one_line_that_goes_away(clock: list[float]) -> None:
    """States, rate, transitions, depth, frontier."""
    stream = Terminal()
    with Progress(stream) as progress:
        clock[0] += 2
        progress.update("close on otp23", 10000, 30000, 10, 50)
        clock[0] += 0.01
        progress.update("close on otp23", 10001, 30000, 10, 50)
        shown = stream.getvalue()

    assert "close on otp23: 10,000 states, " in shown
    assert shown.count("\r") == 1
    assert "\n" not in stream.getvalue()
    assert stream.getvalue().endswith("\r\x1b[K")


def test_progress_is_wanted_only_on_a_terminal() -> None:
    """A log file has no use for it."""
    assert Progress(Terminal()).wanted
    assert not Progress(io.StringIO()).wanted


@pytest.mark.parametrize(
    ("terminal", "environment", "refused", "expected"),
    [
        (True, {}, False, True),
        (True, {}, True, False),
        (True, {"NO_COLOR": "1"}, False, False),
        (True, {"NO_COLOR": ""}, False, True),
        (True, {"TERM": "dumb"}, False, False),
        (False, {}, False, False),
    ],
)
def test_colour_is_for_terminals_that_want_it(
    terminal: bool,
    environment: dict[str, str],
    refused: bool,
    expected: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`NO_COLOR` and `--no-color` are honoured."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "stdout", Terminal() if terminal else io.StringIO())

    assert expected is wants_colour(refused)


def test_a_file_is_eighty_columns_wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever terminal it was written from."""
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(sys, "stdout", io.StringIO())

    assert terminal_width() == 80
