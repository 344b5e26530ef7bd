"""One function for each kind of expression: values, conditions, locations."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from dmc.base.exceptions import InternalError
from dmc.base.types import ArrayType, PointerType
from dmc.ir.builder import conj, disj, eq, ne
from dmc.ir.expr import FALSE, Binary, Const, Expr, Field, Place, Read, Unary, Var
from dmc.ir.program import Branch, Label, Local, Node
from dmc.ir.sort import UNSET, Bool, Range, Sort
from dmc.ir.statement import Assign
from dmc.lower.code import After, AfterLocation, Location
from dmc.lower.constants import OPERATORS, constant
from dmc.lower.pure import struct_of
from dmc.lower.scope import Scope
from dmc.lower.sorts import sort_of
from dmc.model import model
from dmc.model.api_structs import is_api_member
from dmc.model.model import Storage
from dmc.runtime.world import HEAP

if TYPE_CHECKING:
    from dmc.lower.program import ProgramCode


def value(code: ProgramCode, expr: model.Expr, scope: Scope, after: After) -> Node:
    """Evaluates the expression and hands its value on."""
    known = constant(expr, code.lowering.run)
    if known is not None:
        # `ERL_DRV_ERROR_*` stands where a pointer is expected: it leads to no object and is not NULL.
        error = known < 0 and isinstance(expr.type, PointerType)
        return after(Const(UNSET if error else known), scope)
    match expr:
        case model.VariableUse(variable=variable):
            if variable.storage in (Storage.DRIVER, Storage.FILE):
                return located(code, expr, scope, lambda loc, s: code.load(loc, expr, s, after))
            return code.use_local(expr, scope, after)
        case model.FieldUse() | model.IndexUse() if is_api_member(expr):
            return code.api_member(expr, scope, after)
        case model.FieldUse():
            return located(code, expr, scope, lambda loc, s: code.load(loc, expr, s, after))
        case model.IndexUse(array=model.VariableUse(variable=variable)) if (
            variable.storage is Storage.PARAMETER
        ):
            return after(Read(scope.places[variable]), scope)
        case model.IndexUse(array=array, index=index):
            return _load_element(code, expr, array, index, scope, after)
        case model.UnaryOp(operator="!", operand=operand):
            return value(code, operand, scope, lambda v, s: after(eq(v, 0), s))
        case model.UnaryOp(operator=operator, operand=operand):
            return value(code, operand, scope, lambda v, s: after(Unary(operator, v), s))
        case model.BinaryOp(operator="&&" | "||"):
            return _truth_value(code, expr, scope, after)
        case model.BinaryOp(operator=operator, left=left, right=right):
            return _binary(code, operator, left, right, scope, after)
        case model.ConditionalOp():
            return _conditional(code, expr, scope, after)
        case model.FunctionCall(function=function, arguments=arguments):
            return code.call(function, arguments, expr, scope, after)
        case model.IndirectCall():
            return _indirect(code, expr, scope, after)
        case model.ApiCall():
            return code.api(expr, scope, after)
        case model.ProcessCall():
            return code.process_call(expr, scope, after)
        case model.ProcessValue(process=process):
            return after(Const(code.number_of(process)), scope)
        case model.FunctionValue(function=function, api=api):
            return after(code.lowering.function_number(function, api), scope)
        case model.ChooseValue(values=values):
            return _choose(code, expr, values, scope, after)
        case model.InValues(operand=operand, values=values):
            return value(code, operand, scope, lambda v, s: after(_is_among(code, v, values), s))
        case _:
            raise InternalError("lower", f"{expr.span}: {type(expr).__name__} has no value here")


def condition(code: ProgramCode, expr: model.Expr, scope: Scope, yes: Node, no: Node) -> Node:
    """Decides on the expression; both ways go on in the scope given."""
    known = constant(expr, code.lowering.run)
    if known is not None:
        return yes if known else no
    match expr:
        case model.UnaryOp(operator="!", operand=operand):
            return condition(code, operand, scope, no, yes)
        case model.BinaryOp(operator="&&", left=left, right=right):
            return condition(code, left, scope, condition(code, right, scope, yes, no), no)
        case model.BinaryOp(operator="||", left=left, right=right):
            return condition(code, left, scope, yes, condition(code, right, scope, yes, no))
        case _:
            return value(code, expr, scope, lambda v, inner: _decide(code, v, inner, scope, yes, no))


def located(code: ProgramCode, expr: model.Expr, scope: Scope, after: AfterLocation) -> Node:
    """Finds the location that an expression names; what it takes to get there happens first."""
    match expr:
        case model.VariableUse(variable=variable):
            return after(_variable(code, variable, scope), scope)
        case model.FieldUse(object=base, field=field):
            kind = struct_of(base)

            def found(pointer: Expr, inner: Scope) -> Node:
                place = Field(HEAP, kind, field.name, pointer)
                name = f"{kind}.{field.name}"
                return after(Location(place, field, True, name, pointer, kind, pointer), inner)

            return value(code, base, scope, found)
        case _:
            raise InternalError("lower", f"{expr.span}: {type(expr).__name__} is no location")


def store(
    code: ProgramCode, target: model.Expr, what: Expr, text: str, scope: Scope, following: Node
) -> Node:
    """Writes a value that is there already."""
    match target:
        case model.IndexUse():
            return update_element(code, target, lambda _: what, text, scope, following)
        case _:
            return located(
                code,
                target,
                scope,
                lambda loc, s: code.store(loc, what, text, target.span, s, code.clear(s, scope, following)),
            )


def element(code: ProgramCode, array: model.Expr, base: Location, number: int) -> Location:
    """One element of an array whose own location is known."""
    del array
    assert isinstance(base.variable.type, ArrayType)
    name = f"{base.name}[{number}]"
    if isinstance(base.place, Field):
        place: Place = Field(HEAP, base.kind, f"{base.variable.name}[{number}]", base.place.reference)
    elif isinstance(base.place, Var):
        place = Var(base.place.name, Const(number))
    else:
        raise InternalError("lower", "an array in a register")
    return Location(place, base.variable, base.shared, name, base.object, base.kind, base.reference)


def _variable(code: ProgramCode, variable: model.Variable, scope: Scope) -> Location:
    match variable.storage:
        case Storage.DRIVER | Storage.FILE:
            place = code.global_place(variable)
            return Location(place, variable, True, variable.name, Const(0))
        case _:
            return Location(scope.places[variable], variable, False, variable.name, Const(0))


def _load_element(
    code: ProgramCode, expr: model.Expr, array: model.Expr, index: model.Expr, scope: Scope, after: After
) -> Node:
    def indexed(base: Location, number: Expr, inner: Scope) -> Node:
        assert isinstance(base.variable.type, ArrayType)
        size = base.variable.type.size
        if isinstance(number, Const):
            if not 0 <= number.value < size:
                return code.demand("index_out_of_range", FALSE, expr, inner, after(Const(0), inner))
            return code.load(element(code, array, base, number.value), expr, inner, after)
        temp, taken = inner.temp(code.sort(base.variable))
        joined = after(Read(temp), taken)
        node: Node = code.demand("index_out_of_range", FALSE, expr, taken, joined)
        for i in range(size - 1, -1, -1):
            one = code.load(
                element(code, array, base, i),
                expr,
                taken,
                lambda v, s: Local((Assign(temp, v),), code.clear(s, taken, joined)),
            )
            node = Branch(eq(number, i), one, node)
        return node

    return value(
        code,
        index,
        scope,
        lambda i, s: located(code, array, s, lambda base, s2: indexed(base, i, s2)),
    )


def _store_element(
    code: ProgramCode,
    array: model.Expr,
    number: Expr,
    what: Callable[[Location], Expr],
    text: str,
    target: model.Expr,
    scope: Scope,
    following: Node,
) -> Node:
    def found(base: Location, inner: Scope) -> Node:
        assert isinstance(base.variable.type, ArrayType)
        done = code.clear(inner, scope, following)
        node: Node = code.demand("index_out_of_range", FALSE, target, inner, done)
        for i in range(base.variable.type.size - 1, -1, -1):
            one = _store_one(code, element(code, array, base, i), what, text, target, inner, done)
            node = (
                Branch(eq(number, i), one, node)
                if not isinstance(number, Const)
                else (one if number.value == i else node)
            )
        return node

    return located(code, array, scope, found)


def _store_one(
    code: ProgramCode,
    location: Location,
    what: Callable[[Location], Expr],
    text: str,
    target: model.Expr,
    scope: Scope,
    following: Node,
) -> Node:
    return code.store(location, what(location), text, target.span, scope, following)


def update_element(
    code: ProgramCode,
    target: model.IndexUse,
    what: Callable[[Location], Expr],
    text: str,
    scope: Scope,
    following: Node,
) -> Node:
    """Writes an element of an array with what is made of its location: one step."""
    return value(
        code,
        target.index,
        scope,
        lambda i, s: _store_element(
            code, target.array, i, what, text, target, s, code.clear(s, scope, following)
        ),
    )


def _decide(code: ProgramCode, v: Expr, inner: Scope, outer: Scope, yes: Node, no: Node) -> Node:
    test = ne(v, 0) if not _is_condition(v) else v
    if isinstance(test, Const):
        return code.clear(inner, outer, yes if test.value else no)
    return Branch(test, code.clear(inner, outer, yes), code.clear(inner, outer, no))


def _is_condition(v: Expr) -> bool:
    match v:
        case Binary(operator=operator):
            return operator in ("==", "!=", "<", "<=", ">", ">=", "and", "or")
        case Unary(operator="not"):
            return True
        case _:
            return False


def _truth_value(code: ProgramCode, expr: model.Expr, scope: Scope, after: After) -> Node:
    temp, inner = scope.temp(Bool(unset=True))
    joined = after(Read(temp), inner)
    yes = Local((Assign(temp, Const(1)),), joined)
    no = Local((Assign(temp, Const(0)),), joined)
    return condition(code, expr, inner, yes, no)


def _binary(
    code: ProgramCode, operator: str, left: model.Expr, right: model.Expr, scope: Scope, after: After
) -> Node:
    def combine(a: Expr, b: Expr, inner: Scope) -> Node:
        match operator:
            case "==":
                return after(eq(a, b), inner)
            case "!=":
                return after(ne(a, b), inner)
            case "/" | "%":
                done = after(Binary(operator, a, b), inner)
                return code.demand("division_by_zero", ne(b, 0), right, inner, done)
            case _:
                return after(Binary(OPERATORS.get(operator, operator), a, b), inner)

    return value(code, left, scope, lambda a, s: value(code, right, s, lambda b, s2: combine(a, b, s2)))


def _conditional(code: ProgramCode, expr: model.ConditionalOp, scope: Scope, after: After) -> Node:
    known = constant(expr.condition, code.lowering.run)
    if known is not None:
        return value(code, expr.then if known else expr.otherwise, scope, after)
    temp, inner = scope.temp(_sort_of_value(code, expr))
    joined = after(Read(temp), inner)

    def give(branch: model.Expr) -> Node:
        return value(
            code, branch, inner, lambda v, s: Local((Assign(temp, v),), code.clear(s, inner, joined))
        )

    return condition(code, expr.condition, inner, give(expr.then), give(expr.otherwise))


def _sort_of_value(code: ProgramCode, expr: model.Expr) -> Sort:
    return sort_of(expr.type, code.world, unset=True)


def _indirect(code: ProgramCode, expr: model.IndirectCall, scope: Scope, after: After) -> Node:
    joined_label = Label()
    sort = _sort_of_value(code, expr)
    temp, inner = scope.temp(sort)
    joined_label.target = after(Read(temp), inner)

    def dispatch(pointer: Expr, taken: Scope) -> Node:
        node: Node = code.demand("null_pointer", FALSE, expr, taken, joined_label)
        for function in expr.targets:
            number = code.lowering.function_number(function, "")
            call = code.call(
                function,
                expr.arguments,
                expr,
                taken,
                lambda v, s: Local((Assign(temp, v),), code.clear(s, inner, joined_label)),
            )
            node = Branch(eq(pointer, number), call, node)
        return node

    return value(code, expr.pointer, inner, dispatch)


def _choose(
    code: ProgramCode,
    expr: model.Expr,
    values: tuple[model.Expr | tuple[model.Expr, model.Expr], ...],
    scope: Scope,
    after: After,
) -> Node:
    numbers: list[int] = []
    for item in values:
        if isinstance(item, tuple):
            low, high = constant(item[0], code.lowering.run), constant(item[1], code.lowering.run)
            assert low is not None
            assert high is not None
            numbers.extend(range(low, high + 1))
        else:
            single = constant(item, code.lowering.run)
            assert single is not None
            numbers.append(single)
    temp, inner = scope.temp(Range(*code.world.integers, True))
    joined = after(Read(temp), inner)
    options: list[Node] = [Local((Assign(temp, Const(n)),), joined) for n in dict.fromkeys(numbers)]
    return code.choice(options, scope, expr.span)


def _is_among(
    code: ProgramCode, v: Expr, values: tuple[model.Expr | tuple[model.Expr, model.Expr], ...]
) -> Expr:
    parts: list[Expr] = []
    for item in values:
        if isinstance(item, tuple):
            low, high = constant(item[0], code.lowering.run), constant(item[1], code.lowering.run)
            parts.append(conj([Binary(">=", v, Const(low or 0)), Binary("<=", v, Const(high or 0))]))
        else:
            parts.append(eq(v, constant(item, code.lowering.run) or 0))
    return disj(parts)
