"""Whether a pool may be found full in an order of steps that the reduction `fusion` leaves out.

A step that asks for `Full(pool)` commutes with steps that make or give up objects only while the
answer is no. In an order that was left out, a thread inside of a transaction can have at most so many
more objects in the pool than before or after it as the transaction varies their number (its *slack*).
So the answer stays no if the number of objects at each test, and the slack of the other threads,
are together below the pool's size. If not, the pool counts as unprotected: then no step that makes
objects or changes references moves.
"""

from __future__ import annotations

from collections.abc import Sequence

from dmc.ir.evaluate import CompiledStep, State
from dmc.ir.layout import Layout, ThreadLayout


class PoolWatch:
    """Follows the number of objects of one pool through a search."""

    def __init__(self, layout: Layout, pool: str):
        self.pool = pool
        slots = layout.pools[pool]
        self.size = slots.pool.size
        self.cells = slice(slots.slots().start, slots.slots().stop, slots.stride)
        self.at_test = [-1] * (len(layout.threads) + 1)
        self.slack = [0] * (len(layout.threads) + 1)
        self.before = 0
        self.ranges: dict[int, tuple[int, int]] = {}

    def begin(self, state: State) -> None:
        """Transactions begin in the state."""
        self.before = self._used(state)
        self.ranges.clear()

    def taken(self, state: State, thread: ThreadLayout, step: CompiledStep, after: Sequence[int]) -> bool:
        """The thread's transaction takes the step; whether the pool may still not be found full."""
        used = self._used(after)
        low, high = self.ranges.get(thread.number, (self.before, self.before))
        low, high = min(low, used), max(high, used)
        self.ranges[thread.number] = low, high
        changed = high - low > self.slack[thread.number]
        self.slack[thread.number] = max(self.slack[thread.number], high - low)
        if self.pool in step.may_find_full:
            used = self._used(state)
            changed = changed or used > self.at_test[thread.number]
            self.at_test[thread.number] = max(self.at_test[thread.number], used)
        return not changed or self._is_never_full()

    def _is_never_full(self) -> bool:
        total = sum(self.slack)
        return all(
            used < 0 or used + total - slack < self.size
            for used, slack in zip(self.at_test, self.slack, strict=True)
        )

    def _used(self, state: Sequence[int]) -> int:
        return self.size - state[self.cells].count(0)
