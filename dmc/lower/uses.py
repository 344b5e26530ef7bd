"""What a model uses, and how much of it one scenario can ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass

from dmc.base.types import BINARY_VALUE
from dmc.driver_api.functions.io_queue import ENQUEUING
from dmc.lower.constants import constant
from dmc.lower.run import RunChoice
from dmc.lower.sizes import number_of
from dmc.model import model

UNKNOWN_LOOP = 4
"""How often a loop is assumed to run whose bound is not known; too little is a named cut, no error."""

MAKERS = (
    "driver_alloc",
    "erl_drv_mutex_create",
    "erl_drv_cond_create",
    "erl_drv_rwlock_create",
    "driver_pdl_create",
)
BINARY_MAKERS = ("driver_alloc_binary", "driver_realloc_binary", "driver_output_binary", "driver_outputv")
"""Calls that make a binary, or may make a process have a copy."""

MAX_QUEUE_ELEMENTS = 8

_SYMBOLS = (
    model.Variable,
    model.Struct,
    model.Axis,
    model.Function,
    model.Driver,
    model.Process,
    model.Thread,
    model.Rule,
    model.Scenario,
)


def nodes(node: object) -> tuple[object, ...]:
    """All expressions and statements in a piece of code; symbols are not entered."""
    return _seen.of(node)


class _Seen:
    """What was walked last, by identity: a model never changes, and one is lowered for each of its runs."""

    KEPT = 4_000

    def __init__(self) -> None:
        self._known: dict[int, tuple[object, tuple[object, ...]]] = {}

    def of(self, node: object) -> tuple[object, ...]:
        known = self._known.get(id(node))
        if known is None or known[0] is not node:
            if len(self._known) >= self.KEPT:
                self._known.clear()
            known = self._known[id(node)] = (node, tuple(_walk(node)))
        return known[1]


_seen = _Seen()


def _walk(node: object) -> Iterator[object]:
    if isinstance(node, tuple):
        for item in node:
            yield from _walk(item)
    elif is_dataclass(node) and not isinstance(node, _SYMBOLS):
        yield node
        if isinstance(node, model.Declare):
            yield from _walk(node.variable.initial)
        for item in fields(node):
            yield from _walk(getattr(node, item.name))


def code_of(m: model.Model, scenario: model.Scenario) -> Iterator[object]:
    """All code that a scenario can execute."""
    for driver in m.drivers:
        for function in driver.functions:
            yield from nodes(function.body)
    for function in m.functions:
        yield from nodes(function.body)
    for process in scenario.processes:
        yield from nodes(process.body)
    for thread in scenario.threads:
        yield from nodes(thread.body)


def variables_of(m: model.Model, scenario: model.Scenario) -> Iterator[model.Variable]:
    """All variables that a scenario's code can use, and the fields of all structs."""
    for struct in m.structs:
        yield from struct.fields
    yield from (*m.variables, *scenario.variables)
    for driver in m.drivers:
        yield from driver.variables
    for node in code_of(m, scenario):
        if isinstance(node, model.Declare):
            yield node.variable


def job_functions(m: model.Model, role: str) -> tuple[model.Function, ...]:
    """The functions that some `driver_async` is given, as `async_invoke` or `async_free`."""
    position = 2 if role == "async_invoke" else 4
    found: dict[model.Function, None] = {}
    for call in api_calls(m, "driver_async"):
        for node in nodes(call.arguments[position]):
            if isinstance(node, model.FunctionValue) and node.function is not None:
                found[node.function] = None
            elif isinstance(node, model.FieldUse | model.VariableUse):
                found.update(dict.fromkeys(functions_as_values(m)))
    return tuple(found)


def thread_functions(m: model.Model) -> tuple[model.Function, ...]:
    """The functions that some `erl_drv_thread_create` is given."""
    found: dict[model.Function, None] = {}
    for call in api_calls(m, "erl_drv_thread_create"):
        for node in nodes(call.arguments[2]):
            if isinstance(node, model.FunctionValue) and node.function is not None:
                found[node.function] = None
    return tuple(found)


