"""Files in the user's cache that save work from one run to the next.

They are a help where there is a place for them, and no harm where there is none: what cannot be read, or is
not ours, is as good as absent; what cannot be written is not kept; nothing is said about either.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from platformdirs import user_cache_path

MOST_OF_A_KIND = 8
"""Older ones go: each change of what they are made from leaves one behind."""


def place_of(kind: str, digest: str) -> Path:
    """Where the file of a kind is kept that was made from what has this digest."""
    return user_cache_path("dmc") / f"{kind}-{digest[:32]}.pickle"


def read(path: Path) -> bytes | None:
    """What was kept, unless there is nothing or it belongs to another user."""
    with contextlib.suppress(OSError), path.open("rb") as stream:
        owner = os.fstat(stream.fileno()).st_uid
        if not hasattr(os, "getuid") or owner == os.getuid():
            return stream.read()
    return None


def write(path: Path, content: bytes) -> None:
    """Under another name first, so that two runs at once never see half a file."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
            os.replace(name, path)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise
        _forget_old(path)


def _forget_old(path: Path) -> None:
    kind = path.name.partition("-")[0]
    kept = sorted(path.parent.glob(f"{kind}-*"), key=lambda one: one.stat().st_mtime_ns)
    for old in kept[:-MOST_OF_A_KIND]:
        old.unlink(missing_ok=True)
