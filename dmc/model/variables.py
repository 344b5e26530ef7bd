"""Variables of every kind: fields, statics, parameters, locals."""

from __future__ import annotations

from dmc.base.types import (
    BINARY_VALUE,
    BOOL,
    CALL_FLAGS_ADDRESS,
    ERL_IO_VECTOR,
    MONITOR_ADDRESS,
    REPLY_ADDRESS,
    ApiStructType,
    ArrayType,
    BoolType,
    BufferType,
    EnumType,
    ErlangType,
    FunctionType,
    HandleType,
    IntType,
    ListType,
    PointerType,
    Type,
    VoidType,
)
from dmc.model import model
from dmc.model.checked import is_fixed, typed
from dmc.model.constants import fold
from dmc.model.constraints import check_initial, set_constraint
from dmc.model.environment import UNKNOWN, Env, Place, declare
from dmc.model.sizes import shape
from dmc.model.type_names import type_of
from dmc.model.values import fixed_range, subject_type
from dmc.syntax import ast

_STATIC = (model.Storage.DRIVER, model.Storage.FILE)
_LOCAL_STORAGE = {
    Place.PROCESS: model.Storage.PROCESS,
    Place.CODE: model.Storage.LOCAL,
    Place.THREAD: model.Storage.LOCAL,
}


def local_variable(node: ast.Variable, env: Env) -> model.Variable:
    """A local, declared in the innermost scope. Its own initial value does not see it."""
    storage = _LOCAL_STORAGE.get(env.place, model.Storage.LOCAL)
    if node.storage == "atomic":
        note = "no other thread reaches a local"
        env.report("E321", "an atomic local has no meaning", node.span, note)
    variable = variable_of(node, storage, env)
    declare(env, variable.name, variable, node.name.span)
    return variable


def variable_of(node: ast.Variable, storage: model.Storage, env: Env) -> model.Variable:
    """The variable with its type, range and initial value; not declared yet."""
    variable = model.Variable(node.name.text, UNKNOWN, storage, node.name.span, node.storage == "atomic")
    variable.type = _type(node, variable, env)
    _set_range(variable, node, env)
    set_constraint(variable, node.where, env)
    _set_initial(variable, node, env)
    check_initial(variable, env)
    return variable


def _type(node: ast.Variable, variable: model.Variable, env: Env) -> Type:
    """The type of a variable, which must be one that can be held there; its sizes are set."""
    storage = variable.storage
    in_rule = env.place is Place.RULE
    kind = subject_type(node.type, env) if in_rule else type_of(node.type, env)
    if kind == UNKNOWN:
        return UNKNOWN
    if not _can_be_held(kind, storage):
        note = _where_it_belongs(kind)
        env.report("E321", f"a variable cannot be a `{kind}` here", node.type.span, note)
        return UNKNOWN
    if node.storage == "atomic" and not isinstance(kind, IntType | BoolType):
        env.report("E321", f"an atomic `{kind}` is not in this version", node.span, "integers and `bool` are")
        return UNKNOWN
    if node.size is None and node.storage not in ("list", "set"):
        return kind
    shaped = shape(kind, node, variable, env)
    return shaped if shaped == UNKNOWN or _can_be_many(kind, node, storage, env) else UNKNOWN


def _can_be_many(kind: Type, node: ast.Variable, storage: model.Storage, env: Env) -> bool:
    """Whether there can be an array or a list of it, there."""
    what = f"a `{node.storage}`" if node.storage in ("list", "set") else "an array"
    in_field = storage is model.Storage.FIELD and (node.storage in ("list", "set") or node.second is not None)
    if storage not in (*_STATIC, model.Storage.FIELD) or in_field:
        where = "in a struct" if in_field else "here"
        note = "it can stand in a file, a driver or a scenario, and an array of one size in a struct"
        env.report("E390", f"{what} {where} is not in this version", node.span, note)
        return False
    if isinstance(kind, ApiStructType | BufferType):
        env.report("E321", f"{what} of `{kind}` is not in this version", node.type.span)
        return False
    return True


def _can_be_held(kind: Type, storage: model.Storage) -> bool:
    local = storage in (model.Storage.LOCAL, model.Storage.PARAMETER)
    match kind:
        case IntType() | BoolType() | EnumType() | FunctionType():
            return True
        case HandleType() if kind in (REPLY_ADDRESS, CALL_FLAGS_ADDRESS, MONITOR_ADDRESS):
            return storage is model.Storage.PARAMETER
        case HandleType():
            return storage is not model.Storage.PROCESS and (local or kind != ERL_IO_VECTOR)
        case PointerType():
            return not isinstance(kind.target, IntType | BoolType)
        case BufferType():
            return local
        case ApiStructType():
            return storage is model.Storage.LOCAL
        case ErlangType():
            return storage in (model.Storage.PROCESS, model.Storage.RULE, model.Storage.LOCAL)
        case _:
            return False


