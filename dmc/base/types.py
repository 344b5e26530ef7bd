"""The types of the language."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class VoidType:
    """The result of a function that returns nothing."""

    def __str__(self) -> str:
        return "void"


@dataclass(frozen=True)
class BoolType:
    """`bool`."""

    def __str__(self) -> str:
        return "bool"


@dataclass(frozen=True)
class IntType:
    """An integer type of C or of the API, by its name; `low` and `high` are its range in C."""

    name: str
    low: int
    high: int

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class EnumType:
    """`enum Op { NONE, PUT };`; also the type of an axis whose values are names."""

    name: str
    members: tuple[str, ...]

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class StructType:
    """A struct, by name; its fields are in `model.Struct`."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class PointerType:
    """A pointer to one object of a struct of the model, or to an integer (`unsigned *`, only for `&x`)."""

    target: StructType | IntType | BoolType

    def __str__(self) -> str:
        return f"{self.target} *"


@dataclass(frozen=True)
class NullType:
    """The type of `NULL`: fits every pointer, handle that is a pointer, and function pointer."""

    def __str__(self) -> str:
        return "NULL"


@dataclass(frozen=True)
class HandleType:
    """An opaque type of the API.

    `ErlDrvPort` (a value), `ErlDrvMutex *`, `ErlDrvCond *` (pointers, `name` without the star),
    `ErlDrvPDL` (a pointer whose type name hides the star: `hidden`).
    """

    name: str
    pointer: bool
    hidden: bool = False

    def __str__(self) -> str:
        return f"{self.name} *" if self.pointer and not self.hidden else self.name


@dataclass(frozen=True)
class ApiStructType:
    """A struct of the API that stands in a local variable: `ErlDrvSysInfo`."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class BufferType:
    """`char *`: its length and its first byte."""

    def __str__(self) -> str:
        return "char *"


@dataclass(frozen=True)
class FunctionType:
    """A pointer to a function."""

    result: Type
    parameters: tuple[Type, ...]

    def __str__(self) -> str:
        return f"{self.result} (*)({', '.join(map(str, self.parameters))})"


@dataclass(frozen=True)
class ArrayType:
    """`int id[2]`; `size` is None where an axis decides."""

    element: Type
    size: int | None

    def __str__(self) -> str:
        return f"{self.element}[{'' if self.size is None else self.size}]"


@dataclass(frozen=True)
class ListType:
    """`list int waiting[2]`, or a `set`, whose items have no order."""

    element: Type
    ordered: bool

    def __str__(self) -> str:
        return f"{'list' if self.ordered else 'set'} of {self.element}"


@dataclass(frozen=True)
class ErlangType:
    """A value of an Erlang process (`port`, `pid`, `bytes`) or of a rule (`job`, `object`, `lock`)."""

    name: str

    def __str__(self) -> str:
        return self.name


Type = (
    VoidType
    | BoolType
    | IntType
    | EnumType
    | StructType
    | PointerType
    | NullType
    | HandleType
    | ApiStructType
    | BufferType
    | FunctionType
    | ArrayType
    | ListType
    | ErlangType
)

VOID = VoidType()
BOOL = BoolType()
INT = IntType("int", -(2**31), 2**31 - 1)
PORT_HANDLE = HandleType("ErlDrvPort", pointer=False)
MUTEX = HandleType("ErlDrvMutex", pointer=True)
COND = HandleType("ErlDrvCond", pointer=True)
RWLOCK = HandleType("ErlDrvRWLock", pointer=True)
TID = HandleType("ErlDrvTid", pointer=False)
TSD_KEY = HandleType("ErlDrvTSDKey", pointer=False)
BINARY = HandleType("ErlDrvBinary", pointer=True)
ERL_IO_VECTOR = HandleType("ErlIOVec", pointer=True)
IO_ELEMENT = HandleType("SysIOVec", pointer=False)
TERM_DATA = HandleType("ErlDrvTermData", pointer=False)
PDL = HandleType("ErlDrvPDL", pointer=True, hidden=True)
IO_VECTOR = HandleType("SysIOVec", pointer=True)
MONITOR = HandleType("ErlDrvMonitor", pointer=False)
MONITOR_ADDRESS = HandleType("ErlDrvMonitor", pointer=True)
REPLY_ADDRESS = HandleType("char **", pointer=True, hidden=True)
REPLY = HandleType("char *", pointer=True, hidden=True)
"""The parameter `rbuf` of `control` and `call`, and `*rbuf`: where the answer is."""
CALL_FLAGS_ADDRESS = HandleType("unsigned *", pointer=True, hidden=True)
"""The last parameter of `call`."""
BUFFER = BufferType()
SYS_INFO = ApiStructType("ErlDrvSysInfo")
PORT = ErlangType("port")
PID = ErlangType("pid")
BINARY_VALUE = ErlangType("binary")
ATOM = ErlangType("atom")
TERM = ErlangType("term")

INTEGER_TYPES: dict[str, IntType] = {
    t.name: t
    for t in (
        INT,
        IntType("unsigned", 0, 2**32 - 1),
        IntType("long", -(2**63), 2**63 - 1),
        IntType("size_t", 0, 2**64 - 1),
        IntType("ErlDrvSizeT", 0, 2**64 - 1),
        IntType("ErlDrvSSizeT", -(2**63), 2**63 - 1),
        IntType("ErlDrvUInt", 0, 2**64 - 1),
        IntType("ErlDrvSInt", -(2**63), 2**63 - 1),
        IntType("char", 0, 255),
    )
}
