"""What the compiled engine cannot do: the caller runs the reference engine instead."""

from __future__ import annotations


class Unsupported(Exception):
    """The system, or the machine, is not for this engine; the message says why, for the user."""
