"""What can stand in `atomic { }`: its body is one step, so nothing in it leaves it or acts on a port."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from dmc.base.source import Span
from dmc.model import model
from dmc.model.environment import Env, World
from dmc.syntax import ast

_WORDS: tuple[tuple[type, str], ...] = (
    (ast.Return, "`return`"),
    (ast.Spawn, "`spawn`"),
    (ast.Receive, "`receive`"),
)
_ONE_STEP = """
driver_alloc driver_free reads writes atomic_fetch_add atomic_fetch_sub driver_system_info
erl_drv_mutex_create erl_drv_mutex_lock erl_drv_mutex_trylock erl_drv_mutex_unlock erl_drv_mutex_destroy
erl_drv_cond_create erl_drv_cond_wait erl_drv_cond_signal erl_drv_cond_broadcast erl_drv_cond_destroy
"""
_CALLS = frozenset(_ONE_STEP.split())
_NOTE = "its body is one step"


def check_one_step(body: ast.Block, env: Env) -> None:
    """Report what cannot be part of one step, as far as the text says it."""
    for node in _parts_of(body):
        for kind, word in _WORDS:
            if isinstance(node, kind):
                env.report("E490", f"{word} inside of `atomic` is not in this version", _span(node), _NOTE)


def check_calls(world: World) -> None:
    """Report calls in one step that come to more than one, also in functions called there."""
    for body in world.one_steps:
        for call, place in _calls(body, None, frozenset()):
            name = call.function if isinstance(call, model.ApiCall | model.ProcessCall) else "this"
            if isinstance(call, model.ApiCall) and name in _CALLS:
                continue
            note = "it enters the runtime, which takes several steps"
            if place is not call.span:
                note = f"`{name}` is called at {call.span}, and {note}"
            world.report("E490", f"a call of `{name}` in a single step is not in this version", place, note)


def _calls(
    node: object, place: Span | None, inside: frozenset[model.Function]
) -> Iterator[tuple[model.ApiCall | model.ProcessCall, Span]]:
    """The calls of the runtime in a body, each with where the block comes to it."""
    match node:
        case model.Function() | model.Variable() | model.Process() | model.Struct():
            return
        case model.ProcessCall(function="self" | "bytes"):
            return
        case model.ApiCall() | model.ProcessCall():
            yield node, place or node.span
        case model.FunctionCall(function=function) if function not in inside:
            yield from _calls(function.body, place or node.span, inside | {function})
        case model.IndirectCall(targets=targets):
            for target in targets:
                if target not in inside:
                    yield from _calls(target.body, place or node.span, inside | {target})
        case model.Declare(variable=variable):
            yield from _calls(variable.initial, place, inside)
        case tuple():
            for part in node:
                yield from _calls(part, place, inside)
            return
        case _:
            pass
    if is_dataclass(node):
        for field in fields(node):
            yield from _calls(getattr(node, field.name), place, inside)


def _parts_of(node: object) -> Iterator[object]:
    """All of a tree; another process is no part of the step that starts it."""
    if isinstance(node, tuple):
        for part in node:
            yield from _parts_of(part)
    elif is_dataclass(node) and not isinstance(node, type):
        yield node
        if not isinstance(node, ast.Spawn):
            for field in fields(node):
                yield from _parts_of(getattr(node, field.name))


def _span(node: object) -> Span:
    span = getattr(node, "span", None)
    assert isinstance(span, Span)
    return span
