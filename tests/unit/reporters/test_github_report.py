"""Workflow commands as the runner of GitHub Actions takes them apart, and the page of the step summary."""

from __future__ import annotations

import re

import pytest
from support import sample_reports as samples
from support.golden import Golden

from dmc.reporters import github, github_summary
from dmc.results.exit_code import exit_code
from dmc.results.verdict import Verdict

COMMAND = re.compile(r"::(error|warning|notice) ([^:]*)::(.*)")
SETTINGS = {"file", "line", "endLine", "col", "endColumn", "title"}


def unescaped(text: str) -> str:
    """What the runner makes of a value; an escape that it does not know is an error here."""
    known = {"%25": "%", "%0D": "\r", "%0A": "\n", "%3A": ":", "%2C": ","}
    return re.sub("%..", lambda match: known[match[0]], text)


def annotations(name: str) -> list[tuple[str, dict[str, str], str]]:
    found = []
    for line in github.render(samples.FOREIGN[name](), samples.SOURCES).removesuffix("\n").split("\n"):
        match = COMMAND.fullmatch(line)
        assert match is not None, line
        pairs = [setting.split("=", 1) for setting in match[2].split(",")]
        assert {key for key, _ in pairs} <= SETTINGS
        found.append((match[1], {key: unescaped(value) for key, value in pairs}, unescaped(match[3])))
    return found


@pytest.mark.parametrize("name", ["single", "table", "mistakes"])
def test_annotations(name: str, golden: Golden) -> None:
    golden(f"reports/{name}.github.txt", github.render(samples.FOREIGN[name](), samples.SOURCES))


@pytest.mark.parametrize("name", ["single", "table", "mistakes"])
def test_summary(name: str, golden: Golden) -> None:
    golden(f"reports/{name}.summary.md", github_summary.render(samples.FOREIGN[name](), samples.SOURCES))


@pytest.mark.parametrize("name", samples.FOREIGN)
def test_every_line_is_one_command(name: str) -> None:
    """Hostile names neither end a command nor begin another one."""
    told = annotations(name)
    report = samples.FOREIGN[name]()
    code = exit_code(report.runs, report.diagnostics, strict=False)

    assert told == annotations(name)
    assert any(level == "error" for level, _, _ in told) == (code != 0)


@pytest.mark.parametrize("name", samples.FOREIGN)
def test_no_verdict_but_proved_is_left_out(name: str) -> None:
    report = samples.FOREIGN[name]()
    titles = " ".join(settings["title"] for _, settings, _ in annotations(name))
    page = github_summary.render(report, samples.SOURCES)
    for prop in (prop for run in report.runs for prop in run.properties):
        assert prop.id in titles or prop.verdict is Verdict.PROVED
        assert prop.id in page


def test_an_annotation_stands_at_its_place() -> None:
    level, settings, text = annotations("surprising")[0]

    assert level == "error"
    assert settings["title"] == ("HNG001 hang: violated in stop, NOT EXPECTED (two_commands_then_close)")
    assert (settings["file"], settings["line"], settings["col"]) == (samples.BARRIER, "50", "32")
    assert "which nobody will signal" in text


def test_runs_alike_share_an_annotation() -> None:
    titles = [settings["title"] for _, settings, _ in annotations("table")]

    assert any("MEM001" in title and title.endswith("in 4 of 19 runs") for title in titles)


@pytest.mark.parametrize("name", samples.FOREIGN)
def test_nothing_breaks_out_of_the_page(name: str) -> None:
    """Outside of fences there is no tag but those of the page, and each row has its four cells."""
    fence, outside = "", []
    for line in github_summary.render(samples.FOREIGN[name](), samples.SOURCES).split("\n"):
        opening = re.match("(`{3,})text$", line)
        if not fence and opening:
            fence = opening[1]
        elif fence:
            fence = "" if line == fence else fence
        else:
            outside.append(line)
    assert fence == ""
    for line in outside:
        assert set(re.findall(r"(?<!\\)</?(\w+)", line)) <= {"details", "summary"}
        if line.startswith("|"):
            assert len(re.findall(r"(?<!\\)\|", line)) == 5
