"""Whether the points of a state that are left in doubt have a run to an end, and how many of them at once.

From one point a search is made; if it finds a run that ends, the same run is followed from the whole state
with every test coming out as at that point. So it is known for all points that share these answers.
"""

from __future__ import annotations

from collections.abc import Callable

from dmc.engines.reference.fusion import Fusion
from dmc.engines.symbolic.exploration import Exploration, Node
from dmc.engines.symbolic.project import project
from dmc.engines.symbolic.region import Path, Way
from dmc.engines.symbolic.stand_in import numbers
from dmc.engines.symbolic.stepping import After, State, Stepper
from dmc.engines.symbolic.witness import concrete
from dmc.ir.outcome import Choice


class _Ended(Exception):
    """A run comes to an end: from which state of the search, and the rest of the way."""

    def __init__(self, source: int, state: State):
        super().__init__()
        self.source = source
        self.state = state


class Endings:
    """Looks for runs to an end."""

    def __init__(self, stepper: Stepper, fusion: Fusion | None, heed: Callable[[], None]):
        self._stepper = stepper
        self._fusion = fusion
        self._heed = heed

    def sharing(self, node: Node, point: tuple[int, ...]) -> Way | None:
        """The points of a state that can come to an end as this one can; None if this one cannot."""
        at_point = Way(tuple((v, v) for v in point), node.region.conditions, point)
        choices = self._run_from(State(project(node.cells, at_point)[0], Way()))
        return None if choices is None else self._follow(node, point, choices)

    def _run_from(self, start: State) -> tuple[Choice, ...] | None:
        search = Exploration(self._stepper, self._fusion, self)
        try:
            search.reach(start, 0)
            number = 0
            while number < len(search.nodes):
                search.expand(number)
                number += 1
        except _Ended as end:
            parts, entered, _ = search.chain(end.source, end.state)
            return concrete(self._stepper.solver, parts, entered)
        return None

    def _follow(self, node: Node, point: tuple[int, ...], choices: tuple[Choice, ...]) -> Way:
        """The region in which the tests of the run come out as at the point."""
        cells, region = node.cells, node.state().region
        region = Way(region.bounds, region.conditions, point)
        for choice in choices:
            thread = self._stepper.layout.threads[choice.thread - 1]
            step = next(
                s
                for s in self._stepper.steps(State(cells, region), thread)
                if s.alternative == choice.alternative
            )
            path = Path(self._stepper.solver, region, given=list(choice.values))
            here = cells
            after = path.run(lambda: self._stepper.execute(here, thread, step))  # noqa: B023
            assert after is not None
            cells, region = tuple(after.cells), path.way()
            if after.outcome is not None:
                return region
        path = Path(self._stepper.solver, region, given=[])
        last = cells
        path.run(lambda: bool(self._stepper.compiled.ends(numbers(last), 0, 0, 0)))
        return path.way()

    # --- what the search tells ----------------------------------------------------------------------

    def stepped(self, source: int, after: State, result: After) -> None:
        """A step that ends the run is all that was looked for."""
        if result.outcome is not None:
            raise _Ended(source, after)

    def seen(self, source: int, state: State) -> None:
        """Only ends matter."""

    def ended(self, source: int, state: State) -> None:
        """All that was looked for."""
        raise _Ended(source, state)

    def kept(self) -> None:
        """Limits hold here, too."""
        self._heed()
