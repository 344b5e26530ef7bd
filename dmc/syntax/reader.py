"""Files to texts: every way in which a file cannot be read is a diagnostic."""

from __future__ import annotations

from pathlib import Path

from dmc.base.diagnostic import Diagnostic
from dmc.base.source import SourceFile, Span
from dmc.syntax import limits


def read_source(path: str | Path) -> SourceFile | Diagnostic:
    """The text of a file under the path as given, or why there is none."""
    shown = str(path)
    start = Span(shown, 1, 1, 1, 2)
    try:
        if not Path(path).exists():
            return Diagnostic("E130", f"there is no file `{shown}`", start)
        if not Path(path).is_file():
            kind = "a directory" if Path(path).is_dir() else "no regular file"
            return Diagnostic("E131", f"`{shown}` is {kind}", start)
        size = Path(path).stat().st_size
        if size > limits.MAX_BYTES:
            return Diagnostic("E133", f"`{shown}` has {size} bytes: that is no model", start)
        data = Path(path).read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        return Diagnostic("E134", f"`{shown}` cannot be read: {reason}", start)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return _not_utf8(shown, error)
    return SourceFile(shown, text)


def _not_utf8(shown: str, error: UnicodeDecodeError) -> Diagnostic:
    before = error.object[: error.start].decode("utf-8", errors="replace")
    line = before.count("\n") + 1
    column = len(before) - (before.rfind("\n") + 1) + 1
    byte = error.object[error.start]
    span = Span(shown, line, column, line, column + 1)
    return Diagnostic("E132", f"`{shown}` is not UTF-8 text: byte 0x{byte:02x}", span)
