"""Defaults for options from `dmc.toml`, or from `[tool.dmc]` of `pyproject.toml`: the nearest file wins.

    max-states = "2M"            # at the top: how every command searches and shows
    jobs = 2

    [check]                      # of one command: any of its options, by its long name
    runtime = ["r12smp", "otp23"]

    [pytest]
    files = ["models/*.dmc"]     # what pytest collects without being asked

What is run (`runtime`, `axis`, `property`, ...) belongs to a command: at the top it would silently change
what expectations are about. A key that no option has is refused.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from dmc.base.exceptions import UsageError
from dmc.cli.near_miss import did_you_mean

FILE = "dmc.toml"
PROJECT = "pyproject.toml"
TOP = (
    "engine",
    "reduce",
    "max-states",
    "max-depth",
    "max-seconds",
    "max-memory",
    "as-found",
    "strict",
    "jobs",
    "no-color",
    "ledger",
    "verbose",
)
"""Keys for all commands that have such an option."""

PYTEST_KEYS = ("files",)
Value = str | bool | int | float | list[str]
Option = TypeVar("Option")


@dataclass(frozen=True)
class Configuration:
    """What is configured: for all commands, for each one, and for the pytest plugin.

    `path` is "" for nothing.
    """

    path: str = ""
    top: Mapping[str, Value] = field(default_factory=dict)
    commands: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    pytest_files: tuple[str, ...] = ()

    def of(self, command: str, options: Mapping[str, Option]) -> dict[Option, Value]:
        """The defaults of a command by its options, which are given by their long names."""
        own = self.commands.get(command, {})
        for key in own:
            if key not in options:
                where = f"{self.path}: [{command}] has no option `{key}`"
                raise UsageError(where + did_you_mean(key, options, list_all=False))
        given = {**{k: v for k, v in self.top.items() if k in options}, **own}
        return {options[key]: value for key, value in given.items()}


def configuration(start: Path, commands: Mapping[str, object]) -> Configuration:
    """What the nearest file says, from a directory upwards."""
    for directory in (start, *start.parents):
        own = directory / FILE
        if own.is_file():
            return _checked(str(own), _read(own), commands)
        project = directory / PROJECT
        if project.is_file():
            tool = _read(project).get("tool", {})
            if isinstance(tool, dict) and "dmc" in tool:
                return _checked(f"{project} [tool.dmc]", tool["dmc"], commands)
    return Configuration()


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from error


def _checked(path: str, found: object, commands: Mapping[str, object]) -> Configuration:
    if not isinstance(found, dict):
        raise UsageError(f"{path} is no table")
    top: dict[str, Value] = {}
    tables: dict[str, Mapping[str, Value]] = {}
    files: tuple[str, ...] = ()
    for key, value in found.items():
        if key == "pytest":
            files = _pytest(path, value)
        elif key in commands:
            tables[key] = _table(path, key, value)
        elif key in TOP:
            top[key] = _value(path, key, value)
        else:
            known = [*TOP, *commands, "pytest"]
            near = did_you_mean(key, known, list_all=False)
            hint = near or "; what is run is set for a command, as in [check]"
            raise UsageError(f"{path} has no key `{key}`{hint}")
    return Configuration(path, top, tables, files)


def _pytest(path: str, table: object) -> tuple[str, ...]:
    if not isinstance(table, dict):
        raise UsageError(f"{path}: pytest is a table")
    for key in table:
        if key not in PYTEST_KEYS:
            raise UsageError(f"{path}: [pytest] has no key `{key}`{did_you_mean(key, PYTEST_KEYS)}")
    value = _value(path, "files", table.get("files", []))
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list):
        raise UsageError(f"{path}: files is a list of patterns")
    return tuple(value)


def _table(path: str, name: str, table: object) -> dict[str, Value]:
    if not isinstance(table, dict):
        raise UsageError(f"{path}: {name} is a table of the options of `dmc {name}`")
    return {key: _value(path, key, value) for key, value in table.items()}


def _value(path: str, key: str, value: object) -> Value:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return list(value)
    if isinstance(value, str | bool | int | float):
        return value
    raise UsageError(f"{path}: `{key}` is a word, a number, true or false, or a list of words")
