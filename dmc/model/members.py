"""`object->field`, `info.async_threads`, `port.state`, `array[index]`."""

from __future__ import annotations

from dmc.base.types import (
    INT,
    INTEGER_TYPES,
    REPLY,
    SYS_INFO,
    ArrayType,
    BufferType,
    ErlangType,
    HandleType,
    IntType,
    PointerType,
    StructType,
    Type,
)
from dmc.driver_api.functions.information import SYS_INFO_MEMBERS, SYS_INFO_MEMBERS_NOT_MODELLED
from dmc.model import model
from dmc.model.api_structs import API_STRUCTS, MEMBERS_NOT_MODELLED
from dmc.model.constants import fold
from dmc.model.conversions import as_integer
from dmc.model.environment import DATA, UNKNOWN, Env, Place
from dmc.model.near_miss import did_you_mean
from dmc.model.vocabulary import ATTRIBUTES, ATTRIBUTES_NOT_YET
from dmc.syntax import ast

_PROPERTIES = (Place.PROPERTY, Place.RULE)


def member(node: ast.Member, env: Env) -> model.Expr:
    """A field, an attribute or a member of an API struct."""
    subject = env.expression(node.object)
    match subject.type:
        case PointerType(StructType() as struct):
            return _field(node, subject, struct, env)
        case kind if kind in API_STRUCTS:
            return _api_member(node, subject, env)
        case kind if kind == SYS_INFO:
            return _sys_info(node, subject, env)
        case ErlangType(name) if name in ATTRIBUTES and env.place in _PROPERTIES:
            return _attribute(node, subject, name, env)
        case kind if kind == UNKNOWN:
            return model.Literal(0, UNKNOWN, node.span)
        case kind:
            message = f"a `{kind}` has no members"
            return env.refuse("E308", message, node.object.span)


def _field(node: ast.Member, subject: model.Expr, struct: StructType, env: Env) -> model.Expr:
    name = node.name.text
    found = env.world.field_of(struct, name)
    if found is None:
        hints = did_you_mean(name, (f.name for f in env.world.fields_of(struct)))
        message = f"`{struct}` has no field `{name}`"
        return env.refuse("E202", message, node.name.span, "", hints)
    if not node.arrow:
        message = "this is a pointer: its fields are reached with `->`"
        return env.refuse("E308", message, node.span, "", (f"write `->{name}`",))
    return model.FieldUse(subject, found, found.type, node.span)


def _api_member(node: ast.Member, subject: model.Expr, env: Env) -> model.Expr:
    """A public member of a binary or of the vector of `outputv`."""
    name, known = node.name.text, API_STRUCTS[subject.type]
    if name in MEMBERS_NOT_MODELLED:
        note = MEMBERS_NOT_MODELLED[name]
        return env.refuse("E390", f"`{name}` is not in this version", node.name.span, note)
    found = next((one for one in known if one.name == name), None)
    if found is None:
        hints = did_you_mean(name, (one.name for one in known))
        return env.refuse("E202", f"`{subject.type}` has no member `{name}`", node.name.span, "", hints)
    pointer = isinstance(subject.type, HandleType) and subject.type.pointer
    if node.arrow != pointer:
        right, wrong = ("->", ".") if pointer else (".", "->")
        message = f"members of `{subject.type}` are reached with `{right}`, not with `{wrong}`"
        return env.refuse("E308", message, node.span)
    return model.FieldUse(subject, found, found.type, node.span)


def _sys_info(node: ast.Member, subject: model.Expr, env: Env) -> model.Expr:
    name = node.name.text
    if name in SYS_INFO_MEMBERS_NOT_MODELLED:
        return env.refuse("E390", f"`{name}` of `ErlDrvSysInfo` is not in this version", node.name.span)
    if name not in SYS_INFO_MEMBERS:
        hints = did_you_mean(name, SYS_INFO_MEMBERS)
        return env.refuse("E202", f"`ErlDrvSysInfo` has no member `{name}`", node.name.span, "", hints)
    if node.arrow or not isinstance(subject, model.VariableUse):
        message = "this is a struct, not a pointer: its members are reached with `.`"
        return env.refuse("E308", message, node.span, "", (f"write `.{name}`",))
    return model.ApiMember(subject.variable, name, INT, node.span)


def _attribute(node: ast.Member, subject: model.Expr, kind: str, env: Env) -> model.Expr:
    name = node.name.text
    known = ATTRIBUTES[kind]
    if name not in known:
        if name in ATTRIBUTES_NOT_YET:
            return env.refuse("E690", f"the attribute `{name}` is not in this version", node.name.span)
        hints = did_you_mean(name, known)
        note = f"the attributes of a {kind} are {', '.join(known)}"
        return env.refuse("E322", f"a {kind} has no attribute `{name}`", node.name.span, note, hints)
    if name == "in_callback" and env.place is not Place.PROPERTY:
        note = "`can_reach` and invariants can ask for it"
        return env.refuse("E690", f"`{name}` of a thread is not known here", node.name.span, note)
    return model.Attribute(subject, name, _attribute_type(known[name], kind, env), node.span)


def _attribute_type(kind: Type, subject: str, env: Env) -> Type:
    """Driver data has a known type where the file has one driver."""
    if kind == DATA and subject == "port" and len(env.world.driver_data) == 1 == len(env.world.drivers):
        return next(iter(env.world.driver_data.values()))
    return kind


def index(node: ast.Index, env: Env) -> model.Expr:
    """An element of an array, or the first byte of a buffer."""
    subject = env.expression(node.object)
    position = as_integer(env.expression(node.index))
    if position.type != UNKNOWN and not isinstance(position.type, IntType):
        message = f"an index is a number, and this is a `{position.type}`"
        return env.refuse("E302", message, node.index.span)
    match subject.type:
        case ArrayType(element, size):
            return _element(node, subject, position, element, size, env)
        case BufferType():
            return _byte(node, subject, position, env)
        case kind if kind == UNKNOWN:
            return model.Literal(0, UNKNOWN, node.span)
        case kind if kind == REPLY:
            note = "what works on the bytes of an answer is written `writes(*rbuf)`"
            return env.refuse("E390", "the bytes of an answer are not in this version", node.span, note)
        case kind:
            return env.refuse("E308", f"a `{kind}` has no elements", node.object.span)


def _element(
    node: ast.Index, subject: model.Expr, position: model.Expr, element: Type, size: int | None, env: Env
) -> model.Expr:
    constant = fold(position)
    if constant is not None and size is not None and not 0 <= constant.value < size:
        note = f"its elements are 0 to {size - 1}"
        return env.refuse("E318", f"the array has no element {constant.value}", node.index.span, note)
    return model.IndexUse(subject, position, element, node.span)


def _byte(node: ast.Index, subject: model.Expr, position: model.Expr, env: Env) -> model.Expr:
    constant = fold(position)
    if position.type != UNKNOWN and (constant is None or constant.value != 0):
        note = "of the bytes of a buffer only the first has a value here"
        return env.refuse("E318", "only byte 0 of a buffer can be read", node.index.span, note)
    zero = model.Literal(0, INT, node.index.span)
    return model.IndexUse(subject, zero, INTEGER_TYPES["char"], node.span)
