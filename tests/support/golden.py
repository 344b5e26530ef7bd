"""The type of the `golden` fixture: compares a text with the file of a name below `tests/data`."""

from __future__ import annotations

from collections.abc import Callable

Golden = Callable[[str, str], None]
