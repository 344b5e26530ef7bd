"""`import`: the items of other files that a file sees."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from dmc.base.diagnostic import Diagnostic
from dmc.base.source import Span
from dmc.model.environment import World
from dmc.syntax import ast

Load = Callable[[str, Span], "ast.File | Diagnostic | Sequence[Diagnostic]"]
"""Reads the file of an import: the path as written, and the place of the import, to which it is relative."""

_NAMES = (ast.Const, ast.Enum, ast.Struct, ast.Variable, ast.Function, ast.Axis, ast.Driver)


@dataclass
class _Walk:
    world: World
    load: Load
    done: set[str] = field(default_factory=set)
    items: list[ast.Item] = field(default_factory=list)


def imported_items(file: ast.File, load: Load, world: World) -> tuple[ast.Item, ...]:
    """The named things of all files that the file imports, however indirectly, each file once.

    Rules, scenarios, expectations and settings stay behind.
    """
    walk = _Walk(world, load)
    _follow(file, (file.path,), walk)
    return tuple(walk.items)


def _follow(file: ast.File, chain: tuple[str, ...], walk: _Walk) -> None:
    for item in file.items:
        if isinstance(item, ast.Import):
            _import(item, chain, walk)


def _import(item: ast.Import, chain: tuple[str, ...], walk: _Walk) -> None:
    found = walk.load(item.path.value, item.path.span)
    if isinstance(found, Diagnostic):
        walk.world.diagnostics.append(found)
        return
    if not isinstance(found, ast.File):
        walk.world.diagnostics.extend(found)
        return
    if found.path in chain:
        note = " imports ".join([*chain[chain.index(found.path) :], found.path])
        hints = ("move what both need into a third file",)
        walk.world.report("E141", "files import each other", item.span, note, hints)
        return
    if found.path in walk.done:
        return
    walk.done.add(found.path)
    _follow(found, (*chain, found.path), walk)
    walk.items += [one for one in found.items if isinstance(one, _NAMES)]
