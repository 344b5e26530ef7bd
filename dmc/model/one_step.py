"""What can stand in `atomic { }`: its body is one step, so nothing in it chooses, repeats, calls or waits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from dmc.base.source import Span
from dmc.model.environment import Env
from dmc.model.lists import LIST_CALLS
from dmc.syntax import ast

_WORDS: tuple[tuple[type, str], ...] = (
    (ast.Declaration, "a declaration"),
    (ast.While, "a loop"),
    (ast.For, "a loop"),
    (ast.ForEach, "a loop"),
    (ast.Switch, "`switch`"),
    (ast.Either, "`either`"),
    (ast.Upto, "`upto`"),
    (ast.AnyOrder, "`any_order`"),
    (ast.Atomic, "another `atomic`"),
    (ast.Return, "`return`"),
    (ast.Break, "`break`"),
    (ast.Continue, "`continue`"),
    (ast.Spawn, "`spawn`"),
    (ast.Receive, "`receive`"),
    (ast.CallStatement, "a call"),
    (ast.Call, "a call"),
    (ast.Choose, "`choose`"),
    (ast.SizeOf, "`sizeof`"),
    (ast.String, "a text"),
)
_NOTE = "its body is one step: assignments, `if`, `assert`, `assume` and `reachable`"


def check_one_step(body: ast.Block, env: Env) -> None:
    """Report what cannot be part of one step."""
    for position, statement in enumerate(body.statements):
        if position == 0 and isinstance(statement, ast.Await):
            _check(statement.condition, env)
        else:
            _check(statement, env)


def _check(node: object, env: Env) -> None:
    """Of what is refused inside of each other, the outermost is told."""
    if isinstance(node, ast.Await):
        note = "whoever has to wait in the middle of a step could never go on"
        hints = ("begin the `atomic` with it: then it is what the step waits for",)
        env.report("E409", "`await` is not the first statement of `atomic`", node.span, note, hints)
        return
    node = _on_list(node)
    for kind, word in _WORDS:
        if isinstance(node, kind):
            env.report("E490", f"{word} inside of `atomic` is not in this version", _span(node), _NOTE)
            return
    for part in _parts(node):
        _check(part, env)


def _on_list(node: object) -> object:
    """Of a call on a list, what it is called with."""
    if isinstance(node, ast.CallStatement):
        node = node.call
    if (
        isinstance(node, ast.Call)
        and isinstance(node.function, ast.Name)
        and node.function.text in LIST_CALLS
    ):
        return node.arguments
    return node


def _parts(node: object) -> Iterator[object]:
    """What a node of the tree consists of; the texts of `assert`s are no values."""
    if isinstance(node, tuple):
        yield from node
    elif is_dataclass(node):
        for field in fields(node):
            if not (isinstance(node, ast.Assert) and field.name == "text"):
                yield getattr(node, field.name)


def _span(node: object) -> Span:
    span = getattr(node, "span", None)
    assert isinstance(span, Span)
    return span