def functions_as_values(m: model.Model) -> tuple[model.Function, ...]:
    """The functions whose address is taken, in order."""
    found: dict[model.Function, None] = {}
    for function in all_functions(m):
        for node in nodes(function.body):
            if isinstance(node, model.FunctionValue) and node.function is not None:
                found[node.function] = None
    return tuple(found)


def all_functions(m: model.Model) -> Iterator[model.Function]:
    """Functions of drivers, then of files."""
    for driver in m.drivers:
        yield from driver.functions
    yield from m.functions


def api_calls(m: model.Model, name: str) -> Iterator[model.ApiCall]:
    """All calls of one function of the API."""
    for function in all_functions(m):
        for node in nodes(function.body):
            if isinstance(node, model.ApiCall) and node.function == name:
                yield node


def uses_any(m: model.Model, names: tuple[str, ...]) -> bool:
    """Whether one of these functions of the API is called, by a driver, a function or a thread."""
    code = [f.body for f in all_functions(m)]
    code += [t.body for s in m.scenarios for t in s.threads]
    return any(isinstance(n, model.ApiCall) and n.function in names for body in code for n in nodes(body))


def has_control(scenario: model.Scenario) -> bool:
    """Whether some process calls `port_control` or `port_call`."""
    calls = ("port_control", "port_call")
    return any(
        isinstance(n, model.ProcessCall) and n.function in calls
        for p in scenario.processes
        for n in nodes(p.body)
    )


def uses_driver_free(m: model.Model) -> bool:
    """Whether `driver_free` itself is used as a value."""
    return any(isinstance(n, model.FunctionValue) and n.api for f in all_functions(m) for n in nodes(f.body))


def _api_names(function: model.Function) -> set[str]:
    """The functions of the API that a function calls, itself or by what it calls."""
    found: set[str] = set()
    for node in nodes(function.body):
        if isinstance(node, model.ApiCall):
            found.add(node.function)
        elif isinstance(node, model.FunctionCall):
            found |= _api_names(node.function)
    return found


