"""Rules: an automaton for each instance of a subject, moved by events."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from dmc.base.source import Span
from dmc.base.types import PORT, ErlangType, Type
from dmc.driver_api.api_function import ApiFunction, Loose
from dmc.driver_api.callback import AsyncData, Callback, DriverData
from dmc.driver_api.callbacks import CALLBACKS
from dmc.driver_api.registry import NOT_MODELLED, api_function, api_functions
from dmc.model import model
from dmc.model.environment import DATA, UNKNOWN, Env, Place, declare
from dmc.model.near_miss import did_you_mean, near_miss
from dmc.model.rule_kinds import can_reach, is_about_a_thread, refuse_two_kinds, thread_of, under
from dmc.model.scope import Scope
from dmc.model.statements import block
from dmc.model.values import quantifier
from dmc.model.variables import variable_of
from dmc.model.vocabulary import EVENT_KINDS, FEATURES, LOOSE_TYPES, MISUSES, THREAD
from dmc.syntax import ast

ANY_CALLBACK = "callback"
_RUNTIME_CALLS = ("async_invoke", "async_free")
_HOLE = re.compile(r"\{\s*([A-Za-z_]\w*)")


@dataclass(frozen=True)
class Watched:
    """The functions of the model that events can name; None in the catalogue, which knows no model."""

    functions: dict[str, model.Function] | None


def rule(item: ast.Rule, watched: Watched, outer: Env) -> model.Rule:
    """One rule."""
    env = replace(outer, scope=Scope(outer.scope), place=Place.RULE, property_id=item.id.text)
    subject = _subject(item, env)
    needs: list[str] = []
    variables: list[model.Variable] = []
    for one in item.items:
        if isinstance(one, ast.Needs):
            needs += [name.text for name in one.names if _is_needed(item, name, watched, env)]
        elif isinstance(one, ast.Variable):
            variables.append(_variable(one, env))
    handlers = [
        _handler(item, one, subject, watched, env) for one in item.items if isinstance(one, ast.Handler)
    ]
    triggers = _triggers(item, subject, watched, env)
    owed = tuple(can_reach(one, subject, env) for one in item.items if isinstance(one, ast.CanReach))
    environments = [under(one, env) for one in item.items if isinstance(one, ast.Under)]
    refuse_two_kinds(item, env)
    acyclic = [one.name for one in item.items if isinstance(one, ast.Acyclic)]
    _check_watches(item, env)
    _check_relations(item, env)
    _check_holes(item.text, env)
    return model.Rule(
        id=item.id.text,
        slug=item.slug.text if item.slug is not None else "",
        text=item.text.value,
        subject=subject,
        variables=tuple(variables),
        handlers=tuple(handlers),
        needs=tuple(needs),
        triggers=triggers,
        acyclic=tuple(name.text for name in acyclic),
        span=item.id.span,
        can_reach=owed,
        under=tuple(one for one in environments if one is not None),
    )


def _is_needed(item: ast.Rule, name: ast.Identifier, watched: Watched, env: Env) -> bool:
    return name.text in FEATURES or _is_known(item, name, watched, env)


def _subject(item: ast.Rule, env: Env) -> model.Variable | None:
    if not item.quantifiers:
        return None
    for extra in item.quantifiers[1:]:
        env.report("E690", "a rule for pairs of things is not in this version", extra.span)
    first = item.quantifiers[0]
    if first.range is not None:
        env.report("E690", "a rule for numbers is not in this version", first.span)
        return None
    if is_about_a_thread(item):
        return thread_of(first, env)
    variable, _ = quantifier(first, env)
    return variable


def _variable(item: ast.Variable, env: Env) -> model.Variable:
    variable = variable_of(item, model.Storage.RULE, env)
    declare(env, variable.name, variable, item.name.span)
    return variable


def _check_watches(item: ast.Rule, env: Env) -> None:
    if not any(isinstance(one, ast.Handler | ast.Acyclic | ast.CanReach | ast.Under) for one in item.items):
        note = "it would pass whatever happens"
        env.report("E412", f"rule `{item.id.text}` watches no event", item.id.span, note)


def _check_relations(item: ast.Rule, env: Env) -> None:
    """What is collected for nobody would be looked at by nobody."""
    known = {one.name.text for one in item.items if isinstance(one, ast.Acyclic)}
    for handler in item.items:
        if isinstance(handler, ast.Handler):
            for call in _calls(handler.body):
                relation = call.arguments[0] if call.arguments else None
                if isinstance(relation, ast.Name) and relation.text not in known:
                    hints = did_you_mean(relation.text, known) or (f"write `acyclic {relation.text};`",)
                    env.report("E200", f"unknown relation `{relation.text}`", relation.span, "", hints)


def _calls(node: ast.Statement) -> list[ast.Call]:
    """The calls of `collect` in a handler."""
    match node:
        case ast.CallStatement(call=ast.Call(function=ast.Name(text="collect")) as call):
            return [call]
        case ast.Block():
            return [call for one in node.statements for call in _calls(one)]
        case ast.If():
            return _calls(node.then) + (_calls(node.otherwise) if node.otherwise is not None else [])
        case _:
            return []


def _check_holes(text: ast.String, env: Env) -> None:
    for name in _HOLE.findall(text.value):
        if env.scope.find(name) is None:
            env.report(
                "E200", f"unknown name `{name}` in the text", text.span, "what stands in braces is filled in"
            )


# --- handlers -----------------------------------------------------------------------------------


def _handler(
    item: ast.Rule, handler: ast.Handler, subject: model.Variable | None, watched: Watched, outer: Env
) -> model.Handler:
    env = replace(outer, scope=Scope(outer.scope))
    events = tuple(_event(item, one, subject, watched, env) for one in handler.events)
    _check_bindings(handler, events, env)
    body = block(handler.body, env)
    if any(event.kind == "quiescence" for event in events):
        _check_end(body, env)
        if subject is not None and subject.type == ErlangType("lock"):
            env.report("E690", "`on quiescence` of a lock is not in this version", handler.span)
    elif subject is not None and subject.type == THREAD and not is_about_a_thread(item):
        note = "a rule about threads asks where they are in the end, or what they can reach"
        env.report("E690", "events of a thread are not in this version", handler.span, note)
    for text in _assert_texts(handler.body):
        _check_holes(text, env)
    return model.Handler(events, body, handler.span)


def _check_end(node: model.Statement, env: Env) -> None:
    """What is true of an end is asked of a state: nothing is kept from one to another."""
    match node:
        case model.Block(statements=statements):
            for one in statements:
                _check_end(one, env)
        case model.If(then=then, otherwise=otherwise):
            _check_end(then, env)
            if otherwise is not None:
                _check_end(otherwise, env)
        case model.Assert():
            pass
        case _:
            note = "of an end it is asked what holds there"
            env.report("E690", "only `assert` and `if` can stand in `on quiescence`", node.span, note)


def _assert_texts(node: ast.Statement) -> list[ast.String]:
    match node:
        case ast.Assert(text=text) if text is not None:
            return [text]
        case ast.Block():
            return [text for one in node.statements for text in _assert_texts(one)]
        case ast.If():
            otherwise = _assert_texts(node.otherwise) if node.otherwise is not None else []
            return _assert_texts(node.then) + otherwise
        case _:
            return []


def _check_bindings(handler: ast.Handler, events: tuple[model.EventPattern, ...], env: Env) -> None:
    """A name that the body may use is bound by whichever event happened."""
    bound = [{v.name for v in (*e.bindings, *((e.result,) if e.result else ()))} for e in events]
    everything = set().union(*bound)
    for written, names in zip(handler.events, bound, strict=True):
        for missing in sorted(everything - names - {"_"}):
            note = "another event of this handler binds it"
            env.report("E419", f"this event does not bind `{missing}`", written.span, note)


def _triggers(
    item: ast.Rule, subject: model.Variable | None, watched: Watched, outer: Env
) -> tuple[model.EventPattern, ...]:
    found = []
    for one in item.items:
        if isinstance(one, ast.Trigger):
            env = replace(outer, scope=Scope(outer.scope))
            found += [_event(item, event, subject, watched, env) for event in one.events]
    return tuple(found)


# --- events -------------------------------------------------------------------------------------


def _event(
    item: ast.Rule, event: ast.Event, subject: model.Variable | None, watched: Watched, env: Env
) -> model.EventPattern:
    match event.kind:
        case "call" | "return":
            return _call_event(item, event, subject, watched, env)
        case "fault":
            name = _misuse(event, env)
            about = _about(event.subject, "thread", subject, env)
            return model.EventPattern("fault", name, about, (), None, event.span)
        case kind if kind in EVENT_KINDS:
            about = _about(event.name, EVENT_KINDS[kind], subject, env)
            bindings: tuple[model.Variable, ...] = ()
            if event.subject is not None:
                extra = _about(event.subject, "thread", subject, env)
                bindings = (extra,) if extra is not None else ()
            return model.EventPattern(kind, "", about, bindings, None, event.span)
        case kind:
            return model.EventPattern(kind, "", None, (), None, event.span)


def _misuse(event: ast.Event, env: Env) -> str:
    if event.name is None:
        return ""
    name = event.name.text
    if name not in MISUSES:
        hints = did_you_mean(name, MISUSES)
        env.report(
            "E407", f"there is no fault `{name}`", event.name.span, "the rule could never notice it", hints
        )
    return name


def _about(
    name: ast.Identifier | None, kind: str, subject: model.Variable | None, env: Env
) -> model.Variable | None:
    """What the event is about: the subject of the rule, or a new name for it."""
    if name is None:
        return None
    if subject is not None and name.text == subject.name:
        return subject
    return _bind(name, ErlangType(kind), env)


def _bind(name: ast.Identifier, kind: Type, env: Env) -> model.Variable:
    """The variable of that name in this handler; several events share it."""
    known = next((symbol for text, symbol in env.scope.own() if text == name.text), None)
    if isinstance(known, model.Variable) and name.text != "_":
        if known.type != kind and UNKNOWN not in (known.type, kind):
            note = "the events of one handler bind a name to the same kind of thing"
            env.report("E419", f"`{name.text}` is a `{known.type}` and a `{kind}`", name.span, note)
        return known
    variable = model.Variable(name.text, kind, model.Storage.BOUND, name.span)
    if name.text != "_":
        declare(env, name.text, variable, name.span)
    return variable


def _call_event(
    item: ast.Rule, event: ast.Event, subject: model.Variable | None, watched: Watched, env: Env
) -> model.EventPattern:
    assert event.name is not None
    name = event.name.text
    known = _is_known(item, event.name, watched, env)
    parameters, result = _signature(name, watched)
    if known and len(event.arguments) > len(parameters):
        message = f"`{name}` has {len(parameters)} arguments, and {len(event.arguments)} are named"
        env.report("E303", message, event.span)
    kinds = [*parameters, *(UNKNOWN for _ in event.arguments[len(parameters) :])]
    bindings = tuple(
        _bind(argument, kind, env) for argument, kind in zip(event.arguments, kinds, strict=False)
    )
    value = _bind(event.result, result, env) if event.result is not None else None
    if event.result is not None and event.kind == "call":
        env.report(
            "E419",
            "a result is there when the function returns",
            event.result.span,
            "",
            ("write `on return`",),
        )
    about = _about(event.subject, _kind_of_subject(event, subject), subject, env)
    return model.EventPattern(event.kind, name, about, bindings, value, event.span)


def _kind_of_subject(event: ast.Event, subject: model.Variable | None) -> str:
    return str(PORT) if subject is None else str(subject.type)


def _signature(name: str, watched: Watched) -> tuple[tuple[Type, ...], Type]:
    """The types of the arguments and the result, as a rule sees them."""
    own = (watched.functions or {}).get(name)
    if own is not None:
        return tuple(p.type for p in own.parameters), own.result
    entry = api_function(name)
    if entry is not None:
        return _api_signature(entry)
    if name in CALLBACKS:
        return _callback_signature(CALLBACKS[name])
    return (DATA,) if name in _RUNTIME_CALLS else (), UNKNOWN


def _api_signature(entry: ApiFunction) -> tuple[tuple[Type, ...], Type]:
    kinds = tuple(LOOSE_TYPES[p.kind] if isinstance(p, Loose) else p for p in entry.parameters)
    return kinds, DATA if entry.name == "driver_alloc" else entry.result


def _callback_signature(callback: Callback) -> tuple[tuple[Type, ...], Type]:
    kinds = tuple(DATA if isinstance(p, DriverData | AsyncData) else p for p in callback.parameters)
    return kinds, DATA if isinstance(callback.result, DriverData) else callback.result


def _is_known(item: ast.Rule, name: ast.Identifier, watched: Watched, env: Env) -> bool:
    """Whether there is such a function; a rule that watches nothing would pass unnoticed."""
    text = name.text
    if text in (ANY_CALLBACK, *_RUNTIME_CALLS) or text in CALLBACKS or api_function(text) is not None:
        return True
    if watched.functions is None:
        if text in NOT_MODELLED:
            return True
        known: dict[str, Span | None] = dict.fromkeys((*CALLBACKS, *api_functions(), *NOT_MODELLED))
        message = f"rule `{item.id.text}` watches `{text}`, which is neither a callback nor of the API"
    else:
        if text in watched.functions:
            return True
        known = {n: f.span for n, f in watched.functions.items()}
        known |= dict.fromkeys((*CALLBACKS, *api_functions()))
        message = f"rule `{item.id.text}` watches `{text}`, which no driver has"
    meant = near_miss(text, known)
    place = known[meant] if meant is not None else None
    where = f" ({place.path.rsplit('/', 1)[-1]}:{place.line})" if place is not None else ""
    hints = (f"did you mean `{meant}`{where}?",) if meant is not None else ()
    env.report("E407", message, name.span, "the rule could never notice anything", hints)
    return False
