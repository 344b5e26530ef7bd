"""Which integers of a model are *data*: they can get a value that was chosen from a large range.

Everything else stays as it is, so a model without such a choice has the states that it always had. Data flows
through stores, calls, results and the lengths of commands; it stops where a value is compared, and at a
variable whose declared range is small enough to be enumerated.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from dmc.base.types import ArrayType, IntType
from dmc.lower import uses
from dmc.lower.constants import constant
from dmc.lower.run import RunChoice
from dmc.model import model

SMALL = 64
"""A variable whose declared range has at most so many numbers is never data."""

ARITHMETIC = frozenset({"+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>"})
QUEUE_CHANGES = ("driver_enq", "driver_pushq", "driver_deq")
"""What changes the number of bytes in a port's queue by its last argument."""

QUEUE_SIZES = ("driver_sizeq", "driver_deq")
"""What gives it."""

OLD_VALUE = ("atomic_fetch_add", "atomic_fetch_sub")


@dataclass(frozen=True)
class DataFlow:
    """The variables and function results that are data; whether lengths and first bytes of commands are.

    `queue` says that of the bytes in a port's queue.
    """

    run: RunChoice
    variables: frozenset[model.Variable]
    functions: frozenset[model.Function]
    lengths: bool
    bytes: bool
    queue: bool

    def is_data(self, expr: model.Expr) -> bool:
        """Whether the value of the expression can be data."""
        return _Flow.of(self).is_data(expr)


def data_flow(run: RunChoice) -> DataFlow:
    """The least solution: what data reaches from the large choices of the model."""
    flow = _Flow(run)
    before = -1
    while flow.size() != before:
        before = flow.size()
        flow.spread()
    sent = ("length" in flow.sent, "byte" in flow.sent, "queue" in flow.sent)
    return DataFlow(run, frozenset(flow.variables), frozenset(flow.functions), *sent)


def large_choice(expr: model.ChooseValue, run: RunChoice) -> bool:
    """Whether it has more values than are looked at one by one."""
    number = 0
    for item in expr.values:
        ends = [constant(end, run) for end in (item if isinstance(item, tuple) else (item, item))]
        low, high = ends
        number += high - low + 1 if low is not None and high is not None else 1
    return number > run.enumerated


