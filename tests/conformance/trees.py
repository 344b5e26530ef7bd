"""Short words for building syntax trees without places."""

from __future__ import annotations

from typing import Any

from dmc.base.source import Span
from dmc.syntax import ast

PLACE = Span("random.dmc", 0, 0)


def ident(text: str) -> ast.Identifier:
    return ast.Identifier(text, PLACE)


def type_(text: str) -> ast.TypeName:
    """`Txn *` or `int`."""
    name, stars = text.rstrip("* "), text.count("*")
    return ast.TypeName(ident(name), stars, PLACE)


def name(text: str) -> ast.Name:
    return ast.Name(text, PLACE)


def number(value: int) -> ast.Number:
    return ast.Number(value, str(value), PLACE)


def boolean(value: bool) -> ast.BoolLiteral:
    return ast.BoolLiteral(value, PLACE)


def null() -> ast.Null:
    return ast.Null(PLACE)


def text(value: str) -> ast.String:
    return ast.String(value, PLACE)


def arrow(thing: str | ast.Expr, field: str) -> ast.Member:
    """`thing->field`."""
    return ast.Member(name(thing) if isinstance(thing, str) else thing, ident(field), True, PLACE)


def dot(thing: str | ast.Expr, field: str) -> ast.Member:
    """`thing.field`."""
    return ast.Member(name(thing) if isinstance(thing, str) else thing, ident(field), False, PLACE)


def in_state(thing: ast.Expr, state: str) -> ast.Expr:
    """`thing.state == state`."""
    return binary("==", dot(thing, "state"), name(state))


def call(function: str, *arguments: ast.Expr) -> ast.Call:
    return ast.Call(name(function), arguments, PLACE)


def binary(operator: str, left: ast.Expr, right: ast.Expr) -> ast.Binary:
    return ast.Binary(operator, left, right, PLACE)


def sizeof(struct: str) -> ast.SizeOf:
    return ast.SizeOf(type_(struct), PLACE)


def choose(*values: ast.Expr) -> ast.Choose:
    return ast.Choose(values, PLACE)


def do(function: str, *arguments: ast.Expr) -> ast.CallStatement:
    return ast.CallStatement(call(function, *arguments), PLACE)


def put(target: ast.Expr, value: ast.Expr, operator: str = "=") -> ast.Assignment:
    return ast.Assignment(target, operator, value, False, PLACE)


def up(target: ast.Expr) -> ast.Assignment:
    """`target++;`."""
    return ast.Assignment(target, "+=", number(1), True, PLACE)


def variable(kind: str, named: str, initial: ast.Expr | None = None, storage: str = "") -> ast.Variable:
    return ast.Variable(storage, type_(kind), ident(named), None, None, None, None, initial, PLACE)


def local(kind: str, named: str, initial: ast.Expr) -> ast.Declaration:
    return ast.Declaration(variable(kind, named, initial), PLACE)


def block(*statements: ast.Statement) -> ast.Block:
    return ast.Block(statements, PLACE)


def when(condition: ast.Expr, *then: ast.Statement) -> ast.If:
    return ast.If(condition, block(*then), None, PLACE)


def loop(condition: ast.Expr, *body: ast.Statement) -> ast.While:
    return ast.While(condition, block(*body), PLACE)


def give(value: ast.Expr | None = None) -> ast.Return:
    return ast.Return(value, PLACE)


def assertion(condition: ast.Expr) -> ast.Assert:
    return ast.Assert(condition, None, PLACE)


def mark(named: str) -> ast.ReachableMark:
    return ast.ReachableMark(ident(named), PLACE)


def atomic(*statements: ast.Statement) -> ast.Atomic:
    return ast.Atomic(block(*statements), PLACE)


def wait(condition: ast.Expr) -> ast.Await:
    return ast.Await(condition, PLACE)


def either(*blocks: ast.Block) -> ast.Either:
    return ast.Either(blocks, PLACE)


def upto(count: int, body: ast.Statement) -> ast.Upto:
    return ast.Upto(number(count), body, PLACE)


def struct(named: str, *fields: ast.Variable) -> ast.Struct:
    return ast.Struct(ident(named), fields, PLACE)


def function(result: str, named: str, parameters: str, *body: ast.Statement) -> ast.Function:
    """`function("void", "stop", "Port *d", ...)`; parameters are separated by commas."""
    given = []
    for one in filter(None, parameters.split(", ")):
        kind, _, own = one.rpartition(" ")
        stars = own.count("*")
        given.append(ast.Parameter(type_(kind + "*" * stars), ident(own.lstrip("*")), PLACE))
    return ast.Function(type_(result), ident(named), tuple(given), block(*body), PLACE)


def setting(named: str, *values: ast.Expr) -> ast.Setting:
    return ast.Setting(ident(named), values, PLACE)


def actor(kind: str, named: str, count: int, *body: ast.Statement) -> ast.Actor:
    many = number(count) if count > 1 else None
    return ast.Actor(kind, ident(named), many, None, block(*body), PLACE)


def scenario(named: str, *items: Any) -> ast.Scenario:
    return ast.Scenario(ident(named), items, PLACE)


def invariant(named: str, condition: ast.Expr) -> ast.Invariant:
    return ast.Invariant(ident(named), condition, PLACE)


def reachable(named: str, condition: ast.Expr) -> ast.Reachable:
    return ast.Reachable(ident(named), condition, PLACE)


def file(*items: ast.Item) -> ast.File:
    return ast.File(PLACE.path, items, PLACE)
