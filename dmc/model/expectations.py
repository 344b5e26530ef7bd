"""Expectations: lines about runs that exist, of properties that exist."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product

from dmc.base.source import Span
from dmc.model import model
from dmc.model.checked import tested
from dmc.model.constants import Values, axis_value, evaluate, names_read
from dmc.model.environment import LOCKING, UNKNOWN, Env, Place
from dmc.model.near_miss import did_you_mean, near_miss
from dmc.model.scope import Constant, Enumerators, NamedType, Scope
from dmc.model.settings import runtime_ranges
from dmc.syntax import ast

DEFAULT_ASYNC_THREADS = (1,)
DEFAULT_SCHEDULERS = (2,)
_PORT_LOCKING = "ERL_DRV_FLAG_USE_PORT_LOCKING"


@dataclass(frozen=True)
class Subject:
    """What expectations can speak about."""

    properties: Mapping[str, str]
    """Each id and name of a property with the other one, for the near miss."""
    ids: Mapping[str, str]
    """The id of each property that is written by its name."""
    open_catalogue: bool
    """Whether ids in the form of the catalogue are taken as they are, as no catalogue was given."""
    scenarios: tuple[model.Scenario, ...]
    settings: model.Settings
    axes: tuple[model.Axis, ...]
    drivers: tuple[model.Driver, ...]
    functions: frozenset[str]


def expectations(items: list[ast.Expect], subject: Subject, env: Env) -> tuple[model.Expect, ...]:
    """The expectations of a file."""
    found = [_expect(item, items, subject, env) for item in items]
    named: dict[str | None, ast.Expect] = {}
    for item in items:
        name = item.scenario.text if item.scenario is not None else None
        first = named.setdefault(name, item)
        if first is not item:
            which = f"scenario `{name}`" if name is not None else "all scenarios"
            env.report(
                "E607", f"there are two `expect` blocks for {which}", item.span, f"first at {first.span}"
            )
    return tuple(found)


def is_property(name: str, subject: Subject) -> bool:
    """Whether it is the id or the name of a property."""
    if name in subject.properties:
        return True
    letters, digits = name[:3], name[3:]
    return (
        subject.open_catalogue
        and letters.isalpha()
        and letters.isupper()
        and len(digits) == 3
        and digits.isdigit()
    )


def report_unknown_property(name: ast.Identifier, code: str, subject: Subject, env: Env) -> None:
    """The refusal of a property that is neither in the catalogue nor in the file."""
    meant = near_miss(name.text, subject.properties)
    hints: tuple[str, ...] = ()
    if meant is not None:
        title = subject.properties[meant]
        hints = (f"did you mean `{meant}`{f' ({title})' if title else ''}?",)
    note = "neither a rule of the catalogue nor one of this file"
    what = "rule" if code == "E602" else "property"
    env.report(code, f"unknown {what} `{name.text}`", name.span, note, hints)


def _expect(item: ast.Expect, items: list[ast.Expect], subject: Subject, env: Env) -> model.Expect:
    concerned = _concerned(item, items, subject, env)
    lines: list[model.ExpectLine] = []
    all_verdict, rest_any = "", False
    for line in item.lines:
        match line:
            case ast.ExpectAll():
                all_verdict = line.verdict
            case ast.ExpectRest():
                rest_any = True
            case ast.ExpectLine():
                lines += _line(line, concerned, subject, env)
    if all_verdict and lines:
        note = "a line is an exception, and there are none then"
        env.report("E605", f"`all {all_verdict}` beside other lines", item.span, note)
    _check_contradictions(lines, concerned, subject, env)
    name = item.scenario.text if item.scenario is not None else None
    return model.Expect(name, tuple(lines), all_verdict, rest_any, item.span)


def _concerned(
    item: ast.Expect, items: list[ast.Expect], subject: Subject, env: Env
) -> tuple[model.Scenario, ...]:
    """The scenarios that the block speaks about."""
    if item.scenario is not None:
        name = item.scenario.text
        found = tuple(s for s in subject.scenarios if s.name == name)
        if not found:
            hints = did_you_mean(name, (s.name for s in subject.scenarios))
            env.report("E606", f"there is no scenario `{name}`", item.scenario.span, "", hints)
        return found
    own = {other.scenario.text for other in items if other.scenario is not None}
    found = tuple(s for s in subject.scenarios if s.name not in own)
    if not found and subject.scenarios:
        note = "every scenario has a block of its own"
        env.report("E606", "this block speaks about no scenario", item.span, note)
    return found


def _line(
    line: ast.ExpectLine, concerned: tuple[model.Scenario, ...], subject: Subject, env: Env
) -> list[model.ExpectLine]:
    for name in line.properties:
        if not is_property(name.text, subject):
            report_unknown_property(name, "E601", subject, env)
    function = line.function.text if line.function is not None else ""
    if line.function is not None:
        _check_function(line.function, concerned, subject, env)
    runtimes = runtime_ranges(line.runtimes, env)
    condition = _condition(line.condition, concerned, subject, env)
    return [
        model.ExpectLine(
            subject.ids.get(name.text, name.text), line.verdict, function, runtimes, condition, name.span
        )
        for name in line.properties
    ]


def _check_function(
    name: ast.Identifier, concerned: tuple[model.Scenario, ...], subject: Subject, env: Env
) -> None:
    processes = {process.name for s in concerned for process in s.processes}
    actors = processes | {thread.name for s in concerned for thread in s.threads}
    if name.text in subject.functions | actors:
        return
    hints = did_you_mean(name.text, subject.functions | actors)
    message = f"nothing is named `{name.text}` that a finding could be in"
    env.report("E604", message, name.span, "a function, a process or a thread", hints)


# --- runs ---------------------------------------------------------------------------------------


def _condition(
    node: ast.Expr | None, concerned: tuple[model.Scenario, ...], subject: Subject, env: Env
) -> model.Expr | None:
    if node is None:
        return None
    read, told = set(env.world.axes_read), len(env.world.diagnostics)
    condition = tested(node, replace(env, scope=_scope_of_runs(env.scope), place=Place.RUN))
    env.world.axes_read = read
    if len(env.world.diagnostics) == told and concerned:
        _check_part(node, condition, concerned, subject, env)
    return condition


def _scope_of_runs(scope: Scope) -> Scope:
    """Axes, their values and constants: what is known before a run begins."""
    found = Scope()
    for name, symbol in scope.own():
        if isinstance(symbol, model.Axis | Constant | Enumerators | NamedType):
            found.declare(name, symbol)
    return found


def _check_part(
    node: ast.Expr,
    condition: model.Expr,
    concerned: tuple[model.Scenario, ...],
    subject: Subject,
    env: Env,
) -> None:
    """Report a condition that no run fulfils, at the smallest part of it that no run fulfils."""
    if _some_run(condition, concerned, subject):
        return
    while isinstance(node, ast.Binary) and isinstance(condition, model.BinaryOp) and node.operator == "&&":
        sides = ((node.left, condition.left), (node.right, condition.right))
        never = [(n, c) for n, c in sides if not _some_run(c, concerned, subject)]
        if not never:
            break
        node, condition = never[0]
    which = f"`{concerned[0].name}`" if len(concerned) == 1 else "these scenarios"
    env.report(
        "E603",
        f"no run of {which} has `{source_text(node)}`",
        node.span,
        _what_runs(condition, concerned, subject),
        ("widen the scenario, or delete the line: it would never be checked",),
    )


def _some_run(condition: model.Expr, concerned: tuple[model.Scenario, ...], subject: Subject) -> bool:
    names = sorted(names_read(condition))
    if any(not _values(scenario, name, subject) for scenario in concerned for name in names):
        return True  # an axis without values has been told already
    return any(
        evaluate(condition, run) != 0 for scenario in concerned for run in _runs(scenario, names, subject)
    )


def _runs(scenario: model.Scenario, names: list[str], subject: Subject) -> Iterator[Values]:
    """All combinations of values of these axes that the scenario runs."""
    choices = [_values(scenario, name, subject) for name in names]
    for combination in product(*choices):
        yield dict(zip(names, combination, strict=True))


def _values(scenario: model.Scenario, name: str, subject: Subject) -> list[int]:
    own, general = scenario.settings, subject.settings
    if name == "locking":
        words = own.locking or general.locking or _flagged(subject)
        return [LOCKING.members.index(word) for word in words]
    if name == "async_threads":
        return list(own.async_threads or general.async_threads or DEFAULT_ASYNC_THREADS)
    if name == "schedulers":
        return list(own.schedulers or general.schedulers or DEFAULT_SCHEDULERS)
    axis = next(axis for axis in subject.axes if axis.name == name)
    texts = own.axes.get(name) or general.axes.get(name) or axis.values
    return [axis_value(axis.type, text) for text in texts]


def _flagged(subject: Subject) -> tuple[str, ...]:
    """What `driver_flags` say: per driver, unless a driver asks for locks per port."""
    flags = {_PORT_LOCKING in driver.flags for driver in subject.drivers}
    words = tuple(word for word, wanted in (("port", True), ("driver", False)) if wanted in flags)
    return words or LOCKING.members


def _what_runs(condition: model.Expr, concerned: tuple[model.Scenario, ...], subject: Subject) -> str:
    """For a condition on one axis: the values that are run, and where that is said."""
    names = sorted(names_read(condition))
    if len(names) != 1:
        return "these values do not come together in any run"
    name = names[0]
    values: list[int] = []
    place: Span | None = None
    for scenario in concerned:
        values += [v for v in _values(scenario, name, subject) if v not in values]
        place = place or scenario.settings.spans.get(name) or subject.settings.spans.get(name)
    axis = next((axis for axis in subject.axes if axis.name == name), None)
    words = [_word(name, axis, value) for value in values]
    where = f" ({place.path.rsplit('/', 1)[-1]}:{place.line})" if place is not None else ""
    who = "the scenario runs" if len(concerned) == 1 else "they run"
    return f"{who} {_enumerated(words)}{where}"


def _word(name: str, axis: model.Axis | None, value: int) -> str:
    if name == "locking":
        return LOCKING.members[value]
    if axis is None:
        return str(value)
    return next(text for text in axis.values if axis_value(axis.type, text) == value)


def _enumerated(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def source_text(node: ast.Expr) -> str:
    """A condition as it may have been written."""
    match node:
        case ast.Name():
            return node.text
        case ast.Number():
            return node.text
        case ast.BoolLiteral():
            return "true" if node.value else "false"
        case ast.Unary():
            return f"{node.operator}{source_text(node.operand)}"
        case ast.Binary():
            return f"{source_text(node.left)} {node.operator} {source_text(node.right)}"
        case _:
            return "this"


# --- contradictions -----------------------------------------------------------------------------


def _check_contradictions(
    lines: list[model.ExpectLine], concerned: tuple[model.Scenario, ...], subject: Subject, env: Env
) -> None:
    for position, line in enumerate(lines):
        for other in lines[:position]:
            if other.property == line.property and other.verdict != line.verdict:
                if not _may_overlap(line, other) or not _meet(line, other, concerned, subject):
                    continue
                message = f"`{line.property}` is expected {line.verdict} and {other.verdict} in the same runs"
                env.report("E605", message, line.span, f"the other line is at {other.span}")


def _may_overlap(line: model.ExpectLine, other: model.ExpectLine) -> bool:
    """Whether both surely speak of one release: ranges are compared where releases are known."""
    if not line.runtimes or not other.runtimes:
        return True
    ours = {(r.low, r.high) for r in line.runtimes}
    return any((r.low, r.high) in ours for r in other.runtimes)


def _meet(
    line: model.ExpectLine,
    other: model.ExpectLine,
    concerned: tuple[model.Scenario, ...],
    subject: Subject,
) -> bool:
    conditions = [c for c in (line.condition, other.condition) if c is not None and c.type != UNKNOWN]
    names = sorted(frozenset().union(*(names_read(c) for c in conditions)))
    return any(
        all(evaluate(c, run) != 0 for c in conditions)
        for scenario in concerned
        for run in _runs(scenario, names, subject)
    )
