"""The public members of the API's own structures: of a binary, and of the vector that `outputv` is given."""

from __future__ import annotations

from dmc.base.source import NOWHERE
from dmc.base.types import (
    BINARY,
    BUFFER,
    ERL_IO_VECTOR,
    INT,
    INTEGER_TYPES,
    IO_ELEMENT,
    ArrayType,
    HandleType,
    Type,
)
from dmc.model import model

VECTOR_ELEMENTS = 2
"""A vector holds at most its empty first slot and the data of one command."""


def _member(name: str, kind: Type) -> model.Variable:
    """What the emulator has always given a value."""
    set_at_first = model.Literal(0, INT, NOWHERE)
    return model.Variable(name, kind, model.Storage.FIELD, NOWHERE, initial=set_at_first)


ORIG_SIZE = _member("orig_size", INTEGER_TYPES["ErlDrvSInt"])
ORIG_BYTES = _member("orig_bytes", BUFFER)
VSIZE = _member("vsize", INT)
SIZE = _member("size", INTEGER_TYPES["ErlDrvSizeT"])
BINV = _member("binv", ArrayType(BINARY, VECTOR_ELEMENTS))
IOV = _member("iov", ArrayType(IO_ELEMENT, VECTOR_ELEMENTS))
IOV_LEN = _member("iov_len", INTEGER_TYPES["size_t"])

API_STRUCTS: dict[Type, tuple[model.Variable, ...]] = {
    BINARY: (ORIG_SIZE, ORIG_BYTES),
    ERL_IO_VECTOR: (VSIZE, SIZE, BINV, IOV),
    IO_ELEMENT: (IOV_LEN,),
}
"""The members of each, in the order of erl_driver.h."""

MEMBERS_NOT_MODELLED = {"iov_base": "bytes are reached through their binary: `ev->binv[1]->orig_bytes`"}


def is_api_member(expr: model.Expr) -> bool:
    """Whether it is a member of a structure of the API, or an element of one."""
    match expr:
        case model.FieldUse(object=subject):
            return isinstance(subject.type, HandleType)
        case model.IndexUse(array=array):
            return is_api_member(array)
        case _:
            return False
