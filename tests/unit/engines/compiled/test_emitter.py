"""What of a model reaches the C text, and how states are packed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dmc.base.source import Span
from dmc.engines.compiled.c_text import comment, number
from dmc.engines.compiled.emitter import emit
from dmc.engines.compiled.state_layout import packing
from dmc.engines.compiled.unsupported import Unsupported
from dmc.ir.builder import eq
from dmc.ir.expr import TRUE, Const
from dmc.ir.layout import lay_out
from dmc.ir.sort import UNSET, Bool, Enum, Range
from dmc.ir.system import System, Variable
from tests.support.system_strategies import seeded_system
from tests.support.tiny_systems import heap, two_locks

HOSTILE = '*/ int evil; /* \\\n#include "x" ??/ é \x00 \u202e'


def _only(*variables: Variable) -> System:
    return System(variables, (), (), (), eq(Const(1), TRUE))


def test_a_comment_stays_a_comment() -> None:
    text = comment(HOSTILE, "x" * 1000)
    assert text.startswith("/* ")
    assert text.endswith(" */")
    inner = text[2:-2]
    assert not any(bad in inner for bad in ("*/", "/*", "\\", "\n", "\x00"))
    assert text.isascii()
    assert len(text) < 120


def test_names_of_a_model_are_in_comments_alone() -> None:
    system = two_locks(True)
    step = replace(system.threads[0].steps[0], label=HOSTILE, place=Span(HOSTILE, 1, 1))
    threads = (replace(system.threads[0], steps=(step, *system.threads[0].steps[1:])), system.threads[1])
    variables = (replace(system.variables[0], name=HOSTILE), system.variables[1])
    text = emit(replace(system, threads=threads, variables=(*variables, system.variables[0]))).text
    code = "".join(part.partition("*/")[2] if k else part for k, part in enumerate(text.split("/*")))
    assert "evil" not in code
    assert text.isascii()


def test_the_text_of_a_system_is_always_the_same() -> None:
    assert emit(seeded_system(5)).text == emit(seeded_system(5)).text


def test_equal_functions_are_one() -> None:
    text = emit(heap("ok")).text
    bodies = [part.partition("{")[2] for part in text.split("BODY(")[1:]]
    assert len(bodies) == len(set(bodies))


@pytest.mark.parametrize(
    ("sort", "initial", "width"),
    [
        (Bool(), 0, 1),
        (Bool(unset=True), UNSET, 2),
        (Range(-3, 4), -3, 3),
        (Range(-3, 4, unset=True), UNSET, 4),
        (Range(5, 5), 5, 0),
        (Enum("e", ("a", "b", "c")), 0, 2),
        (Range(-(2**31) + 1, 2**31 - 1, unset=True), 0, 32),
    ],
)
def test_a_cell_takes_as_many_bits_as_its_sort_needs(sort: Range, initial: int, width: int) -> None:
    (field,) = packing(lay_out(_only(Variable("v", sort, initial=initial)))).fields
    assert field.width == width


def test_no_field_straddles_two_words() -> None:
    packed = packing(lay_out(_only(*(Variable(f"v{k}", Range(0, 2**30), 1) for k in range(7)))))
    assert packed.words == 4
    assert all(field.shift + field.width <= 64 for field in packed.fields)


def test_a_range_beyond_32_bits_is_refused() -> None:
    with pytest.raises(Unsupported, match="32 bits"):
        emit(_only(Variable("v", Range(0, 2**31))))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (5, "5"),
        (-5, "(-5)"),
        (70000, "70000LL"),
        (-(2**63), "INT64_MIN"),
        (2**63 + 1, "(-9223372036854775807LL)"),
    ],
)
def test_a_literal_has_64_bits(value: int, text: str) -> None:
    assert number(value) == text
