"""Erlang terms: the tuples that drivers and processes send, and the patterns that processes wait for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from dmc.base.types import (
    ATOM,
    BINARY,
    BINARY_VALUE,
    INT,
    PID,
    PORT,
    TERM,
    TERM_DATA,
    BoolType,
    EnumType,
    IntType,
    Type,
)
from dmc.model import model
from dmc.model.api_structs import is_api_member
from dmc.model.environment import BYTES, UNKNOWN, Env, Place, World, declare
from dmc.syntax import ast

MAX_ELEMENTS = 6

DATA_ATOM = "data"
OUTPUT_FUNCTIONS = ("driver_output", "driver_output2", "driver_output_binary", "driver_outputv")
"""What these send to the owner of the port is `{ data, b }` with a binary `b`."""

_BINDABLE: dict[str, Type] = {"binary": BINARY_VALUE, "int": INT, "pid": PID}


def element_kind(kind: Type) -> str:
    """What an element of the type is in Erlang: atom, integer, binary, name of somebody; "" for none."""
    match kind:
        case EnumType() | BoolType():
            return "atom"
        case IntType():
            return "integer"
        case _ if kind == ATOM:
            return "atom"
        case _ if kind in (BINARY, BINARY_VALUE):
            return "binary"
        case _ if kind in (PID, PORT, TERM_DATA):
            return "name"
        case _:
            return ""


def term(node: ast.Expr, env: Env) -> model.Expr:
    """The tuple that a function sends."""
    if not isinstance(node, ast.TupleValue):
        env.expression(node)
        hints = ("write `{ TAG, value }`",)
        return env.refuse("E304", "an Erlang tuple is needed here", node.span, "", hints)
    if not 1 <= len(node.items) <= MAX_ELEMENTS:
        note = f"from 1 to {MAX_ELEMENTS} elements"
        return env.refuse("E490", f"a tuple of {len(node.items)} elements", node.span, note)
    elements = tuple(_element(item, env) for item in node.items)
    return model.TermValue(elements, TERM, node.span)


def _element(node: ast.Expr, env: Env) -> model.Expr:
    value = _atom(node, env) or env.expression(node)
    if value.type == UNKNOWN or element_kind(value.type):
        return value
    hints = ("give it a name first: `binary b = bytes(n);`",) if value.type == BYTES else ()
    return env.refuse("E304", f"a `{value.type}` cannot be part of a term", node.span, "", hints)


def _atom(node: ast.Expr, env: Env) -> model.Expr | None:
    """A name that begins with a small letter and that nothing declares is an atom, as in Erlang."""
    if isinstance(node, ast.Name) and node.text[:1].islower() and env.scope.find(node.text) is None:
        return model.AtomValue(node.text, ATOM, node.span)
    return None


def receive(node: ast.Receive, env: Env) -> model.Statement:
    """`receive { pattern, ... };`."""
    if env.place is not Place.PROCESS:
        env.report("E409", f"{env.place.value} cannot receive a message", node.span)
        return model.Block((), node.span)
    if not 1 <= len(node.patterns) <= MAX_ELEMENTS:
        env.report("E490", f"a tuple of {len(node.patterns)} elements", node.span)
        return model.Block((), node.span)
    patterns = tuple(_pattern(one, env) for one in node.patterns)
    return model.Receive(patterns, node.span)


def _pattern(node: ast.Expr | ast.Binding, env: Env) -> model.Expr | model.PatternVariable | None:
    if isinstance(node, ast.Binding):
        return _binding(node, env)
    if isinstance(node, ast.Name) and node.text == "_":
        return None
    value = _element(node, env)
    if not _is_plain(value):
        note = "give it a name before"
        return env.refuse("E490", "a call in a pattern is not in this version", node.span, note)
    if element_kind(value.type) == "binary":
        hints = (f"write `binary {node.text}` to bind it",) if isinstance(node, ast.Name) else ()
        message = "binaries are not compared in this version"
        return env.refuse("E490", message, node.span, "their contents are not modelled", hints)
    return value


def _is_plain(value: model.Expr) -> bool:
    match value:
        case model.BinaryOp(left=left, right=right):
            return _is_plain(left) and _is_plain(right)
        case model.UnaryOp(operand=operand):
            return _is_plain(operand)
        case _:
            return isinstance(
                value,
                model.Literal
                | model.AtomValue
                | model.VariableUse
                | model.AxisValue
                | model.SettingValue
                | model.ProcessValue,
            )


def _binding(node: ast.Binding, env: Env) -> model.PatternVariable:
    name, kind = node.name.text, _BINDABLE.get(node.type.text, UNKNOWN)
    if kind == UNKNOWN:
        hints = tuple(f"write `{known} {name}`" for known in _BINDABLE)
        env.report("E201", f"a pattern cannot bind a `{node.type.text}`", node.type.span, "", hints)
    variable = model.Variable(name, kind, model.Storage.PROCESS, node.name.span)
    declare(env, name, variable, node.name.span)
    return model.PatternVariable(variable, node.span)


def check_no_api_members(body: model.Block, env: Env) -> None:
    """Members of the API's structures are read in steps of their own, which have no place in `atomic`."""
    for node in _nodes(body):
        if isinstance(node, model.FieldUse) and is_api_member(node):
            note = "read it into a local before"
            env.report("E490", "binaries inside of `atomic` are not in this version", node.span, note)


