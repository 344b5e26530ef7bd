"""One function for each kind of expression: values, conditions, locations."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dmc.base.exceptions import InternalError
from dmc.base.types import BufferType, PointerType
from dmc.ir.builder import conj, disj, eq, ne
from dmc.ir.expr import FALSE, TRUE, Binary, Const, Expr, Field, Place, Read, Unary
from dmc.ir.program import Branch, Label, Local, Node, Op
from dmc.ir.sort import UNSET, Bool
from dmc.ir.statement import Assign, Choose
from dmc.ir.system import Mover
from dmc.lower.arrays import load_element, locate_element, store_element
from dmc.lower.code import After, AfterLocation, Location
from dmc.lower.constants import OPERATORS, constant
from dmc.lower.lists import list_call
from dmc.lower.pure import pure, struct_of
from dmc.lower.ranges import intermediate, leaves_range, negation
from dmc.lower.run import RunChoice
from dmc.lower.scope import Scope
from dmc.lower.words import words
from dmc.model import model
from dmc.model.api_structs import is_api_member
from dmc.model.model import Storage
from dmc.runtime.world import DATA, EMPTY_BUFFER, HEAP, NULL_BUFFER, gives

if TYPE_CHECKING:
    from dmc.lower.program import ProgramCode


def value(code: ProgramCode, expr: model.Expr, scope: Scope, after: After) -> Node:
    """Evaluates the expression and hands its value on."""
    if isinstance(expr.type, BufferType) and isinstance(expr, model.NullValue | model.StringValue):
        return after(Const(buffer_constant(expr)), scope)
    known = constant(expr, code.lowering.run)
    if known is not None and leaves_range(expr, code.lowering.run):
        return code.demand("out_of_range", FALSE, expr, scope, after(Const(known), scope))
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
        case model.IndexUse(array=array) if isinstance(array.type, BufferType):
            return _first_byte(code, expr, array, scope, after)
        case model.IndexUse():
            return load_element(code, expr, scope, after)
        case model.UnaryOp(operator="!", operand=operand):
            return value(code, operand, scope, lambda v, s: after(eq(v, 0), s))
        case model.UnaryOp():
            return _negative(code, expr, scope, after)
        case model.BinaryOp(operator="&&" | "||") | model.QuantifiedOp():
            return _truth_value(code, expr, scope, after)
        case model.BinaryOp():
            return _binary(code, expr, scope, after)
        case model.ConditionalOp():
            return _conditional(code, expr, scope, after)
        case model.FunctionCall(function=function, arguments=arguments):
            return code.call(function, arguments, expr, scope, after)
        case model.IndirectCall():
            return _indirect(code, expr, scope, after)
        case model.ApiCall():
            return code.api(expr, scope, after)
        case model.ListCall():
            return list_call(code, expr, scope, after)
        case model.ProcessCall():
            return code.process_call(expr, scope, after)
        case model.ProcessValue(process=process):
            return after(Const(code.number_of(process)), scope)
        case model.FunctionValue(function=function, api=api):
            return after(code.lowering.function_number(function, api), scope)
        case model.ChooseValue(values=values):
            return _choose(code, expr, values, scope, after)
        case model.QuantifiedOp():
            return _looks(code, expr, scope, after)
        case model.InValues(operand=operand, values=values):
            return value(code, operand, scope, lambda v, s: after(_is_among(code, v, values), s))
        case _:
            raise InternalError("lower", f"{expr.span}: {type(expr).__name__} has no value here")


def condition(code: ProgramCode, expr: model.Expr, scope: Scope, yes: Node, no: Node) -> Node:
    """Decides on the expression; both ways go on in the scope given."""
    known = constant(expr, code.lowering.run)
    if known is not None:
        way = yes if known else no
        inside = FALSE if leaves_range(expr, code.lowering.run) else TRUE
        return code.demand("out_of_range", inside, expr, scope, way)
    match expr:
        case model.UnaryOp(operator="!", operand=operand):
            return condition(code, operand, scope, no, yes)
        case model.BinaryOp(operator="&&", left=left, right=right):
            return condition(code, left, scope, condition(code, right, scope, yes, no), no)
        case model.BinaryOp(operator="||", left=left, right=right):
            return condition(code, left, scope, yes, condition(code, right, scope, yes, no))
        case model.QuantifiedOp():
            return _quantified(code, expr, scope, yes, no)
        case _:
            return value(code, expr, scope, lambda v, inner: _decide(code, v, inner, scope, yes, no))


def _quantified(code: ProgramCode, expr: model.QuantifiedOp, scope: Scope, yes: Node, no: Node) -> Node:
    """`forall` and `exists` over numbers, one after the other, up to the one that decides."""
    scopes = [scope]
    for variable, bounds in expr.variables:
        assert bounds is not None
        low, high = (constant(bound, code.lowering.run) or 0 for bound in bounds)
        numbers = [Const(n) for n in range(low, high + 1)]
        scopes = [replace(s, values={**s.values, variable: n}) for s in scopes for n in numbers]
    node = yes if expr.kind == "forall" else no
    for one in reversed(scopes):
        if expr.kind == "forall":
            node = condition(code, expr.body, one, node, no)
        else:
            node = condition(code, expr.body, one, yes, node)
    return node


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
        case model.IndexUse():
            return locate_element(code, expr, scope, after)
        case _:
            raise InternalError("lower", f"{expr.span}: {type(expr).__name__} is no location")


def store(
    code: ProgramCode, target: model.Expr, what: Expr, text: str, scope: Scope, following: Node
) -> Node:
    """Writes a value that is there already."""
    match target:
        case model.IndexUse():
            return store_element(code, target, lambda _: what, text, scope, following)
        case _:
            return located(
                code,
                target,
                scope,
                lambda loc, s: code.store(loc, what, text, target.span, s, code.clear(s, scope, following)),
            )


def _variable(code: ProgramCode, variable: model.Variable, scope: Scope) -> Location:
    match variable.storage:
        case Storage.DRIVER | Storage.FILE:
            place = code.global_place(variable)
            return Location(place, variable, True, variable.name, Const(0))
        case _:
            return Location(scope.places[variable], variable, False, variable.name, Const(0))


def buffer_constant(expr: model.NullValue | model.StringValue) -> int:
    """What stands for a buffer that is written: a text's first byte, in C its end if it is empty."""
    if isinstance(expr, model.NullValue):
        return NULL_BUFFER
    return ord(expr.value[0]) if expr.value else 0


def _first_byte(code: ProgramCode, expr: model.Expr, array: model.Expr, scope: Scope, after: After) -> Node:
    """`buf[0]`: a buffer is its first byte, and it may have none."""

    def read(buffer: Expr, inner: Scope) -> Node:
        found = after(buffer, inner)
        full = code.demand("index_out_of_range", ne(buffer, EMPTY_BUFFER), expr, inner, found)
        return code.demand("null_pointer", ne(buffer, NULL_BUFFER), expr, inner, full)

    return value(code, array, scope, read)


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


def _binary(code: ProgramCode, expr: model.BinaryOp, scope: Scope, after: After) -> Node:
    operator, left, right = expr.operator, expr.left, expr.right

    def combine(a: Expr, b: Expr, inner: Scope) -> Node:
        match operator:
            case "==":
                done = after(eq(a, b), inner)
            case "!=":
                done = after(ne(a, b), inner)
            case _:
                done = after(Binary(OPERATORS.get(operator, operator), a, b), inner)
        return computed(code, expr, a, b, inner, done)

    return value(code, left, scope, lambda a, s: value(code, right, s, lambda b, s2: combine(a, b, s2)))


def computed(
    code: ProgramCode, expr: model.BinaryOp, a: Expr, b: Expr, scope: Scope, following: Node
) -> Node:
    """Goes on if the operands have a result, and one that is in the range of the type that C computes in."""
    inside = intermediate(expr, a, b, code.lowering.run, code.held(expr.left, expr.right))
    node = code.demand("out_of_range", inside, expr, scope, following)
    if expr.operator in ("/", "%"):
        node = code.demand("division_by_zero", ne(b, 0), expr.right, scope, node)
    return node


def _negative(code: ProgramCode, expr: model.UnaryOp, scope: Scope, after: After) -> Node:
    def negated(v: Expr, inner: Scope) -> Node:
        inside = negation(expr, v, code.lowering.run, code.held(expr.operand))
        return code.demand("out_of_range", inside, expr, inner, after(Unary("-", v), inner))

    return value(code, expr.operand, scope, negated)


def _conditional(code: ProgramCode, expr: model.ConditionalOp, scope: Scope, after: After) -> Node:
    known = constant(expr.condition, code.lowering.run)
    if known is not None:
        return value(code, expr.then if known else expr.otherwise, scope, after)
    temp, inner = scope.temp(code.sort_of_value(expr))
    joined = after(Read(temp), inner)

    def give(branch: model.Expr) -> Node:
        return value(
            code, branch, inner, lambda v, s: Local((Assign(temp, v),), code.clear(s, inner, joined))
        )

    return condition(code, expr.condition, inner, give(expr.then), give(expr.otherwise))


def _indirect(code: ProgramCode, expr: model.IndirectCall, scope: Scope, after: After) -> Node:
    joined_label = Label()
    sort = code.sort_of_value(expr)
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
    expr: model.ChooseValue,
    values: tuple[model.Expr | tuple[model.Expr, model.Expr], ...],
    scope: Scope,
    after: After,
) -> Node:
    data = code.lowering.data.is_data(expr)
    temp, inner = scope.temp(code.sort_of_value(expr))
    joined = after(Read(temp), inner)

    def give(item: model.Expr) -> Node:
        return value(code, item, inner, lambda v, s: Local((Assign(temp, v),), code.clear(s, inner, joined)))

    options: list[Node] = []
    for item in values:
        if isinstance(item, tuple):
            low = constant(item[0], code.lowering.run)
            high = constant(item[1], code.lowering.run)
            assert low is not None
            assert high is not None
            if data:
                options.append(_choose_data(expr, temp, (low, high), joined, scope))
            else:
                options += [Local((Assign(temp, Const(n)),), joined) for n in range(low, high + 1)]
        else:
            options.append(give(item))
    options = _distinct(options)
    return options[0] if data and len(options) == 1 else code.choice(options, scope, expr.span)


def _choose_data(
    expr: model.ChooseValue, place: Place, ends: tuple[int, int], following: Node, scope: Scope
) -> Node:
    """Any value of a range that is too large to be enumerated: a step of its own, which says which one."""
    chosen = (Choose(place, *ends), gives(Read(place), f"{DATA}{expr.type}"))
    return Op(words(expr), scope.site(expr.span), chosen, following, mover=Mover.BOTH)


def choices(
    values: tuple[model.Expr | tuple[model.Expr, model.Expr], ...], run: RunChoice
) -> list[int] | None:
    """The numbers among which a `choose` chooses, each once; None if they are not all known."""
    numbers: list[int] = []
    for item in values:
        ends = [constant(end, run) for end in (item if isinstance(item, tuple) else (item, item))]
        low, high = ends
        if low is None or high is None:
            return None
        numbers.extend(range(low, high + 1))
    return list(dict.fromkeys(numbers))


def _looks(code: ProgramCode, expr: model.QuantifiedOp, scope: Scope, after: After) -> Node:
    """`forall` and `exists` look at one state: they stand only in what is one step."""
    from dmc.lower.accesses import accesses_of

    found = after(pure(expr, code.environment(scope)), scope)
    return Op("look", scope.site(expr.span), (), found, accesses=accesses_of(code, expr, scope))


def _distinct(options: list[Node]) -> list[Node]:
    """Without those that set the same place to a number that an earlier one sets it to."""
    seen: set[object] = set()
    result: list[Node] = []
    for option in options:
        match option:
            case Local(statements=(Assign(place, Const() as number),)):
                if (place, number) in seen:
                    continue
                seen.add((place, number))
            case _:
                pass
        result.append(option)
    return result


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
