"""C11's operations on `atomic` variables and fields: each is one step, and no race."""

from __future__ import annotations

from dmc.base.types import BOOL, VOID, BoolType, IntType, PointerType, Type
from dmc.model import model
from dmc.model.call_arguments import arguments_only, check_count
from dmc.model.checked import typed
from dmc.model.environment import UNKNOWN, Env
from dmc.model.model import Storage
from dmc.syntax import ast

PLACES = (model.VariableUse, model.FieldUse, model.IndexUse)

_EXCHANGES = ("atomic_compare_exchange_strong", "atomic_compare_exchange_weak")
_ARITHMETIC = ("atomic_fetch_add", "atomic_fetch_sub")

ATOMIC_CALLS: dict[str, int] = {
    "atomic_load": 1,
    "atomic_store": 2,
    "atomic_exchange": 2,
    **dict.fromkeys(_EXCHANGES, 3),
    **dict.fromkeys(_ARITHMETIC, 2),
    "atomic_fetch_or": 2,
    "atomic_fetch_and": 2,
    "atomic_fetch_xor": 2,
}
"""How many arguments each of them takes; the first is the address of what is changed."""


def atomic_call(node: ast.Call, name: ast.Name, env: Env) -> model.Expr:
    """One of them."""
    count = ATOMIC_CALLS[name.text]
    if not check_count(node, name.text, count, count, env):
        arguments_only(node, env)
        return model.Literal(0, UNKNOWN, node.span)
    place = env.expression(node.arguments[0])
    kind = _kind(place, node.arguments[0], name, env)
    if kind is None:
        for argument in node.arguments[1:]:
            env.expression(argument)
        return model.Literal(0, UNKNOWN, node.span)
    values = [
        typed(argument, kind, env, "E304", f"the last argument of `{name.text}`")
        for argument in node.arguments[-1:]
        if count > 1
    ]
    if name.text in _EXCHANGES:
        values.insert(0, _expected(node.arguments[1], kind, name, env))
    result: Type = VOID if name.text == "atomic_store" else BOOL if name.text in _EXCHANGES else kind
    return model.ApiCall(name.text, (place, *values), result, node.span)


def _kind(place: model.Expr, node: ast.Expr, name: ast.Name, env: Env) -> IntType | BoolType | None:
    """The type of what the address leads to, if it is atomic."""
    if place.type == UNKNOWN:
        return None
    if not isinstance(place, model.AddressOf) or not isinstance(place.type, PointerType):
        hints = ("write `&` before it",) if isinstance(place, PLACES) else ()
        env.report("E304", f"`{name.text}` needs the address of an atomic integer", node.span, "", hints)
        return None
    kind = place.type.target
    fits = isinstance(kind, IntType) or (isinstance(kind, BoolType) and name.text not in _ARITHMETIC)
    if not fits or not _is_atomic(place.place):
        note = "a plain field is read and written in two steps"
        env.report(
            "E304", f"`{name.text}` needs an atomic integer", node.span, note, ("declare it `atomic`",)
        )
        return None
    assert isinstance(kind, IntType | BoolType)
    return kind


def _expected(node: ast.Expr, kind: Type, name: ast.Name, env: Env) -> model.Expr:
    """The address of a local: nobody else can reach what an exchange that fails writes to."""
    value = env.expression(node)
    if value.type == UNKNOWN:
        return value
    match value:
        case model.AddressOf(place=model.VariableUse(variable=variable), type=PointerType(target=target)) if (
            target == kind and variable.storage in (Storage.LOCAL, Storage.PARAMETER)
        ):
            return value
        case _:
            note = f"`{name.text}` writes the value found there, when it is another"
            hints = (f"write `{kind} expected = ...;` and `&expected`",)
            return env.refuse(
                "E304", f"the address of a local `{kind}` is needed here", node.span, note, hints
            )


def _is_atomic(place: model.Expr) -> bool:
    match place:
        case model.VariableUse():
            return place.variable.atomic
        case model.FieldUse():
            return place.field.atomic
        case model.IndexUse():
            return _is_atomic(place.array)
        case _:
            return False
