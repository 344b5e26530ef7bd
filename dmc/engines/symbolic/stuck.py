"""Who cannot leave a hang that was found with terms: looked at where its values lead, with numbers."""

from __future__ import annotations

from dmc.engines.analysis.stuck import stuck_threads
from dmc.engines.reference.hang import bottom_component
from dmc.engines.reference.walk import Least, Walk
from dmc.ir.evaluate import CompiledSystem, Record
from dmc.ir.outcome import Path, StuckThread

BUDGET = 4_000


def who_is_stuck(compiled: CompiledSystem, path: Path) -> tuple[tuple[StuckThread, ...], bool]:
    """The threads that cannot leave at the end of a run, and whether nothing moves there.

    What is still chosen after the run is the least there is: where every run hangs, those do, too.
    """
    walk = Walk(compiled)
    walk.start(path.initial)
    for choice in path.choices:
        walk.take(choice)
    states = [tuple(walk.state)]
    numbers = {states[0]: 0}
    successors: list[list[int]] = []
    for state in states:
        successors.append([])
        for after in _after(walk, state):
            if after not in numbers and len(states) < BUDGET:
                numbers[after] = len(states)
                states.append(after)
            if after in numbers:
                successors[-1].append(numbers[after])
    component = bottom_component(successors.__getitem__, 0)
    stuck = stuck_threads(compiled, [states[n] for n in component])
    return stuck, len(component) == 1 and not successors[component[0]]


def _after(walk: Walk, state: tuple[int, ...]) -> list[tuple[int, ...]]:
    result = []
    for thread in walk.compiled.layout.threads:
        where = thread.base, thread.number, thread.instance
        for step in walk.compiled.steps[state[thread.base]]:
            if step.step.spurious or (step.guard is not None and not step.guard(state, *where)):
                continue
            after = list(state)
            if step.body(after, *where, Record(choose=Least().choose)) is None:
                walk.collect(after)
                result.append(tuple(after))
    return result
