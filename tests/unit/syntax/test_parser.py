"""Text to tree: what parses, into what, with which places; and that nothing makes the parser raise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dmc.base.diagnostic import Diagnostic
from dmc.base.source import SourceFile, Span
from dmc.syntax import ast
from dmc.syntax.parser import ParseResult, parse
from dmc.syntax.printer import print_tree
from dmc.syntax.reader import read_source

DATA = Path(__file__).parents[2] / "data" / "syntax"
MODELS = sorted([*(DATA / "models").glob("*.dmc"), DATA / "every_construct.dmc"])
MODEL_TEXTS = [path.read_text(encoding="utf-8") for path in MODELS]


def parse_text(text: str) -> ParseResult:
    return parse(SourceFile("test.dmc", text))


def parsed(text: str) -> ast.File:
    result = parse_text(text)
    assert result.file is not None, result.diagnostics
    return result.file


def statement(text: str) -> Any:
    function = parsed(f"void f() {{ {text} }}").items[0]
    assert isinstance(function, ast.Function)
    (only,) = function.body.statements
    return only


def value_of(text: str) -> Any:
    return statement(f"x = {text};").value


def tree(node: Any) -> str:
    return print_tree(node)


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_models_parse_without_complaint(path: Path) -> None:
    result = parse(SourceFile(str(path), path.read_text(encoding="utf-8")))
    assert result.diagnostics == ()
    assert result.file is not None
    assert len(result.file.items) >= 2


def test_every_kind_of_node_is_parsed_in_the_test_data() -> None:
    wanted = {name for name, value in vars(ast).items() if hasattr(value, "__dataclass_fields__")} - {"Span"}
    seen = tree(parsed((DATA / "every_construct.dmc").read_text(encoding="utf-8"))).split()
    plain = {"Identifier", "TypeName"}  # shown as values of the node that has them
    assert wanted - plain <= {word.rstrip(":") for word in seen}


def test_spans_count_from_one_and_exclude_their_end() -> None:
    setting = parsed("\n  ab = cd;").items[0]
    assert isinstance(setting, ast.Setting)
    assert setting.name.span == Span("test.dmc", 2, 3, 2, 5)
    assert setting.span == Span("test.dmc", 2, 3, 2, 11)


def test_a_binary_operation_spans_the_brackets_of_its_operands() -> None:
    product = value_of("(a + b) * c")
    assert (product.span.column, product.span.end_column) == (16, 27)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("a + b * c", "a + (b * c)"),
        ("a - b - c", "(a - b) - c"),
        ("a || b && c | d ^ e & f == g", "a || (b && (c | (d ^ (e & (f == g)))))"),
        ("f == g < h << i + j * !k", "f == (g < (h << (i + (j * (!k)))))"),
        ("a ? b : c ? d : e", "a ? b : (c ? d : e)"),
        ("-a->b[0].c(d)", "-(((a->b)[0]).c(d))"),
        ("a == b in 0..3", "a == (b in 0..3)"),
        ("forall (job j) a && b", "forall (job j) (a && b)"),
    ],
)  # fmt: skip
def test_operators_bind_as_in_c(text: str, same: str) -> None:
    assert tree(value_of(text)) == tree(value_of(same))


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [("1..3", "1", "3"), ("R12B..", "R12B", None), ("..R16B", None, "R16B"), ("17.5..21.3", "17.5", "21.3")],
)
def test_ranges(text: str, low: str | None, high: str | None) -> None:
    setting = parsed(f"runtime = {text};").items[0]
    assert isinstance(setting, ast.Setting)
    (value,) = setting.values
    assert isinstance(value, ast.RangeValue)
    assert [end and end.text for end in (value.low, value.high)] == [low, high]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "value"), [("0", 0), ("0x1F", 31), ("'a'", 97), (r"'\n'", 10), (r"'\\'", 92), (r"'\x41'", 65)]
)
def test_numbers_keep_their_text(text: str, value: int) -> None:
    number = value_of(text)
    assert (number.value, number.text) == (value, text)


def test_an_else_belongs_to_the_nearest_if() -> None:
    outer = statement("if (a) if (b) c(); else d();")
    assert outer.otherwise is None
    assert outer.then.otherwise is not None


def test_increments_are_assignments_of_one() -> None:
    step = statement("d->n--;")
    assert (step.operator, step.value.value, step.postfix) == ("-=", 1, True)


def test_labels_without_a_body_share_the_next_one() -> None:
    switch = statement("switch (x) { case A: case B: f(); break; default: return; }")
    assert [(len(case.values), case.default, len(case.body)) for case in switch.cases] == [
        (2, False, 2),
        (0, True, 1),
    ]


def test_atomic_is_a_storage_or_a_statement() -> None:
    assert statement("atomic { f(); }").__class__ is ast.Atomic
    assert statement("atomic int x;").variable.storage == "atomic"


def test_words_of_clauses_are_names_elsewhere() -> None:
    call = statement("read(call, of, when, in, all, exists(free), where);").call
    assert [getattr(argument, "text", "") for argument in call.arguments] == (
        ["call", "of", "when", "in", "all", "", "where"]
    )


def test_fields_may_have_any_name() -> None:
    assert value_of("d->thread.static").name.text == "static"


def test_integer_words_join_to_one_type() -> None:
    assert statement("unsigned long int x;").variable.type.name.text == "unsigned long int"


def test_an_empty_text_is_an_empty_file() -> None:
    assert parsed("").items == ()
    assert parsed("// nothing\n").items == ()


def test_the_tree_is_none_after_an_error() -> None:
    assert parse_text("int a = ;").file is None


# --- hostile input ------------------------------------------------------------------------------

HOSTILE = {
    "binary": "".join(map(chr, range(256))) * 40,
    "nul": "int a;\0\0\0",
    "brackets": "int x = " + "(" * 100_000,
    "braces": "{" * 30_000,
    "closing": "}" * 30_000,
    "not": "int x = " + "!" * 30_000 + "1;",
    "sum": "int x = " + "1+" * 30_000 + "1;",
    "members": "int x = a" + ".b" * 30_000 + ";",
    "else": "void f() { " + "if (x) y(); else " * 8_000 + "}",
    "comment": "int a; /* never ends",
    "string": 'import "never ends',
    "quotes": "'" * 9_000,
    "errors": "driver d { int x }\n" * 4_000,
    "long number": "int x = " + "9" * 9_000 + ";",
    "large": "x" * 10_000_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_get_diagnostics_with_a_place(name: str) -> None:
    result = parse_text(HOSTILE[name])
    assert result.file is None
    assert 1 <= len(result.diagnostics) <= 20
    lines = SourceFile("", HOSTILE[name]).lines()
    assert all(1 <= d.span.line <= max(1, len(lines)) and d.span.column >= 1 for d in result.diagnostics)


def test_deep_nesting_is_told() -> None:
    for name in ("brackets", "not", "sum", "members", "else"):
        codes = {diagnostic.code for diagnostic in parse_text(HOSTILE[name]).diagnostics}
        assert codes <= {"E113", "E133"}, name


def is_sound(result: ParseResult) -> bool:
    return (result.file is None) == bool(result.diagnostics) and all(
        d.span.line > 0 for d in result.diagnostics
    )


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.text(max_size=200))
def test_random_text_never_raises(text: str) -> None:
    assert is_sound(parse_text(text))


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(MODEL_TEXTS), st.floats(0, 1))
def test_truncated_models_never_raise(text: str, part: float) -> None:
    assert is_sound(parse_text(text[: int(len(text) * part)]))


@settings(max_examples=300, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(MODEL_TEXTS),
    st.floats(0, 1, exclude_max=True),
    st.integers(0, 12),
    st.sampled_from(
        [*"{}()[];=*\"'/#\0é@.,&|", " if ", " driver ", " static ", "/*", "//", " forall (", "\n"]
    ),
)
def test_mutated_models_never_raise(text: str, part: float, removed: int, inserted: str) -> None:
    at = int(len(text) * part)
    assert is_sound(parse_text(text[:at] + inserted + text[at + removed :]))


# --- files --------------------------------------------------------------------------------------


def code_of(answer: SourceFile | Diagnostic) -> str:
    return answer.code if isinstance(answer, Diagnostic) else ""


def test_reading_files(tmp_path: Path) -> None:
    good, bad, large = tmp_path / "good.dmc", tmp_path / "bad.dmc", tmp_path / "large.dmc"
    good.write_bytes(b"\xef\xbb\xbf// \xc3\xa9\n")
    bad.write_bytes(b"ok\nno\xff")
    large.write_bytes(b" " * 5_000_000)
    assert read_source(good) == SourceFile(str(good), "// é\n")
    assert code_of(read_source(tmp_path / "none.dmc")) == "E130"
    assert code_of(read_source(tmp_path)) == "E131"
    assert code_of(read_source(large)) == "E133"
    assert code_of(read_source("nul\0")) in ("E130", "E134")
    wrong = read_source(bad)
    assert isinstance(wrong, Diagnostic)
    assert (wrong.code, wrong.span.line, wrong.span.column) == ("E132", 2, 3)
