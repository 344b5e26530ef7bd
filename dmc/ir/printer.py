"""The text form of a system: `dmc.ir.text_parser` reads it back, equal to the last detail.

    dmc_ir 2
    variable lock : range 0 2
    thread worker times 2 start idle {
      point idle rest
      step idle "lock" mover right blocking guard (lock == 0) {
        lock := self
        goto busy
      }
    }
    ends (at 1 idle)

Expressions are in parentheses wherever they have an operator; `%r` is a register, `'i` a bound variable,
`pool.kind.field{reference}` a field. Names that are not plain words are in quotes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import assert_never

from dmc.base.source import NOWHERE, Span
from dmc.ir.expr import (
    TRUE,
    ZERO,
    AtPoint,
    Binary,
    Bound,
    Const,
    Expr,
    Field,
    Full,
    Instance,
    Ite,
    Item,
    KindOf,
    Length,
    ListPlace,
    Place,
    Quantified,
    Read,
    Register,
    Self,
    Unary,
    Var,
)
from dmc.ir.sort import Bool, Enum, Integer, Range, Ref, Sort
from dmc.ir.statement import (
    Assign,
    Check,
    Choose,
    Collect,
    Cover,
    Cut,
    Drop,
    Emit,
    Fault,
    Goto,
    If,
    Kill,
    New,
    Push,
    Remove,
    Stmt,
    Violate,
)
from dmc.ir.system import Access, Mover, Obligation, Point, Pool, Property, Step, System, ThreadType
from dmc.ir.text_words import KEYWORDS, NAME


def print_system(system: System) -> str:
    """The system as text."""
    return "\n".join(_system(system)) + "\n"


def print_expr(expr: Expr) -> str:
    """The expression as text."""
    match expr:
        case Const(value):
            return str(value)
        case Read(place):
            return _place(place)
        case Unary(operator, operand):
            return f"({operator} {print_expr(operand)})"
        case Binary(operator, left, right):
            return f"({print_expr(left)} {operator} {print_expr(right)})"
        case Ite(condition, then, otherwise):
            return f"(if {print_expr(condition)} then {print_expr(then)} else {print_expr(otherwise)})"
        case Self():
            return "self"
        case Instance():
            return "instance"
        case KindOf(pool, reference):
            return f"(kind {_name(pool)} {print_expr(reference)})"
        case Full(pool):
            return f"(full {_name(pool)})"
        case Length(place):
            return f"(length {_list(place)})"
        case Bound(name):
            return f"'{_name(name)}"
        case Quantified(kind, name, low, high, body):
            return f"({kind} {_name(name)} in {print_expr(low)} .. {print_expr(high)}: {print_expr(body)})"
        case AtPoint(thread, points):
            return f"(at {print_expr(thread)} {_names(points)})"
        case _:
            assert_never(expr)


def print_statement(statement: Stmt) -> str:
    """The statement as text, on one line or several."""
    return "\n".join(_statement(statement, ""))


def _name(name: str) -> str:
    return name if NAME.match(name) and name not in KEYWORDS else json.dumps(name)


def _names(names: Iterable[str]) -> str:
    return "[" + " ".join(_name(name) for name in names) + "]"


def _place(place: Place) -> str:
    match place:
        case Var(name, index):
            return _name(name) + _index(index)
        case Register(name):
            return f"%{_name(name)}"
        case Field(pool, kind, field, reference):
            return f"{_name(pool)}.{_name(kind)}.{_name(field)}{{{print_expr(reference)}}}"
        case Item(lists, position):
            return f"(item {_list(lists)} {print_expr(position)})"
        case _:
            assert_never(place)


def _list(place: ListPlace) -> str:
    return _name(place.name) + _index(place.index)


def _index(index: Expr) -> str:
    return "" if index == ZERO else f"[{print_expr(index)}]"


def _span(span: Span) -> str:
    if span == NOWHERE:
        return ""
    return f" @ {json.dumps(span.path)} {span.line} {span.column} {span.end_line} {span.end_column}"


def _sort(sort: Sort) -> str:
    unset = " unset" if sort.unset else ""
    match sort:
        case Bool():
            return "bool" + unset
        case Range(low, high):
            return f"range {low} {high}{unset}"
        case Enum(name, members):
            return f"enum {_name(name)} {_names(members)}{unset}"
        case Ref(pool):
            return f"ref {_name(pool)}{unset}"
        case Integer():
            return "integer" + unset
        case _:
            assert_never(sort)


def _system(system: System) -> Iterator[str]:
    yield f"dmc_ir {system.version}"
    for variable in system.variables:
        length = f" length {variable.length}" if variable.length != 1 else ""
        yield f"variable {_name(variable.name)} : {_sort(variable.sort)}{length}{_initial(variable.initial)}"
    for lists in system.lists:
        length = f" length {lists.length}" if lists.length != 1 else ""
        yield f"list {_name(lists.name)} : {_sort(lists.sort)} capacity {lists.capacity}{length}"
    for pool in system.pools:
        yield from _pool(pool)
    for thread in system.threads:
        yield from _thread(thread)
    for choice in system.initial_choices:
        values = " ".join(map(str, choice.values))
        yield f"initial {_name(choice.variable)} {choice.index} in [{values}]"
    yield f"ends {print_expr(system.ends)}"
    for claim in system.properties:
        yield _property(claim)


def _initial(value: int) -> str:
    return f" = {value}" if value else ""


def _pool(pool: Pool) -> Iterator[str]:
    yield f"pool {_name(pool.name)} size {pool.size} {{"
    for kind in pool.kinds:
        yield f"  kind {_name(kind.name)}{' owned' if kind.owned else ''} {{"
        for field in kind.fields:
            yield f"    field {_name(field.name)} : {_sort(field.sort)}{_initial(field.default)}"
        yield "  }"
    yield "}"


def _thread(thread: ThreadType) -> Iterator[str]:
    yield f"thread {_name(thread.name)} times {thread.instances} start {_name(thread.start)} {{"
    for register in thread.registers:
        yield f"  register {_name(register.name)} : {_sort(register.sort)}{_initial(register.initial)}"
    for point in thread.points:
        yield from _point(point)
    for step in thread.steps:
        yield from _step(step)
    yield "}"


def _point(point: Point) -> Iterator[str]:
    yield f"  point {_name(point.name)}{' rest' if point.rest else ''}{_span(point.place)}"
    for frame in point.frames:
        role = f" role {_name(frame.role)}" if frame.role else ""
        yield f"    frame {_name(frame.function)}{role}{_span(frame.place)}"


def _step(step: Step) -> Iterator[str]:
    yield f"  step {_name(step.source)} {json.dumps(step.label)}{_span(step.place)}"
    words = [f"mover {step.mover.value}"] if step.mover is not Mover.NONE else []
    words += [word for word in ("blocking", "spurious") if getattr(step, word)]
    if step.guard != TRUE:
        words.append(f"guard {print_expr(step.guard)}")
    if step.waits:
        words.append(f"waits {json.dumps(step.waits)}")
    if step.holder is not None:
        words.append(f"holder {print_expr(step.holder)}")
    if step.party:
        words.append(f"party {_name(step.party)}")
    if words:
        yield "    " + " ".join(words)
    for access in step.accesses:
        yield "    " + _access(access)
    yield "  {"
    for statement in step.body:
        yield from _statement(statement, "    ")
    yield "  }"


def _access(access: Access) -> str:
    words = [word for word in ("write", "atomic", "frees", "lifetime") if getattr(access, word)]
    protections = ["protected " + _arguments(access.protections)] if access.protections else []
    return " ".join([f"access {_name(access.location)} {print_expr(access.object)}", *words, *protections])


def _statement(statement: Stmt, indent: str) -> Iterator[str]:
    if isinstance(statement, If):
        yield f"{indent}if {print_expr(statement.condition)} {{"
        for inner in statement.then:
            yield from _statement(inner, indent + "  ")
        if statement.otherwise:
            yield f"{indent}}} else {{"
            for inner in statement.otherwise:
                yield from _statement(inner, indent + "  ")
        yield f"{indent}}}"
    else:
        yield indent + _simple_statement(statement)


def _simple_statement(
    statement: Assign | Choose | Push | Remove | New | Kill | Goto | Check | Violate | Cover | Collect | Emit,
) -> str:
    match statement:
        case Assign(place, value):
            return f"{_place(place)} := {print_expr(value)}"
        case Choose(place, low, high):
            return f"choose {_place(place)} {low} {high}"
        case Push(lists, value):
            return f"push {_list(lists)} {print_expr(value)}"
        case Remove(lists, position):
            return f"remove {_list(lists)} {print_expr(position)}"
        case New(place, pool, kind, values):
            return f"new {_place(place)} {_name(pool)} {_name(kind)} {_arguments(values)}"
        case Kill(pool, reference):
            return f"kill {_name(pool)} {print_expr(reference)}"
        case Goto(point):
            return f"goto {_name(point)}"
        case Check(condition, outcome):
            return f"check {print_expr(condition)} else {_outcome(outcome)}"
        case Violate(name, details):
            return f"violate {_name(name)} {_arguments(details)}"
        case Cover(name):
            return f"cover {_name(name)}"
        case Collect(name, source, target):
            return f"collect {_name(name)} {print_expr(source)} {print_expr(target)}"
        case Emit(event, arguments):
            return f"emit {_name(event)} {_arguments(arguments)}"
        case _:
            assert_never(statement)


def _outcome(outcome: Fault | Cut | Drop) -> str:
    match outcome:
        case Fault(kind, properties):
            return f"fault {_name(kind)} {_names(properties)}"
        case Cut(name):
            return f"cut {_name(name)}"
        case Drop(name):
            return f"drop {_name(name)}"
        case _:
            assert_never(outcome)


def _arguments(arguments: tuple[tuple[str, Expr], ...]) -> str:
    return "{" + ", ".join(f"{_name(name)} = {print_expr(value)}" for name, value in arguments) + "}"


def _property(claim: Property) -> str:
    condition = f" condition {print_expr(claim.condition)}" if claim.condition is not None else ""
    triggers = f" triggers {_names(claim.triggers)}" if claim.triggers else ""
    head = f"property {_name(claim.id)} {claim.kind.value}{condition}{triggers}"
    return head + "".join(map(_obligation, claim.obligations)) + _span(claim.place)


def _obligation(one: Obligation) -> str:
    without = f" without {_names(one.without)}" if one.without else ""
    return f" obliged {print_expr(one.when)} reaches {print_expr(one.target)}{without}"
