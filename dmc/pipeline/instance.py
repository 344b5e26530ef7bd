"""What a run covers, in a sentence; and what it takes for granted."""

from __future__ import annotations

from dmc.lower import uses
from dmc.lower.constants import constant
from dmc.lower.lowering import Lowered
from dmc.lower.run import RunChoice
from dmc.lower.sizes import number_of
from dmc.model import model
from dmc.pipeline.runtimes import what_it_is
from dmc.results.report import PropertyResult
from dmc.results.verdict import Verdict


def instance_sentence(run: RunChoice, lowered: Lowered | None) -> str:
    """The bounds of the scenario: "1 port, at most 2 commands, 2 schedulers, 1 async thread"."""
    parts = []
    if run.scenario.processes:
        if lowered is not None:
            parts.append(_count(lowered.world.port_count, "port"))
        commands = sum(_commands(p.body, run) * p.count for p in run.scenario.processes)
        parts.append(f"at most {_count(commands, 'command')}")
        parts.append(_count(run.schedulers, "scheduler"))
        parts.append(_count(run.async_threads, "async thread"))
    own = lowered.world.own_threads if lowered is not None else 0
    if own:
        parts.append(f"at most {_count(own, 'driver thread')}")
    threads = sum(number_of(t, run) for t in run.scenario.threads)
    if threads:
        parts.append(_count(threads, "thread"))
    parts += [_fault(clause) for clause in run.scenario.faults]
    return ", ".join(parts)


def _fault(clause: model.FaultClause) -> str:
    """`erl_drv_mutex_create or erl_drv_cond_create may fail, at most 1 time in all`."""
    calls = [name for name in clause.names if name != "spurious_wakeup"]
    names = " or ".join(calls or clause.names)
    if not calls:
        return f"{names} may happen"
    limit = "" if clause.count is None else f" at most {_count(clause.count, 'time')} in all"
    return f"{names} may fail{limit}"


def assumptions_of(
    run: RunChoice, lowered: Lowered | None, properties: tuple[PropertyResult, ...]
) -> tuple[str, ...]:
    """What the verdicts rest on beyond the instance."""
    found = list(run.profile.assumptions)
    found += filter(None, (what_it_is(run.profile, run.model.runtimes),))
    if lowered is not None and lowered.world.async_threads > 1 and lowered.world.port_count:
        found.append(
            "only the ports of the scenario post jobs; the counter behind a NULL key starts anywhere"
        )
    race = next((p for p in properties if p.name == "data_race"), None)
    if race is None or race.verdict is not Verdict.PROVED:
        found.append("memory is sequentially consistent")
    return tuple(found)


def _commands(node: object, run: RunChoice) -> int:
    """The most `port_command`s on one way through a script."""
    match node:
        case model.Upto(count=count, body=body):
            return (constant(count, run) or 0) * _commands(body, run)
        case model.Either(blocks=blocks):
            return max(_commands(b, run) for b in blocks)
        case model.Block(statements=statements):
            return sum(_commands(s, run) for s in statements)
        case model.AnyOrder(statements=statements):
            return sum(_commands(s, run) for s in statements)
        case _:
            return sum(
                1
                for n in uses.nodes(node)
                if isinstance(n, model.ProcessCall) and n.function == "port_command"
            )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
