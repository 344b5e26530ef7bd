"""From the parse tree to the items of the syntax tree: one method for each rule of the grammar."""

# The grammar documents the rules; a docstring for each method would repeat it.
# ruff: noqa: D102

from __future__ import annotations

from typing import Any

from dmc.base.source import Span
from dmc.syntax import ast
from dmc.syntax.expression_builder import Children, identifier, string
from dmc.syntax.statement_builder import StatementBuilder


class Builder(StatementBuilder):
    """The whole syntax tree of one file; what was skipped after an error is None and left out."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self._path = path

    def start(self, span: Span, children: Children) -> ast.File:
        return ast.File(self._path, _present(children), span)

    def version(self, span: Span, children: Children) -> ast.LanguageVersion:
        return ast.LanguageVersion(int(children[0].text, 0), span)

    def import_file(self, span: Span, children: Children) -> ast.Import:
        return ast.Import(string(children[0]), span)

    def const(self, span: Span, children: Children) -> ast.Const:
        type_, name, value = children
        return ast.Const(type_, identifier(name), value, span)

    def enum(self, span: Span, children: Children) -> ast.Enum:
        name, members = children
        return ast.Enum(identifier(name), members, span)

    def struct(self, span: Span, children: Children) -> ast.Struct:
        return ast.Struct(identifier(children[0]), _present(children[1:]), span)

    def function_field(self, span: Span, children: Children) -> ast.FunctionField:
        result, name, parameters = children
        return ast.FunctionField(result, name, parameters or (), span)

    def function(self, span: Span, children: Children) -> ast.Function:
        result, name, parameters, body = children
        return ast.Function(result, identifier(name), parameters or (), body, span)

    def parameters(self, span: Span, children: Children) -> tuple[ast.Parameter, ...]:
        return tuple(children)

    def parameter(self, span: Span, children: Children) -> ast.Parameter:
        type_, name, bounds, where = children
        return ast.Parameter(type_, identifier(name), span, bounds, where)

    def axis_type(self, span: Span, children: Children) -> ast.Axis:
        name, type_ = children
        return ast.Axis(identifier(name), identifier(type_), None, (), span)

    def axis_range(self, span: Span, children: Children) -> ast.Axis:
        name, bounds = children
        return ast.Axis(identifier(name), None, bounds, (), span)

    def axis_members(self, span: Span, children: Children) -> ast.Axis:
        name, members = children
        return ast.Axis(identifier(name), None, None, members, span)

    def setting(self, span: Span, children: Children) -> ast.Setting:
        name, values = children
        return ast.Setting(identifier(name), values, span)

    def allow(self, span: Span, children: Children) -> ast.Allow:
        rule, reason = children
        return ast.Allow(identifier(rule), string(reason), span)

    def driver(self, span: Span, children: Children) -> ast.Driver:
        return ast.Driver(identifier(children[0]), _present(children[1:]), span)

    def runtime(self, span: Span, children: Children) -> ast.Runtime:
        name, base = children[0], children[1]
        return ast.Runtime(identifier(name), base, _present(children[2:]), span)

    def scenario(self, span: Span, children: Children) -> ast.Scenario:
        return ast.Scenario(identifier(children[0]), _present(children[1:]), span)

    def fault(self, span: Span, children: Children) -> ast.Fault:
        names, count = children
        return ast.Fault(names, count, span)

    def actor(self, span: Span, children: Children) -> ast.Actor:
        kind, name, count, number, body = children
        return ast.Actor(kind.text, identifier(name), count, number, body, span)

    def peer(self, span: Span, children: Children) -> ast.Actor:
        word, body = children
        return ast.Actor("peer", identifier(word), None, None, body, span)

    def quiescent(self, span: Span, children: Children) -> ast.QuiescentWhen:
        return ast.QuiescentWhen(children[0], span)

    def invariant(self, span: Span, children: Children) -> ast.Invariant:
        name, condition = children
        return ast.Invariant(identifier(name), condition, span)

    def reachable(self, span: Span, children: Children) -> ast.Reachable:
        name, condition = children
        return ast.Reachable(identifier(name), condition, span)

    def rule(self, span: Span, children: Children) -> ast.Rule:
        id_, slug, quantifiers, text = children[:4]
        name = identifier(slug) if slug else None
        return ast.Rule(identifier(id_), name, quantifiers or (), string(text), _present(children[4:]), span)

    def needs(self, span: Span, children: Children) -> ast.Needs:
        return ast.Needs(children[0], span)

    def trigger(self, span: Span, children: Children) -> ast.Trigger:
        return ast.Trigger(tuple(children), span)

    def acyclic(self, span: Span, children: Children) -> ast.Acyclic:
        return ast.Acyclic(identifier(children[0]), span)

    def can_reach(self, span: Span, children: Children) -> ast.CanReach:
        target, when, without = children
        return ast.CanReach(target, when, identifier(without) if without else None, span)

    def under_setting(self, span: Span, children: Children) -> ast.Under:
        name, values, rules = children
        return ast.Under(ast.Setting(identifier(name), values, span), None, rules, span)

    def under_fault(self, span: Span, children: Children) -> ast.Under:
        names, count, rules = children
        return ast.Under(None, ast.Fault(names, count, span), rules, span)

    def handler(self, span: Span, children: Children) -> ast.Handler:
        return ast.Handler(tuple(children[:-1]), children[-1], span)

    def call_event(self, span: Span, children: Children) -> ast.Event:
        kind, name, arguments, result, subject = children
        return ast.Event(
            kind.text,
            identifier(name),
            arguments or (),
            identifier(result) if result else None,
            identifier(subject) if subject else None,
            span,
        )

    def event(self, span: Span, children: Children) -> ast.Event:
        kind, name, subject = children
        of = identifier(subject) if subject else None
        return ast.Event(kind.text, identifier(name), (), None, of, span)

    def bare_event(self, span: Span, children: Children) -> ast.Event:
        return ast.Event(children[0].text, None, (), None, None, span)

    def expect(self, span: Span, children: Children) -> ast.Expect:
        scenario = identifier(children[0]) if children[0] else None
        return ast.Expect(scenario, _present(children[1:]), span)

    def expect_line(self, span: Span, children: Children) -> ast.ExpectLine:
        properties, verdict, function, runtimes, condition = children
        place = identifier(function) if function else None
        return ast.ExpectLine(properties, verdict.text, place, runtimes or (), condition, span)

    def expect_all(self, span: Span, children: Children) -> ast.ExpectAll:
        return ast.ExpectAll(children[0].text, span)

    def expect_rest(self, span: Span, children: Children) -> ast.ExpectRest:
        return ast.ExpectRest(span)


def _present(children: Children) -> tuple[Any, ...]:
    return tuple(child for child in children if child is not None)
