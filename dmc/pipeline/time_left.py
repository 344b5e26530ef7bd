"""What is left of the time that a run may take: lowering, compiling and every search of it count."""

from __future__ import annotations

import time
from dataclasses import replace

from dmc.ir.outcome import Limits


class TimeLeft:
    """The limits of a run, the one of time from the moment at which this is made."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._end = None if limits.seconds is None else time.monotonic() + limits.seconds

    def limits(self) -> Limits:
        """The limits for a search that begins now."""
        if self._end is None:
            return self._limits
        return replace(self._limits, seconds=max(0.0, self._end - time.monotonic()))
