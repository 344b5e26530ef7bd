"""From a path to a model: read, parse, follow imports, resolve."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from dmc.base.diagnostic import Diagnostic
from dmc.base.source import SourceFile, Span
from dmc.model.model import Model, Rule
from dmc.model.resolver import resolve
from dmc.pipeline.runtimes import Book
from dmc.rules.catalogue import load_catalogue
from dmc.runtime.presets import PRESETS
from dmc.runtime.release import parse_name
from dmc.syntax import ast
from dmc.syntax.parser import parse
from dmc.syntax.reader import read_source


@dataclass(frozen=True)
class Loaded:
    """The model, or None if there were errors; the texts that were read; what is to be said of them."""

    model: Model | None
    file: ast.File | None
    sources: dict[str, SourceFile]
    diagnostics: tuple[Diagnostic, ...]


def load(path: str, runs_as_written: bool = True, added: str = "") -> Loaded:
    """Read a file and everything that it imports; a file has one path, however imports may write it.

    `runs_as_written`: the runtimes and scenarios that are run are those of the file, all of them. `added` are
    declarations that are read as if they stood at the end of the file.
    """
    sources: dict[str, SourceFile] = {}
    paths = {_identity(path): path}
    file = _parse(path, sources, added)
    if not isinstance(file, ast.File):
        return Loaded(None, None, sources, tuple(file))

    def follow(written: str, place: Span) -> ast.File | Sequence[Diagnostic]:
        imported = Path(place.path).parent / written
        if not _is_file(imported):
            message = f"there is no file {written} to import"
            hints = ("the path is relative to the file that imports",)
            return (Diagnostic("E140", message, place, f"looked for {imported}", hints),)
        return _parse(paths.setdefault(_identity(imported), str(imported)), sources)

    resolution = resolve(file, follow, catalogue(), release_order, Book(), runs_as_written)
    return Loaded(resolution.model, file, sources, resolution.diagnostics)


@cache
def catalogue() -> tuple[Rule, ...]:
    """The rules that come with the tool."""
    return load_catalogue()


def release_order(text: str, is_low: bool) -> Any:
    """The age of what a name of a release or preset means, for comparison; None if it means nothing."""
    for preset in PRESETS:
        if preset.name == text:
            return preset.release
    name = parse_name(text.partition("/")[0])
    if name is None:
        return None
    return name.first if is_low else name.last


def _identity(path: str | Path) -> str:
    try:
        return os.path.realpath(path)
    except (OSError, ValueError):
        return str(path)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _parse(path: str, sources: dict[str, SourceFile], added: str = "") -> ast.File | Sequence[Diagnostic]:
    source = read_source(path)
    if isinstance(source, Diagnostic):
        return (source,)
    if added:
        source = SourceFile(source.path, f"{source.text}\n{added}\n")
    sources[source.path] = source
    result = parse(source)
    if result.file is None or result.diagnostics:
        return result.diagnostics
    return result.file
