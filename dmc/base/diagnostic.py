"""The one shape of every complaint about an input."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from dmc.base.source import Span


class Severity(Enum):
    """How bad it is: an error ends the command with exit code 2, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Label:
    """A second place that explains the first."""

    span: Span
    text: str


@dataclass(frozen=True)
class Diagnostic:
    """A complaint: code, place, sentence, the note under the caret, hints.

    `code` is registered in `dmc.base.diagnostic_codes`; `note` stands right of the carets.
    """

    code: str
    message: str
    span: Span
    note: str = ""
    hints: tuple[str, ...] = ()
    labels: tuple[Label, ...] = ()
    severity: Severity = Severity.ERROR
