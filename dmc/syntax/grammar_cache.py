"""The parser's tables, built once for a machine: building them takes longer than checking a small model.

They are kept in the user's cache, under a name that changes with the grammar, Lark and Python. Where
that cannot be read or written they are built anew each time, and nothing is said about it.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import sys
import tempfile
from pathlib import Path

import lark
from lark import Lark
from platformdirs import user_cache_path

OPTIONS = {"parser": "lalr", "lexer": "basic", "propagate_positions": True}


def load_grammar(text: str) -> Lark:
    """The parser for a grammar, from the cache or built and put there."""
    path = cache_path(text)
    cached = _read(path)
    if cached is not None:
        return cached
    built = Lark(text, parser="lalr", lexer="basic", propagate_positions=True)
    _write(built, path)
    return built


def cache_path(text: str) -> Path:
    """Where the tables of a grammar are kept; other versions of anything have other names."""
    version = f"{lark.__version__} {sys.version} {sorted(OPTIONS.items())}"
    digest = hashlib.sha256(f"{version}\n{text}".encode()).hexdigest()[:32]
    return user_cache_path("dmc") / f"grammar-{digest}.pickle"


def _read(path: Path) -> Lark | None:
    """The tables, unless there are none or they are not ours: then they are built, not trusted."""
    try:
        owner = path.stat()
        if hasattr(os, "getuid") and owner.st_uid != os.getuid():
            return None
        with path.open("rb") as stream:
            return Lark.load(stream)
    except Exception:  # a damaged file of the cache can raise anything, and means only that it is no use
        return None


def _write(built: Lark, path: Path) -> None:
    """Under another name first, so that two runs at once never see half a file."""
    buffer = io.BytesIO()
    built.save(buffer)
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(buffer.getvalue())
            os.replace(name, path)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise
