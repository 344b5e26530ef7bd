"""One function for each kind of statement."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dmc.base.exceptions import InternalError
from dmc.base.types import ApiStructType
from dmc.ir.expr import Binary, Const, Expr, Read
from dmc.ir.program import Branch, Choice, End, Label, Local, Node, Op
from dmc.ir.statement import Assign, Check, Cover, Drop, Stmt, Violate
from dmc.lower.arrays import store_element
from dmc.lower.atomic import atomic_step, await_step
from dmc.lower.constants import constant
from dmc.lower.expressions import choices, computed, condition, located, store, value
from dmc.lower.lists import for_each
from dmc.lower.scope import Scope, leave
from dmc.lower.sorts import initial_value
from dmc.lower.words import words
from dmc.model import model
from dmc.model.conversions import common_integer
from dmc.runtime.driver_threads import DRIVER_THREAD

ASSERT = "assertion"
"""The property that all `assert`s outside of rules are."""

if TYPE_CHECKING:
    from dmc.lower.program import ProgramCode


def statement(code: ProgramCode, node: model.Statement, scope: Scope, following: Node) -> Node:
    """The statement, and then what follows, in the scope in which the statement stands."""
    match node:
        case model.Block(statements=statements):
            return block(code, statements, scope, following)
        case model.Declare():
            return block(code, (node,), scope, following)
        case model.Store():
            return _store(code, node, scope, following)
        case model.Evaluate(call=call):
            return value(code, call, scope, lambda _, s: leave(s, scope, following))
        case model.Return(value=result):
            return _return(code, result, scope)
        case model.Break():
            return _jump(scope.break_to, scope, node)
        case model.Continue():
            return _jump(scope.continue_to, scope, node)
        case model.If(condition=test, then=then, otherwise=otherwise):
            no = following if otherwise is None else statement(code, otherwise, scope, following)
            return condition(code, test, scope, statement(code, then, scope, following), no)
        case model.Loop():
            return _loop(code, node, scope, following)
        case model.ForEach():
            return for_each(code, node, scope, following)
        case model.Switch():
            return _switch(code, node, scope, following)
        case model.Either(blocks=blocks):
            options = [statement(code, b, scope, following) for b in blocks]
            return code.choice(options, scope, node.span)
        case model.Upto(count=count, body=body):
            return _upto(code, constant(count, code.lowering.run) or 0, body, scope, following, node)
        case model.AnyOrder(statements=statements):
            return _any_order(code, statements, scope, following, node)
        case model.Atomic():
            end = Label(following)
            inside = replace(scope, break_to=None, continue_to=None)
            lowered = block(code, node.body.statements, inside, end)
            return atomic_step(code, node, lowered, end, scope)
        case model.Spawn(process=process):
            return code.spawn(process, scope, following, node)
        case model.Await():
            return await_step(code, node, scope, following)
        case model.Assert(condition=test):
            return _assert(code, node, test, scope, following)
        case model.Assume(condition=test):
            dropped = Local((Check(Const(0), Drop(f"{node.span}")),), following)
            return condition(code, test, scope, following, dropped)
        case model.MarkReached(name=name):
            return Local((Cover(name),), following)
        case _:
            raise InternalError("lower", f"{node.span}: {type(node).__name__} in code")


def block(code: ProgramCode, statements: tuple[model.Statement, ...], scope: Scope, following: Node) -> Node:
    """Statements in order; the locals that they declare end with the last."""
    return _rest_of_block(code, statements, scope, scope, following)


def _rest_of_block(
    code: ProgramCode,
    statements: tuple[model.Statement, ...],
    scope: Scope,
    outer: Scope,
    following: Node,
) -> Node:
    if not statements:
        return leave(scope, outer, following)
    first, rest = statements[0], statements[1:]
    if isinstance(first, model.Declare):
        return _declare(code, first, rest, scope, outer, following)
    return statement(code, first, scope, _rest_of_block(code, rest, scope, outer, following))


def _declare(
    code: ProgramCode,
    node: model.Declare,
    rest: tuple[model.Statement, ...],
    scope: Scope,
    outer: Scope,
    following: Node,
) -> Node:
    variable = node.variable
    if isinstance(variable.type, ApiStructType):
        return _rest_of_block(code, rest, scope, outer, following)
    place, inner = code.declare(variable, scope)
    after = _rest_of_block(code, rest, inner, outer, following)
    initial = variable.initial
    if initial is None:
        begin = initial_value(variable, code.lowering.run, code.sort(variable))
        return Local((Assign(place, Const(begin)),), after)
    few = None if code.lowering.data.is_data(initial) else initial
    numbers = choices(few.values, code.lowering.run) if isinstance(few, model.ChooseValue) else None
    if numbers is not None:
        # The choice needs no place of its own where it goes straight into the variable.
        into = [
            code.fitting(
                variable, Const(n), initial, inner, code.store_local(variable, place, Const(n), after)
            )
            for n in numbers
        ]
        return code.choice(into, scope, node.span)
    return value(
        code,
        initial,
        inner,
        lambda v, s: code.fitting(
            variable, v, initial, s, code.store_local(variable, place, v, leave(s, inner, after))
        ),
    )


def _store(code: ProgramCode, node: model.Store, scope: Scope, following: Node) -> Node:
    text = f"{words(node.target)} {node.operator}= {words(node.value)}"
    if not node.operator:
        return value(
            code,
            node.value,
            scope,
            lambda v, s: store(code, node.target, v, text, s, leave(s, scope, following)),
        )
    if code.is_atomic(node.target):
        return _atomic_update(code, node, text, scope, following)

    def combined(old: Expr, operand: Expr, inner: Scope) -> Node:
        new = Binary(node.operator, old, operand)
        done = store(code, node.target, new, text, inner, leave(inner, scope, following))
        return computed(code, _computation(node), old, operand, inner, done)

    return value(
        code,
        node.target,
        scope,
        lambda old, s: value(code, node.value, s, lambda v, s2: combined(old, v, s2)),
    )


def _computation(node: model.Store) -> model.BinaryOp:
    """What `x op= e` computes, as an expression of the type in which C does so."""
    kind = common_integer(node.target.type, node.value.type)
    return model.BinaryOp(node.operator, node.target, node.value, kind, node.span)


def _atomic_update(code: ProgramCode, node: model.Store, text: str, scope: Scope, following: Node) -> Node:
    """`x += e` on an atomic: one step."""

    def update(operand: Expr, inner: Scope) -> Node:
        if isinstance(node.target, model.IndexUse):
            done = leave(inner, scope, following)
            return store_element(
                code,
                node.target,
                lambda loc: Binary(node.operator, Read(loc.place), operand),
                text,
                inner,
                done,
            )
        return located(
            code,
            node.target,
            inner,
            lambda loc, s: code.store(
                loc,
                Binary(node.operator, Read(loc.place), operand),
                text,
                node.span,
                s,
                leave(s, scope, following),
            ),
        )

    return value(code, node.value, scope, update)


def _return(code: ProgramCode, result: model.Expr | None, scope: Scope) -> Node:
    back = scope.leave_function
    if back is None:
        raise InternalError("lower", "a return outside of a function")
    if result is None or scope.function is None:
        return back(None, scope)
    given = model.Variable(
        scope.function.name, scope.function.result, model.Storage.PARAMETER, scope.function.span
    )
    return value(code, result, scope, lambda v, s: code.fitting(given, v, result, s, back(v, s)))


def _jump(target: tuple[Node, Scope] | None, scope: Scope, node: model.Statement) -> Node:
    if target is None:
        raise InternalError("lower", f"{node.span}: nothing to leave")
    return leave(scope, target[1], target[0])


def _loop(code: ProgramCode, node: model.Loop, scope: Scope, following: Node) -> Node:
    if node.initial is not None:
        body = replace(node, initial=None)
        return block(code, (node.initial, body), scope, following)
    head = Label()
    again: Node = head if node.step is None else statement(code, node.step, scope, head)
    inner = replace(scope, break_to=(following, scope), continue_to=(again, scope))
    body_node = statement(code, node.body, inner, again)
    test = node.condition
    entry = body_node if test is None else condition(code, test, scope, body_node, following)
    # A loop in which nothing at all happens: turning in it is a step.
    head.target = Op("turn", scope.site(node.span), (), head) if _is(entry, head) else entry
    if _is(body_node, head) and scope.frames and scope.frames[0].role == DRIVER_THREAD:
        _poll(head.target, (head, following))
    return head


def _poll(node: Node | None, beyond: tuple[Node, ...]) -> None:
    """A thread of the driver that only asks again and again may do so for ever."""
    match node:
        case _ if node is None or any(node is one for one in beyond):
            return
        case Op(next=after):
            node.rest = True
            _poll(after, beyond)
        case Local(next=after):
            _poll(after, beyond)
        case Branch(then=then, otherwise=otherwise):
            _poll(then, beyond)
            _poll(otherwise, beyond)
        case Choice(options=options):
            for option in options:
                _poll(option, beyond)
        case Label() | End():
            return


def _is(node: Node, head: Label) -> bool:
    while isinstance(node, Label) and node is not head:
        if node.target is None:
            return False
        node = node.target
    return node is head


def _switch(code: ProgramCode, node: model.Switch, scope: Scope, following: Node) -> Node:
    inner = replace(scope, break_to=(following, scope))
    default = following
    cases: list[tuple[list[int], Node]] = []
    for values, body in node.cases:
        lowered = statement(code, body, inner, following)
        if not values:
            default = lowered
        else:
            cases.append(([constant(v, code.lowering.run) or 0 for v in values], lowered))
    known = constant(node.value, code.lowering.run)
    if known is not None:
        return next((body for numbers, body in cases if known in numbers), default)

    def select(v: Expr, s: Scope) -> Node:
        result = leave(s, scope, default)
        for numbers, body in reversed(cases):
            for number in numbers:
                result = Branch(Binary("==", v, Const(number)), leave(s, scope, body), result)
        return result

    return value(code, node.value, scope, select)


def _upto(
    code: ProgramCode, count: int, body: model.Statement, scope: Scope, following: Node, node: model.Upto
) -> Node:
    result = following
    for _ in range(count):
        result = code.choice([statement(code, body, scope, result), following], scope, node.span)
    return result


def _any_order(
    code: ProgramCode,
    statements: tuple[model.Statement, ...],
    scope: Scope,
    following: Node,
    node: model.AnyOrder,
) -> Node:
    """What is left of each statement decides where one is: (index, how often it may still come)."""
    bounds = []
    for item in statements:
        optional = isinstance(item, model.Upto)
        times = (constant(item.count, code.lowering.run) or 0) if isinstance(item, model.Upto) else 1
        bounds.append((item.body if isinstance(item, model.Upto) else item, times, optional))
    known: dict[tuple[int, ...], Node] = {}

    def rest(left: tuple[int, ...]) -> Node:
        if left not in known:
            options = [
                statement(code, bounds[i][0], scope, rest((*left[:i], left[i] - 1, *left[i + 1 :])))
                for i in range(len(left))
                if left[i]
            ]
            done = all(not n or bounds[i][2] for i, n in enumerate(left))
            if not options:
                return following
            known[left] = code.choice([*options, *([following] if done else [])], scope, node.span)
        return known[left]

    return rest(tuple(times for _, times, _ in bounds))


def _assert(code: ProgramCode, node: model.Assert, test: model.Expr, scope: Scope, following: Node) -> Node:
    covered: tuple[Stmt, ...] = (Cover(ASSERT),)
    failed = Op(f"assert({words(test)}) fails", scope.site(node.span), (Violate(ASSERT),), following)
    return Local(covered, condition(code, test, scope, following, failed))
