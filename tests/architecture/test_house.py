"""The house rules: what stands at the top level, how long things may be, which words do not occur."""

from __future__ import annotations

import ast
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from architecture.imports import ROOT, sources

TOP_LEVEL = frozenset({"pyproject.toml", "README.md", "LICENSE", "dmc", "models", "specs", "tests"})

LINES_OF_A_FILE = 500
LINES_OF_A_FUNCTION = 60

TABLES = {
    "dmc.syntax.ast": "the nodes of the syntax tree, one short class for each",
    "dmc.model.model": "the nodes of the resolved model, one short class for each",
}
"""Modules that may be longer, because they are tables and are not read from end to end."""

BUILT = frozenset({"__pycache__", "build", "dist", "dmc.egg-info"})
"""What tools leave behind."""

VAGUE_NAMES = frozenset({"utils", "util", "helpers", "helper", "common", "misc", "manager", "stuff", "tools"})

UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK|WIP)\b")
FOREIGN_PATH = re.compile(r"/home/\w|/Users/\w|/work/\w|[A-Z]:\\\\\w")
TEXTS = frozenset({".py", ".md", ".dmc", ".toml", ".lark", ".json", ".txt", ".c", ".h", ".pml"})


def _files() -> Iterator[Path]:
    """What git tracks and what it would track; without git, all that is neither hidden nor built."""
    command = ("git", "ls-files", "--cached", "--others", "--exclude-standard", "-z")
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        yield from _found()
        return
    for name in sorted(filter(None, done.stdout.split("\0"))):
        if (ROOT / name).exists():
            yield Path(name)


def _found() -> Iterator[Path]:
    for folder, folders, names in os.walk(ROOT):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in BUILT)
        for name in sorted(names):
            yield (Path(folder) / name).relative_to(ROOT)


def test_the_top_level_is_closed() -> None:
    first = {path.parts[0] for path in _files()}

    assert sorted(name for name in first - TOP_LEVEL if not name.startswith(".")) == []


def test_a_file_is_short_enough_to_be_read() -> None:
    lines = {name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in sources().items()}
    long = {name for name, count in lines.items() if count > LINES_OF_A_FILE}

    assert sorted(long - set(TABLES)) == []
    assert sorted(set(TABLES) - long) == [], "an exception that is not needed any more"


def test_a_function_fits_on_a_screen() -> None:
    long = [
        f"{name}.{function}: {count} lines"
        for name, path in sources().items()
        for function, count in _functions(path)
        if count > LINES_OF_A_FUNCTION
    ]

    assert long == []


def _functions(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


def test_a_module_says_what_it_is_for() -> None:
    silent = [
        name
        for name, path in sources().items()
        if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
        or name.split(".")[-1] in VAGUE_NAMES
    ]

    assert silent == []


def test_nothing_is_left_unfinished_and_no_machine_is_named() -> None:
    wrong = []
    for path in _files():
        if path.suffix not in TEXTS or path.name == Path(__file__).name:
            continue
        text = (ROOT / path).read_text(encoding="utf-8")
        for number, line in enumerate(text.splitlines(), 1):
            if UNFINISHED.search(line) or FOREIGN_PATH.search(line):
                wrong.append(f"{path}:{number}: {line.strip()[:80]}")

    assert wrong == []
