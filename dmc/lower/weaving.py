"""Rules become part of the steps that they watch.

Each event of the runtime or the driver is offered to every selected rule. A handler's body is turned
into statements of the very step in which the event happens, so a rule adds no steps of its own; its
variables live with its subject: in the job, in the object, or in a cell for each port.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from dmc.base.exceptions import InternalError
from dmc.base.types import ErlangType
from dmc.driver_api.callbacks import CALLBACKS
from dmc.ir.builder import conj, disj, eq, neg
from dmc.ir.expr import TRUE, Binary, Bound, Const, Expr, Field, KindOf, Place, Read, Var
from dmc.ir.logic import forall
from dmc.ir.sort import Sort
from dmc.ir.statement import Assign, Check, Collect, Cover, Emit, Fault, If, Stmt, Violate
from dmc.ir.system import FieldDecl, Property, PropertyKind
from dmc.ir.system import Variable as Cell
from dmc.ir.walk import nodes
from dmc.lower.obligations import Actors, obligations
from dmc.lower.pure import Env, pure
from dmc.lower.sorts import Holds, initial_value, room_checks, sort_of
from dmc.model import model
from dmc.model.vocabulary import MISUSES
from dmc.runtime import driver_threads
from dmc.runtime.locks import all_locks
from dmc.runtime.misuses import GOES_ON
from dmc.runtime.world import BINARY, HEAP, JOB, Event

CALLBACK_NAMES = frozenset(CALLBACKS)


@dataclass(frozen=True)
class Weaver:
    """The rules of one run, ready to be woven. `env` knows how conditions are read."""

    rules: tuple[model.Rule, ...]
    env: Env
    owned_kinds: tuple[str, ...]
    data: frozenset[model.Variable]
    """The variables that are data (see `dmc.lower.data_flow`)."""

    def occur(self, event: Event) -> tuple[Stmt, ...]:
        """What happens in the step of the event: an occurrence for the reader, and all handlers."""
        return (_emit(event), *self.notices(event))

    def notices(self, event: Event) -> tuple[Stmt, ...]:
        """What the rules do in the step of the event."""
        statements: list[Stmt] = []
        for rule in self._by_kind.get(event.kind, ()):
            for pattern in rule.triggers:
                if _matches(pattern, event) and _is_about_subject(rule, pattern, event):
                    statements.append(Cover(trigger_name(rule)))
            for handler in rule.handlers:
                for pattern in handler.events:
                    if _matches(pattern, event):
                        statements.extend(self._handle(rule, pattern, handler.body, event))
        return tuple(statements)

    def misuse(self, kind: str, holds: Expr) -> tuple[Stmt, ...]:
        """A check that ends the run; the rules that watch for the kind are violated."""
        if kind not in MISUSES:
            raise InternalError("lower", f"no rule can watch for the fault {kind}")
        if holds == TRUE:
            return ()
        return (Check(holds, Fault(kind, self._watchers.get(kind, ()))),)

    @cached_property
    def _by_kind(self) -> dict[str, tuple[model.Rule, ...]]:
        """The rules that an event of each kind may concern: few of them, and there are many events."""
        found: dict[str, dict[str, model.Rule]] = {}
        for rule in self.rules:
            for pattern in (*rule.triggers, *(e for h in rule.handlers for e in h.events)):
                found.setdefault(pattern.kind, {})[rule.id] = rule
        return {kind: tuple(rules.values()) for kind, rules in found.items()}

    @cached_property
    def _watchers(self) -> dict[str, tuple[str, ...]]:
        """The rules that watch for each fault."""
        found: dict[str, dict[str, None]] = {}
        for rule in self.rules:
            for event in (e for h in rule.handlers for e in h.events if e.kind == "fault"):
                found.setdefault(event.name, {})[rule.id] = None
        return {kind: tuple(ids) for kind, ids in found.items()}

    def properties(self, who: Actors) -> tuple[Property, ...]:
        """What the rules claim, as properties of the system."""
        return tuple(self._property(rule, who) for rule in self.rules)

    def spoils(self, body: tuple[Stmt, ...]) -> bool:
        """Whether a step touches a variable of a rule that steps of other threads may touch, too.

        A job's is touched by the thread that has the job, and that of a rule about callbacks of a port
        only under the port's lock.
        """
        cells, fields = self._contended
        for node in nodes(body):
            match node:
                case Var(name=name) if name in cells:
                    return True
                case Field(field=name) if name in fields:
                    return True
                case _:
                    pass
        return False

    @cached_property
    def _contended(self) -> tuple[frozenset[str], frozenset[str]]:
        cells, fields = set(), set()
        for rule in self.rules:
            names = {_name(rule, v) for v in rule.variables}
            if _subject(rule) == "object" or _subject(rule) == "binary":
                fields |= names
            elif _subject(rule) != "job" and not _is_under_port_lock(rule):
                cells |= names
        return frozenset(cells), frozenset(fields)

    def cells(self) -> tuple[Cell, ...]:
        """The variables of rules about ports or about nothing in particular."""
        result = []
        for rule in self.rules:
            subject = _subject(rule)
            if subject in ("job", "object", "binary"):
                continue
            length = self.env.world.port_count if subject == "port" else 1
            for variable in rule.variables:
                sort = self._sort(variable)
                initial = initial_value(variable, self.env.run, sort)
                result.append(Cell(_name(rule, variable), sort, max(length, 1), initial))
        return tuple(result)

    def job_fields(self) -> tuple[FieldDecl, ...]:
        """The variables of rules about jobs."""
        return self._fields("job")

    def object_fields(self) -> tuple[FieldDecl, ...]:
        """The variables of rules about objects."""
        return self._fields("object")

    def binary_fields(self) -> tuple[FieldDecl, ...]:
        """The variables of rules about binaries."""
        return self._fields("binary")

    def _fields(self, subject: str) -> tuple[FieldDecl, ...]:
        return tuple(
            FieldDecl(_name(rule, v), self._sort(v), initial_value(v, self.env.run, self._sort(v)))
            for rule in self.rules
            if _subject(rule) == subject
            for v in rule.variables
        )

    def _sort(self, variable: model.Variable) -> Sort:
        unset = variable.initial is None
        return sort_of(variable.type, self.env.world, unset, variable in self.data)

    def _handle(
        self, rule: model.Rule, pattern: model.EventPattern, body: model.Block, event: Event
    ) -> list[Stmt]:
        result: list[Stmt] = []
        if _subject(rule) in ("lock", "mutex") and pattern.subject is not rule.subject:
            return self._handle_for_each_lock(rule, pattern, body, event)
        for subject in self._instances(rule, pattern, event):
            env = self._environment(rule, pattern, event, subject)
            result.extend(_Handler(rule, env, self._place_maker(rule, event, subject), self.data).block(body))
        return result

    def _handle_for_each_lock(
        self, rule: model.Rule, pattern: model.EventPattern, body: model.Block, event: Event
    ) -> list[Stmt]:
        """A rule about a lock, and an event about another one: each lock there is, in turn."""
        assert rule.subject is not None
        result: list[Stmt] = []
        only_mutexes = _subject(rule) == "mutex"
        for number, is_held in all_locks(self.env.world, only_mutexes):
            env = self._environment(rule, pattern, event, number)
            env = replace(env, held={rule.subject: is_held})
            result.extend(_Handler(rule, env, {}, self.data).block(body))
        return result

    def _instances(self, rule: model.Rule, pattern: model.EventPattern, event: Event) -> list[Expr | None]:
        """For which instances of its subject a rule handles the event."""
        if rule.subject is None:
            return [None]
        about = _about(rule.subject, event)
        if _subject(rule) == "object" and not event.object_kind:
            return []  # an object of no kind that anything is allocated as
        if pattern.subject is rule.subject or _subject(rule) != "port":
            return [about] if about is not None else []
        return [Const(n) for n in range(1, self.env.world.port_count + 1)]

    def _environment(
        self, rule: model.Rule, pattern: model.EventPattern, event: Event, subject: Expr | None
    ) -> Env:
        env = self.env
        if rule.subject is not None and subject is not None:
            env = env.with_value(rule.subject, subject)
        for variable, value in zip(pattern.bindings, event.arguments, strict=False):
            env = env.with_value(variable, value)
        if pattern.result is not None and event.result is not None:
            env = env.with_value(pattern.result, event.result)
        if pattern.subject is not None and pattern.subject is not rule.subject:
            about = _about(pattern.subject, event)
            if about is not None:
                env = env.with_value(pattern.subject, about)
        return env

    def _place_maker(
        self, rule: model.Rule, event: Event, subject: Expr | None
    ) -> dict[model.Variable, Place]:
        places: dict[model.Variable, Place] = {}
        for variable in rule.variables:
            name = _name(rule, variable)
            match _subject(rule):
                case "job":
                    places[variable] = Field(HEAP, JOB, name, subject or Const(0))
                case "object" | "binary":
                    places[variable] = Field(HEAP, event.object_kind, name, subject or Const(0))
                case "port":
                    places[variable] = Var(name, Binary("-", subject or Const(1), Const(1)))
                case _:
                    places[variable] = Var(name)
        return places

    def _property(self, rule: model.Rule, who: Actors) -> Property:
        kinds = {e.kind for h in rule.handlers for e in h.events}
        # That some run has come to an end is known without being covered.
        watched = [t for t in rule.triggers if t.kind != "quiescence"]
        triggers = (trigger_name(rule),) if watched else ()
        if rule.can_reach:
            owed = obligations(rule, self.env, lambda one: self._place_maker(rule, Event(""), one), who)
            return Property(rule.id, PropertyKind.CAN_REACH, None, triggers, rule.span, owed)
        if rule.acyclic:
            return Property(rule.id, PropertyKind.ACYCLIC, None, triggers, rule.span)
        if "race" in kinds:
            return Property(rule.id, PropertyKind.RACE, None, triggers, rule.span)
        if "hang" in kinds:
            return Property(rule.id, PropertyKind.HANG, None, triggers, rule.span)
        if "lost" in kinds:
            return Property(
                rule.id, PropertyKind.LOST, None, triggers, rule.span, kinds=self._lost_kinds(rule)
            )
        if "quiescence" in kinds:
            return Property(rule.id, PropertyKind.AT_END, self._at_end(rule), triggers, rule.span)
        if kinds <= {"fault"} and not any(rule.id in self._watchers.get(kind, ()) for kind in GOES_ON):
            return Property(rule.id, PropertyKind.FAULT, None, triggers, rule.span)
        if not triggers and not kinds <= {"fault"}:
            triggers = (assert_name(rule),)
        return Property(rule.id, PropertyKind.VIOLATION, None, triggers, rule.span)

    def _lost_kinds(self, rule: model.Rule) -> tuple[str, ...]:
        """A rule about binaries hears of those that are lost, any other of everything else."""
        if BINARY not in self.env.kinds:
            return ()
        return (BINARY,) if _subject(rule) == "binary" else tuple(k for k in self.env.kinds if k != BINARY)

    def _at_end(self, rule: model.Rule) -> Expr:
        conditions: list[Expr] = []
        for handler in rule.handlers:
            if any(e.kind == "quiescence" for e in handler.events):
                conditions.extend(self._end_conditions(rule, handler.body))
        return conj(conditions)

    def _end_conditions(self, rule: model.Rule, body: model.Block) -> list[Expr]:
        """One for each instance that can be numbered: ports, or the rule itself; one for all objects."""
        subject = _subject(rule)
        if subject in ("job", "object"):
            return [self._for_all(rule, body, kind) for kind in self._kinds_of(subject)]
        if subject == "port":
            instances: list[Expr | None] = [Const(n) for n in range(1, self.env.world.port_count + 1)]
        elif subject == "":
            instances = [None]
        elif subject == "thread":
            first = driver_threads.first_number(self.env.world)
            instances = [Const(first + n) for n in range(self.env.world.own_threads)]
        else:
            raise InternalError("lower", f"{rule.span}: `on quiescence` for a {subject}, in this version")
        result = []
        for instance in instances:
            env = replace(
                self.env, places={**self.env.places, **self._place_maker(rule, Event(""), instance)}
            )
            if rule.subject is not None and instance is not None:
                env = env.with_value(rule.subject, instance)
            result.append(_holds_after(body, env))
        return result

    def _kinds_of(self, subject: str) -> tuple[str, ...]:
        return (JOB,) if subject == "job" else tuple(kind for kind in self.env.kinds if kind != JOB)

    def _for_all(self, rule: model.Rule, body: model.Block, kind: str) -> Expr:
        """That it holds for each live object of a kind."""
        assert rule.subject is not None
        one = Bound("subject")
        places: dict[model.Variable, Place] = {
            v: Field(HEAP, kind, _name(rule, v), one) for v in rule.variables
        }
        env = replace(self.env, places={**self.env.places, **places}).with_value(rule.subject, one)
        is_one = eq(KindOf(HEAP, one), self.env.kind_number(kind))
        return forall("subject", 1, self.env.world.heap_size, disj([neg(is_one), _holds_after(body, env)]))


def trigger_name(rule: model.Rule) -> str:
    """What is covered when one of the rule's triggers has happened."""
    return f"{rule.id}: trigger"


