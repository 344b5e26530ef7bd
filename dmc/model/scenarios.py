"""Scenarios: actors, faults, settings; and the one that a driver without a scenario gets."""

from __future__ import annotations

from dataclasses import replace

from dmc.base.source import Span
from dmc.base.types import BOOL, INT, PORT, IntType
from dmc.driver_api.registry import NOT_MODELLED, api_functions
from dmc.model import model
from dmc.model.checked import constant, tested
from dmc.model.constants import fold
from dmc.model.environment import BYTES, DRIVER, UNKNOWN, Env, Place, declare, report_clash
from dmc.model.near_miss import did_you_mean
from dmc.model.scope import Scope
from dmc.model.settings import settings
from dmc.model.sizes import check_range
from dmc.model.statements import block
from dmc.model.type_names import type_of
from dmc.model.variables import variable_of
from dmc.model.vocabulary import FAULTS, FAULTS_NOT_YET
from dmc.syntax import ast

MAX_ACTORS = 16


def scenarios(items: list[ast.Scenario], env: Env) -> tuple[model.Scenario, ...]:
    """The scenarios of a file."""
    found: dict[str, model.Scenario] = {}
    for item in items:
        name = item.name.text
        if name in found:
            report_clash(env.world, name, item.name.span, found[name].span)
        one = _scenario(item, env)
        found.setdefault(name, one)
    return tuple(found.values())


def _scenario(item: ast.Scenario, outer: Env) -> model.Scenario:
    world = outer.world
    env = replace(outer, scope=Scope(outer.scope))
    opened, world.opened = world.opened, set()
    spawned, world.spawned = world.spawned, []
    variables = [_variable(one, env) for one in item.items if isinstance(one, ast.Variable)]
    processes, threads = _actors([one for one in item.items if isinstance(one, ast.Actor)], env)
    conditions = [one for one in item.items if isinstance(one, ast.QuiescentWhen)]
    scenario = model.Scenario(
        name=item.name.text,
        settings=settings([one for one in item.items if isinstance(one, ast.Setting)], env),
        faults=_faults([one for one in item.items if isinstance(one, ast.Fault)], env),
        variables=tuple(variables),
        processes=(*processes, *world.spawned),
        threads=tuple(threads),
        quiescent=tuple(tested(one.condition, replace(env, place=Place.PROPERTY)) for one in conditions),
        allows=allowances([one for one in item.items if isinstance(one, ast.Allow)]),
        span=item.name.span,
    )
    _check_something_happens(item, scenario, env)
    world.opened, world.spawned = opened | world.opened, spawned
    return scenario


def allowances(items: list[ast.Allow]) -> tuple[tuple[str, str, Span], ...]:
    """What is taken out, as written, and why."""
    return tuple((item.rule.text, item.reason.value, item.rule.span) for item in items)


def _variable(item: ast.Variable, env: Env) -> model.Variable:
    variable = variable_of(item, model.Storage.FILE, env)
    declare(env, variable.name, variable, item.name.span)
    return variable


# --- actors -------------------------------------------------------------------------------------


def _actors(items: list[ast.Actor], env: Env) -> tuple[list[model.Process], list[model.Thread]]:
    """All actors; their names are known to each other before their bodies are looked at."""
    processes: list[model.Process] = []
    threads: list[model.Thread] = []
    bodies: list[tuple[model.Process | model.Thread, ast.Actor]] = []
    for item in items:
        if item.kind == "peer":
            env.report("E490", "`peer` is not in this version", item.span, "descriptors are not in it")
            continue
        empty = model.Block((), item.body.span)
        actor: model.Process | model.Thread
        if item.kind == "process":
            actor = model.Process(item.name.text, _number_of_processes(item, env), empty, item.name.span)
            processes.append(actor)
            declare(env, actor.name, actor, item.name.span)
        else:
            actor = model.Thread(item.name.text, _count(item, env), empty, item.name.span)
            threads.append(actor)
        bodies.append((actor, item))
    _check_names([*processes, *threads], env)
    for actor, item in bodies:
        if isinstance(actor, model.Process):
            actor.body = block(item.body, replace(env, place=Place.PROCESS, process=actor))
        else:
            actor.body = _thread_body(actor, item, replace(env.inner(), place=Place.THREAD))
    _check_spawned([*processes, *threads], env)
    return processes, threads


def _check_names(actors: list[model.Process | model.Thread], env: Env) -> None:
    """Threads are no names in code, but findings speak of them."""
    seen: dict[str, model.Process | model.Thread] = {}
    for actor in actors:
        known = seen.setdefault(actor.name, actor)
        if known is not actor and not (isinstance(known, model.Process) and isinstance(actor, model.Process)):
            report_clash(env.world, actor.name, actor.span, known.span)
    beside_erlang = any(isinstance(actor, model.Process) for actor in actors)
    if beside_erlang and isinstance(seen.get("scheduler"), model.Thread):
        note = "a scenario with processes has schedulers of its own"
        env.report("E205", "a thread cannot be called `scheduler` here", seen["scheduler"].span, note)


def _check_spawned(actors: list[model.Process | model.Thread], env: Env) -> None:
    """A process that is spawned has a name of its own, too: instances of one name would be mixed up."""
    seen = {actor.name: actor for actor in reversed(actors)}
    for process in env.world.spawned:
        known = seen.setdefault(process.name, process)
        if known is not process:
            report_clash(env.world, process.name, process.span, known.span)


