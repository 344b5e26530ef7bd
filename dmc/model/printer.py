"""The model as indented text, for `dmc dump --stage model` and for golden files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import assert_never

from dmc.model import model
from dmc.model.expression_printer import expression_text, range_text

_INDENT = "  "


def print_model(found: model.Model) -> str:
    """The whole model, one thing a line, in the order of the text; ends in a line end."""
    return "\n".join(_model(found)) + "\n"


def _indented(lines: Iterable[str]) -> Iterator[str]:
    return (_INDENT + line for line in lines)


def _model(found: model.Model) -> Iterator[str]:
    yield f"model {found.path}"
    yield from _indented(_settings(found.settings))
    for axis in found.axes:
        yield f"  axis {axis.name}: {axis.type} {{ {', '.join(axis.values)} }}"
    for struct in found.structs:
        yield f"  struct {struct.name}"
        yield from _indented(_indented(variable_text(one) for one in struct.fields))
    yield from _indented(variable_text(one) for one in found.variables)
    for function in found.functions:
        yield from _indented(_function(function))
    for driver in found.drivers:
        yield from _indented(_driver(driver))
    for scenario in found.scenarios:
        yield from _indented(_scenario(scenario))
    yield from _indented(_properties(found))
    for expect in found.expects:
        yield from _indented(_expect(expect))
    yield from (f"  api {name}" for name in found.api_uses)


def variable_text(variable: model.Variable) -> str:
    """A declaration."""
    text = f"{variable.storage.value} {'atomic ' if variable.atomic else ''}{variable.name}: {variable.type}"
    if variable.capacity is not None:
        text += f" of at most {expression_text(variable.capacity)}"
    if any(not isinstance(size, model.Literal) for size in variable.sizes):
        text += f" sized {', '.join(map(expression_text, variable.sizes))}"
    if variable.low is not None and variable.high is not None:
        text += f" in {range_text((variable.low, variable.high))}"
    if variable.where is not None:
        text += f" where {expression_text(variable.where)}"
    return text + (f" = {expression_text(variable.initial)}" if variable.initial is not None else "")


def _settings(settings: model.Settings) -> Iterator[str]:
    if settings.runtimes is not None:
        yield f"runtime = {', '.join(_runtime(one) for one in settings.runtimes)}"
    lists = {
        "locking": settings.locking,
        "schedulers": settings.schedulers,
        "async_threads": settings.async_threads,
        **settings.axes,
    }
    for name, values in lists.items():
        if values is not None:
            yield f"{name} = {', '.join(map(str, values))}"
    for name, number in settings.numbers.items():
        yield f"{name} = {number}"


def _runtime(runtime: model.RuntimeRange) -> str:
    return runtime.low or "" if runtime.single else f"{runtime.low or ''}..{runtime.high or ''}"


def _function(function: model.Function) -> Iterator[str]:
    kind = "callback" if function.callback else "function"
    parameters = ", ".join(f"{p.name}: {p.type}" for p in function.parameters)
    yield f"{kind} {function.name}({parameters}) -> {function.result}"
    yield from _indented(_statement(function.body))


def _driver(driver: model.Driver) -> Iterator[str]:
    yield " ".join(["driver", driver.name, *driver.flags])
    yield from _indented(variable_text(one) for one in driver.variables)
    for function in driver.functions:
        yield from _indented(_function(function))


def _scenario(scenario: model.Scenario) -> Iterator[str]:
    yield f"scenario {scenario.name}{' (default)' if scenario.default else ''}"
    yield from _indented(_settings(scenario.settings))
    for fault in scenario.faults:
        yield f"  fault {', '.join(fault.names)}{f' upto {fault.count}' if fault.count is not None else ''}"
    yield from _indented(variable_text(one) for one in scenario.variables)
    for process in scenario.processes:
        yield from _indented(_actor(process))
    for thread in scenario.threads:
        yield from _indented(_actor(thread))
    for condition in scenario.quiescent:
        yield f"  quiescent when {expression_text(condition)}"
    yield from (f"  allow {name}" for name, _, _ in scenario.allows)


def _actor(actor: model.Process | model.Thread) -> Iterator[str]:
    if isinstance(actor, model.Thread):
        several = not (isinstance(actor.count, model.Literal) and actor.count.value == 1)
        number = f"({actor.number.name})" if actor.number is not None else ""
        yield f"thread {actor.name}{f'[{expression_text(actor.count)}]' if several else ''}{number}"
    else:
        parent = f" spawned by {actor.parent.name}" if actor.parent is not None else ""
        copies = ", ".join(copy.name for copy, _ in actor.captured)
        count = f"[{actor.count}]" if actor.count > 1 else ""
        yield f"process {actor.name}{count}{parent}{f' with {copies}' if copies else ''}"
    yield from _indented(_statement(actor.body))


# --- properties ---------------------------------------------------------------------------------


def _properties(found: model.Model) -> Iterator[str]:
    for rule in found.rules:
        yield from print_rule(rule)
    for invariant in found.invariants:
        yield f"invariant {invariant.name}: {expression_text(invariant.condition)}"
    for reachable in found.reachables:
        condition = expression_text(reachable.condition) if reachable.condition is not None else "marked"
        yield f"reachable {reachable.name}: {condition}"
    yield from (f"allow {name}" for name, _, _ in found.allows)


def print_rule(rule: model.Rule) -> Iterator[str]:
    """A rule, line by line."""
    subject = f" for {rule.subject.type} {rule.subject.name}" if rule.subject is not None else ""
    yield f"rule {rule.id}{f' {rule.slug}' if rule.slug else ''}{subject}"
    if rule.needs:
        yield f"  needs {', '.join(rule.needs)}"
    if rule.triggers:
        yield f"  trigger {', '.join(map(_event, rule.triggers))}"
    yield from (f"  acyclic {name}" for name in rule.acyclic)
    for one in rule.can_reach:
        when = f" when {expression_text(one.when)}" if one.when is not None else ""
        without = f" without {one.without}" if one.without else ""
        yield f"  can_reach {expression_text(one.target)}{when}{without}"
    yield from (f"  under {one.text}: {', '.join(one.rules)}" for one in rule.under)
    yield from _indented(variable_text(one) for one in rule.variables)
    for handler in rule.handlers:
        yield f"  on {', '.join(map(_event, handler.events))}"
        yield from _indented(_indented(_statement(handler.body)))


def _event(event: model.EventPattern) -> str:
    text = f"{event.kind} {event.name}".rstrip()
    if event.bindings:
        text += f"({', '.join(one.name for one in event.bindings)})"
    if event.result is not None:
        text += f" = {event.result.name}"
    return text + (f" of {event.subject.name}" if event.subject is not None else "")


def _expect(expect: model.Expect) -> Iterator[str]:
    yield f"expect {expect.scenario or 'every scenario'}"
    for line in expect.lines:
        text = f"  {line.property} {line.verdict}"
        text += f" in {line.function}" if line.function else ""
        text += f" on {', '.join(map(_runtime, line.runtimes))}" if line.runtimes else ""
        yield text + (f" when {expression_text(line.condition)}" if line.condition is not None else "")
    if expect.all_verdict:
        yield f"  all {expect.all_verdict}"
    if expect.rest_any:
        yield "  rest any"


# --- statements ---------------------------------------------------------------------------------


def _statement(node: model.Statement) -> Iterator[str]:
    match node:
        case model.Block():
            for one in node.statements:
                yield from _statement(one)
        case model.If():
            yield f"if {expression_text(node.condition)}"
            yield from _indented(_statement(node.then))
            if node.otherwise is not None:
                yield "else"
                yield from _indented(_statement(node.otherwise))
        case (
            model.Loop()
            | model.ForEach()
            | model.Switch()
            | model.Either()
            | model.Upto()
            | model.AnyOrder()
            | model.Atomic()
        ):
            yield from _compound(node)
        case _:
            yield _simple(node)


_Compound = (
    model.Loop | model.ForEach | model.Switch | model.Either | model.Upto | model.AnyOrder | model.Atomic
)


def _compound(node: _Compound) -> Iterator[str]:
    match node:
        case model.Loop():
            yield from _loop(node)
        case model.ForEach():
            yield f"for {node.variable.name}: {node.variable.type} in {expression_text(node.list)}"
            yield from _indented(_statement(node.body))
        case model.Switch():
            yield f"switch {expression_text(node.value)}"
            for values, body in node.cases:
                yield f"  case {', '.join(map(expression_text, values))}" if values else "  default"
                yield from _indented(_indented(_statement(body)))
        case model.Either():
            for position, block in enumerate(node.blocks):
                yield "or" if position else "either"
                yield from _indented(_statement(block))
        case model.Upto():
            yield f"upto {expression_text(node.count)}"
            yield from _indented(_statement(node.body))
        case model.AnyOrder():
            yield "any_order"
            for one in node.statements:
                yield from _indented(_statement(one))
        case model.Atomic():
            yield "atomic"
            yield from _indented(_statement(node.body))
        case _:
            assert_never(node)


def _loop(node: model.Loop) -> Iterator[str]:
    if node.initial is not None:
        yield from _statement(node.initial)
    yield f"while {expression_text(node.condition) if node.condition is not None else 'true'}"
    yield from _indented(_statement(node.body))
    if node.step is not None:
        yield from (f"  next {line}" for line in _statement(node.step))


_Simple = (
    model.Declare
    | model.Store
    | model.Evaluate
    | model.Return
    | model.Break
    | model.Continue
    | model.Spawn
    | model.Await
    | model.Assert
    | model.Assume
    | model.MarkReached
)


def _simple(node: _Simple) -> str:
    match node:
        case model.Declare():
            return f"declare {variable_text(node.variable)}"
        case model.Store():
            return f"{expression_text(node.target)} {node.operator}= {expression_text(node.value)}"
        case model.Evaluate():
            return expression_text(node.call)
        case model.Return():
            return f"return {expression_text(node.value)}" if node.value is not None else "return"
        case model.Break():
            return "break"
        case model.Continue():
            return "continue"
        case model.Spawn():
            return f"spawn {node.process.name}"
        case model.Await():
            return f"await {expression_text(node.condition)}"
        case model.Assert():
            return f"assert {expression_text(node.condition)}"
        case model.Assume():
            return f"assume {expression_text(node.condition)}"
        case model.MarkReached():
            return f"reachable {node.name}"
        case _:
            assert_never(node)
