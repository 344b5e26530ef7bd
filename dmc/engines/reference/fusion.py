"""Stub."""

from __future__ import annotations

from dmc.ir.evaluate import CompiledStep, CompiledSystem, State
from dmc.ir.layout import ThreadLayout


class Unprotected(Exception):
    """Stub."""

    location: str


class Fusion:
    """Stub."""

    def __init__(self, compiled: CompiledSystem, unprotected: frozenset[str]): ...

    def thread_to_follow(self, state: State) -> list[tuple[ThreadLayout, CompiledStep]]:
        """Stub."""
        return []

    def witness(self, state: State, thread: ThreadLayout, step: CompiledStep) -> None:
        """Stub."""

    def watch(self, state: State) -> None:
        """Stub."""
