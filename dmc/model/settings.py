"""Settings of a file, a scenario and a driver: what is varied, and over which values."""

from __future__ import annotations

from dataclasses import dataclass, field

from dmc.base.source import Span
from dmc.base.types import BoolType, EnumType
from dmc.model import model
from dmc.model.checked import constant
from dmc.model.constants import fold
from dmc.model.environment import UNKNOWN, Env, Place
from dmc.model.near_miss import did_you_mean
from dmc.model.values import fixed_range
from dmc.model.vocabulary import DRIVER_FLAGS, DRIVER_FLAGS_NOT_YET
from dmc.syntax import ast

BOUNDS = ("nesting", "mailbox")
"""Bounds of the model: of each there is one number, and going beyond it is a cut."""

KNOWN_SETTINGS = ("runtime", "locking", "schedulers", "async_threads", *BOUNDS)
_LOCKING = ("port", "driver")
_LIMITS = {"schedulers": (1, 64), "async_threads": (0, 1024), "nesting": (1, 16), "mailbox": (1, 16)}


@dataclass
class _Draft:
    """Settings that are being collected."""

    runtimes: tuple[model.RuntimeRange, ...] | None = None
    locking: tuple[str, ...] | None = None
    numbers: dict[str, tuple[int, ...]] = field(default_factory=dict)
    axes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    spans: dict[str, Span] = field(default_factory=dict)


def settings(items: list[ast.Setting], env: Env) -> model.Settings:
    """All settings of one level."""
    draft = _Draft()
    for item in items:
        name = item.name.text
        if name in draft.spans:
            env.report(
                "E205", f"`{name}` is set twice", item.name.span, f"the first one is at {draft.spans[name]}"
            )
            continue
        draft.spans[name] = item.span
        _one(item, draft, env)
    numbers = draft.numbers
    return model.Settings(
        runtimes=draft.runtimes,
        locking=draft.locking,
        schedulers=numbers.get("schedulers"),
        async_threads=numbers.get("async_threads"),
        axes=draft.axes,
        spans=draft.spans,
        numbers={name: numbers[name][0] for name in BOUNDS if numbers.get(name)},
    )


def _one(item: ast.Setting, draft: _Draft, env: Env) -> None:
    name = item.name.text
    if name == "runtime":
        draft.runtimes = runtime_ranges(item.values, env)
    elif name == "locking":
        draft.locking = _locking(item, env)
    elif name in _LIMITS:
        draft.numbers[name] = _numbers(item, env)
    else:
        _axis(item, draft, env)


def driver_flags(item: ast.Setting, env: Env) -> list[str]:
    """The names in `driver_flags = A | B;`."""
    if item.name.text != "driver_flags":
        hints = did_you_mean(item.name.text, ["driver_flags"])
        note = "a driver sets its `driver_flags`; runs are set in the file or in a scenario"
        env.report("E416", f"a driver has no setting `{item.name.text}`", item.name.span, note, hints)
        return []
    return [flag for value in item.values for flag in _flags(value, env)]


def _flags(value: ast.Expr | ast.RangeValue, env: Env) -> list[str]:
    match value:
        case ast.Binary(operator="|"):
            return _flags(value.left, env) + _flags(value.right, env)
        case ast.Number(value=0):
            return []
        case ast.Name(text=text) if text in DRIVER_FLAGS:
            return [text]
        case ast.Name(text=text) if text in DRIVER_FLAGS_NOT_YET:
            env.report("E290", f"`{text}` is not in this version", value.span)
        case ast.Name(text=text):
            hints = did_you_mean(text, [*DRIVER_FLAGS, *DRIVER_FLAGS_NOT_YET])
            env.report("E200", f"unknown flag `{text}`", value.span, "", hints)
        case _:
            env.report("E418", "driver flags are names joined by `|`", value.span)
    return []


# --- runtimes -----------------------------------------------------------------------------------


def runtime_ranges(values: tuple[ast.Expr | ast.RangeValue, ...], env: Env) -> tuple[model.RuntimeRange, ...]:
    """Releases and presets, put together from the expressions that they look like."""
    found = []
    for value in values:
        one = _runtime_range(value)
        if one is None:
            hints = ("write a release (`R12B-5`, `17.5`), a preset (`otp23`) or a range (`R12B..`)",)
            env.report("E501", "this is no release", value.span, "", hints)
        else:
            found.append(one)
    return tuple(found)


