"""Stub."""

from __future__ import annotations

from dmc.ir.system import System


def clear_dead_locals(system: System) -> System:
    """Stub."""
    return system
