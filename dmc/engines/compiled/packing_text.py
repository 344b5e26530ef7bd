"""The C functions that pack a state into words and unpack it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from dmc.engines.compiled.c_text import number
from dmc.engines.compiled.state_layout import Field, Packing


def packing_functions(packed: Packing) -> Iterable[str]:
    """Both functions; one is the inverse of the other."""
    yield "static void pack(DMC_UNUSED const dmc_cell *s, uint64_t *w)"
    yield "{"
    for word in range(packed.words):
        terms = [_term(f) for f in packed.fields if f.word == word and f.width]
        yield f"    w[{word}] = {terms[0] if terms else '0'}" + ("" if terms[1:] else ";")
        for term in terms[1:]:
            yield f"        | {term}" + (";" if term is terms[-1] else "")
    yield "}"
    yield ""
    yield "static void unpack(DMC_UNUSED const uint64_t *w, DMC_UNUSED dmc_cell *s)"
    yield "{"
    yield "    DMC_UNUSED uint64_t word;"
    for word, fields in groupby(packed.fields, key=lambda f: f.word):
        yield f"    word = w[{word}];"
        for field in fields:
            yield f"    s[{field.cell}] = {_value(field)};"
    yield "}"
    yield ""


def _term(field: Field) -> str:
    cell = f"s[{field.cell}]"
    code = f"(uint32_t)({cell} - {number(field.low)})" if field.low else f"(uint32_t){cell}"
    if field.unset:
        code = f"({cell} == DMC_UNSET ? {field.unset_code}u : {code})"
    return f"(uint64_t){code} << {field.shift}" if field.shift else f"(uint64_t){code}"


def _value(field: Field) -> str:
    if not field.width:
        return number(field.low)
    bits = f"(word >> {field.shift} & {(1 << field.width) - 1:#x}u)"
    plain = f"(dmc_cell){bits}" if not field.low else f"(dmc_cell)((int64_t){bits} + {number(field.low)})"
    if field.unset:
        return f"{bits} == {field.unset_code}u ? DMC_UNSET : {plain}"
    return plain
