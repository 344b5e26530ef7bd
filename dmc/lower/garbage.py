"""Steps of the runtime that collect garbage: which variables of a process are still of use, and where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from dmc.ir.builder import conj, disj, eq, ne
from dmc.ir.expr import Const, Expr, Place, Read, Var
from dmc.ir.logic import cell
from dmc.ir.sort import NULL
from dmc.ir.statement import Assign, Emit, If, Push, Remove, Stmt
from dmc.ir.system import Step
from dmc.ir.walk import nodes
from dmc.lower.process_messages import (
    MAX_GARBAGE,
    at_the_end,
    collect_garbage,
    discard,
    garbage_at,
    has_garbage_at,
    release,
)
from dmc.runtime import processes
from dmc.runtime.binaries import counts
from dmc.runtime.world import IDLE, World


def collecting_steps(
    world: World,
    process: int,
    holding: Sequence[Place],
    steps: Sequence[Step],
    position: str,
    sources: dict[str, int],
) -> list[Step]:
    """What an idle scheduler may do for a process (from 1), but never has to."""
    variables = [place for place in holding if isinstance(place, Var)]
    found = [
        _collect_variable(world, variable, process, position, live)
        for variable, live in _lives(world, process, variables, steps, position, sources)
    ]
    if world.has_garbage:
        found += [_collect_unnamed(world, process, at) for at in range(MAX_GARBAGE)]
    return found


Live = dict[int, frozenset[str]]
"""By position of a process, the variables whose values may still be used from there on."""


def live_variables(
    steps: Sequence[Step],
    position: str,
    source: dict[str, int],
    watched: frozenset[str],
    ends: Iterable[Stmt],
) -> Live:
    """Which of the watched variables are of use at each position.

    `position` is the variable with the position of the process, `source` the number of each point. What
    happens at the end of the process (`ends`) is no use.
    """
    ignored = frozenset(ends)
    found: Live = {number: frozenset() for number in source.values()}
    facts = [(source[s.source], *_facts(s, position, watched, ignored)) for s in steps]
    changed = True
    while changed:
        changed = False
        for at, read, written, targets in facts:
            later = frozenset().union(*(found.get(t, frozenset()) for t in targets))
            here = found[at] | read | (later - written)
            if here != found[at]:
                found[at], changed = here, True
    return found


def _lives(
    world: World,
    process: int,
    variables: Sequence[Var],
    steps: Sequence[Step],
    position: str,
    sources: dict[str, int],
) -> list[tuple[Var, Live]]:
    if not variables:
        return []
    kept = [s for v in variables for s in discard(world, process, v)]
    ends = (*kept, *at_the_end(world, process, tuple(variables)))
    live = live_variables(steps, position, sources, frozenset(v.name for v in variables), ends)
    return [(variable, live) for variable in variables]


def _collect_variable(world: World, variable: Var, process: int, position: str, live: Live) -> Step:
    """The variable holds something, and the process stands where nothing uses it any more."""
    dead = [number for number, names in sorted(live.items()) if variable.name not in names]
    guard = [ne(Read(variable), NULL), disj(eq(cell(position), number) for number in dead)]
    binary = Read(variable)
    return Step(
        source=IDLE,
        label=f"garbage collection: {variable.name.partition('.')[2]}",
        body=release(world, variable),
        guard=conj([_is_collected(process), *guard]),
        accesses=counts(world, binary),
        spurious=True,
    )


def _collect_unnamed(world: World, process: int, at: int) -> Step:
    return Step(
        source=IDLE,
        label="garbage collection",
        body=collect_garbage(world, process, at),
        guard=conj([_is_collected(process), has_garbage_at(process, at)]),
        accesses=counts(world, garbage_at(process, at)),
        spurious=True,
    )


def _is_collected(process: int) -> Expr:
    """The process is not in the middle of an operation of its own."""
    return disj(processes.is_status(process, s) for s in (processes.READY, processes.WAITING))


def _facts(
    step: Step, position: str, watched: frozenset[str], ignored: frozenset[Stmt]
) -> tuple[frozenset[str], frozenset[str], frozenset[int]]:
    """What a step reads, what it writes, and where it leads."""
    read: set[str] = set()
    written: set[str] = set()
    for node in _uses((step.body, step.guard, step.accesses), ignored):
        match node:
            case Read(Var(name=name)) if name in watched:
                read.add(name)
            case Assign(place=Var(name=name)) if name in watched:
                written.add(name)
            case _:
                pass
    targets = {
        node.value.value
        for node in nodes(step.body)
        if isinstance(node, Assign) and node.place == Var(position) and isinstance(node.value, Const)
    }
    return frozenset(read), frozenset(written), frozenset(targets)


def _uses(node: object, ignored: frozenset[Stmt]) -> Iterator[object]:
    """The node and all that it is made of, without what is ignored."""
    if isinstance(node, tuple):
        for part in node:
            yield from _uses(part, ignored)
    elif isinstance(node, If):
        if node not in ignored:
            for part in (node.condition, node.then, node.otherwise):
                yield from _uses(part, ignored)
    elif not (isinstance(node, Emit) or (isinstance(node, Assign | Push | Remove) and node in ignored)):
        yield from nodes(node)
