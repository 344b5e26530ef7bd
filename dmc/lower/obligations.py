"""The obligations of a rule (`can_reach`) as those of a property: one for each port or thread.

What a process does on its own account, as against what a scheduler does for it once it has begun, are the
steps of the party with its name (`dmc.lower.processes`). So `without process` leaves to a run all callbacks
that are under way, all that is queued, all jobs and all threads, but no further action of Erlang code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from dmc.base.exceptions import InternalError
from dmc.driver_api.callbacks import CALLBACKS
from dmc.ir.builder import conj, ne
from dmc.ir.expr import FALSE, TRUE, Const, Expr, Place
from dmc.ir.system import Obligation, ThreadType
from dmc.lower.pure import Env, pure
from dmc.model import model
from dmc.runtime import port_lifecycle
from dmc.runtime.world import World

Places = Callable[[Expr | None], Mapping[model.Variable, Place]]
"""The places of a rule's variables, for one instance of its subject."""


@dataclass(frozen=True)
class Actors:
    """Who there is: for each thread the points inside of a callback, and the processes that have steps."""

    in_callback: Mapping[int, tuple[str, ...]]
    parties: tuple[str, ...]


def actors(threads: tuple[ThreadType, ...]) -> Actors:
    """The actors of a system."""
    inside: dict[int, tuple[str, ...]] = {}
    number = 0
    for thread_type in threads:
        points = tuple(p.name for p in thread_type.points if any(f.function in CALLBACKS for f in p.frames))
        for _ in range(thread_type.instances):
            number += 1
            inside[number] = points
    parties = dict.fromkeys(step.party for t in threads for step in t.steps if step.party)
    return Actors(inside, tuple(parties))


def obligations(rule: model.Rule, env: Env, places: Places, who: Actors) -> tuple[Obligation, ...]:
    """What the rule owes, for each instance of its subject; what can never be owed is left out."""
    return tuple(
        one
        for owed in rule.can_reach
        for instance in _instances(rule, env.world, who)
        if (one := _obligation(rule, owed, instance, env, places, who)).when != FALSE
    )


def _instances(rule: model.Rule, world: World, who: Actors) -> Iterator[int | None]:
    match _subject(rule):
        case "":
            yield None
        case "port":
            yield from range(1, world.port_count + 1)
        case "thread":
            yield from who.in_callback
        case other:
            raise InternalError("lower", f"{rule.span}: an obligation of a {other}")


def _obligation(
    rule: model.Rule, owed: model.CanReach, instance: int | None, env: Env, places: Places, who: Actors
) -> Obligation:
    subject = None if instance is None else Const(instance)
    env = replace(env, places={**env.places, **places(subject)}, in_callback=who.in_callback)
    exists: Expr = TRUE
    if rule.subject is not None and subject is not None:
        env = env.with_value(rule.subject, subject)
        if _subject(rule) == "port":
            exists = ne(port_lifecycle.state(subject), port_lifecycle.UNOPENED)
    when = TRUE if owed.when is None else pure(owed.when, env)
    return Obligation(
        conj([exists, when]), pure(owed.target, env), _without(owed.without, instance, env, who)
    )


def _without(helper: str, port: int | None, env: Env, who: Actors) -> tuple[str, ...]:
    match helper:
        case "process":
            return who.parties
        case "owner" if port is not None:
            owner = env.world.processes[env.world.ports[port - 1].owner - 1]
            return tuple(party for party in who.parties if party == owner)
        case _:
            return ()


def _subject(rule: model.Rule) -> str:
    return "" if rule.subject is None else str(rule.subject.type)
