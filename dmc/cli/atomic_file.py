"""Files that are there whole or not at all."""

from __future__ import annotations

import os
from contextlib import suppress


def write_whole(path: str, content: str) -> None:
    """Write a text file in one step: who reads it meanwhile has the old text or the new one, never a part.

    A link stays one, and a file keeps its permissions. What is no file (a pipe, a device) is written into.
    """
    target = os.path.realpath(path)
    if os.path.exists(target) and not os.path.isfile(target):
        with open(target, "w", encoding="utf-8", errors="replace", newline="\n") as file:
            file.write(content)
        return
    beside = f"{target}.{os.getpid()}.tmp"
    try:
        with open(beside, "x", encoding="utf-8", errors="replace", newline="\n") as file:
            file.write(content)
        if os.path.exists(target):
            os.chmod(beside, os.stat(target).st_mode & 0o7777)
        os.replace(beside, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(beside)
        raise
