"""Diagnostics look as the language's description says."""

from __future__ import annotations

from dmc.base.diagnostic import Diagnostic, Severity
from dmc.base.source import SourceFile, Span
from dmc.reporters.terminal import Paint
from dmc.reporters.text_diagnostic import render_diagnostics

PLAIN = Paint(False)


def shown(text: str, diagnostic: Diagnostic, width: int = 80) -> list[str]:
    sources = {"bdb.dmc": SourceFile("bdb.dmc", text)}
    return render_diagnostics([diagnostic], sources, width, PLAIN)


def test_the_form() -> None:
    """Place, code, sentence; the line; carets and note; hint; where to read more."""
    text = "\n" * 13 + "    void timout(Port *d) { ... }\n"
    diagnostic = Diagnostic(
        "E203",
        "function `timout` is neither a callback nor called",
        Span("bdb.dmc", 14, 10, 14, 16),
        "nothing would ever run it",
        ("did you mean the callback `timeout`?",),
    )

    assert shown(text, diagnostic) == [
        "bdb.dmc:14:10  E203  function `timout` is neither a callback nor called",
        "   14 |     void timout(Port *d) { ... }",
        "      |          ^^^^^^ nothing would ever run it",
        "  hint: did you mean the callback `timeout`?",
        "",
        "more: dmc explain E203",
    ]


def test_a_long_note_stays_beside_its_caret_within_reason() -> None:
    """The longest example of the description is 103 columns wide."""
    text = "\n" * 21 + "        driver_async(d->port, NULL, run, d, driver_free);\n"
    note = "async_data is what `run` is called with (bdb.dmc:25)"
    lines = shown(text, Diagnostic("E311", "m", Span("bdb.dmc", 22, 42, 22, 43), note))

    assert lines[2] == "      |" + " " * 42 + f"^ {note}"


def test_tabs_and_wide_signs_do_not_move_the_carets() -> None:
    """The caret stands below the sign that it is about, as a terminal shows it."""
    lines = shown('\tx = "日本"; y\n', Diagnostic("E100", "m", Span("bdb.dmc", 1, 12, 1, 13)))

    assert lines[1] == '    1 |     x = "日本"; y'
    assert lines[2] == "      |" + " " * (1 + 4 + len('x = "日本"; ') + 2) + "^"


def test_a_place_over_several_lines_is_marked_to_the_end_of_the_first() -> None:
    """The rest of it is not shown."""
    lines = shown("while (x) {\n}\n", Diagnostic("E100", "m", Span("bdb.dmc", 1, 1, 2, 2)))

    assert lines[2] == "      | ^^^^^^^^^^^"


def test_a_place_behind_the_end_of_the_text_has_a_caret() -> None:
    """An error at the end of the file is still somewhere."""
    lines = shown("x\n", Diagnostic("E101", "m", Span("bdb.dmc", 2, 1, 2, 1), "it ends here"))

    assert lines[1:3] == ["    2 |", "      | ^ it ends here"]


def test_a_very_long_line_is_shown_around_its_caret() -> None:
    """Not the whole of a generated file of one line."""
    text = "a" * 500 + "?" + "b" * 500 + "\n"
    lines = shown(text, Diagnostic("E107", "m", Span("bdb.dmc", 1, 501, 1, 502)))
    caret = lines[2].index("^")

    assert lines[1][caret] == "?"
    assert len(lines[1]) <= 110


def test_a_file_that_is_not_at_hand_has_no_excerpt() -> None:
    """The note is told nevertheless."""
    lines = shown("", Diagnostic("E130", "there is no file `x.dmc`", Span("x.dmc", 1, 1), "it was imported"))

    assert lines[:2] == ["x.dmc:1:1  E130  there is no file `x.dmc`", "  it was imported"]


def test_a_warning_says_so() -> None:
    """Only what ends the command has no other word."""
    lines = shown("x\n", Diagnostic("E502", "m", Span("bdb.dmc", 1, 1, 1, 2), severity=Severity.WARNING))

    assert lines[0] == "bdb.dmc:1:1  E502  warning: m"
