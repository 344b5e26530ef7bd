"""What the syntax stage refuses for its size, so that every later stage may use plain recursion."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

from dmc.base.diagnostic import Diagnostic
from dmc.base.source import SourceFile, Span
from dmc.syntax.scanner import Lexeme

MAX_CHARACTERS = 1_000_000
MAX_BYTES = 4 * MAX_CHARACTERS
MAX_ERRORS = 20
MAX_FAILURES = 60
"""Places at which the parser may go on after an error, those that are not told included."""
MAX_LEXEMES = 100_000
MAX_DEPTH = 120
"""Levels of the syntax tree. A consumer with five frames for each level stays within Python's limit."""
MAX_STACK = 2_000
"""Entries of the parser's stack: passed only by input that is nested much deeper than MAX_DEPTH."""


def check_size(source: SourceFile) -> Diagnostic | None:
    """A complaint about a text that is larger than any model."""
    if len(source.text) <= MAX_CHARACTERS:
        return None
    message = f"a model has at most {MAX_CHARACTERS} characters, and this file has {len(source.text)}"
    return Diagnostic("E133", message, Span(source.path, 1, 1, 1, 2))


def check_length(lexemes: list[Lexeme]) -> Diagnostic | None:
    """A complaint about a text with more words and signs than any model."""
    if len(lexemes) <= MAX_LEXEMES:
        return None
    message = f"a model has at most {MAX_LEXEMES} words, signs and comments"
    return Diagnostic("E133", message, lexemes[-1].span, "reading stopped here")


def check_depth(root: Any) -> list[Diagnostic]:
    """A complaint about the first node that is nested too deeply."""
    work: list[tuple[Any, int]] = [(root, 0)]
    while work:
        node, depth = work.pop()
        if isinstance(node, tuple):
            work.extend((child, depth) for child in reversed(node))
        elif is_dataclass(node) and not isinstance(node, Span):
            if depth > MAX_DEPTH:
                return [too_deep(_span_of(node))]
            children = [getattr(node, field.name) for field in fields(node)]
            work.extend((child, depth + 1) for child in reversed(children))
    return []


def _span_of(node: Any) -> Span:
    span: Span = node.span
    return span


def too_deep(span: Span) -> Diagnostic:
    """The complaint about nesting."""
    hint = "give the inner parts names: move them into functions or variables"
    return Diagnostic("E113", "this is nested too deeply", span, f"at most {MAX_DEPTH} levels", (hint,))
