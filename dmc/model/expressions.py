"""Expressions: every name bound, every operand of a type that the operator has."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from dmc.base.types import (
    BOOL,
    INT,
    INTEGER_TYPES,
    ArrayType,
    BoolType,
    BufferType,
    EnumType,
    ErlangType,
    IntType,
    ListType,
    NullType,
    PointerType,
    StructType,
    Type,
    VoidType,
)
from dmc.model import model
from dmc.model.api_structs import is_api_member
from dmc.model.calls import call
from dmc.model.checked import pair, tested
from dmc.model.conversions import as_integer, common_integer, unify
from dmc.model.environment import SIZE, UNKNOWN, Env
from dmc.model.members import index, member
from dmc.model.names import name
from dmc.model.replies import dereference
from dmc.model.type_names import type_of
from dmc.model.values import choose, membership, quantified
from dmc.model.vocabulary import STATES
from dmc.syntax import ast

_ORDER = ("<", "<=", ">", ">=")
_EQUALITY = ("==", "!=")
_ADDRESSES = (model.VariableUse, model.FieldUse, model.IndexUse)


def expression(node: ast.Expr, env: Env, expected: Type | None = None) -> model.Expr:
    """The resolved expression; of type `UNKNOWN` after a diagnostic.

    `expected` decides what a name means that only has a meaning beside its type: a state, a reason, the
    member of an enumeration.
    """
    match node:
        case ast.Name():
            return name(node, env, expected)
        case ast.Number():
            return _number(node)
        case ast.String():
            return model.StringValue(node.value, BufferType(), node.span)
        case ast.BoolLiteral():
            return model.Literal(int(node.value), BOOL, node.span)
        case ast.Null():
            return model.NullValue(NullType(), node.span)
        case ast.Member():
            return member(node, env)
        case ast.Index():
            return index(node, env)
        case ast.Call():
            return _of_any_struct(call(node, env), expected)
        case ast.Unary():
            return _unary(node, env, expected)
        case ast.Binary():
            return _binary(node, env)
        case ast.Conditional():
            return _conditional(node, env, expected)
        case ast.SizeOf():
            return _size(node, env, expected)
        case ast.Choose():
            return choose(node, env, expected)
        case ast.Membership():
            return membership(node, env)
        case ast.TupleValue():
            note = "it is an argument of `send` and of the functions of the API that send terms"
            return env.refuse("E409", "an Erlang tuple has no meaning here", node.span, note)
        case ast.Quantified():
            return quantified(node, env)
        case _:
            assert_never(node)


def _of_any_struct(found: model.Expr, expected: Type | None) -> model.Expr:
    """`void *` as what it is used for: C converts it."""
    match found, expected:
        case model.ApiCall(function="erl_drv_tsd_get"), PointerType(StructType()):
            return replace(found, type=expected)
        case _:
            return found


def _size(node: ast.SizeOf, env: Env, expected: Type | None) -> model.Expr:
    found = model.SizeOfType(type_of_size(node, env), INTEGER_TYPES["size_t"], node.span)
    if expected == SIZE or found.of == UNKNOWN:
        return found
    note = "how many bytes a type has is not modelled; it says what `driver_alloc` makes"
    return env.refuse("E390", "`sizeof` as a number is not in this version", node.span, note)


def type_of_size(node: ast.SizeOf, env: Env) -> Type:
    """The type in `sizeof(T)`, where a struct may stand by value."""
    found = env.scope.find_type(node.type.name.text)
    if found is not None and node.type.stars == 0:
        return found.type
    return type_of(node.type, env)


def _number(node: ast.Number) -> model.Expr:
    for kind in (INT, INTEGER_TYPES["long"], INTEGER_TYPES["size_t"]):
        if kind.low <= node.value <= kind.high:
            return model.Literal(node.value, kind, node.span)
    return model.Literal(node.value, INTEGER_TYPES["size_t"], node.span)


def _unary(node: ast.Unary, env: Env, expected: Type | None) -> model.Expr:
    match node.operator:
        case "!":
            operand = tested(node.operand, env)
            return model.UnaryOp("!", operand, BOOL, node.span)
        case "-":
            return _negated(node, env)
        case "&":
            return _address(node, env)
        case "*":
            return dereference(node, env)
        case _:
            return _complement(node, env)


def _negated(node: ast.Unary, env: Env) -> model.Expr:
    operand = as_integer(env.expression(node.operand))
    if isinstance(operand, model.Literal) and isinstance(operand.type, IntType):
        return model.Literal(-operand.value, common_integer(operand.type, INT), node.span)
    if isinstance(operand.type, IntType):
        return model.UnaryOp("-", operand, common_integer(operand.type, INT), node.span)
    if operand.type == UNKNOWN:
        return operand
    return env.refuse("E302", f"`-` needs a number, and this is a `{operand.type}`", node.operand.span)


def _complement(node: ast.Unary, env: Env) -> model.Expr:
    """`~x`: of a signed type `-x - 1`, of an unsigned one its greatest value less `x`."""
    operand = as_integer(env.expression(node.operand))
    if operand.type == UNKNOWN:
        return operand
    kind = common_integer(operand.type, INT)
    if not isinstance(operand.type, IntType) or not isinstance(kind, IntType):
        return env.refuse("E302", f"`~` needs a number, and this is a `{operand.type}`", node.operand.span)
    top = model.Literal(kind.high if kind.low == 0 else -1, kind, node.span)
    return model.BinaryOp("-", top, operand, kind, node.span)


def _address(node: ast.Unary, env: Env) -> model.Expr:
    place = env.expression(node.operand)
    if place.type == UNKNOWN:
        return place
    if not isinstance(place, _ADDRESSES) or is_api_member(place):
        return env.refuse("E317", "`&` needs a variable or a field", node.operand.span)
    if isinstance(place.type, IntType | BoolType):
        return model.AddressOf(place, PointerType(place.type), node.span)
    if str(place.type) in ("ErlDrvSysInfo", "ErlDrvTid", "ErlDrvTSDKey", "ErlDrvMonitor"):
        return model.AddressOf(place, place.type, node.span)
    return env.refuse(
        "E317",
        f"the address of a `{place.type}` is not in this version",
        node.span,
        "`&` is for the key of a job, atomic integers, an `ErlDrvSysInfo`, `ErlDrvTid` or `ErlDrvTSDKey`",
    )


def _binary(node: ast.Binary, env: Env) -> model.Expr:
    if node.operator in ("&&", "||"):
        left, right = tested(node.left, env), tested(node.right, env)
        return model.BinaryOp(node.operator, left, right, BOOL, node.span)
    if node.operator in _EQUALITY:
        return _comparison(node, env)
    left, right = (as_integer(env.expression(side)) for side in (node.left, node.right))
    if UNKNOWN in (left.type, right.type):
        return model.Literal(0, UNKNOWN if node.operator not in _ORDER else BOOL, node.span)
    for side in (left, right):
        if not isinstance(side.type, IntType):
            message = f"`{node.operator}` needs numbers, and this is a `{side.type}`"
            return env.refuse("E302", message, side.span)
    kind = BOOL if node.operator in _ORDER else _result_type(node.operator, left.type, right.type)
    if node.operator in _ORDER:
        left, right = unify(left, right) or (left, right)
    return model.BinaryOp(node.operator, left, right, kind, node.span)


def _result_type(operator: str, left: Type, right: Type) -> Type:
    """The type of a result; a shift has that of what is shifted (ISO C11 6.5.7)."""
    return common_integer(left, INT if operator in ("<<", ">>") else right)


def _comparison(node: ast.Binary, env: Env) -> model.Expr:
    left, right = pair(node.left, node.right, env)
    if UNKNOWN in (left.type, right.type):
        return model.Literal(0, BOOL, node.span)
    for side in (left, right):
        if isinstance(side, model.AddressOf):
            return env.refuse("E317", "an address is only for an argument", side.span)
        if isinstance(side, model.StringValue):
            return env.refuse("E302", "a text is only for an argument", side.span)
        if isinstance(side.type, VoidType):
            return env.refuse("E319", "this call has no value", side.span)
        if isinstance(side.type, ArrayType | ListType):
            return env.refuse("E302", f"a `{side.type}` is no single value", side.span)
    if isinstance(left, model.Attribute) and isinstance(right, model.Attribute) and left.type in STATES:
        note = "a state is compared with its name"
        return env.refuse("E690", "comparing two states is not in this version", node.span, note)
    if isinstance(left.type, BufferType) and isinstance(right.type, BufferType):
        note = "of a buffer only the length and the first byte are modelled"
        return env.refuse("E390", "comparing two buffers is not in this version", node.span, note)
    sides = unify(left, right)
    if sides is None:
        message = f"a `{left.type}` cannot be compared with a `{right.type}`"
        return env.refuse("E302", message, node.span, _why_incomparable(left.type, right.type))
    return model.BinaryOp(node.operator, *sides, BOOL, node.span)


def _why_incomparable(left: Type, right: Type) -> str:
    if isinstance(left, EnumType) and isinstance(right, EnumType):
        return "these are two different enumerations"
    if isinstance(left, ErlangType) != isinstance(right, ErlangType):
        return "one belongs to the driver, the other to Erlang"
    return ""


def _conditional(node: ast.Conditional, env: Env, expected: Type | None) -> model.Expr:
    test = tested(node.condition, env)
    then, otherwise = env.expression(node.then, expected), env.expression(node.otherwise, expected)
    if UNKNOWN in (then.type, otherwise.type):
        return model.Literal(0, UNKNOWN, node.span)
    branches = unify(then, otherwise)
    if branches is None or isinstance(then.type, VoidType):
        message = f"the branches are a `{then.type}` and a `{otherwise.type}`"
        return env.refuse("E302", message, node.span, "both must be of one type")
    return model.ConditionalOp(test, *branches, branches[0].type, node.span)