def _thread_body(thread: model.Thread, item: ast.Actor, env: Env) -> model.Block:
    """The body of a thread, which may see which of several it is."""
    if item.number is not None:
        kind = type_of(item.number.type, env)
        name, span = item.number.name.text, item.number.name.span
        if kind not in (INT, UNKNOWN):
            env.report("E301", "the number of a thread is an `int`", item.number.type.span)
        if item.count is None:
            env.report("E409", f"there is one `{thread.name}`", span, "a number is for several threads alike")
        thread.number = model.Variable(name, INT, model.Storage.BOUND, span)
        one = model.Literal(1, INT, span)
        thread.number.low = model.Literal(0, INT, span)
        thread.number.high = model.BinaryOp("-", thread.count, one, INT, span)
        declare(env, name, thread.number, span)
    return block(item.body, env)


def _count(item: ast.Actor, env: Env) -> model.Expr:
    """How many actors there are: fixed for a run."""
    one = model.Literal(1, INT, item.span)
    if item.count is None:
        return one
    count = constant(item.count, env)
    if count.type == UNKNOWN:
        return one
    wrong = check_range(count, 1, MAX_ACTORS)
    if wrong is not None:
        message = f"{wrong} actors named `{item.name.text}`"
        env.report("E410", message, item.count.span, f"there can be 1 to {MAX_ACTORS}")
        return one
    return count


def _number_of_processes(item: ast.Actor, env: Env) -> int:
    folded = fold(_count(item, env))
    if item.number is not None:
        env.report("E490", "a numbered process is not in this version", item.number.span, "threads can be")
    if folded is None and item.count is not None:
        env.report("E313", "the number of processes must be constant", item.count.span)
    return 1 if folded is None else folded.value


def _check_something_happens(item: ast.Scenario, scenario: model.Scenario, env: Env) -> None:
    drivers = [driver.name for driver in env.world.drivers]
    head = _head(item)
    if not scenario.processes and not scenario.threads:
        if any(isinstance(one, ast.Actor) for one in item.items):
            return
        hints = ("write `process owner { ... }` or `thread worker { ... }` in it",)
        env.report("E402", f"scenario `{scenario.name}` has no actor", head, "nothing would happen", hints)
        return
    if env.world.opened or scenario.threads:
        return
    which = f"`{drivers[0]}`" if drivers else "a driver"
    env.report(
        "E401",
        f"scenario `{scenario.name}` never opens a port",
        head,
        f"no code of {which} would run, and every rule would pass",
        (
            f"write `port p = open_port({drivers[0] if drivers else 'driver'});` in a process;"
            " for a model without a driver, use `thread`",
        ),
    )


def _head(item: ast.Scenario) -> Span:
    """The first line of a scenario."""
    start, name = item.span, item.name.span
    return Span(start.path, start.line, start.column, name.end_line, name.end_column + len(" {"))


# --- faults -------------------------------------------------------------------------------------


def _faults(items: list[ast.Fault], env: Env) -> tuple[tuple[str, int | None, Span], ...]:
    found = []
    for item in items:
        count = _fault_count(item, env)
        for name in item.names:
            if name.text in FAULTS:
                found.append((name.text, count, name.span))
                continue
            known = [*FAULTS_NOT_YET, *api_functions(), *NOT_MODELLED]
            if name.text in known:
                note = "`spurious_wakeup` is; a wake-up without a signal is possible anyway"
                env.report("E490", f"the fault `{name.text}` is not in this version", name.span, note)
            else:
                hints = did_you_mean(name.text, [*FAULTS, *known])
                env.report("E411", f"unknown fault `{name.text}`", name.span, "", hints)
    return tuple(found)


def _fault_count(item: ast.Fault, env: Env) -> int | None:
    if item.count is None:
        return None
    count = constant(item.count, env)
    folded = fold(count)
    if not isinstance(count.type, IntType):
        return None
    if folded is None:
        env.report("E313", "how often a fault may happen must be constant", item.count.span)
        return None
    if folded.value < 1:
        message = f"`upto {folded.value}`: the fault would never happen"
        env.report("E404", message, item.count.span, "", ("leave the line out",))
    return folded.value


# --- the default --------------------------------------------------------------------------------


def default_scenario(drivers: tuple[model.Driver, ...]) -> model.Scenario:
    """For each driver a process that opens a port, sends up to two commands, and closes or ends."""
    span = drivers[0].span
    processes = tuple(
        model.Process(
            "owner" if len(drivers) == 1 else f"owner_of_{driver.name}", 1, _owner(driver), driver.span
        )
        for driver in drivers
    )
    return model.Scenario("default", model.Settings(), (), (), processes, (), (), (), span, default=True)


def _owner(driver: model.Driver) -> model.Block:
    span = driver.span
    value = model.ProcessCall("open_port", (model.DriverValue(driver, DRIVER, span),), PORT, span)
    port = model.Variable("p", PORT, model.Storage.PROCESS, span, initial=value)
    use = model.VariableUse(port, PORT, span)
    statements: list[model.Statement] = [model.Declare(port, span)]
    if "output" in driver.callbacks:
        length = model.ProcessCall("bytes", (model.Literal(1, INT, span),), BYTES, span)
        command = model.ProcessCall("port_command", (use, length), BOOL, span)
        statements.append(model.Upto(model.Literal(2, INT, span), model.Evaluate(command, span), span))
    close = model.Evaluate(model.ProcessCall("port_close", (use,), BOOL, span), span)
    statements.append(model.Either((model.Block((close,), span), model.Block((), span)), span))
    return model.Block(tuple(statements), span)
