"""The syntax tree as indented text, for `dmc dump --stage ast`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from dmc.base.source import Span
from dmc.syntax import ast

INDENT = "  "


def print_tree(node: Any, spans: bool = False) -> str:
    """One line for each node, its plain values on that line, its parts indented below it."""
    return "\n".join(_node_lines(node, "", "", spans)) + "\n"


def _node_lines(node: Any, label: str, indent: str, spans: bool) -> Iterator[str]:
    parts: list[tuple[str, Any]] = []
    values: list[str] = []
    for field in fields(node):
        value = getattr(node, field.name)
        if isinstance(value, Span):
            continue
        if _is_plain(value):
            values.append(f"{field.name}={_plain(value)}")
        else:
            parts.append((field.name, value))
    place = f" @{_place(node.span)}" if spans else ""
    yield " ".join([f"{indent}{label}{type(node).__name__}", *values]) + place
    for name, value in parts:
        yield from _part_lines(name, value, indent + INDENT, spans)


def _part_lines(name: str, value: Any, indent: str, spans: bool) -> Iterator[str]:
    if not isinstance(value, tuple):
        yield from _node_lines(value, f"{name}: ", indent, spans)
        return
    yield f"{indent}{name}:"
    for entry in value:
        yield from _node_lines(entry, "", indent + INDENT, spans)


def _is_plain(value: Any) -> bool:
    if isinstance(value, tuple):
        return all(isinstance(entry, ast.Identifier) for entry in value)
    return value is None or isinstance(value, str | int | ast.Identifier | ast.TypeName)


def _plain(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, tuple):
        return "(" + ", ".join(identifier.text for identifier in value) + ")"
    if isinstance(value, ast.Identifier):
        return value.text
    if isinstance(value, ast.TypeName):
        return value.name.text + "*" * value.stars
    if isinstance(value, bool):
        return "yes" if value else "no"
    return repr(value)


def _place(span: Span) -> str:
    return f"{span.line}:{span.column}-{span.end_line}:{span.end_column}"
