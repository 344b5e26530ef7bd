"""Proposed runtimes: `runtime mine extends otp25 { point = value; }`.

What points and values there are is knowledge of the runtime: it arrives as a `RuntimeBook`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from dmc.base.source import Span
from dmc.model import model
from dmc.model.environment import Env, World, report_clash
from dmc.model.near_miss import did_you_mean
from dmc.model.releases import ReleaseOrder, written_runtimes
from dmc.model.settings import release_text, runtime_word
from dmc.syntax import ast

_WRITE = "write a preset (`otp23`, `r13smp`) or a release (`17`, `R14B03/smp`)"


class RuntimeBook(Protocol):
    """What the model stage asks about runtimes."""

    @property
    def points(self) -> Mapping[str, tuple[str, ...]]:
        """The values of each variation point that some mechanism reads, as a model spells them."""

    @property
    def points_not_read(self) -> frozenset[str]:
        """Points of features that are not in this version."""

    def meanings(self, base: str) -> tuple[str, ...]:
        """The runtimes that a release or preset stands for; those of both builds where there were both."""

    def contradiction(self, proposed: Sequence[model.ProposedRuntime], name: str) -> str:
        """Why no emulator could have the values of that runtime together, or "" if one could."""


def proposed_runtimes(items: Sequence[ast.Runtime], env: Env) -> tuple[model.ProposedRuntime, ...]:
    """All that a file proposes; each name once."""
    found: dict[str, model.ProposedRuntime] = {}
    for item in items:
        base = release_text(item.base)
        if base is None:
            env.report("E501", "this is no runtime", item.base.span, "", (_WRITE,))
            continue
        one = model.ProposedRuntime(
            item.name.text,
            base,
            tuple(p for setting in item.settings if (p := _point(setting, env)) is not None),
            item.name.span,
            item.base.span,
        )
        if one.name in found:
            report_clash(env.world, one.name, one.span, found[one.name].span)
        found.setdefault(one.name, one)
        _check_once(one, env)
        if not one.points and not item.settings:
            hints = (f"use `{one.base}` itself, or write what is to be different: `point = value;`",)
            message = f"`{one.name}` changes nothing"
            env.report("E504", message, one.span, f"it would be `{one.base}` by another name", hints)
    return tuple(found.values())


def check_runtimes(found: model.Model, order: ReleaseOrder, book: RuntimeBook, world: World) -> None:
    """Bases that do not exist, cycles, points and values that do not exist or do not go together."""
    by_name = {one.name: one for one in found.runtimes}
    for runtime in written_runtimes(found):
        end = next((e for e in (runtime.low, runtime.high) if e in by_name and not runtime.single), None)
        if end is not None:
            note = "it is no release: nothing is older or newer than it"
            world.report("E501", f"`{end}` is no end of a range", runtime.span, note)
    for one in found.runtimes:
        if order(one.name, True) is not None:
            note = "a result that names it would speak of the release"
            world.report("E205", f"`{one.name}` is the name of a release or preset", one.span, note)
        good = _check_base(one, by_name, order, book, world)
        good = _check_points(one, book, world) and good
        if good and not world.has_errors:
            why = book.contradiction(found.runtimes, one.name)
            if why:
                world.report("E506", f"no emulator could be `{one.name}`", one.span, why)


@dataclass(frozen=True)
class OrderWithProposed:
    """A `ReleaseOrder` in which a proposed runtime is as old as what it extends."""

    proposed: tuple[model.ProposedRuntime, ...]
    order: ReleaseOrder

    def __call__(self, text: str, is_low: bool) -> object:
        """See `ReleaseOrder`."""
        by_name = {one.name: one for one in self.proposed}
        seen: set[str] = set()
        while text in by_name and text not in seen:
            seen.add(text)
            text = by_name[text].base
        return None if text in seen else self.order(text, is_low)


def _point(setting: ast.Setting, env: Env) -> model.ProposedPoint | None:
    name = setting.name
    words = [runtime_word(value) for value in setting.values]
    if len(words) != 1 or not words[0]:
        env.report(
            "E504", f"`{name.text}` needs one value", setting.span, "the name of what the runtime does"
        )
        return None
    return model.ProposedPoint(name.text, words[0], name.span, setting.values[0].span)


def _check_once(one: model.ProposedRuntime, env: Env) -> None:
    first: dict[str, Span] = {}
    for point in one.points:
        known = first.setdefault(point.name, point.span)
        if known is not point.span:
            env.report("E205", f"`{point.name}` is set twice", point.span, f"the first one is at {known}")


def _check_base(
    one: model.ProposedRuntime,
    by_name: Mapping[str, model.ProposedRuntime],
    order: ReleaseOrder,
    book: RuntimeBook,
    world: World,
) -> bool:
    chain = [one.name]
    base = one.base
    while base in by_name:
        if base in chain:
            cycle = chain[chain.index(base) :]
            if one.name == next(name for name in by_name if name in cycle):
                note = " extends ".join([*cycle, base])
                begin = ("begin with a release or a preset",)
                world.report("E505", "runtimes that extend each other", one.base_span, note, begin)
            return False
        chain.append(base)
        base = by_name[base].base
    meanings = book.meanings(base)
    if order(base, True) is None or not meanings:
        if base == one.base:
            hints: tuple[str, ...] = (*did_you_mean(base, by_name), _WRITE)
            world.report("E501", f"`{base}` is no runtime", one.base_span, "", hints)
        return False
    if len(meanings) > 1:
        if base == one.base:
            hint = "write " + " or ".join(f"`{name}`" for name in meanings)
            world.report(
                "E501", f"`{base}` is several runtimes", one.base_span, "one can be extended", (hint,)
            )
        return False
    return True


def _check_points(one: model.ProposedRuntime, book: RuntimeBook, world: World) -> bool:
    """All of them are told, not only the first."""
    results = [_check_point(point, book, world) for point in one.points]
    return all(results)


def _check_point(point: model.ProposedPoint, book: RuntimeBook, world: World) -> bool:
    if point.name in book.points_not_read:
        note = "it governs what is not in this version: changing it would change nothing"
        world.report("E590", f"the variation point `{point.name}` is not in this version", point.span, note)
        return False
    values = book.points.get(point.name)
    if values is None:
        hints = did_you_mean(point.name, [*book.points, *book.points_not_read])
        note = "the points are those of `specs/runtime`"
        world.report("E503", f"unknown variation point `{point.name}`", point.span, note, hints)
        return False
    if point.value not in values:
        hints = did_you_mean(point.value, values)
        note = f"it is one of {', '.join(values)}"
        message = f"`{point.name}` cannot be `{point.value}`"
        world.report("E504", message, point.value_span, note, hints)
        return False
    return True