# --- who sends what is waited for ---------------------------------------------------------------


def check_receives(found: model.Model, world: World) -> None:
    """A message that nobody sends would be waited for in vain: most often a misspelt tag."""
    drivers = [f.body for d in found.drivers for f in d.functions] + [f.body for f in found.functions]
    everywhere = [kinds for body in drivers for kinds in sent_in(body)]
    for scenario in found.scenarios:
        bodies = [process.body for process in scenario.processes]
        sent = everywhere + [kinds for body in bodies for kinds in sent_in(body)]
        for node in (n for body in bodies for n in _nodes(body)):
            if isinstance(node, model.Receive) and not any(_fits(node.patterns, kinds) for kinds in sent):
                note = "the process would wait for ever"
                message = "nothing in this model sends a message that this fits"
                world.report("E414", message, node.span, note, _what_is_sent(sent))


Sent = tuple[tuple[str, str], ...]
"""Of each element of a message its kind ("" after a diagnostic), and the atom if it is always the same."""


def sent_in(body: object) -> Iterator[Sent]:
    """The messages that some code sends."""
    for node in _nodes(body):
        match node:
            case model.TermValue(elements=elements):
                yield tuple((element_kind(e.type), _atom_of(e)) for e in elements)
            case model.ApiCall(function=name) if name in OUTPUT_FUNCTIONS:
                yield (("atom", DATA_ATOM), ("binary", ""))
            case _:
                pass


def atom_name(value: model.Literal) -> str:
    """The atom that a member of an enumeration or a truth value is."""
    match value.type:
        case EnumType(members=members):
            return members[value.value]
        case _:
            return "true" if value.value else "false"


def _atom_of(value: model.Expr) -> str:
    match value:
        case model.AtomValue(name=name):
            return name
        case model.Literal() if element_kind(value.type) == "atom":
            return atom_name(value)
        case _:
            return ""


def _fits(patterns: tuple[model.Expr | model.PatternVariable | None, ...], sent: Sent) -> bool:
    return len(patterns) == len(sent) and all(map(_element_fits, patterns, sent))


def _element_fits(pattern: model.Expr | model.PatternVariable | None, sent: tuple[str, str]) -> bool:
    kind, atom = sent
    if not kind:
        return True
    match pattern:
        case None:
            return True
        case model.PatternVariable(variable=variable):
            return variable.type == UNKNOWN or element_kind(variable.type) == kind
        case _:
            wanted = _atom_of(pattern)
            same = not wanted or not atom or wanted == atom
            return pattern.type == UNKNOWN or (element_kind(pattern.type) == kind and same)


def _what_is_sent(sent: list[Sent]) -> tuple[str, ...]:
    texts = ["{ " + ", ".join(atom or f"a {kind}" for kind, atom in one) + " }" for one in sent]
    return (f"what is sent: {'; '.join(dict.fromkeys(texts))}",) if texts else ()


def _nodes(node: object) -> Iterator[object]:
    """A piece of code and all that it consists of; symbols are not entered."""
    match node:
        case model.Function() | model.Variable() | model.Process() | model.Driver() | model.Struct():
            return
        case tuple():
            for item in node:
                yield from _nodes(item)
            return
        case _ if is_dataclass(node):
            yield node
            if isinstance(node, model.Declare):
                yield from _nodes(node.variable.initial)
            for item in fields(node):
                yield from _nodes(getattr(node, item.name))
