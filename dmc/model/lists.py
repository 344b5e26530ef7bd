"""Lists and sets: `append`, `take`, `remove`, `has`, `size`, and the loop over one."""

from __future__ import annotations

from dataclasses import replace

from dmc.base.types import BOOL, INT, VOID, ListType, Type
from dmc.model import model
from dmc.model.checked import typed
from dmc.model.environment import UNKNOWN, Env, Place, declare
from dmc.model.type_names import type_of
from dmc.syntax import ast

LIST_CALLS: dict[str, int] = {"append": 2, "take": 1, "remove": 2, "has": 2, "size": 1}
"""The calls, with how many arguments they take."""

PURE_LIST_CALLS = frozenset({"has", "size"})
"""Those that change nothing: conditions over one state may have them."""


def list_call(node: ast.Call, name: ast.Name, env: Env) -> model.Expr:
    """A call on a list."""
    text = name.text
    arguments = [env.expression(argument) for argument in node.arguments[:1]]
    subject = arguments[0] if arguments else None
    if subject is None or len(node.arguments) != LIST_CALLS[text]:
        message = f"`{text}` takes {LIST_CALLS[text]} arguments, and here are {len(node.arguments)}"
        return env.refuse("E303", message.replace("1 arguments", "1 argument"), node.span)
    kind = subject.type
    if not isinstance(kind, ListType):
        for other in node.arguments[1:]:
            env.expression(other)
        if kind == UNKNOWN:
            return model.Literal(0, UNKNOWN, node.span)
        message = f"`{text}` is for lists, and this is a `{kind}`"
        return env.refuse("E304", message, node.arguments[0].span)
    argument: model.Expr | None = None
    if len(node.arguments) == 2:
        argument = typed(node.arguments[1], kind.element, env, "E304", f"the items are `{kind.element}`")
    if text == "take" and not kind.ordered:
        hints = ("walk it, `for (T x : s)`, and `remove` the one that is meant",)
        return env.refuse("E304", "`take` is for lists: a set has no first item", node.span, "", hints)
    if text == "append" and env.one_step and not kind.ordered and isinstance(argument, model.ListCall):
        return env.refuse("E490", "this argument is not in this version", argument.span, "keep it in a local")
    if text not in PURE_LIST_CALLS and env.place not in (Place.CODE, Place.THREAD):
        return env.refuse("E409", f"{env.place.value} changes no list", name.span)
    return model.ListCall(text, subject, argument, _result(text, kind), node.span)


def _result(name: str, kind: ListType) -> Type:
    match name:
        case "take":
            return kind.element
        case "has":
            return BOOL
        case "size":
            return INT
        case _:
            return VOID


def loop_variable(node: ast.ForEach, env: Env) -> tuple[model.Variable, model.Expr] | None:
    """What `for (T x : l)` declares and walks, in the scope given; None after a diagnostic."""
    walked = env.expression(node.list)
    kind = type_of(node.type, env)
    variable = model.Variable(node.name.text, kind, model.Storage.LOCAL, node.name.span)
    variable.initial = model.Literal(0, INT, node.span)
    declare(env, variable.name, variable, node.name.span)
    if UNKNOWN in (kind, walked.type):
        return None
    if not isinstance(walked.type, ListType):
        note = "`for (T x : l)` walks a `list` or a `set`"
        env.report("E304", f"this is a `{walked.type}`", node.list.span, note)
        return None
    if walked.type.element != kind:
        env.report("E301", f"the items are `{walked.type.element}`, and this is a `{kind}`", node.type.span)
        return None
    return variable, walked


def one_step(env: Env) -> Env:
    """The place of a condition or block that is evaluated as one step."""
    return replace(env, one_step=True)
