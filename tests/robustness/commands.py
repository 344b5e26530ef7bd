"""Running the command line in this process, and what came of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import dmc.reporters
from dmc.cli.main import main

DRIVER = """
driver d0 {{
    struct Port {{ {fields} }};
    struct Job  {{ int n = 1; }};
    {start}
    {body}
    {stop}
}}
"""
START = "Port *start(ErlDrvPort port) { Port *d = driver_alloc(sizeof(Port)); d->port = port; return d; }"
STOP = "void stop(Port *d) { driver_free(d); }"
COMMAND_THEN_CLOSE = """
scenario s {
    process owner {
        port p = open_port(d0);
        port_command(p, bytes(1));
        port_close(p);
    }
}
"""


@dataclass(frozen=True)
class Answer:
    """The exit code of `dmc check --format json`, and its document."""

    code: int
    document: dict[str, Any]

    @property
    def errors(self) -> list[str]:
        """The codes of the diagnostics that are errors."""
        return [d["code"] for d in self.document["diagnostics"] if d["severity"] == "error"]

    @property
    def warnings(self) -> list[str]:
        """The codes of the diagnostics that are none."""
        return [d["code"] for d in self.document["diagnostics"] if d["severity"] != "error"]

    def verdict(self, name: str, run: int = 0) -> str:
        """The verdict of a property in a run."""
        properties = self.document["runs"][run]["properties"]
        return next(p["verdict"] for p in properties if name in (p["id"], p["name"]))

    def violated(self) -> set[str]:
        """What is violated in any run."""
        runs = self.document["runs"]
        return {p["id"] for run in runs for p in run["properties"] if p["verdict"] == "violated"}


def driver(
    body: str = "", start: str = START, stop: str = STOP, fields: str = "ErlDrvPort port; int n = 0;"
) -> str:
    """A driver called `d0`."""
    return DRIVER.format(body=body, start=start, stop=stop, fields=fields)


def output(statements: str, fields: str = "ErlDrvPort port; int n = 0;", more: str = "") -> str:
    """A driver whose `output` does this, and a scenario that calls it once."""
    return driver(f"void output(Port *d) {{ {statements} }} {more}", fields=fields) + COMMAND_THEN_CLOSE


def thread(statements: str, file: str = "int n = 0;") -> str:
    """A model of one thread."""
    return f"{file}\nscenario s {{ thread a {{ {statements} }} }}\n"


@cache
def schema() -> dict[str, Any]:
    """The schema that ships with the reporters."""
    path = Path(dmc.reporters.__file__).with_name("result.schema.json")
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def check(text: str, folder: Path, capsys: pytest.CaptureFixture[str], *options: str) -> Answer:
    """`dmc check` of a text; the one document that it prints must satisfy the schema."""
    path = folder / "model.dmc"
    path.write_text(text, encoding="utf-8")
    code = main(["check", str(path), "--format", "json", *options])
    printed = capsys.readouterr()
    assert code != 5, printed.err
    document = json.loads(printed.out)
    jsonschema.validate(document, schema())
    assert document["exit"] == code
    return Answer(code, document)
