"""What people read: stored page by page, and held to the width of a terminal."""

from __future__ import annotations

import re

import pytest
from support import sample_reports as samples
from support.golden import Golden

from dmc.reporters.terminal import Paint, columns
from dmc.reporters.text import render
from dmc.reporters.text_replay import render_replay
from dmc.reporters.text_test import render_test, tally
from dmc.reporters.text_trace import render_trace
from dmc.results.report import Change, Report, Trace, TraceStep

SEARCHED = [name for name in samples.ALL if name != "mistakes"]
ANSI = re.compile(r"\x1b\[[0-9;]*m")


@pytest.mark.parametrize("name", samples.ALL)
def test_check_page(name: str, golden: Golden) -> None:
    """The page of `dmc check`."""
    golden(f"reports/{name}.check.txt", render(samples.ALL[name](), samples.SOURCES, 80, False, False))


@pytest.mark.parametrize("name", samples.ALL)
def test_test_page(name: str, golden: Golden) -> None:
    """The page of `dmc test`."""
    golden(f"reports/{name}.test.txt", render_test(samples.ALL[name](), samples.SOURCES, 80, False, False))


@pytest.mark.parametrize("name", ["single", "table"])
def test_verbose_page(name: str, golden: Golden) -> None:
    """All that there is: every trace, every run, costs and times."""
    text = render(samples.ALL[name](), samples.SOURCES, 80, False, True, cost=True)

    golden(f"reports/{name}.verbose.txt", text)


def test_replay_page(golden: Golden) -> None:
    """The page of `dmc replay`."""
    golden("reports/single.replay.txt", render_replay(samples.single(), samples.SOURCES, 80, False))


@pytest.mark.parametrize("name", SEARCHED)
@pytest.mark.parametrize("width", [60, 80, 100])
@pytest.mark.parametrize("verbose", [False, True])
def test_no_line_is_wider_than_the_terminal(name: str, width: int, verbose: bool) -> None:
    """Whatever the names, the paths and the number of steps."""
    report = samples.ALL[name]()
    pages = (
        render(report, samples.SOURCES, width, False, verbose, cost=verbose),
        render_test(report, samples.SOURCES, width, False, verbose),
        render_replay(report, samples.SOURCES, width, False),
    )

    assert [line for page in pages for line in page.splitlines() if columns(line) > width] == []


@pytest.mark.parametrize("name", samples.ALL)
def test_colour_changes_nothing_else(name: str) -> None:
    """Without colour there is no escape sequence, with it nothing but escape sequences is added."""
    report = samples.ALL[name]()
    plain, coloured = (render(report, samples.SOURCES, 80, colour, False) for colour in (False, True))

    assert "\x1b" not in plain
    assert plain != coloured
    assert plain == ANSI.sub("", coloured)


@pytest.mark.parametrize("name", samples.ALL)
def test_no_line_ends_in_blanks(name: str) -> None:
    """A page can be stored in a repository."""
    page = render(samples.ALL[name](), samples.SOURCES, 80, False, False)

    assert [line for line in page.splitlines() if line != line.rstrip()] == []
    assert page.endswith("\n")
    assert not page.endswith("\n\n")


def test_every_step_of_a_trace_is_there() -> None:
    """Nothing is folded away: forty steps, forty numbers, in order."""
    lines = render_trace(samples.forty_steps(), 80, Paint(False))
    numbers = [int(match[1]) for line in lines if (match := re.match(r"(?:>>>|   ) {0,2}(\d+)  [●│·]", line))]

    assert list(range(1, 41)) == numbers


def test_steps_of_one_thread_in_one_function_share_a_heading() -> None:
    """Forty steps in groups of three have fourteen headings."""
    lines = render_trace(samples.forty_steps(), 80, Paint(False))

    assert sum(bool(re.match(r" {8}[●│·]( [●│·])*  [A-D] ", line)) for line in lines) == 14


def test_a_nested_callback_names_its_callers() -> None:
    """The innermost function first, since it is the one that acts."""
    page = "\n".join(render_trace(samples.forty_steps(), 80, Paint(False)))

    assert "C scheduler 2: stop (inside driver_failure_atom inside output)" in page


def test_only_the_violating_step_is_flagged() -> None:
    """One `>>>` in a page with one violation."""
    lines = render_trace(samples.twelve_steps(), 80, Paint(False))

    assert [line[:6] for line in lines if line.startswith(">>>")] == [">>> 12"]


def test_names_cannot_steer_the_terminal() -> None:
    """A path or a value with an escape sequence in it is shown, not obeyed."""
    step = TraceStep(1, 0, "a\x1b[2J", "", (), "x\rb", samples.at(1), changes=(Change("\x07", "", "\x1b"),))
    lines = render_trace(Trace((), (step,)), 80, Paint(False))

    assert not any(sign in line for line in lines for sign in "\x1b\r\x07")


def test_a_tally_counts_scenarios_and_files_with_errors() -> None:
    """What the last line of `dmc test` says."""
    both = Report(samples.single().runs + samples.stopped().runs, samples.mistakes().diagnostics, 2)
    alone = tally(samples.single())
    result = tally(both)

    assert (alone.passed, alone.failed) == (1, 0)
    assert (result.passed, result.failed) == (0, 3)
