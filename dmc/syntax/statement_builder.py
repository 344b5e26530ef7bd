"""From the parse tree to the statements of the syntax tree: one method for each rule of the grammar."""

# The grammar documents the rules; a docstring for each method would repeat it.
# ruff: noqa: D102

from __future__ import annotations

from dataclasses import dataclass

from dmc.base.diagnostic import Diagnostic
from dmc.base.source import Span
from dmc.syntax import ast
from dmc.syntax.expression_builder import Children, ExpressionBuilder, identifier, string


@dataclass(frozen=True)
class _Label:
    """`case value:`, or `default:` without a value."""

    value: ast.Expr | None
    span: Span


class StatementBuilder(ExpressionBuilder):
    """Variables and statements; `problems` holds what parses and still is no statement."""

    def __init__(self) -> None:
        self.problems: list[Diagnostic] = []

    def variable(self, span: Span, children: Children) -> ast.Variable:
        storage, type_, name, size, second, bounds, where, initial = children
        name = name if isinstance(name, ast.Identifier) else identifier(name)
        word = storage.text if storage else ""
        return ast.Variable(word, type_, name, size, second, bounds, where, initial, span)

    def block(self, span: Span, children: Children) -> ast.Block:
        return ast.Block(tuple(child for child in children if child is not None), span)

    def declaration(self, span: Span, children: Children) -> ast.Declaration:
        return ast.Declaration(children[0], span)

    def assignment(self, span: Span, children: Children) -> ast.Assignment:
        target, operator = children[0], children[1]
        if len(children) == 2:
            one = ast.Number(1, "1", operator.span)
            return ast.Assignment(target, operator.text[0] + "=", one, True, span)
        return ast.Assignment(target, operator.text, children[2], False, span)

    def call_statement(self, span: Span, children: Children) -> ast.CallStatement:
        value: ast.Expr = children[0]
        if isinstance(value, ast.Call):
            return ast.CallStatement(value, span)
        self.problems.append(
            Diagnostic(
                "E112",
                "this is no statement: it computes a value and does nothing with it",
                value.span,
                hints=("assign it, or call a function: `place = value;` or `f(value);`",),
            )
        )
        return ast.CallStatement(ast.Call(value, (), span), span)

    def return_statement(self, span: Span, children: Children) -> ast.Return:
        return ast.Return(children[0], span)

    def break_statement(self, span: Span, children: Children) -> ast.Break:
        return ast.Break(span)

    def continue_statement(self, span: Span, children: Children) -> ast.Continue:
        return ast.Continue(span)

    def if_statement(self, span: Span, children: Children) -> ast.If:
        condition, then, otherwise = children
        return ast.If(condition, then or _nothing(span), otherwise, span)

    def while_statement(self, span: Span, children: Children) -> ast.While:
        condition, body = children
        return ast.While(condition, body or _nothing(span), span)

    def for_statement(self, span: Span, children: Children) -> ast.For:
        initial, condition, step, body = children
        return ast.For(initial, condition, step, body or _nothing(span), span)

    def for_each(self, span: Span, children: Children) -> ast.ForEach:
        type_, name, values, body = children
        return ast.ForEach(type_, identifier(name), values, body or _nothing(span), span)

    def case_label(self, span: Span, children: Children) -> _Label:
        return _Label(children[0], span)

    def default_label(self, span: Span, children: Children) -> _Label:
        return _Label(None, span)

    def case(self, span: Span, children: Children) -> ast.Case:
        label: _Label = children[0]
        values = () if label.value is None else (label.value,)
        body = tuple(child for child in children[1:] if child is not None)
        return ast.Case(values, label.value is None, body, span)

    def switch_statement(self, span: Span, children: Children) -> ast.Switch:
        return ast.Switch(children[0], _share_bodies(children[1:]), span)

    def either(self, span: Span, children: Children) -> ast.Either:
        return ast.Either(tuple(children), span)

    def upto(self, span: Span, children: Children) -> ast.Upto:
        count, body = children
        return ast.Upto(count, body or _nothing(span), span)

    def any_order(self, span: Span, children: Children) -> ast.AnyOrder:
        return ast.AnyOrder(children[0], span)

    def atomic(self, span: Span, children: Children) -> ast.Atomic:
        return ast.Atomic(children[0], span)

    def spawn(self, span: Span, children: Children) -> ast.Spawn:
        name, body = children
        return ast.Spawn(identifier(name), body, span)

    def patterns(self, span: Span, children: Children) -> tuple[ast.Expr | ast.Binding, ...]:
        return tuple(children)

    def binding(self, span: Span, children: Children) -> ast.Binding:
        type_, name = children
        return ast.Binding(identifier(type_), identifier(name), span)

    def receive(self, span: Span, children: Children) -> ast.Receive:
        return ast.Receive(children[0] or (), span)

    def await_statement(self, span: Span, children: Children) -> ast.Await:
        return ast.Await(children[0], span)

    def assert_statement(self, span: Span, children: Children) -> ast.Assert:
        condition, text = children
        return ast.Assert(condition, string(text) if text else None, span)

    def assume(self, span: Span, children: Children) -> ast.Assume:
        return ast.Assume(children[0], span)

    def reachable_mark(self, span: Span, children: Children) -> ast.ReachableMark:
        return ast.ReachableMark(identifier(children[0]), span)

    def error(self, span: Span, children: Children) -> None:
        return None


def _nothing(span: Span) -> ast.Block:
    """What stands for a statement that was skipped after an error."""
    return ast.Block((), span)


def _share_bodies(cases: list[ast.Case]) -> tuple[ast.Case, ...]:
    """Labels without a body belong to the next case, as in C."""
    shared: list[ast.Case] = []
    for case in cases:
        if shared and not shared[-1].body:
            labels = shared.pop()
            span = Span(
                case.span.path,
                labels.span.line,
                labels.span.column,
                case.span.end_line,
                case.span.end_column,
            )
            case = ast.Case(labels.values + case.values, labels.default or case.default, case.body, span)
        shared.append(case)
    return tuple(shared)
