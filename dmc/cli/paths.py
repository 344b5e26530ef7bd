"""The files that a command line names: what cannot be meant is said before anything runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dmc.base.diagnostic import Diagnostic
from dmc.base.exceptions import ModelError, UsageError
from dmc.base.source import Span
from dmc.cli.near_miss import did_you_mean

SUFFIX = ".dmc"


def files(paths: Sequence[str], command: str) -> tuple[str, ...]:
    """The paths, if each can be a file; a `ModelError` names all that cannot."""
    if not paths:
        raise UsageError(f"{command} needs a file: dmc {command} FILE")
    _refuse([problem for path in paths if (problem := _missing(path) or _directory(path))])
    return tuple(dict.fromkeys(paths))


def models(paths: Sequence[str], command: str) -> tuple[str, ...]:
    """The files, and all models below the directories, in the order of their paths."""
    if not paths:
        raise UsageError(f"{command} needs files or directories: dmc {command} PATH")
    _refuse([problem for path in paths if (problem := _missing(path))])
    found: list[str] = []
    for path in paths:
        if Path(path).is_dir():
            below = sorted(str(file) for file in Path(path).rglob(f"*{SUFFIX}") if file.is_file())
            if not below:
                raise UsageError(f"there is no {SUFFIX} file in the directory `{path}`")
            found += below
        else:
            found.append(path)
    return tuple(dict.fromkeys(found))


def _refuse(problems: Sequence[Diagnostic]) -> None:
    if problems:
        raise ModelError(problems)


def _missing(path: str) -> Diagnostic | None:
    try:
        if Path(path).exists():
            return None
        parent = Path(path).parent
        names = sorted(file.name for file in parent.iterdir()) if parent.is_dir() else []
    except (OSError, ValueError):
        return None  # who reads the file says what is wrong with it
    near = did_you_mean(Path(path).name, names, list_all=False).removeprefix(": ")
    return Diagnostic("E130", f"there is no file `{path}`", _start(path), hints=(near,) if near else ())


def _directory(path: str) -> Diagnostic | None:
    if not Path(path).is_dir():
        return None
    hint = f"`dmc test {path}` runs all models in it"
    return Diagnostic("E131", f"`{path}` is a directory", _start(path), hints=(hint,))


def _start(path: str) -> Span:
    return Span(path, 1, 1, 1, 2)
