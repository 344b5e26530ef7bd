"""A name for a system: equal systems, and only they, have equal digests."""

from __future__ import annotations

import hashlib

from dmc.ir.printer import print_system
from dmc.ir.system import System


def digest(system: System) -> str:
    """The SHA-256 of the system's text form."""
    return hashlib.sha256(print_system(system).encode()).hexdigest()
