"""`dmc fmt`: one layout for all models."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from dmc.base.diagnostic import Diagnostic
from dmc.base.exceptions import ModelError, UsageError
from dmc.cli.exit import write_output
from dmc.cli.paths import models
from dmc.results.exit_code import worst


@click.command("fmt")
@click.argument("paths", metavar="PATH...", nargs=-1)
@click.option("--check", is_flag=True, help="Change nothing; exit with 1 if a file is not in the layout.")
def command(paths: tuple[str, ...], check: bool) -> int:
    """Rewrite models in the one layout; of a directory, all models in and below it.

    A file with errors is left as it is. `-` formats standard input to standard output.
    """
    if paths == ("-",):
        return _stream(check)
    codes: list[int] = []
    problems: list[Diagnostic] = []
    for path in models(paths, "fmt"):
        try:
            codes.append(_file(path, check))
        except ModelError as error:
            problems += error.diagnostics
    if problems:
        raise ModelError(problems)
    return worst(codes)


def _file(path: str, check: bool) -> int:
    from dmc.syntax.reader import read_source

    source = read_source(path)
    if isinstance(source, Diagnostic):
        raise ModelError([source])
    formatted = _formatted(source.text, path)
    if formatted == source.text:
        return 0
    if check:
        write_output(f"{path} is not in the layout; `dmc fmt {path}` rewrites it\n")
        return 1
    _replace(Path(path), formatted)
    write_output(f"{path} rewritten\n")
    return 0


def _stream(check: bool) -> int:
    text = sys.stdin.read()
    formatted = _formatted(text, "<stdin>")
    if check:
        return 0 if formatted == text else 1
    write_output(formatted)
    return 0


def _formatted(text: str, path: str) -> str:
    from dmc.base.source import SourceFile
    from dmc.syntax.unparser import format_source

    return format_source(SourceFile(path, text))


def _replace(path: Path, text: str) -> None:
    """Write the file in one go: either the old text is there or the new one."""
    target = path.resolve()
    draft = target.with_name(f".{target.name}.dmc-fmt")
    try:
        draft.write_text(text, encoding="utf-8", newline="\n")
        os.chmod(draft, target.stat().st_mode)
        draft.replace(target)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise UsageError(f"`{path}` cannot be written: {error.strerror}") from error
