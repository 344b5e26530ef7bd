"""The index in `specs/rules/README.md`: an introduction by hand, and below a marker a table of all rules.

python -m dmc.rules.pages
"""

from __future__ import annotations

import sys
from pathlib import Path

from dmc.rules.catalogue import families, folder, load_catalogue

MARKER = "<!-- Written by `python -m dmc.rules.pages`; edit the rules, not what follows. -->"


def generated_index() -> str:
    """What belongs below the marker: each family that has rules, with their ids, names and demands."""
    parts = [MARKER]
    for family in families():
        rules = [rule for rule in load_catalogue() if rule.id.startswith(family.letters)]
        if not rules:
            continue
        title = f"## {family.letters}: {family.title}{' (advisory)' if family.advisory else ''}"
        rows = ["| id | name | demand |", "|---|---|---|"]
        for rule in rules:
            rows.append(f"| [{rule.id}]({rule.id}_{rule.slug}.md) | `{rule.slug}` | {rule.text} |")
        parts.append("\n".join([title, "", *rows]))
    return "\n\n".join(parts) + "\n"


def refreshed(page: str) -> str:
    """The page with the part below the marker replaced; a page without a marker gets it at the end."""
    head, _, _ = page.partition(MARKER)
    return f"{head.rstrip()}\n\n{generated_index()}"


def write_index(path: Path) -> bool:
    """Bring the index up to date; whether it was not."""
    old = path.read_text(encoding="utf-8")
    new = refreshed(old)
    if new != old:
        path.write_text(new, encoding="utf-8")
    return new != old


def main() -> int:
    """Rewrite the index of the checkout's `specs/rules`."""
    path = folder() / "README.md"
    if write_index(path):
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