def assert_name(rule: model.Rule) -> str:
    """What is covered when an assertion of the rule has been evaluated."""
    return f"{rule.id}: assertion"


@dataclass(frozen=True)
class _Handler:
    """One handler for one instance."""

    rule: model.Rule
    env: Env
    places: dict[model.Variable, Place]
    data: frozenset[model.Variable]

    def block(self, body: model.Block) -> list[Stmt]:
        return [s for statement in body.statements for s in self.statement(statement)]

    def statement(self, statement: model.Statement) -> list[Stmt]:
        env = replace(self.env, places={**self.env.places, **self.places})
        match statement:
            case model.Block():
                return self.block(statement)
            case model.Assert(condition=condition):
                violate = Violate(self.rule.id, self._details(statement))
                return [Cover(assert_name(self.rule)), If(neg(pure(condition, env)), (violate,))]
            case model.If(condition=condition, then=then, otherwise=otherwise):
                yes = tuple(self.statement(then))
                no = tuple(self.statement(otherwise)) if otherwise is not None else ()
                return [If(pure(condition, env), yes, no)]
            case model.Store(target=model.VariableUse(variable=variable), operator=operator, value=value):
                place = self.places[variable]
                new = pure(value, env)
                if operator:
                    new = Binary(operator, Read(place), new)
                room = room_checks(variable, new, env.world, env.run, self.holds(variable))
                return [*room, Assign(place, new)]
            case model.Evaluate(call=model.ApiCall(function="collect", arguments=arguments)):
                return self._collect(arguments, env)
            case _:
                raise InternalError("lower", f"{statement.span}: no such statement in a rule")

    def holds(self, variable: model.Variable) -> Holds:
        """Which integers the variable's cell holds."""
        return Holds.ALL if variable in self.data else Holds.MODEL

    def _details(self, failed: model.Assert) -> tuple[tuple[str, Expr], ...]:
        """Which assertion it is, by its line, and the values of the names in its text."""
        named = {variable.name: value for variable, value in self.env.values.items()}
        named.update({v.name: Read(place) for v, place in self.places.items()})
        used = [(name, value) for name, value in named.items() if f"{{{name}}}" in failed.text]
        return (("line", Const(failed.span.line)), *used)

    def _collect(self, arguments: tuple[model.Expr, ...], env: Env) -> list[Stmt]:
        return [Collect(self.rule.id, pure(arguments[-2], env), pure(arguments[-1], env))]


