"""Expressions as one value of one state: in rules, invariants, `quiescent when` and `atomic` blocks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from dmc.base.exceptions import InternalError
from dmc.base.types import BINARY as BINARY_POINTER
from dmc.base.types import ErlangType, PointerType, StructType
from dmc.ir.builder import at, conj, disj, eq, ite, ne, neg
from dmc.ir.expr import (
    FALSE,
    Binary,
    Bound,
    Const,
    Expr,
    Field,
    KindOf,
    ListPlace,
    Place,
    Quantified,
    Read,
    Unary,
    Var,
)
from dmc.ir.logic import among, cell, plus
from dmc.ir.sort import DEAD, NULL
from dmc.lower import sizes
from dmc.lower.constants import OPERATORS, constant
from dmc.lower.list_operations import list_value, place_of_list
from dmc.lower.run import RunChoice
from dmc.model import model
from dmc.runtime import (
    async_jobs,
    binaries,
    busy_ports,
    driver_threads,
    io_queue,
    port_data_lock,
    port_lifecycle,
)
from dmc.runtime.mutexes import HOLDER, MUTEX
from dmc.runtime.world import BINARY, HEAP, JOB, World

LIVE_KINDS = 2
"""The values of `KindOf` from which on an object lives."""


@dataclass(frozen=True)
class Env:
    """What names stand for: places, or values of what an event or a quantifier has bound."""

    run: RunChoice
    world: World
    kinds: tuple[str, ...]
    """The kinds of heap objects, in the order of their numbers."""
    places: Mapping[model.Variable, Place] = field(default_factory=dict)
    values: Mapping[model.Variable, Expr] = field(default_factory=dict)
    functions: tuple[model.Function, ...] = ()
    held: Mapping[model.Variable, Expr] = field(default_factory=dict)
    """For locks that a rule ranges over: whether the executing thread holds it."""
    in_callback: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    """For each thread, its points inside of a callback; known once all threads are."""

    def with_value(self, variable: model.Variable, value: Expr) -> Env:
        """One more name."""
        return replace(self, values={**self.values, variable: value})

    def kind_number(self, kind: str) -> int:
        """What `KindOf` gives for a live object of the kind."""
        return LIVE_KINDS + self.kinds.index(kind)


def pure(expr: model.Expr, env: Env) -> Expr:
    """The value; reading through a pointer that leads nowhere gives 0."""
    known = constant(expr, env.run)
    if known is not None:
        return Const(known)
    match expr:
        case model.VariableUse(variable=variable):
            return env.values[variable] if variable in env.values else Read(place_of(variable, env))
        case model.FieldUse(object=base, field=target):
            return Read(Field(HEAP, struct_of(base), target.name, pure(base, env)))
        case model.IndexUse():
            return indexed(expr, env)
        case model.ListCall(list=use, argument=argument):
            return list_value(expr, list_in(use, env), None if argument is None else pure(argument, env))
        case model.UnaryOp(operator="!", operand=operand):
            return neg(pure(operand, env))
        case model.UnaryOp(operator=operator, operand=operand):
            return Unary(operator, pure(operand, env))
        case model.BinaryOp(operator=operator, left=left, right=right):
            return _binary(operator, left, right, env)
        case model.ConditionalOp(condition=condition, then=then, otherwise=otherwise):
            return ite(pure(condition, env), pure(then, env), pure(otherwise, env))
        case model.InValues(operand=operand, values=values):
            return _membership(operand, values, env)
        case model.Attribute(subject=subject, name=name):
            return _attribute(subject, name, env)
        case model.QuantifiedOp():
            return _quantified(expr, env)
        case model.FunctionValue(function=function, api=api):
            return _function_number(function, api, env)
        case model.ApiCall(function="holds", arguments=(model.VariableUse(variable=variable),)):
            return env.held[variable]
        case _:
            raise InternalError("lower", f"{expr.span}: no single value for {type(expr).__name__}")


def place_of(variable: model.Variable, env: Env) -> Place:
    """The place of a variable that stands by itself."""
    place = env.places.get(variable)
    if place is None:
        raise InternalError("lower", f"{variable.span}: no place for {variable.name}")
    return place


def struct_of(pointer: model.Expr) -> str:
    """The name of the struct that a pointer expression leads to."""
    match pointer.type:
        case PointerType(target=StructType(name=name)):
            return name
        case _ if pointer.type == BINARY_POINTER:
            return BINARY
        case _:
            raise InternalError("lower", f"{pointer.span}: {pointer.type} is no pointer to a struct")


def indexed(expr: model.IndexUse, env: Env) -> Expr:
    """The value of an element; 0 for an index that is none."""
    variable = sizes.base_of(expr)
    indices = tuple(pure(index, env) for index in sizes.indices_of(expr))
    extents = sizes.sizes(variable, env.run)
    known = sizes.inside(sizes.indices_of(expr), indices, extents, env.run)
    match expr.array:
        case model.FieldUse(object=base, field=target):
            reference, kind = pure(base, env), struct_of(base)
            value: Expr = Const(0)
            for i in range(extents[0] - 1, -1, -1):
                element = Read(Field(HEAP, kind, f"{target.name}[{i}]", reference))
                value = ite(eq(indices[0], i), element, value)
            return value
        case _:
            return ite(known, Read(element_of(expr, indices, env)), 0)


def element_of(expr: model.IndexUse, indices: tuple[Expr, ...], env: Env) -> Var:
    """The cell of an element of an array of a driver, file or scenario."""
    variable = sizes.base_of(expr)
    base = place_of(variable, env)
    if not isinstance(base, Var):
        raise InternalError("lower", f"{expr.span}: an array in a register")
    return Var(base.name, sizes.flat(indices, sizes.sizes(variable, env.run)))


def list_in(use: model.Expr, env: Env) -> ListPlace:
    """The list that an expression names; one of its indices outside of the array gives the first."""
    variable = sizes.base_of(use)
    indices = tuple(pure(index, env) for index in sizes.indices_of(use))
    known = sizes.inside(sizes.indices_of(use), indices, sizes.sizes(variable, env.run), env.run)
    base = place_of(variable, env)
    if not isinstance(base, Var):
        raise InternalError("lower", f"{use.span}: a list in a register")
    found = place_of_list(variable, base.name, indices, env.run)
    return ListPlace(found.name, ite(known, found.index, 0))


def _binary(operator: str, left: model.Expr, right: model.Expr, env: Env) -> Expr:
    for state, other in ((left, right), (right, left)):
        if isinstance(other, model.StateName) and isinstance(state, model.Attribute):
            test = _state_is(state, other.name, env)
            return neg(test) if operator == "!=" else test
    a, b = pure(left, env), pure(right, env)
    match operator:
        case "&&":
            return conj([a, b])
        case "||":
            return disj([a, b])
        case "==":
            return eq(a, b)
        case "!=":
            return ne(a, b)
        case _:
            return Binary(OPERATORS.get(operator, operator), a, b)


def _membership(
    operand: model.Expr, values: tuple[model.Expr | tuple[model.Expr, model.Expr], ...], env: Env
) -> Expr:
    parts: list[Expr] = []
    for value in values:
        if isinstance(value, tuple):
            number = pure(operand, env)
            parts.append(
                conj([Binary(">=", number, pure(value[0], env)), Binary("<=", number, pure(value[1], env))])
            )
        elif isinstance(value, model.StateName) and isinstance(operand, model.Attribute):
            parts.append(_state_is(operand, value.name, env))
        else:
            parts.append(eq(pure(operand, env), pure(value, env)))
    return disj(parts)


def _state_is(attribute: model.Attribute, name: str, env: Env) -> Expr:
    subject = pure(attribute.subject, env)
    match attribute.subject.type:
        case ErlangType(name="port"):
            return _port_is(subject, name)
        case ErlangType(name="thread"):
            number = driver_threads.STATES.index(name)
            return eq(driver_threads.state_of(env.world, subject), number)
        case ErlangType(name="job"):
            number = async_jobs.JOB_STATES.index(name)
            return eq(Read(Field(HEAP, JOB, "state", subject)), number)
        case _:
            dead = eq(KindOf(HEAP, subject), DEAD)
            return dead if name == "freed" else Binary(">=", KindOf(HEAP, subject), Const(LIVE_KINDS))


def _port_is(port: Expr, name: str) -> Expr:
    state = port_lifecycle.state(port)
    match name:
        case "open":
            return among(state, (port_lifecycle.OPENING, port_lifecycle.OPEN))
        case "closing":
            return among(state, (port_lifecycle.EXITING, port_lifecycle.CLOSING, port_lifecycle.STOPPING))
        case _:
            return eq(state, port_lifecycle.DEAD)


def _attribute(subject: model.Expr, name: str, env: Env) -> Expr:
    value = pure(subject, env)
    match subject.type, name:
        case ErlangType(name="port"), "busy":
            return busy_ports.is_busy(env.world, value)
        case ErlangType(name="port"), "data":
            return cell(port_lifecycle.DATA, plus(value, -1))
        case ErlangType(name="port"), "queue":
            return io_queue.size(env.world, value)
        case ErlangType(name="port"), "has_pdl":
            return port_data_lock.exists(env.world, value)
        case ErlangType(name="job"), "run":
            return Read(Field(HEAP, JOB, "invoke", value))
        case ErlangType(name="job"), ("port" | "data" | "free"):
            return Read(Field(HEAP, JOB, name, value))
        case ErlangType(name="binary"), ("refc" | "own"):
            return Read(Field(HEAP, BINARY, name, value))
        case ErlangType(name="binary"), "size":
            return Read(Field(HEAP, BINARY, binaries.SIZE, value))
        case ErlangType(name="thread"), "in_callback":
            return disj(
                conj([eq(value, n), at(n, *points)]) for n, points in env.in_callback.items() if points
            )
        case ErlangType(name="mutex" | "lock"), "holder":
            return Read(Field(HEAP, MUTEX, HOLDER, value))
        case _:
            raise InternalError("lower", f"{subject.span}: no attribute {name} in this version")


def _quantified(expr: model.QuantifiedOp, env: Env) -> Expr:
    names = []
    ranges: list[tuple[str, Expr, Expr, list[Expr]]] = []
    for number, (variable, limits) in enumerate(expr.variables):
        name = f"{variable.name}_{number}"
        names.append(name)
        env = env.with_value(variable, Bound(name))
        ranges.append((name, *_range_of(variable, limits, name, env)))
    body = pure(expr.body, env)
    for name, low, high, is_one in reversed(ranges):
        if expr.kind == "forall":
            body = disj([*(neg(c) for c in is_one), body])
        else:
            body = conj([*is_one, body])
        body = Quantified(expr.kind, name, low, high, body)
    return body


def _range_of(
    variable: model.Variable, limits: tuple[model.Expr, model.Expr] | None, name: str, env: Env
) -> tuple[Expr, Expr, list[Expr]]:
    if limits is not None:
        return pure(limits[0], env), pure(limits[1], env), []
    match variable.type:
        case ErlangType(name="port"):
            opened = ne(port_lifecycle.state(Bound(name)), port_lifecycle.UNOPENED)
            return Const(1), Const(env.world.port_count), [opened]
        case ErlangType(name="job"):
            return Const(1), Const(env.world.heap_size), [eq(KindOf(HEAP, Bound(name)), env.kind_number(JOB))]
        case ErlangType(name="binary"):
            size = env.world.heap_size if BINARY in env.kinds else 0
            known = eq(KindOf(HEAP, Bound(name)), env.kind_number(BINARY)) if size else FALSE
            return Const(1), Const(size), [known]
        case ErlangType(name="mutex"):
            return (
                Const(1),
                Const(env.world.heap_size),
                [eq(KindOf(HEAP, Bound(name)), env.kind_number(MUTEX))],
            )
        case ErlangType(name="thread"):
            return Const(1), Const(env.world.threads), []
        case ErlangType(name="object"):
            return Const(1), Const(env.world.heap_size), [ne(KindOf(HEAP, Bound(name)), NULL)]
        case _:
            raise InternalError(
                "lower", f"{variable.span}: no quantifier over {variable.type} in this version"
            )


def _function_number(function: model.Function | None, api: str, env: Env) -> Expr:
    if api:
        return Const(async_jobs.DRIVER_FREE)
    if function is None:
        return Const(async_jobs.NO_FUNCTION)
    return Const(async_jobs.DRIVER_FREE + 1 + env.functions.index(function))
