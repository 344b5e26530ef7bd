"""What can only be said when all of the file is known: functions and axes without use, recursion."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from dmc.base.source import Span
from dmc.driver_api.callbacks import CALLBACKS
from dmc.model import model
from dmc.model.environment import World
from dmc.model.near_miss import near_miss
from dmc.model.one_step import check_calls

MAX_CALL_DEPTH = 40
MAX_COPIES = 2000


def check_whole(world: World, axes: list[model.Axis], path: str) -> None:
    """All such checks; an axis is that of this file's author only if it is declared here."""
    for driver in world.drivers:
        for function in driver.functions:
            _check_used(function, world)
    if not _check_recursion(world):
        _check_copies(world)
        check_calls(world)
    for axis in axes:
        if axis not in world.axes_read and axis.span.path == path:
            world.report(
                "E207",
                f"nothing reads the axis `{axis.name}`",
                axis.span,
                "all its values would give the same runs",
                ("delete it, or ask for it in the code of a driver or an actor",),
            )


def api_uses(world: World) -> dict[str, Span]:
    """The functions of the API that are called, each with the first place; not from unused library code."""
    of_drivers = {function for driver in world.drivers for function in driver.functions}
    found: dict[str, Span] = {}
    for name, span, caller in world.api_calls:
        if caller is None or caller in of_drivers or caller in world.used:
            known = found.get(name)
            if known is None or (known.path == span.path and span < known):
                found[name] = span
    return dict(sorted(found.items()))


def _check_used(function: model.Function, world: World) -> None:
    if function.callback or function in world.used:
        return
    meant = near_miss(function.name, CALLBACKS)
    hints = (f"did you mean the callback `{meant}`?",) if meant is not None else ()
    world.report(
        "E203",
        f"function `{function.name}` is neither a callback nor called",
        function.span,
        "nothing would ever run it",
        hints,
    )


def _check_recursion(world: World) -> bool:
    """Report each function that calls itself, directly or through others, once; whether there is one."""
    told: set[model.Function] = set()
    for function in world.calls:
        chain = _way_back(function, world)
        if chain is None or told & set(chain):
            continue
        told |= set(chain)
        first = chain[1] if len(chain) > 1 else function
        span = world.calls[function][first]
        way = " -> ".join(f.name for f in [*chain, function])
        hints = ("write a loop",)
        note = f"{way}: the stack would have no bound"
        world.report("E211", f"`{function.name}` calls itself", span, note, hints)
    return bool(told)


def _check_copies(world: World) -> None:
    """A function is copied for each chain of calls that leads to it: neither long nor many, then."""
    reached = set(world.calls)
    for _ in range(MAX_CALL_DEPTH):
        reached = {callee for function in reached for callee in world.calls.get(function, {})}
    if reached:
        first = min(reached, key=lambda function: function.span)
        note = f"at most {MAX_CALL_DEPTH} calls inside of each other"
        world.report("E315", f"calls that lead to `{first.name}` are nested too deeply", first.span, note)
        return
    known: dict[model.Function, int] = {}
    for function in world.calls:
        if _copies(function, known) > MAX_COPIES:
            note = f"each call is a copy of what it calls: at most {MAX_COPIES} of them"
            world.report("E315", f"`{function.name}` comes to too many calls", function.span, note)
            return


def _copies(function: model.Function, known: dict[model.Function, int]) -> int:
    """How many calls one call of the function comes to, itself included."""
    if function not in known:
        known[function] = 1 + sum(_copies(callee, known) for callee in _callees(function.body))
    return known[function]


def _callees(node: object) -> Iterator[model.Function]:
    """The function of each call in a body."""
    match node:
        case model.Function() | model.Variable():
            return
        case model.Declare():
            yield from _callees(node.variable.initial)
            return
        case model.FunctionCall():
            yield node.function
        case model.IndirectCall():
            yield from node.targets
        case tuple():
            for one in node:
                yield from _callees(one)
            return
        case _:
            pass
    if is_dataclass(node):
        for field in fields(node):
            yield from _callees(getattr(node, field.name))


def _way_back(start: model.Function, world: World) -> list[model.Function] | None:
    """A shortest chain of calls from the function back to it, without the end."""
    reached: dict[model.Function, list[model.Function]] = {start: [start]}
    queue = [start]
    for function in queue:
        for callee in world.calls.get(function, {}):
            if callee is start:
                return reached[function]
            if callee not in reached:
                reached[callee] = [*reached[function], callee]
                queue.append(callee)
    return None
