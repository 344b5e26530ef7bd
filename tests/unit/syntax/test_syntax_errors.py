"""Mistakes and what they get: the code, the place, and no complaint that follows from another."""

from __future__ import annotations

import pytest

from dmc.base.diagnostic import Diagnostic
from dmc.base.diagnostic_codes import CODES
from dmc.base.source import SourceFile
from dmc.syntax.parser import parse
from dmc.syntax.words import C_REFUSED


def complaints(text: str) -> tuple[Diagnostic, ...]:
    return parse(SourceFile("bad.dmc", text)).diagnostics


def only(text: str) -> Diagnostic:
    found = complaints(text)
    assert len(found) == 1, found
    return found[0]


def in_function(text: str) -> str:
    return f"void f() {{\n{text}\n}}\n"


STATEMENTS = [
    ("if (d->op = NONE) return;", "E110", 11),
    ("x = y = 3;", "E110", 7),
    ("f(x++);", "E110", 4),
    ("++x;", "E110", 1),
    ("x = 3", "E102", 6),
    ("f(x)", "E102", 5),
    ("int thread = 3;", "E103", 5),
    ("x = (int) y;", "E106", 5),
    ("Txn *t = (Txn *) p;", "E106", 10),
    ("return (struct Txn *) p;", "E106", 8),
    ("struct Txn *t = p;", "E116", 1),
    ("const char *t = p;", "E116", 1),
    ("int a, b;", "E117", 6),
    ("while (x);", "E118", 10),
    ("x + 3;", "E112", 3),
    ("x->y;", "E112", 1),
    ("x = 010;", "E111", 5),
    ("x = 3u;", "E111", 5),
    ("x = 1.5;", "E111", 5),
    ("x = 12ab;", "E111", 5),
    ("x = " + "9" * 60 + ";", "E111", 5),
    ("f(x;", "E119", 4),
    ("x = a[3;", "E119", 8),
    ("if (x { f(); }", "E119", 6),
    ("f(x));", "E119", 5),
    ("x = @ 3;", "E107", 5),
    ('f("abc);', "E108", 3),
    ("x = 'ab';", "E108", 5),
    ("goto done;", "E104", 1),
    ("static int x;", "E104", 1),
    ("always = 3;", "E120", 1),
    ("x = ;", "E100", 5),
    ("switch (x) { f(); }", "E100", 14),
    ("upto f();", "E100", 8),
]


@pytest.mark.parametrize(("text", "code", "column"), STATEMENTS, ids=[text[:30] for text, _, _ in STATEMENTS])
def test_one_mistake_in_a_function_gets_one_complaint(text: str, code: str, column: int) -> None:
    found = only(in_function(text))
    assert (found.code, found.span.line, found.span.column) == (code, 2, column)


FILES = [
    ('#include "x.h"\nint a;', "E105", 1, 1),
    ("struct A { int x }\n;", "E102", 1, 17),
    ("struct A { int x; }\nint b;", "E102", 1, 20),
    ("void f(void) {}", "E116", 1, 8),
    ("struct P *f(struct P *d);", "E116", 1, 1),
    ("driver d {\n void f() {}\n", "E101", 3, 1),
    ("driver d {\n void f() {\n}\nscenario s {}\n", "E101", 4, 1),
    ("void f() {}\n}\n", "E119", 2, 1),
    ("void f() {};", "E118", 1, 12),
    ("int a; /* no end", "E109", 1, 8),
    ("dmc 2;", "E114", 1, 1),
    ("int a; dmc 1;", "E115", 1, 8),
    ("rule R { }", "E100", 1, 8),
    ("axis fixed = true;", "E121", 1, 12),
    ("expect { foo bar; }", "E100", 1, 14),
]


@pytest.mark.parametrize(
    ("text", "code", "line", "column"), FILES, ids=[text[:30] for text, _, _, _ in FILES]
)
def test_one_mistake_in_a_file_is_told_first(text: str, code: str, line: int, column: int) -> None:
    found = complaints(text)[0]
    assert (found.code, found.span.line, found.span.column) == (code, line, column)


def test_an_axis_with_a_value_in_a_scenario_is_one_mistake() -> None:
    found = only("axis fixed: bool;\nscenario s {\n    axis fixed = true;\n    thread t { f(); }\n}\n")
    assert (found.code, found.span.line, found.span.column) == ("E121", 3, 5)
    assert found.hints == ("write `fixed = true;`",)


@pytest.mark.parametrize("word", sorted(C_REFUSED))
def test_words_of_c_are_refused_by_name_with_a_hint(word: str) -> None:
    found = complaints(in_function(f"{word} int x;"))[0]
    assert found.code == "E104"
    assert f"`{word}`" in found.message or word in ("float", "double")
    assert found.hints


def test_comparing_is_hinted_only_in_brackets() -> None:
    assert "`==`" in only(in_function("if (a = b) c();")).hints[0]
    assert "`==`" not in only(in_function("a = b = c;")).hints[0]


def test_an_open_brace_is_shown_where_it_was_opened() -> None:
    (label,) = only("driver d {\n void f() {}\n").labels
    assert (label.span.line, label.span.column) == (1, 10)


def test_all_mistakes_of_a_file_come_in_one_pass() -> None:
    text = (
        "struct A { int x }\n;\n"
        "driver d {\n"
        "    static int n = 0;\n"
        "    void f() {\n"
        "        if (a = b) c();\n"
        "        x = (int) y;\n"
        "        g(1\n"
        "        h();\n"
        "        blah blah blah;\n"
        "        x = 3;\n"
        "    }\n"
        "    blah 3;\n"
        "    void g() { x = ; }\n"
        "}\n"
        "scenario s { process p { upto f(); } fault; int ok = 1; }\n"
        "expect { foo bar; all hold }\n"
    )
    lines = [found.span.line for found in complaints(text)]
    assert lines == [1, 4, 6, 7, 8, 10, 13, 14, 16, 17]


def test_there_are_at_most_twenty_complaints() -> None:
    assert len(complaints("int 3;\n" * 50)) == 20


def test_every_code_is_registered_with_an_explanation() -> None:
    given = {code for _, code, _ in STATEMENTS} | {code for _, code, _, _ in FILES}
    assert given <= set(CODES)
    assert all(info.code == code and info.title and info.explanation for code, info in CODES.items())
    assert list(CODES) == sorted(CODES)
