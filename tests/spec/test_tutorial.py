"""What the tutorial shows is what the commands print."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from dmc.cli.main import main

TUTORIAL = Path(__file__).parents[2] / "models" / "tutorial"
TEXT = (TUTORIAL / "README.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"^```text\n\$ dmc ([^\n]*)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
LEFT_OUT = "..."


def missing(shown: Sequence[str], printed: Sequence[str]) -> str:
    """The first line of the first part that does not stand in what was printed, after the parts before it."""
    parts: list[list[str]] = [[]]
    for line in shown:
        if line == LEFT_OUT:
            parts.append([])
        else:
            parts[-1].append(line)
    if parts[0] and list(printed[: len(parts[0])]) != parts[0]:
        return parts[0][0]
    if parts[-1] and list(printed[-len(parts[-1]) :]) != parts[-1]:
        return parts[-1][0]
    start = 0
    for part in filter(None, parts):
        places = range(start, len(printed) - len(part) + 1)
        found = next((p for p in places if list(printed[p : p + len(part)]) == part), None)
        if found is None:
            return part[0]
        start = found + len(part)
    return ""


@pytest.mark.parametrize(("command", "shown"), SHOWN, ids=[command for command, _ in SHOWN])
def test_an_output_is_what_the_command_prints(
    command: str, shown: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(TUTORIAL)
    code = main(command.split())
    printed = capsys.readouterr().out

    assert code == 0
    assert missing(shown.splitlines(), printed.splitlines()) == "", printed


def test_each_model_has_a_section_and_an_order() -> None:
    models = [path.name for path in sorted(TUTORIAL.glob("*.dmc"))]
    sections = re.findall(r"^## (\d+)\. .*: `(.*)`$", TEXT, re.MULTILINE)

    assert [name for _, name in sections] == models
    assert [int(number) for number, _ in sections] == list(range(1, len(models) + 1))


def test_a_line_that_is_not_printed_is_found() -> None:
    printed = ["a", "b", "c", "d"]

    assert missing(["a", LEFT_OUT, "c", LEFT_OUT], printed) == ""
    assert missing([LEFT_OUT, "b", "d", LEFT_OUT], printed) == "b"
    assert missing(["b", LEFT_OUT], printed) == "b"
    assert missing([LEFT_OUT, "c"], printed) == "c"
    assert missing([LEFT_OUT, "c", LEFT_OUT, "b", LEFT_OUT], printed) == "b"
