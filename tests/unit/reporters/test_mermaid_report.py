"""Sequence diagrams: each line is one of the few forms that Mermaid's grammar has for it."""

from __future__ import annotations

import re

import pytest
from support import sample_reports as samples
from support.golden import Golden

from dmc.reporters.mermaid import render

TEXT = r"(?:[\w .,()\[\]=+*/!?'-]|#\d+;|<br/>)+"
LINES = (
    rf"    participant p\d+ as {TEXT}",
    rf"    Note (?:right of|over) p\d+(?:,p\d+)?: {TEXT}",
    rf"    (p\d+)->>\1: \d+\. {TEXT}",
    r"    rect rgba\(255, 0, 0, 0\.2\)",
    r"    end",
)


def diagrams(page: str) -> list[list[str]]:
    return [match[1].split("\n") for match in re.finditer(r"^```mermaid\n(.*?)\n```$", page, re.S | re.M)]


@pytest.mark.parametrize("name", ["single", "surprising"])
def test_document(name: str, golden: Golden) -> None:
    golden(f"reports/{name}.mermaid.md", render(samples.FOREIGN[name]()))


@pytest.mark.parametrize("name", samples.FOREIGN)
def test_each_line_is_of_a_known_form(name: str) -> None:
    page = render(samples.FOREIGN[name]())
    assert page == render(samples.FOREIGN[name]())
    for first, *lines in diagrams(page):
        assert first == "sequenceDiagram"
        assert [line for line in lines if not any(re.fullmatch(form, line) for form in LINES)] == []
        used = {lane for line in lines for lane in re.findall(r"\bp\d+\b", line.split(": ")[0])}
        assert used == {line.split()[1] for line in lines if line.startswith("    participant")}
        assert sum("rect" in line for line in lines) == sum(line == "    end" for line in lines)


@pytest.mark.parametrize("name", samples.FOREIGN)
def test_every_verdict_is_on_the_page(name: str) -> None:
    page = render(samples.FOREIGN[name]())
    for prop in (prop for run in samples.FOREIGN[name]().runs for prop in run.properties):
        assert f"{prop.id} " in page


def test_every_step_is_drawn_in_its_lane() -> None:
    (lines,) = diagrams(render(samples.single()))
    arrows = [match for line in lines if (match := re.match(r"    (p\d)->>p\d: (\d+)", line))]

    assert [int(arrow[2]) for arrow in arrows] == list(range(1, 13))
    assert [arrow[1] for arrow in arrows][:4] == ["p0", "p1", "p1", "p0"]
    assert sum("rect" in line for line in lines) == 1
