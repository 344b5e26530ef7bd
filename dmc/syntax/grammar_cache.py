"""The parser's tables, built once for a machine: building them takes longer than checking a small model.

They are kept in the user's cache, under a name that changes with the grammar, Lark and Python.
"""

from __future__ import annotations

import hashlib
import io
import sys
from pathlib import Path

import lark
from lark import Lark

from dmc.cache import kept_file

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
    digest = hashlib.sha256(f"{version}\n{text}".encode()).hexdigest()
    return kept_file.place_of("grammar", digest)


def _read(path: Path) -> Lark | None:
    content = kept_file.read(path)
    if content is None:
        return None
    try:
        return Lark.load(io.BytesIO(content))
    except Exception:  # a damaged file of the cache can raise anything, and means only that it is no use
        return None


def _write(built: Lark, path: Path) -> None:
    buffer = io.BytesIO()
    built.save(buffer)
    kept_file.write(path, buffer.getvalue())