class Estimate:
    """How often calls can happen in one run of a scenario: an upper guess, for the sizes of pools."""

    def __init__(self, run: RunChoice, ports: int) -> None:
        self._run = run
        self._activations: dict[str, int] = {
            "start": ports,
            "stop": ports,
            "flush": ports,
            "output": self._operations("port_command"),
            "outputv": self._operations("port_command"),
            "control": self._operations("port_control"),
            "call": self._operations("port_call"),
            "process_exit": ports,
        }
        timers = self._by_callback("driver_set_timer")
        again = self._per_function("timeout", "driver_set_timer")
        self._activations["timeout"] = timers * (UNKNOWN_LOOP if again else 1)
        self.jobs = self._by_callback("driver_async")
        replies = self._per_function("ready_async", "driver_async")
        if replies:
            self.jobs += self.jobs * replies
        self._activations["ready_async"] = self.jobs

    def _operations(self, name: str) -> int:
        def wanted(node: object) -> bool:
            return isinstance(node, model.ProcessCall) and node.function == name

        return sum(self._count(p.body, wanted) * p.count for p in self._run.scenario.processes)

    def queue_elements(self) -> int:
        """Elements that one run can put into the IO queue of a port; more than the limit are a cut."""
        jobs = job_functions(self._run.model, "async_invoke")
        made = sum(self._by_callback(name) + self._in_threads(name) for name in ENQUEUING)
        made += self.jobs * sum(self._calls(f, name) for f in jobs for name in ENQUEUING)
        return min(max(made, 1), MAX_QUEUE_ELEMENTS)

    def allocations(self) -> int:
        """Objects of the driver that one run can make, and the emulator's port data locks."""
        names = (*MAKERS, *BINARY_MAKERS)
        made = sum(self._by_callback(name) for name in names)
        made += sum(self._in_threads(name) for name in names)
        made += self.threads() * sum(
            self._calls(f, name) for f in thread_functions(self._run.model) for name in names
        )
        jobs = {f for role in ("async_invoke", "async_free") for f in job_functions(self._run.model, role)}
        made += self._of_processes()
        return made + self.jobs * sum(self._calls(f, name) for f in jobs for name in names)

    def threads(self) -> int:
        """Threads that drivers can create in one run."""
        return self._everywhere("erl_drv_thread_create")

    def monitors(self) -> int:
        """Monitors that drivers can make in one run."""
        return self._everywhere("driver_monitor_process")

    def keys(self) -> int:
        """Keys of thread specific data that can be created in one run."""
        return self._everywhere("erl_drv_tsd_key_create")

    def _everywhere(self, name: str) -> int:
        """Calls from callbacks and scenario threads, and one each from jobs and threads of the driver."""
        called = sum(self._calls(f, name) for f in {*job_functions(self._run.model, "async_invoke")})
        own = sum(self._calls(f, name) for f in thread_functions(self._run.model))
        return self._by_callback(name) + self._in_threads(name) + self.jobs * called + own

    def _of_processes(self) -> int:
        """Binaries that processes make, where that is counted at all."""
        model_ = self._run.model
        is_lent = any("outputv" in driver.callbacks for driver in model_.drivers)

        def wanted(node: object) -> bool:
            match node:
                case model.Declare(variable=variable):
                    return variable.type == BINARY_VALUE
                case model.ProcessCall(function="port_command"):
                    return is_lent
                case _:
                    return False

        return sum(p.count * self._count(p.body, wanted) for p in self._run.scenario.processes)

    def _in_threads(self, name: str) -> int:
        def wanted(node: object) -> bool:
            return isinstance(node, model.ApiCall) and node.function == name

        threads = self._run.scenario.threads
        return sum(number_of(t, self._run) * self._count(t.body, wanted) for t in threads)

    def _by_callback(self, name: str) -> int:
        return sum(times * self._per_function(cb, name) for cb, times in self._activations.items())

    def _per_function(self, callback: str, name: str) -> int:
        return max(
            (
                self._calls(d.callbacks[callback], name)
                for d in self._run.model.drivers
                if callback in d.callbacks
            ),
            default=0,
        )

    def _calls(self, function: model.Function, name: str) -> int:
        if name not in _api_names(function):
            return 0
        return self._count(function.body, lambda n: isinstance(n, model.ApiCall) and n.function == name)

    def _count(self, node: object, wanted: Callable[[object], bool]) -> int:
        own = 1 if wanted(node) else 0
        match node:
            case model.If(condition=condition, then=then, otherwise=otherwise):
                return self._count(condition, wanted) + self._of_ways(condition, then, otherwise, wanted)
            case model.ConditionalOp(condition=condition, then=then, otherwise=otherwise):
                return self._count(condition, wanted) + self._of_ways(condition, then, otherwise, wanted)
            case model.Either(blocks=blocks):
                return max(self._count(b, wanted) for b in blocks)
            case model.Switch(value=value, cases=cases):
                return self._count(value, wanted) + max((self._count(b, wanted) for _, b in cases), default=0)
            case model.Loop():
                times = max(UNKNOWN_LOOP, self._run.async_threads)
                once = self._count((node.condition, node.step, node.body), wanted)
                return self._count(node.initial, wanted) + times * once
            case model.Upto(count=count, body=body):
                return (constant(count, self._run) or 0) * self._count(body, wanted)
            case model.FunctionCall(function=function, arguments=arguments):
                return own + self._count(arguments, wanted) + self._count(function.body, wanted)
            case model.Declare(variable=variable):
                return own + self._count(variable.initial, wanted)
            case tuple():
                return sum(self._count(item, wanted) for item in node)
            case _:
                if is_dataclass(node) and not isinstance(node, _SYMBOLS):
                    return own + sum(self._count(getattr(node, f.name), wanted) for f in fields(node))
                return own

    def _of_ways(
        self, condition: model.Expr, then: object, otherwise: object, wanted: Callable[[object], bool]
    ) -> int:
        known = constant(condition, self._run)
        if known is not None:
            return self._count(then if known else otherwise, wanted)
        return max(self._count(then, wanted), self._count(otherwise, wanted))
