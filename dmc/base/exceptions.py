"""What `dmc` raises.

    DmcError
    ├── UsageError       the command line or a configuration is wrong      exit 2
    ├── ModelError       the input has errors; carries its diagnostics     exit 2
    └── InternalError    a broken promise of our own                       exit 5

Bad input is a value (`Diagnostic`) wherever the caller can go on; `ModelError` carries such values
to the edge once a stage cannot.
"""

from __future__ import annotations

from collections.abc import Sequence

from dmc.base.diagnostic import Diagnostic


class DmcError(Exception):
    """The root of the tree."""


class UsageError(DmcError):
    """The command cannot be carried out as written."""


class ModelError(DmcError):
    """The input has errors."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__("\n".join(f"{d.span}: {d.code} {d.message}" for d in diagnostics))
        self.diagnostics = tuple(diagnostics)


class InternalError(DmcError):
    """A defect in `dmc` itself, with the stage that noticed it."""

    def __init__(self, stage: str, message: str) -> None:
        super().__init__(f"{stage}: {message}")
        self.stage = stage
        self.message = message

    def __reduce__(self) -> tuple[type[InternalError], tuple[str, str]]:
        """It crosses from one process to another with both of its parts."""
        return InternalError, (self.stage, self.message)
