"""What CAN_REACH obligations look at: the parties that some have to do without, their conditions' steps."""

from __future__ import annotations

from dmc.ir.evaluate import CompiledStep
from dmc.ir.expr import Expr
from dmc.ir.system import Obligation, Step, System


def obligations(system: System) -> tuple[Obligation, ...]:
    """The obligations of all properties, in order."""
    return tuple(one for claim in system.properties for one in claim.obligations)


def parties(system: System) -> dict[str, int]:
    """The parties that an obligation has to do without, numbered from 1; all other steps have 0."""
    named = dict.fromkeys(party for one in obligations(system) for party in one.without)
    return {party: number for number, party in enumerate(named, 1)}


def conditions(system: System) -> tuple[Expr, ...]:
    """All that obligations ask of a state."""
    return tuple(condition for one in obligations(system) for condition in (one.when, one.target))


def is_relied_on(step: Step | CompiledStep, without: tuple[str, ...] = ()) -> bool:
    """Whether a run that is to come to its end may make the step: never one that is spurious."""
    one = step.step if isinstance(step, CompiledStep) else step
    return not one.spurious and (not one.party or one.party not in without)