def _holds_after(body: model.Block, env: Env) -> Expr:
    parts: list[Expr] = []
    for statement in body.statements:
        match statement:
            case model.Assert(condition=condition):
                parts.append(pure(condition, env))
            case model.If(condition=condition, then=then, otherwise=otherwise):
                test = pure(condition, env)
                parts.append(disj([neg(test), _holds_after(_as_block(then), env)]))
                if otherwise is not None:
                    parts.append(disj([test, _holds_after(_as_block(otherwise), env)]))
            case _:
                raise InternalError("lower", f"{statement.span}: only assertions in `on quiescence`")
    return conj(parts)


def _as_block(statement: model.Statement) -> model.Block:
    return statement if isinstance(statement, model.Block) else model.Block((statement,), statement.span)


def _matches(pattern: model.EventPattern, event: Event) -> bool:
    if pattern.kind != event.kind:
        return False
    if pattern.kind in ("call", "return"):
        if pattern.name == "callback":
            return event.name in CALLBACK_NAMES
        return pattern.name == event.name
    return pattern.kind != "fault" or pattern.name == event.name


def _is_about_subject(rule: model.Rule, pattern: model.EventPattern, event: Event) -> bool:
    """Whether an event whose pattern names the rule's subject is about such a thing."""
    if rule.subject is None or pattern.subject is not rule.subject:
        return True
    return _about(rule.subject, event) is not None


