"""The pages of the rules, taken apart for the tests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "specs" / "rules"
TUTORIAL = ROOT / "models" / "tutorial"

HEADINGS = (
    "Why it matters",
    "When it applies",
    "Violates",
    "Satisfies",
    "Depends on the runtime",
    "Limits",
    "Sources",
)

PROMISES_OF_THE_RUNTIME = frozenset({"LIF001"})
"""Rules that no driver can violate, on any release that was read: their pages have no violating example."""

_FENCE = re.compile(r"^```dmc\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Example:
    """One model of a page: under which heading, the how many-th there, and its text."""

    rule: str
    heading: str
    number: int
    text: str

    @property
    def name(self) -> str:
        """As a file: `MEM001_violates_1.dmc`."""
        return f"{self.rule}_{self.heading.lower()}_{self.number}.dmc"


def pages() -> list[Path]:
    """The page of each rule."""
    return sorted(path for path in FOLDER.glob("*.md") if path.stem != "README")


def sections(page: Path) -> dict[str, str]:
    """What stands below each heading; the title line and the demand are under ""."""
    parts = re.split(r"^## (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {"": parts[0], **dict(zip(parts[1::2], parts[2::2], strict=True))}


def examples() -> Iterator[Example]:
    """All examples of all pages."""
    for page in pages():
        for heading, text in sections(page).items():
            for number, body in enumerate(_FENCE.findall(text), 1):
                yield Example(page.stem[:6], heading, number, body)
