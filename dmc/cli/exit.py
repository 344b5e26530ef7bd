"""The edge of the program: whatever happens inside, the caller gets a sentence and one of the exit codes."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress

import click

from dmc.base.exceptions import InternalError, ModelError, UsageError
from dmc.base.source import SourceFile

USAGE = 2
INCONCLUSIVE = 3
OWN_FAULT = 5

DEBUG = "DMC_DEBUG"
"""With `DMC_DEBUG=1` in the environment, a fault of our own shows its traceback."""


def guard(command: Callable[[], int]) -> int:
    """Run a command; an exception becomes a sentence on standard error and an exit code."""
    _open_streams()
    try:
        return _quiet(command)
    except click.UsageError as error:
        where = error.ctx.command_path if error.ctx else "dmc"
        return _fail(f"{where}: {_one_line(error.format_message())}", USAGE)
    except click.ClickException as error:
        return _fail(f"dmc: {_one_line(error.format_message())}", USAGE)
    except UsageError as error:
        return _fail(f"dmc: {_one_line(str(error))}", USAGE)
    except ModelError as error:
        return _fail(_diagnostics(error), USAGE)
    except (KeyboardInterrupt, click.Abort):
        return _fail("dmc: interrupted before there was a result", INCONCLUSIVE)
    except MemoryError:
        return _fail("dmc: out of memory; `--max-memory` ends a search before that", INCONCLUSIVE)
    except Exception as error:
        return _own_fault(error)


def write_output(text: str) -> None:
    """Write to standard output; a reader that has gone away is no reason to complain."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        _forget_output()
    except UnicodeEncodeError:
        encoding = sys.stdout.encoding or "ascii"
        write_output(text.encode(encoding, errors="replace").decode(encoding))
    except OSError as error:
        _forget_output()
        raise UsageError(f"standard output cannot be written: {error.strerror}") from error


def read_again(path: str) -> SourceFile | None:
    """The text that a diagnostic is about, if it can still be read."""
    try:
        with open(path, encoding="utf-8", newline="") as file:
            return SourceFile(path, file.read())
    except (OSError, ValueError):
        return None


def _open_streams() -> None:
    """A stream that was closed before the program began goes nowhere."""
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115


def _quiet(command: Callable[[], int]) -> int:
    try:
        return command()
    except BrokenPipeError:
        _forget_output()
        return 0


def _forget_output() -> None:
    """Let what is still to be written go nowhere, so that the interpreter ends without a complaint."""
    with open(os.devnull, "w", encoding="utf-8") as nowhere, suppress(OSError, ValueError):
        os.dup2(nowhere.fileno(), sys.stdout.fileno())


def _own_fault(error: Exception) -> int:
    if os.environ.get(DEBUG) == "1":
        import traceback

        traceback.print_exception(error)
    kind = "" if isinstance(error, InternalError) else f"{type(error).__name__}: "
    text = _one_line(f"{kind}{error}")
    return _fail(f"dmc: a fault of dmc itself, no verdict: {text} ({DEBUG}=1 shows where)", OWN_FAULT)


def _fail(text: str, code: int) -> int:
    with suppress(OSError):
        print(text, file=sys.stderr)
    return code


def _diagnostics(error: ModelError) -> str:
    from dmc.reporters.terminal import Paint
    from dmc.reporters.text_diagnostic import render_diagnostics

    paths = dict.fromkeys(diagnostic.span.path for diagnostic in error.diagnostics)
    sources = {path: source for path in paths if (source := read_again(path)) is not None}
    return "\n".join(render_diagnostics(error.diagnostics, sources, 80, Paint(False)))


def _one_line(text: str) -> str:
    return " ".join(text.split())