def _is_under_port_lock(rule: model.Rule) -> bool:
    """All that the rule watches happens to its own port while the port's lock is held."""
    events = [e for h in rule.handlers for e in h.events if e.kind not in ("fault", "quiescence")]
    return _subject(rule) == "port" and all(
        e.subject is rule.subject
        and (e.kind == "state" or (e.kind in ("call", "return") and e.name in {"callback", *CALLBACK_NAMES}))
        for e in events
    )


def _subject(rule: model.Rule) -> str:
    if rule.subject is None or not isinstance(rule.subject.type, ErlangType):
        return ""
    return rule.subject.type.name


def _about(subject: model.Variable, event: Event) -> Expr | None:
    match subject.type:
        case ErlangType(name="port"):
            return event.port
        case ErlangType(name="job"):
            return event.job
        case ErlangType(name="binary"):
            return event.object if event.object_kind == BINARY else None
        case ErlangType(name="lock" | "mutex"):
            return event.lock if event.lock is not None else event.object
        case _:
            return event.object


def _name(rule: model.Rule, variable: model.Variable) -> str:
    return f"{rule.id}.{variable.name}"


def _emit(event: Event) -> Emit:
    named = (("port", event.port), ("job", event.job), ("object", event.object), ("result", event.result))
    arguments = tuple((name, value) for name, value in named if value is not None)
    return Emit(f"{event.kind} {event.name or event.object_kind}".strip(), arguments)
