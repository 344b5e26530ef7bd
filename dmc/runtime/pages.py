"""The pages of `specs/runtime`: an introduction by hand, and below a marker the tables written from the data.

python -m dmc.runtime.pages specs/runtime
"""

from __future__ import annotations

import sys
from pathlib import Path

from dmc.runtime.points.base import BOTH, NON_SMP, SMP, Entry, PointValue
from dmc.runtime.presets import PRESETS
from dmc.runtime.profile import FIRST_WITHOUT_NON_SMP
from dmc.runtime.release import Build
from dmc.runtime.variation_points import MECHANISMS, VARIATION_POINTS, AnyPoint

MARKER = "<!-- Written by `python -m dmc.runtime.pages specs/runtime`; edit the data, not what follows. -->"


def generated(mechanism: str) -> str:
    """What belongs below the marker of a mechanism's page."""
    points = sorted(MECHANISMS[mechanism], key=lambda point: point.number)
    parts = [MARKER, *(_section(point) for point in points), _by_preset(points)]
    return "\n\n".join(parts) + "\n"


def generated_index() -> str:
    """What belongs below the marker of the README: the presets, and where each point is told."""
    presets = ["| preset | release | build |", "|---|---|---|"]
    presets += [
        f"| `{preset.name}` | {_release(preset.release.text)} | {_build(preset.build)} |"
        for preset in PRESETS
    ]
    pages = {point.name: name for name, points in MECHANISMS.items() for point in points}
    rows = ["| point | name | claim | page |", "|---|---|---|---|"]
    for point in VARIATION_POINTS:
        page = pages[point.name]
        rows.append(f"| V{point.number} | `{point.name}` | {point.claim} | [{page}]({page}.md) |")
    return "\n".join([MARKER, "", "## Presets", "", *presets, "", "## Variation points", "", *rows, ""])


def refreshed(page: str, tables: str) -> str:
    """The page with the part below the marker replaced; a page without a marker gets it at the end."""
    head, _, _ = page.partition(MARKER)
    return f"{head.rstrip()}\n\n{tables}"


def write_pages(folder: Path) -> list[Path]:
    """Bring all pages up to date; the pages that changed."""
    wanted = {f"{mechanism}.md": generated(mechanism) for mechanism in MECHANISMS}
    wanted["README.md"] = generated_index()
    changed = []
    for name, tables in wanted.items():
        path = folder / name
        old = path.read_text(encoding="utf-8")
        new = refreshed(old, tables)
        if new != old:
            path.write_text(new, encoding="utf-8")
            changed.append(path)
    return changed


def _section(point: AnyPoint) -> str:
    meanings = [f"* `{value.word}`: {value.meaning}" for value in point.values]
    rows = ["| from | before | builds | value | source |", "|---|---|---|---|---|"]
    rows += [_row(entry, point.entries[index + 1 :]) for index, entry in enumerate(point.entries)]
    title = f"## V{point.number}: `{point.name}`"
    return "\n".join([title, "", point.claim, "", *meanings, "", *rows])


def _row(entry: Entry[PointValue], later: tuple[Entry[PointValue], ...]) -> str:
    end = FIRST_WITHOUT_NON_SMP.text if entry.builds == NON_SMP else ""
    until = next((other.since.text for other in later if other.builds & entry.builds), end)
    return f"| {entry.since} | {until} | {_builds(entry.builds)} | `{entry.value.word}` | {entry.citation} |"


def _by_preset(points: list[AnyPoint]) -> str:
    head = ["point", *(f"`{preset.name}`" for preset in PRESETS)]
    rows = [_cells(head), _cells(["---"] * len(head))]
    for point in points:
        values = [point.at(preset.release, preset.build).word for preset in PRESETS]
        rows.append(_cells([f"`{point.name}`", *values]))
    return "\n".join(["## By preset", "", *rows])


def _cells(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _builds(builds: frozenset[Build]) -> str:
    if builds == BOTH:
        return "all"
    return "SMP" if builds == SMP else "non-SMP"


def _build(build: Build) -> str:
    return _builds(frozenset({build}))


def _release(text: str) -> str:
    return text.removesuffix("-0")


def main(arguments: list[str]) -> int:
    """Rewrite the tables of the pages in the folder given."""
    if len(arguments) != 1:
        print("usage: python -m dmc.runtime.pages FOLDER", file=sys.stderr)
        return 2
    for path in write_pages(Path(arguments[0])):
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
