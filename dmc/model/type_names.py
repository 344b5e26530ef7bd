"""From the name of a type, as written, to the type."""

from __future__ import annotations

from dmc.base.types import (
    BINARY,
    BOOL,
    BUFFER,
    CALL_FLAGS_ADDRESS,
    COND,
    ERL_IO_VECTOR,
    INTEGER_TYPES,
    IO_VECTOR,
    MONITOR,
    MONITOR_ADDRESS,
    MUTEX,
    PDL,
    PORT_HANDLE,
    REPLY_ADDRESS,
    RWLOCK,
    SYS_INFO,
    TERM_DATA,
    TID,
    TSD_KEY,
    VOID,
    PointerType,
    StructType,
    Type,
)
from dmc.model.environment import UNKNOWN, Env, Place
from dmc.model.near_miss import did_you_mean
from dmc.model.scope import NamedType
from dmc.model.vocabulary import API_TYPES_NOT_YET, PROCESS_TYPES, SUBJECTS
from dmc.syntax import ast

_PLAIN: dict[str, Type] = {
    "bool": BOOL,
    "void": VOID,
    "ErlDrvPort": PORT_HANDLE,
    "ErlDrvTid": TID,
    "ErlDrvTSDKey": TSD_KEY,
    "ErlDrvMonitor": MONITOR,
    "ErlDrvPDL": PDL,
    "ErlDrvSysInfo": SYS_INFO,
    "ErlDrvTermData": TERM_DATA,
    **INTEGER_TYPES,
}
_POINTERS: dict[str, Type] = {
    "char": BUFFER,
    "ErlDrvMutex": MUTEX,
    "ErlDrvCond": COND,
    "ErlDrvRWLock": RWLOCK,
    "ErlDrvBinary": BINARY,
    "ErlIOVec": ERL_IO_VECTOR,
    "SysIOVec": IO_VECTOR,
}
_OF_REPLIES: dict[tuple[str, int], Type] = {
    ("char", 2): REPLY_ADDRESS,
    ("unsigned", 1): CALL_FLAGS_ADDRESS,
    ("ErlDrvMonitor", 1): MONITOR_ADDRESS,
}
"""Types that only parameters of callbacks, and what these pass on, can have."""


def type_of(written: ast.TypeName, env: Env) -> Type:
    """The type, `UNKNOWN` after a diagnostic."""
    name, stars = written.name.text, written.stars
    named = env.scope.find_type(name)
    if named is not None:
        return _named(written, named, env)
    if env.place is Place.PROCESS and stars == 0 and name in PROCESS_TYPES:
        return PROCESS_TYPES[name]
    if name in API_TYPES_NOT_YET:
        return _not_yet(written, f"`{name}`", env)
    if stars == 0 and name in _PLAIN:
        return _PLAIN[name]
    if stars == 1 and name in _POINTERS:
        return _POINTERS[name]
    if (name, stars) in _OF_REPLIES:
        return _OF_REPLIES[name, stars]
    if name in _PLAIN or name in _POINTERS:
        return _wrong_stars(written, env)
    return _unknown(written, env)


def _named(written: ast.TypeName, named: NamedType, env: Env) -> Type:
    if not isinstance(named.type, StructType):
        return named.type if written.stars == 0 else _not_yet(written, f"a pointer to `{named.type}`", env)
    if written.stars == 1:
        return PointerType(named.type)
    if written.stars > 1:
        return _not_yet(written, "a pointer to a pointer", env)
    env.report(
        "E390",
        f"a `{named.type}` by value is not in this version",
        written.span,
        "a struct lives on the heap and is reached by a pointer",
        (f"write `{named.type} *`, and `driver_alloc(sizeof({named.type}))`",),
    )
    return UNKNOWN


def _wrong_stars(written: ast.TypeName, env: Env) -> Type:
    name = written.name.text
    if name in _POINTERS and name != "char":
        env.report("E321", f"`{name}` is always used by a pointer", written.span, "", (f"write `{name} *`",))
        return UNKNOWN
    if name == "void":
        env.report(
            "E390",
            "`void *` is not in this version",
            written.span,
            "the types say what a cast would",
            ("name the struct that it points to",),
        )
        return UNKNOWN
    if name in ("ErlDrvPort", "ErlDrvTid", "ErlDrvTSDKey"):
        message = f"`{name}` is a value, not a pointer's target"
        env.report("E321", message, written.span, "", (f"write `{name}` without a star",))
        return UNKNOWN
    return _not_yet(written, f"a pointer to `{name}`", env)


def _not_yet(written: ast.TypeName, what: str, env: Env) -> Type:
    env.report("E390", f"{what} is not in this version", written.span, "nothing here gives it a meaning yet")
    return UNKNOWN


def _unknown(written: ast.TypeName, env: Env) -> Type:
    name = written.name.text
    hints = {
        "ErlDrvData": ("write the struct that `start` returns, as `Port *`",),
        "short": ("write `int n in -32768..32767`",),
    }.get(name)
    types = [known for known, symbol in env.scope.all() if isinstance(symbol, NamedType)]
    candidates = [*types, *_PLAIN, *_POINTERS, *(PROCESS_TYPES if env.place is Place.PROCESS else ())]
    note = ""
    if name in SUBJECTS and env.place is not Place.PROCESS:
        note = "this is a word of processes and properties"
    env.report(
        "E201", f"unknown type `{name}`", written.name.span, note, hints or did_you_mean(name, candidates)
    )
    return UNKNOWN
