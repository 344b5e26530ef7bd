"""Variables of every kind: fields, statics, parameters, locals."""

from __future__ import annotations

from dmc.base.types import (
    BINARY_VALUE,
    BOOL,
    IO_VECTOR,
    ApiStructType,
    ArrayType,
    BoolType,
    BufferType,
    EnumType,
    ErlangType,
    FunctionType,
    HandleType,
    IntType,
    PointerType,
    Type,
    VoidType,
)
from dmc.model import model
from dmc.model.checked import constant, is_fixed, typed
from dmc.model.constants import fold
from dmc.model.environment import UNKNOWN, Env, Place, declare
from dmc.model.type_names import type_of
from dmc.model.values import fixed_range, subject_type
from dmc.syntax import ast

_STATIC = (model.Storage.DRIVER, model.Storage.FILE)
_LOCAL_STORAGE = {
    Place.PROCESS: model.Storage.PROCESS,
    Place.CODE: model.Storage.LOCAL,
    Place.THREAD: model.Storage.LOCAL,
}
MAX_ARRAY = 64


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
    kind = variable_type(node, storage, env)
    variable = model.Variable(node.name.text, kind, storage, node.name.span, atomic=node.storage == "atomic")
    if node.where is not None:
        hints = ("write `in a..b` after the name",)
        env.report("E390", "`where` is not in this version", node.where.span, "", hints)
    _set_range(variable, node, env)
    _set_initial(variable, node, env)
    return variable


def variable_type(node: ast.Variable, storage: model.Storage, env: Env) -> Type:
    """The type of a variable, which must be one that can be held there."""
    if node.storage in ("list", "set"):
        hints = ("write a field that points to the next one, or an array",)
        message = f"a `{node.storage}` variable is not in this version"
        env.report("E390", message, node.span, "", hints)
        return UNKNOWN
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
    return _array_of(kind, node, env) if node.size is not None else kind


def _can_be_held(kind: Type, storage: model.Storage) -> bool:
    local = storage in (model.Storage.LOCAL, model.Storage.PARAMETER)
    match kind:
        case IntType() | BoolType() | EnumType() | FunctionType():
            return True
        case HandleType():
            return storage is not model.Storage.PROCESS and (local or kind != IO_VECTOR)
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
        case HandleType() if kind == IO_VECTOR:
            return "the vector is only there during the call; keep its binaries, with references of your own"
        case BufferType():
            return "a buffer is only there during the call; keep its length or its first byte"
        case VoidType():
            return "`void` is no value"
        case _:
            return ""


def _array_of(kind: Type, node: ast.Variable, env: Env) -> Type:
    assert node.size is not None
    size = constant(node.size, env)
    if size.type == UNKNOWN:
        return UNKNOWN
    folded = fold(size)
    if folded is None:
        env.report("E313", "the size of an array must be constant", node.size.span)
        return UNKNOWN
    if not 1 <= folded.value <= MAX_ARRAY:
        note = f"from 1 to {MAX_ARRAY} elements"
        env.report("E315", f"an array of {folded.value} elements", node.size.span, note)
        return UNKNOWN
    if isinstance(kind, ApiStructType | BufferType):
        env.report("E321", f"an array of `{kind}` is not in this version", node.type.span)
        return UNKNOWN
    return ArrayType(kind, folded.value)


def _element(kind: Type) -> Type:
    return kind.element if isinstance(kind, ArrayType) else kind


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
    if isinstance(kind, ArrayType):
        note = "its elements are unset, or 0 in a variable of a driver or file"
        env.report("E390", "an array with an initial value is not in this version", node.initial.span, note)
        return
    if isinstance(kind, ApiStructType):
        env.report("E301", f"a `{kind}` has no initial value", node.initial.span)
        return
    variable.initial = typed(node.initial, kind, env, "E301")
    if variable.storage in (*_STATIC, model.Storage.FIELD) and not _is_initializer(variable.initial):
        env.report("E313", "this initial value must be fixed for a run", node.initial.span)
    _check_initial_range(variable, env)


def _is_bytes(node: ast.Expr | None) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.function, ast.Name) and node.function.text == "bytes"


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