@dataclass
class _Flow:
    """The solution under way."""

    run: RunChoice
    variables: set[model.Variable] = field(default_factory=set)
    functions: set[model.Function] = field(default_factory=set)
    sent: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, known: DataFlow) -> _Flow:
        words = (("length", known.lengths), ("byte", known.bytes), ("queue", known.queue))
        sent = {word for word, given in words if given}
        return cls(known.run, set(known.variables), set(known.functions), sent)

    def size(self) -> int:
        return len(self.variables) + len(self.functions) + len(self.sent)

    def is_data(self, expr: model.Expr) -> bool:
        match expr:
            case model.ChooseValue():
                single = [item for item in expr.values if not isinstance(item, tuple)]
                large = isinstance(expr.type, IntType) and large_choice(expr, self.run)
                return large or any(self.is_data(item) for item in single)
            case model.VariableUse(variable=variable) | model.FieldUse(field=variable):
                return variable in self.variables
            case model.IndexUse(array=array):
                return self.is_data(array)
            case model.UnaryOp(operator=operator, operand=operand):
                return operator != "!" and self.is_data(operand)
            case model.BinaryOp(operator=operator, left=left, right=right):
                return operator in ARITHMETIC and (self.is_data(left) or self.is_data(right))
            case model.ConditionalOp(then=then, otherwise=otherwise):
                return self.is_data(then) or self.is_data(otherwise)
            case model.FunctionCall(function=function):
                return function in self.functions
            case model.IndirectCall(targets=targets):
                return any(target in self.functions for target in targets)
            case model.ApiCall(function=function) if function in QUEUE_SIZES:
                return "queue" in self.sent
            case model.ApiCall(function=function, arguments=arguments):
                return function in OLD_VALUE and self.is_data(_target(arguments[0]))
            case _:
                return False

    def spread(self) -> None:
        """One pass over the whole model."""
        for function in uses.all_functions(self.run.model):
            self._code(function.body, function)
        for process in self.run.scenario.processes:
            self._code(process.body, None)
            for own, of_parent in process.captured:
                if of_parent in self.variables:
                    self._reach(own)
        for thread in self.run.scenario.threads:
            self._code(thread.body, None)
        for driver in self.run.model.drivers:
            self._output(driver)
        for rule in self.run.model.rules:
            self._rule(rule)

    def _code(self, body: object, function: model.Function | None) -> None:
        for node in uses.nodes(body):
            match node:
                case model.Declare(variable=variable) if variable.initial is not None:
                    self._give(variable, variable.initial)
                case model.Store(target=target, value=value):
                    if self.is_data(value):
                        self._reach_place(target)
                case model.Return(value=value) if value is not None and function is not None:
                    if isinstance(function.result, IntType) and self.is_data(value):
                        self.functions.add(function)
                case model.FunctionCall(function=called, arguments=arguments):
                    self._call(called, arguments)
                case model.IndirectCall(targets=targets, arguments=arguments):
                    for one in targets:
                        self._call(one, arguments)
                case model.ApiCall(function=name, arguments=(place, amount)) if name in OLD_VALUE:
                    if self.is_data(amount):
                        self._reach_place(_target(place))
                case model.ApiCall(function=name, arguments=arguments) if name in QUEUE_CHANGES:
                    if self.is_data(arguments[-1]):
                        self.sent.add("queue")
                case model.ProcessCall(function="bytes", arguments=arguments):
                    for word, value in zip(("length", "byte"), arguments, strict=False):
                        if self.is_data(value):
                            self.sent.add(word)
                case _:
                    pass

    def _output(self, driver: model.Driver) -> None:
        """What a command brings: the buffer with its first byte, and the length."""
        for name, first in (("output", 1), ("control", 2), ("call", 2)):
            function = driver.callbacks.get(name)
            given = function.parameters[first:] if function is not None else ()
            for word, parameter in zip(("byte", "length"), given, strict=False):
                if word in self.sent:
                    self.variables.add(parameter)

    def _rule(self, rule: model.Rule) -> None:
        """A rule's variables get what its events bring."""
        for handler in rule.handlers:
            for pattern in handler.events:
                for variable, value in zip(pattern.bindings, self._arguments(pattern.name), strict=False):
                    if value in self.variables:
                        self.variables.add(variable)
                if pattern.result is not None and any(f.name == pattern.name for f in self.functions):
                    self.variables.add(pattern.result)
            self._code(handler.body, None)

    def _arguments(self, name: str) -> tuple[model.Variable, ...]:
        named = (f for f in uses.all_functions(self.run.model) if f.name == name)
        return next((f.parameters for f in named), ())

    def _call(self, function: model.Function, arguments: tuple[model.Expr, ...]) -> None:
        for parameter, argument in zip(function.parameters, arguments, strict=False):
            self._give(parameter, argument)

    def _give(self, variable: model.Variable, value: model.Expr) -> None:
        if self.is_data(value):
            self._reach(variable)

    def _reach_place(self, target: model.Expr) -> None:
        match target:
            case model.VariableUse(variable=variable) | model.FieldUse(field=variable):
                self._reach(variable)
            case model.IndexUse(array=array):
                self._reach_place(array)
            case _:
                pass

    def _reach(self, variable: model.Variable) -> None:
        kind = variable.type.element if isinstance(variable.type, ArrayType) else variable.type
        if isinstance(kind, IntType) and not _is_small(variable, self.run):
            self.variables.add(variable)


def _target(place: model.Expr) -> model.Expr:
    return place.place if isinstance(place, model.AddressOf) else place


def _is_small(variable: model.Variable, run: RunChoice) -> bool:
    if variable.low is None or variable.high is None:
        return False
    low, high = constant(variable.low, run), constant(variable.high, run)
    return low is not None and high is not None and high - low < SMALL


def choices(run: RunChoice) -> Iterator[model.ChooseValue]:
    """All large choices of a run's code."""
    for node in uses.code_of(run.model, run.scenario):
        if isinstance(node, model.ChooseValue) and isinstance(node.type, IntType) and large_choice(node, run):
            yield node
