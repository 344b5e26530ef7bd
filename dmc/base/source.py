"""Text files and places in them: what every stage uses to say *where*."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class SourceFile:
    """One text, with the path under which the user knows it."""

    path: str
    text: str

    def lines(self) -> list[str]:
        """The lines of the text, without their line ends."""
        return self.text.splitlines()


@dataclass(frozen=True, order=True)
class Span:
    """A stretch of one file; lines and columns start at 1, `end_column` is exclusive."""

    path: str
    line: int
    column: int
    end_line: int = field(default=0)
    end_column: int = field(default=0)

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


NOWHERE = Span("<built in>", 0, 0)
