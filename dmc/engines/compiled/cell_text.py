"""How C text reads and writes a cell of a state: a field of bits, whose place the table `at` says."""

from __future__ import annotations

from dmc.engines.compiled.c_text import number
from dmc.engines.compiled.state_layout import Field

NO_CODE = "UINT64_MAX"


def mask(field: Field) -> str:
    """The bits of the field, in its lowest place."""
    return f"{(1 << field.width) - 1:#x}u"


def unset_code(field: Field) -> str:
    """How `UNSET` is stored, or a number that no bits can have."""
    return f"{field.unset_code:#x}u" if field.unset else NO_CODE


def read(field: Field, address: str) -> str:
    """The value of a cell like the field, at the address."""
    if field.unset:
        return f"GET_OR_UNSET({unset_code(field)}, {number(field.low)}, {address}, {mask(field)})"
    if not field.width:
        return number(field.low)
    if field.low:
        return f"GET_FROM({number(field.low)}, {address}, {mask(field)})"
    return f"GET({address}, {mask(field)})"


def write(field: Field, address: str, code: str) -> str:
    """The statement that stores a code."""
    return f"PUT({address}, {mask(field)}, {code});"


def code_of(field: Field, value: str) -> str:
    """The code of a value that is known when the model runs."""
    if field.unset:
        return f"dmc_code({value}, {unset_code(field)}, {number(field.low)})"
    return f"{value} - {number(field.low)}" if field.low else value


def code_of_constant(field: Field, value: int) -> str:
    """The code of a value that is known now."""
    return number(field.code(value))


def table_item(field: Field) -> str:
    """The field in the table `fields`."""
    return f"{{{field.at}, {field.low}, {mask(field)}, {unset_code(field)}}}"
