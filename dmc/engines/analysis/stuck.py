"""Who cannot leave a hang: what each such thread waits for and who has it, or that it turns in a loop.

`without` are parties whose steps do not count, where it is asked what can be reached without them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dmc.engines.analysis.obligations import is_relied_on
from dmc.ir.evaluate import CompiledStep, CompiledSystem
from dmc.ir.layout import ThreadLayout
from dmc.ir.outcome import StuckThread


def stuck_threads(
    compiled: CompiledSystem, component: Sequence[tuple[int, ...]], without: tuple[str, ...] = ()
) -> tuple[StuckThread, ...]:
    """The threads that nowhere in the component stand at a point at which they may rest."""
    layout = compiled.layout
    resting = {
        layout.point_numbers[index, point.name]
        for index, thread_type in enumerate(layout.system.threads)
        for point in thread_type.points
        if point.rest
    }
    return tuple(
        _stuck(compiled, thread, component, without)
        for thread in layout.threads
        if all(state[thread.base] not in resting for state in component)
    )


def awaited_parties(
    compiled: CompiledSystem, component: Sequence[tuple[int, ...]], without: tuple[str, ...]
) -> tuple[str, ...]:
    """The parties among `without` that could make a step in the component."""
    found: set[str] = set()
    for state in component:
        for thread in compiled.layout.threads:
            steps = [step for step in compiled.steps[state[thread.base]] if step.step.party in without]
            found.update(step.step.party for step in _enabled(steps, state, thread))
    return tuple(party for party in without if party in found)


def _stuck(
    compiled: CompiledSystem,
    thread: ThreadLayout,
    component: Sequence[tuple[int, ...]],
    without: tuple[str, ...],
) -> StuckThread:
    for state in component:
        steps = [step for step in compiled.steps[state[thread.base]] if is_relied_on(step, without)]
        if any(_enabled(steps, state, thread)):
            continue
        point = compiled.layout.points[state[thread.base]][1]
        for step in steps:
            if step.step.waits:
                where = state, thread.base, thread.number, thread.instance
                holder = step.holder(*where) if step.holder is not None else 0
                return StuckThread(thread.number, point, False, step.step.waits, holder)
        return StuckThread(thread.number, point, False)
    point = compiled.layout.points[component[0][thread.base]][1]
    return StuckThread(thread.number, point, True)


def _enabled(
    steps: Iterable[CompiledStep], state: tuple[int, ...], thread: ThreadLayout
) -> Iterable[CompiledStep]:
    where = state, thread.base, thread.number, thread.instance
    return [step for step in steps if step.guard is None or step.guard(*where)]
