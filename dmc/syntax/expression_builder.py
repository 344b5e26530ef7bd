"""From the parse tree to the expressions of the syntax tree: one method for each rule of the grammar."""

# The grammar documents the rules; a docstring for each method would repeat it.
# ruff: noqa: D102

from __future__ import annotations

from typing import Any

from dmc.base.source import Span
from dmc.syntax import ast
from dmc.syntax.scanner import Lexeme, character_value

Children = list[Any]


def identifier(lexeme: Lexeme) -> ast.Identifier:
    """A word as a name."""
    return ast.Identifier(lexeme.text, lexeme.span)


def string(lexeme: Lexeme) -> ast.String:
    """A string literal, escapes left as written."""
    return ast.String(lexeme.text[1:-1], lexeme.span)


def number(lexeme: Lexeme) -> ast.Number:
    """A decimal or hexadecimal literal."""
    return ast.Number(int(lexeme.text, 0), lexeme.text, lexeme.span)


class ExpressionBuilder:
    """Types, values and expressions. A method takes the span of a rule and its converted children."""

    def type(self, span: Span, children: Children) -> ast.TypeName:
        return ast.TypeName(identifier(children[0]), len(children) - 1, span)

    def kind_word(self, span: Span, children: Children) -> ast.TypeName:
        return ast.TypeName(identifier(children[0]), 0, span)

    def field_name(self, span: Span, children: Children) -> ast.Identifier:
        return identifier(children[0])

    def names(self, span: Span, children: Children) -> tuple[ast.Identifier, ...]:
        return tuple(identifier(child) for child in children)

    def count(self, span: Span, children: Children) -> ast.Expr:
        word: Lexeme = children[0]
        return number(word) if word.text[0].isdigit() else ast.Name(word.text, span)

    def values(self, span: Span, children: Children) -> tuple[ast.Expr | ast.RangeValue, ...]:
        return tuple(children)

    def release(self, span: Span, children: Children) -> ast.Name:
        return ast.Name(children[0].text, span)

    def range_from(self, span: Span, children: Children) -> ast.RangeValue:
        return ast.RangeValue(children[0], None, span)

    def range_between(self, span: Span, children: Children) -> ast.RangeValue:
        return ast.RangeValue(children[0], children[1], span)

    def range_to(self, span: Span, children: Children) -> ast.RangeValue:
        return ast.RangeValue(None, children[0], span)

    def quantifiers(self, span: Span, children: Children) -> tuple[ast.Quantifier, ...]:
        return tuple(children)

    def quantifier(self, span: Span, children: Children) -> ast.Quantifier:
        kind, name, bounds = children
        return ast.Quantifier(kind, identifier(name), bounds, span)

    def quantified(self, span: Span, children: Children) -> ast.Quantified:
        kind, quantifiers, body = children
        return ast.Quantified(kind.text, quantifiers, body, span)

    def conditional(self, span: Span, children: Children) -> ast.Conditional:
        condition, then, otherwise = children
        return ast.Conditional(condition, then, otherwise, span)

    def binary(self, span: Span, children: Children) -> ast.Binary:
        left, operator, right = children
        return ast.Binary(operator.text, left, right, span)

    def membership(self, span: Span, children: Children) -> ast.Membership:
        operand, bounds = children
        return ast.Membership(operand, (bounds,), span)

    def membership_set(self, span: Span, children: Children) -> ast.Membership:
        operand, values = children
        return ast.Membership(operand, values, span)

    def unary(self, span: Span, children: Children) -> ast.Unary:
        operator, operand = children
        return ast.Unary(operator.text, operand, span)

    def call(self, span: Span, children: Children) -> ast.Call:
        function, arguments = children
        return ast.Call(function, arguments or (), span)

    def member(self, span: Span, children: Children) -> ast.Member:
        target, operator, name = children
        return ast.Member(target, name, operator.text == "->", span)

    def index(self, span: Span, children: Children) -> ast.Index:
        target, index = children
        return ast.Index(target, index, span)

    def name(self, span: Span, children: Children) -> ast.Name:
        return ast.Name(children[0].text, span)

    def number(self, span: Span, children: Children) -> ast.Number:
        return number(children[0])

    def character(self, span: Span, children: Children) -> ast.Number:
        text = children[0].text
        return ast.Number(character_value(text), text, span)

    def string(self, span: Span, children: Children) -> ast.String:
        return string(children[0])

    def bool_literal(self, span: Span, children: Children) -> ast.BoolLiteral:
        return ast.BoolLiteral(children[0].text == "true", span)

    def null(self, span: Span, children: Children) -> ast.Null:
        return ast.Null(span)

    def sizeof(self, span: Span, children: Children) -> ast.SizeOf:
        return ast.SizeOf(children[0], span)

    def choose(self, span: Span, children: Children) -> ast.Choose:
        return ast.Choose(children[0], span)

    def arguments(self, span: Span, children: Children) -> tuple[ast.Expr, ...]:
        return tuple(children)

    def tuple_value(self, span: Span, children: Children) -> ast.TupleValue:
        return ast.TupleValue(children[0] or (), span)
