"""Tree to text: the same tree comes back, the layout is stable, and no comment is lost."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.ast_strategies import files, without_places

from dmc.base.exceptions import ModelError
from dmc.base.source import SourceFile
from dmc.syntax import ast
from dmc.syntax.parser import parse
from dmc.syntax.unparser import format_source, unparse

DATA = Path(__file__).parents[2] / "data" / "syntax"
MODELS = sorted([*(DATA / "models").glob("*.dmc"), DATA / "every_construct.dmc"])
MODEL_TEXTS = [path.read_text(encoding="utf-8") for path in MODELS]
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def tree(text: str) -> ast.File:
    file = parse(SourceFile("random.dmc", text)).file
    assert file is not None, text
    same: ast.File = without_places(file)
    return same


def formatted(text: str) -> str:
    return format_source(SourceFile("random.dmc", text))


def in_function(text: str) -> str:
    return f"void f() {{\n{text}\n}}\n"


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_models_are_written_as_the_formatter_writes_them(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert formatted(text) == text


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_models_come_back_from_a_tree_without_places(path: Path) -> None:
    file = tree(path.read_text(encoding="utf-8"))
    assert tree(unparse(file)) == file


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=SLOW)
@given(files)
def test_random_trees_come_back(file: ast.File) -> None:
    text = unparse(file)
    assert tree(text) == file
    once = formatted(text)
    assert tree(once) == file
    assert formatted(once) == once


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=SLOW)
@given(
    st.sampled_from(MODEL_TEXTS),
    st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=4),
    st.data(),
)
def test_comments_anywhere_survive(text: str, parts: list[float], data: st.DataObject) -> None:
    blanks = [match.start() for match in re.finditer(r"[ \n](?![^\n]*\*/)", text)]
    blanks = [at for at in blanks if "//" not in text[text.rfind("\n", 0, at) + 1 : at]]
    for number, part in enumerate(sorted(parts, reverse=True)):
        at = blanks[int(len(blanks) * part)]
        if text[text.rfind("\n", 0, at) + 1 : at].count('"') % 2:
            continue
        comment = data.draw(
            st.sampled_from(["// c{}\n", "/* c{} */", "\n\n/* c{}\n     more */\n\n\n", "\n// c{}\n"])
        )
        text = text[:at] + " " + comment.format(number) + text[at:]
    words = sorted(re.findall(r"//.*|/\*|more \*/|\bc\d \*/", text))
    once = formatted(text)
    assert sorted(re.findall(r"//.*|/\*|more \*/|\bc\d \*/", once)) == words
    assert tree(once) == tree(text)
    assert formatted(once) == once


def test_columns_align_by_themselves() -> None:
    text = "struct S { ErlDrvPort port;\nint *n = 0;\nlist Op *ops[2]; bool quit = false; };"
    assert formatted(text) == (
        "struct S {\n"
        "    ErlDrvPort port;\n"
        "    int       *n    = 0;\n"
        "    list Op   *ops[2];\n"
        "    bool       quit = false;\n"
        "};\n"
    )


def test_neighbouring_comments_share_a_column() -> None:
    text = in_function("a(); // one\nabcdefghijklmnopqrstuvwxyz(abcdefghijklmnopqrstuvwxyz); // two")
    columns = [line.index("//") for line in formatted(text).splitlines() if "//" in line]
    assert columns == [61, 61]


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("if(a){b();}", "    if (a) { b(); }"),
        ("if (a) {\nb();}", "    if (a) {\n        b();\n    }"),
        ("if (a) b();\nelse c();", "    if (a) b();\n    else   c();"),
        ("if (a)\nb();", "    if (a)\n        b();"),
        (
            "while (a) { b(); // c\n}",
            "    while (a) {\n        b();                                    // c\n    }",
        ),
        ("a();\n\n\n\nb();", "    a();\n\n    b();"),
        ("f(a, // why\nb);", "    // why\n    f(a, b);"),
        ("x = R12B-5;", "    x = R12B-5;"),
        ("x = - -y - (a - b);", "    x = -(-y) - (a - b);"),
    ],
)
def test_layout_of_statements(text: str, same: str) -> None:
    assert formatted(in_function(text)) == in_function(same)


def test_long_lines_are_broken() -> None:
    arguments = ", ".join(f"argument_{n}" for n in range(30))
    lines = formatted(in_function(f"call({arguments});")).splitlines()
    assert len(lines) > 4
    assert max(map(len, lines)) <= 110


def test_a_tree_that_no_text_gives_keeps_its_meaning() -> None:
    inner = parse(SourceFile("x", "void f() { if (b) c(); }")).file
    assert inner is not None
    function = inner.items[0]
    assert isinstance(function, ast.Function)
    (short,) = function.body.statements
    assert isinstance(short, ast.If)
    outer = ast.If(short.condition, short, short.then, short.span)
    body = ast.Block((outer,), function.span)
    changed = ast.Function(function.result, function.name, (), body, function.span)
    again = tree(unparse(ast.File("x", (changed,), inner.span))).items[0]
    assert isinstance(again, ast.Function)
    (written,) = again.body.statements
    assert isinstance(written, ast.If)
    assert written.otherwise is not None


def test_a_text_with_errors_is_not_formatted() -> None:
    with pytest.raises(ModelError):
        formatted("int a = ;")
