"""Statements: bodies of functions, actors and handlers."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from dmc.base.source import Span
from dmc.base.types import (
    BINARY_VALUE,
    VOID,
    ArrayType,
    BoolType,
    BufferType,
    EnumType,
    IntType,
    ListType,
    Type,
    VoidType,
)
from dmc.model import model
from dmc.model.api_structs import is_api_member
from dmc.model.checked import constant, tested, typed
from dmc.model.control_flow import check_switch, falls_through
from dmc.model.environment import UNKNOWN, Env, Place, declare
from dmc.model.lists import loop_variable, one_step
from dmc.model.one_step import check_one_step
from dmc.model.replies import assigned, is_reply
from dmc.model.scope import Captures, Scope
from dmc.model.terms import check_no_api_members, receive
from dmc.model.variables import local_variable
from dmc.syntax import ast

_ACTORS = (Place.PROCESS, Place.THREAD)
MAX_UPTO = 64
_CALLS = (model.FunctionCall, model.IndirectCall, model.ApiCall, model.ProcessCall, model.ListCall)


def block(node: ast.Block, env: Env) -> model.Block:
    """The statements in a scope of their own."""
    inner = env.inner()
    return model.Block(tuple(statement(s, inner) for s in node.statements), node.span)


def function_body(node: ast.Block, function: model.Function, env: Env) -> model.Block:
    """A body, in the scope of the parameters; it must give a value if the function has one."""
    body = model.Block(tuple(statement(s, env) for s in node.statements), node.span)
    if function.result not in (VOID, UNKNOWN) and falls_through(body):
        env.report(
            "E306",
            f"`{function.name}` can end without a value",
            function.span,
            f"it is declared to give a `{function.result}`",
            ("end every way through it in `return`",),
        )
    return body


def statement(node: ast.Statement, env: Env) -> model.Statement:
    """Any statement; an empty block in place of one that is refused."""
    if env.place is Place.RULE and isinstance(node, ast.Declaration | ast.Switch):
        what = "variables of its own" if isinstance(node, ast.Declaration) else "`switch`"
        note = "declare it in the rule" if isinstance(node, ast.Declaration) else "write `if`"
        return _refused("E490", f"a handler with {what} is not in this version", node.span, env, note)
    match node:
        case ast.Block():
            return block(node, env)
        case ast.Declaration():
            return model.Declare(local_variable(node.variable, env), node.span)
        case ast.Assignment():
            return _assignment(node, env)
        case ast.CallStatement():
            return _call_statement(node, env)
        case ast.Return():
            return _return(node, env)
        case ast.Break() | ast.Continue():
            return _jump(node, env)
        case ast.If():
            otherwise = _nested(node.otherwise, env) if node.otherwise is not None else None
            return model.If(tested(node.condition, env), _nested(node.then, env), otherwise, node.span)
        case ast.While() | ast.For() | ast.ForEach():
            return _loop(node, env)
        case ast.Switch():
            return _switch(node, env)
        case ast.Either() | ast.Upto() | ast.AnyOrder() | ast.Atomic():
            return _freedom(node, env)
        case ast.Spawn():
            return _spawn(node, env)
        case ast.Receive():
            return receive(node, env)
        case ast.Await():
            return _await(node, env)
        case ast.Assert() | ast.Assume():
            return _claim(node, env)
        case ast.ReachableMark():
            return _mark(node, env)
        case _:
            assert_never(node)


def _refused(
    code: str, message: str, span: Span, env: Env, note: str = "", hints: tuple[str, ...] = ()
) -> model.Statement:
    env.report(code, message, span, note, hints)
    return model.Block((), span)


def _nested(node: ast.Statement, env: Env) -> model.Statement:
    return statement(node, env.inner())


# --- assignments and calls ----------------------------------------------------------------------


def _assignment(node: ast.Assignment, env: Env) -> model.Statement:
    target = env.expression(node.target)
    operator = "" if node.operator == "=" else node.operator.rstrip("=")
    if not _is_place(target, env):
        env.expression(node.value, target.type)
        return _refused(*_why_no_place(node, target), env)
    if target.type == BINARY_VALUE:
        env.expression(node.value)
        note = "a binary has the name that it was given where it came up"
        return _refused("E490", "another name for a binary is not in this version", node.span, env, note)
    if operator and not isinstance(target.type, IntType) and target.type != UNKNOWN:
        bits = isinstance(target.type, BoolType) and operator in ("|", "&")
        if not bits:
            env.expression(node.value)
            message = f"`{node.operator}` needs a number, and this is a `{target.type}`"
            return _refused("E302", message, node.target.span, env)
    value = assigned(node.value, env) if is_reply(target) else typed(node.value, target.type, env, "E301")
    return model.Store(target, operator, value, node.span)


def _is_place(target: model.Expr, env: Env) -> bool:
    if is_api_member(target):
        return False
    match target:
        case model.VariableUse():
            bound = target.variable.storage is model.Storage.BOUND
            watched = env.place is Place.RULE and target.variable.storage not in (
                model.Storage.RULE,
                model.Storage.LOCAL,
            )
            return not bound and not watched and not isinstance(target.type, ArrayType | ListType)
        case model.FieldUse():
            return env.place is not Place.RULE and not isinstance(target.type, ArrayType)
        case model.IndexUse():
            whole = isinstance(target.type, ArrayType | ListType)
            return env.place is not Place.RULE and not isinstance(target.array.type, BufferType) and not whole
        case _:
            return target.type == UNKNOWN


def _why_no_place(node: ast.Assignment, target: model.Expr) -> tuple[str, str, Span]:
    match target:
        case _ if is_api_member(target):
            message = "this belongs to the emulator: what works on the bytes is written `writes(...)`"
        case model.AxisValue():
            message = f"`{target.axis.name}` is an axis: its value is fixed for a run"
        case model.SettingValue():
            message = f"`{target.name}` is fixed for a run"
        case model.VariableUse(type=ListType()) | model.IndexUse(type=ListType()):
            message = "a list is changed by `append`, `take` and `remove`"
        case (
            model.VariableUse(type=ArrayType())
            | model.FieldUse(type=ArrayType())
            | model.IndexUse(type=ArrayType())
        ):
            message = "an array is assigned element by element"
        case model.IndexUse():
            message = "the bytes of a buffer cannot be written in this version"
        case model.VariableUse() | model.FieldUse():
            message = "this is only watched here, not written"
        case model.ApiMember():
            message = "this is written by `driver_system_info` alone"
        case _:
            message = "this cannot be assigned to"
    return "E307", message, node.target.span


def _call_statement(node: ast.CallStatement, env: Env) -> model.Statement:
    value = env.expression(node.call)
    if env.place is Place.RULE and isinstance(value, model.ApiCall) and value.function != "collect":
        message = f"`{value.function}` alone does nothing"
        return _refused(
            "E409", message, node.span, env, "a rule only watches", ("ask for it in `assert` or `if`",)
        )
    if value.type != UNKNOWN and not isinstance(value, _CALLS):
        return model.Block((), node.span)
    return model.Evaluate(value, node.span)


# --- leaving ------------------------------------------------------------------------------------


def _return(node: ast.Return, env: Env) -> model.Statement:
    if env.place is Place.RULE:
        return _refused("E409", "`return` has no meaning in a rule", node.span, env)
    if env.function is None and env.place in _ACTORS:
        note = "it leaves a function, and this is none"
        return _refused("E409", f"`return` has no meaning in {env.place.value}", node.span, env, note)
    result: Type = env.function.result if env.function is not None else VOID
    if node.value is None:
        if result not in (VOID, UNKNOWN):
            return _refused("E306", f"a value is missing: a `{result}` is promised", node.span, env)
        return model.Return(None, node.span)
    if isinstance(result, VoidType):
        env.expression(node.value)
        name = f"`{env.function.name}`" if env.function is not None else env.place.value
        return _refused("E306", f"{name} gives no value", node.value.span, env)
    return model.Return(typed(node.value, result, env, "E306"), node.span)


def _jump(node: ast.Break | ast.Continue, env: Env) -> model.Statement:
    if isinstance(node, ast.Break):
        if env.in_loop or env.in_switch:
            return model.Break(node.span)
        return _refused("E324", "`break` outside of a loop or `switch`", node.span, env)
    if env.in_loop:
        return model.Continue(node.span)
    return _refused("E324", "`continue` outside of a loop", node.span, env)


# --- loops and switch ---------------------------------------------------------------------------


def _loop(node: ast.While | ast.For | ast.ForEach, env: Env) -> model.Statement:
    if env.place is Place.RULE:
        return _refused("E409", "a rule has no loops", node.span, env, "its body is part of one step")
    outer = env.inner()
    inside = replace(outer, in_loop=True, in_switch=False, repeated=True)
    match node:
        case ast.While():
            return model.Loop(None, tested(node.condition, env), None, _nested(node.body, inside), node.span)
        case ast.For():
            initial = statement(node.initial, outer) if node.initial is not None else None
            condition = tested(node.condition, outer) if node.condition is not None else None
            step = statement(node.step, outer) if node.step is not None else None
            return model.Loop(initial, condition, step, _nested(node.body, inside), node.span)
        case ast.ForEach():
            found = loop_variable(node, outer)
            body = _nested(node.body, replace(inside, scope=outer.scope))
            return model.ForEach(*found, body, node.span) if found is not None else model.Block((), node.span)


def _switch(node: ast.Switch, env: Env) -> model.Statement:
    value = env.expression(node.value)
    if not isinstance(value.type, IntType | EnumType | BoolType) and value.type != UNKNOWN:
        message = f"`switch` needs a number or a member of an enum, and this is a `{value.type}`"
        value = env.refuse("E302", message, node.value.span)
    inside = replace(env, in_switch=True)
    cases = []
    for case in node.cases:
        labels = tuple(_label(label, value.type, env) for label in case.values)
        inner = inside.inner()
        body = model.Block(tuple(statement(s, inner) for s in case.body), case.span)
        cases.append((() if case.default else labels, body))
        if not case.values and not case.default:
            env.report("E408", "a `case` without a value", case.span)
    found = model.Switch(value, tuple(cases), node.span)
    check_switch(node, found, env)
    return found


def _label(node: ast.Expr, kind: Type, env: Env) -> model.Expr:
    label = typed(node, kind, env, "E302")
    if label.type != UNKNOWN and not isinstance(label, model.Literal):
        return env.refuse("E313", "a label must be constant", node.span)
    return label


# --- freedom ------------------------------------------------------------------------------------


def _freedom(node: ast.Either | ast.Upto | ast.AnyOrder | ast.Atomic, env: Env) -> model.Statement:
    if env.place is Place.RULE:
        message = "a rule has no freedom of choice"
        return _refused("E409", message, node.span, env, "its body is part of one step")
    match node:
        case ast.Either():
            return model.Either(tuple(block(b, env) for b in node.blocks), node.span)
        case ast.Upto():
            return _upto(node, env)
        case ast.AnyOrder():
            return _any_order(node, env)
        case ast.Atomic():
            check_one_step(node.body, env)
            inside = replace(one_step(env), in_loop=False, in_switch=False)
            body = block(node.body, inside)
            env.world.one_steps.append(body)
            check_no_api_members(body, env)
            return model.Atomic(body, node.span)


def _upto(node: ast.Upto, env: Env) -> model.Statement:
    count = constant(node.count, env)
    if isinstance(count, model.Literal) and count.value <= 0 and count.type != UNKNOWN:
        env.report(
            "E404",
            f"`upto {count.value}` does nothing",
            node.count.span,
            "",
            ("leave the line out, or give a bound of at least 1",),
        )
    if isinstance(count, model.Literal) and count.value > MAX_UPTO:
        env.report("E315", f"`upto {count.value}`", node.count.span, f"at most {MAX_UPTO} times")
    once = isinstance(count, model.Literal) and count.value == 1
    inside = replace(env, in_loop=False, in_switch=False, repeated=env.repeated or not once)
    return model.Upto(count, _nested(node.body, inside), node.span)


def _any_order(node: ast.AnyOrder, env: Env) -> model.Statement:
    if not node.body.statements:
        return _refused("E408", "there is nothing to order", node.span, env)
    inner = replace(env.inner(), in_loop=False, in_switch=False)
    for one in node.body.statements:
        if isinstance(one, ast.Declaration | ast.Return):
            note = "the statements stand for themselves, in any order"
            env.report("E409", "this cannot be one of several in any order", one.span, note)
    return model.AnyOrder(tuple(statement(s, inner) for s in node.body.statements), node.span)


def _spawn(node: ast.Spawn, env: Env) -> model.Statement:
    if env.place is not Place.PROCESS or env.process is None:
        return _refused("E409", f"{env.place.value} cannot spawn a process", node.span, env)
    if env.repeated:
        note = "each process has a name of its own"
        return _refused("E490", "`spawn` in a repetition is not in this version", node.span, env, note)
    captures = Captures()
    child = model.Process(
        node.name.text, 1, model.Block((), node.body.span), node.name.span, parent=env.process
    )
    declare(env, node.name.text, child, node.name.span)
    env.world.spawned.append(child)
    inside = replace(env, scope=Scope(env.scope, captures), process=child, in_loop=False, in_switch=False)
    child.body = block(node.body, inside)
    child.captured = tuple(captures.pairs)
    return model.Spawn(child, node.span)


def _await(node: ast.Await, env: Env) -> model.Statement:
    if env.place not in _ACTORS:
        return _refused(
            "E405",
            f"`await` has no meaning in {env.place.value}",
            node.span,
            env,
            "C has no such thing",
            ("wait with a mutex and `erl_drv_cond_wait`",),
        )
    condition = tested(node.condition, one_step(env))
    env.world.one_steps.append(condition)
    return model.Await(condition, node.span)


# --- claims -------------------------------------------------------------------------------------


def _claim(node: ast.Assert | ast.Assume, env: Env) -> model.Statement:
    condition = tested(node.condition, env)
    prefix = f"{env.property_id}:" if env.property_id else ""
    if isinstance(node, ast.Assume):
        if env.place is Place.RULE:
            return _refused("E409", "a rule assumes nothing", node.span, env, "it only watches")
        return model.Assume(f"assume@{node.span}", condition, node.span)
    text = node.text.value if node.text is not None else ""
    return model.Assert(f"{prefix}assert@{node.span}", condition, text, node.span)


def _mark(node: ast.ReachableMark, env: Env) -> model.Statement:
    if env.place is Place.RULE:
        return _refused("E409", "`reachable` has no meaning in a rule", node.span, env)
    env.world.marks.setdefault(node.name.text, node.name.span)
    return model.MarkReached(node.name.text, node.span)
