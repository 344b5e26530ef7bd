"""Whether control can leave a statement at its end: for missing values and for cases that fall through."""

from __future__ import annotations

from dmc.model import model
from dmc.model.constants import fold
from dmc.model.environment import UNKNOWN, Env
from dmc.syntax import ast


def falls_through(node: model.Statement) -> bool:
    """Whether the statement after this one can be reached from its end."""
    match node:
        case model.Block() | model.Atomic():
            body = node if isinstance(node, model.Block) else node.body
            return all(falls_through(s) for s in body.statements)
        case model.Return() | model.Break() | model.Continue():
            return False
        case model.If():
            return node.otherwise is None or falls_through(node.then) or falls_through(node.otherwise)
        case model.Loop():
            return not _is_endless(node) or _breaks(node.body)
        case model.Switch():
            return _switch_falls_through(node)
        case model.Either():
            return any(falls_through(b) for b in node.blocks)
        case model.Evaluate(call=model.ProcessCall(function="exit", arguments=(_,))):
            return False
        case _:
            return True


def check_switch(node: ast.Switch, found: model.Switch, env: Env) -> None:
    """Cases that fall through, labels that are there twice."""
    if not node.cases:
        env.report("E408", "a `switch` without a case", node.span)
    for case, (_, body) in list(zip(node.cases, found.cases, strict=True))[:-1]:
        if falls_through(body):
            env.report(
                "E403",
                "this case falls through into the next one",
                case.span,
                "in C this is more often a mistake than meant",
                ("end it in `break;`, or give both labels to one body",),
            )
    _check_labels(node, found, env)


def _check_labels(node: ast.Switch, found: model.Switch, env: Env) -> None:
    seen: set[int] = set()
    for values, _ in found.cases:
        for label in values:
            if not isinstance(label, model.Literal) or label.type == UNKNOWN:
                continue
            if label.value in seen:
                env.report("E406", "this label is there twice", label.span)
            seen.add(label.value)
    defaults = [case for case in node.cases if case.default]
    for case in defaults[1:]:
        env.report("E406", "there is more than one `default`", case.span)


def _is_endless(node: model.Loop) -> bool:
    if node.condition is None:
        return True
    value = fold(node.condition)
    return value is not None and bool(value.value)


def _breaks(node: model.Statement) -> bool:
    """Whether a `break` in the body leaves the loop that it is the body of."""
    match node:
        case model.Break():
            return True
        case model.Block():
            return any(_breaks(s) for s in node.statements)
        case model.If():
            return _breaks(node.then) or (node.otherwise is not None and _breaks(node.otherwise))
        case model.Either():
            return any(_breaks(b) for b in node.blocks)
        case _:
            return False


def _switch_falls_through(node: model.Switch) -> bool:
    if not node.cases or not any(not values for values, _ in node.cases):
        return True
    bodies = [body for _, body in node.cases]
    return any(_breaks(body) for body in bodies) or falls_through(bodies[-1])
