"""One line on standard error that says how a long search is getting on; gone when it ends."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Self, TextIO

PATIENCE = 1.0
"""Seconds of work before the line appears at all."""

INTERVAL = 0.1

_CLEAR = "\r\x1b[K"


class Progress:
    """Shows itself only on a terminal, and only for work longer than a second."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._began = time.monotonic()
        self._search_began = self._began
        self._states = 0
        self._last = 0.0
        self._shown = False

    @property
    def wanted(self) -> bool:
        """Whether there is somebody to look at it."""
        return self._stream.isatty()

    def update(self, label: str, states: int, transitions: int, depth: int, frontier: int) -> None:
        """Where a search stands: what is searched, states, transitions, depth, states still to expand."""
        now = time.monotonic()
        if states < self._states:  # another search has begun
            self._search_began = now
        self._states = states
        if now - self._began < PATIENCE or now - self._last < INTERVAL:
            return
        rate = states / max(now - self._search_began, INTERVAL)
        text = (
            f"{label}: {states:,} states, {rate:,.0f}/s, {transitions:,} transitions,"
            f" depth {depth}, frontier {frontier:,}"
        )
        self._last, self._shown = now, True
        self._stream.write(_CLEAR + text[: _columns() - 1])
        self._stream.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._shown:
            self._stream.write(_CLEAR)
            self._stream.flush()


def _columns() -> int:
    import shutil

    return max(20, shutil.get_terminal_size().columns)