def _where_it_belongs(kind: Type) -> str:
    match kind:
        case ApiStructType():
            return "it stands in a local variable"
        case HandleType() if kind == ERL_IO_VECTOR:
            return "the vector is only there during the call; keep its binaries, with references of your own"
        case BufferType():
            return "a buffer is only there during the call; keep its length or its first byte"
        case VoidType():
            return "`void` is no value"
        case _:
            return ""


def _element(kind: Type) -> Type:
    """What the elements of an array, or the items of a list, are."""
    while isinstance(kind, ArrayType | ListType):
        kind = kind.element
    return kind


def _set_range(variable: model.Variable, node: ast.Variable, env: Env) -> None:
    if node.range is None:
        return
    kind = _element(variable.type)
    if kind == UNKNOWN:
        return
    if not isinstance(kind, IntType):
        env.report("E302", f"a range is for numbers, and this is a `{kind}`", node.range.span)
        return
    bounds = fixed_range(node.range, env)
    if bounds is None:
        return
    variable.low, variable.high = bounds
    low, high = fold(bounds[0]), fold(bounds[1])
    if (low is not None and low.value < kind.low) or (high is not None and high.value > kind.high):
        env.report("E314", f"the range leaves that of `{kind}`", node.range.span)


def _set_initial(variable: model.Variable, node: ast.Variable, env: Env) -> None:
    kind = variable.type
    if kind == BINARY_VALUE and not _is_bytes(node.initial):
        if node.initial is not None:
            env.expression(node.initial)
        hints = ("write `binary b = bytes(n);`, or bind it in a `receive`",)
        note = "it gets its value where it is declared"
        env.report("E301", "a binary is made of bytes, or received", node.span, note, hints)
        return
    if node.initial is None:
        if variable.storage in _STATIC:
            variable.initial = _zero(variable)
            _check_initial_range(variable, env)
        return
    if isinstance(kind, ArrayType | ListType):
        note = "its elements are unset, or 0 in a variable of a driver or file"
        env.report(
            "E390", "an array or a list with an initial value is not in this version", node.initial.span, note
        )
        return
    if isinstance(kind, ApiStructType):
        env.report("E301", f"a `{kind}` has no initial value", node.initial.span)
        return
    variable.initial = typed(node.initial, kind, env, "E301")
    if variable.storage in (*_STATIC, model.Storage.FIELD) and not _is_initializer(variable.initial):
        env.report("E313", "this initial value must be fixed for a run", node.initial.span)
    _check_initial_range(variable, env)


def _is_bytes(node: ast.Expr | None) -> bool:
    return (
        isinstance(node, ast.Call) and isinstance(node.function, ast.Name) and node.function.text == "bytes"
    )


def _is_initializer(value: model.Expr) -> bool:
    return (
        value.type == UNKNOWN or is_fixed(value) or isinstance(value, model.NullValue | model.FunctionValue)
    )


def _check_initial_range(variable: model.Variable, env: Env) -> None:
    kind = _element(variable.type)
    if variable.initial is None or not isinstance(kind, IntType):
        return
    span = variable.initial.span
    least, most = model.Literal(kind.low, kind, span), model.Literal(kind.high, kind, span)
    value, low, high = (fold(e) for e in (variable.initial, variable.low or least, variable.high or most))
    if value is None or low is None or high is None or value.type == UNKNOWN:
        return
    if not low.value <= value.value <= high.value:
        message = f"the initial value {value.value} is outside of {low.value}..{high.value}"
        env.report("E301", message, variable.initial.span)


def _zero(variable: model.Variable) -> model.Expr | None:
    """What C puts into a static that nobody sets."""
    match _element(variable.type):
        case IntType() as kind:
            return model.Literal(0, kind, variable.span)
        case BoolType():
            return model.Literal(0, BOOL, variable.span)
        case EnumType() as kind:
            return model.Literal(0, kind, variable.span)
        case PointerType() | FunctionType() as pointer:
            return model.NullValue(pointer, variable.span)
        case HandleType() as handle:
            return model.NullValue(handle, variable.span) if handle.pointer else None
        case _:
            return None