def _runtime_range(value: ast.Expr | ast.RangeValue) -> model.RuntimeRange | None:
    if not isinstance(value, ast.RangeValue):
        text = release_text(value)
        return model.RuntimeRange(text, text, True, value.span) if text is not None else None
    low = release_text(value.low) if value.low is not None else None
    high = release_text(value.high) if value.high is not None else None
    if (value.low is not None and low is None) or (value.high is not None and high is None):
        return None
    return model.RuntimeRange(low, high, False, value.span)


def release_text(value: ast.Expr) -> str | None:
    """`R12B-5/smp` was read as a subtraction and a division."""
    match value:
        case ast.Name():
            return value.text
        case ast.Number():
            return value.text
        case ast.Binary(operator="-" | "/"):
            left, right = release_text(value.left), release_text(value.right)
            return f"{left}{value.operator}{right}" if left is not None and right is not None else None
        case _:
            return None


# --- the other settings -------------------------------------------------------------------------


def _locking(item: ast.Setting, env: Env) -> tuple[str, ...]:
    found = []
    for value in item.values:
        if isinstance(value, ast.Name) and value.text in _LOCKING:
            found.append(value.text)
            continue
        text = value.text if isinstance(value, ast.Name) else ""
        env.report("E418", "`locking` is `port` or `driver`", value.span, "", did_you_mean(text, _LOCKING))
    return tuple(dict.fromkeys(found))


def _numbers(item: ast.Setting, env: Env) -> tuple[int, ...]:
    name = item.name.text
    least, most = _LIMITS[name]
    found: list[int] = []
    for value in item.values:
        bounds = _bounds(value, env)
        if bounds is None:
            continue
        low, high = bounds
        if low < least or high > most:
            env.report("E418", f"`{name}` is a number from {least} to {most}", value.span)
            continue
        found += range(low, high + 1)
    if name in BOUNDS and len(found) > 1:
        env.report("E418", f"`{name}` is one number", item.span, "it is a bound of the model, not an axis")
    return tuple(dict.fromkeys(found))


def _bounds(value: ast.Expr | ast.RangeValue, env: Env) -> tuple[int, int] | None:
    """The ends of a range of constants, both the same for a single one."""
    if isinstance(value, ast.RangeValue):
        ends = fixed_range(value, _constants(env))
    else:
        single = constant(value, _constants(env))
        ends = (single, single)
    if ends is None or UNKNOWN in (ends[0].type, ends[1].type):
        return None
    low, high = fold(ends[0]), fold(ends[1])
    if low is None or high is None:
        env.report("E313", "a setting needs constants", value.span)
        return None
    return low.value, high.value


def _constants(env: Env) -> Env:
    return Env(env.world, env.scope, Place.CONSTANT, env.resolver)


def _axis(item: ast.Setting, draft: _Draft, env: Env) -> None:
    name = item.name.text
    axis = env.scope.find(name)
    if not isinstance(axis, model.Axis):
        axes = [known for known, symbol in env.scope.all() if isinstance(symbol, model.Axis)]
        hints = did_you_mean(name, [*axes, *KNOWN_SETTINGS])
        note = "a setting is an axis of the file, or one of " + ", ".join(KNOWN_SETTINGS)
        if name == "driver_flags":
            note = "flags belong to a driver"
        env.report("E416", f"unknown setting `{name}`", item.name.span, note, hints)
        return
    draft.axes[name] = tuple(
        dict.fromkeys(v for value in item.values for v in _axis_values(axis, value, env))
    )


def _axis_values(axis: model.Axis, value: ast.Expr | ast.RangeValue, env: Env) -> list[str]:
    match axis.type:
        case EnumType() | BoolType():
            text = _word(value)
            if text in axis.values:
                return [text]
            hints = did_you_mean(text, axis.values)
        case _:
            bounds = _bounds(value, env)
            if bounds is None or not axis.values:
                return []
            numbers = [str(number) for number in range(bounds[0], min(bounds[1], bounds[0] + 10_000) + 1)]
            if set(numbers) <= set(axis.values):
                return numbers
            hints = ()
    note = f"its values are {_listed(axis.values)}"
    env.report("E417", f"the axis `{axis.name}` has no such value", value.span, note, hints)
    return []


def runtime_word(value: ast.Expr | ast.RangeValue) -> str:
    """The value of a variation point, as it is written."""
    match value:
        case ast.Number():
            return value.text
        case _:
            return _word(value)


def _word(value: ast.Expr | ast.RangeValue) -> str:
    match value:
        case ast.Name():
            return value.text
        case ast.BoolLiteral():
            return "true" if value.value else "false"
        case _:
            return ""


def _listed(values: tuple[str, ...]) -> str:
    return ", ".join(values) if len(values) <= 8 else f"{values[0]} to {values[-1]}"
