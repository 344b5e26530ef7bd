"""Shared libraries, built once for a machine and kept in the user's cache.

A library's name is the SHA-256 of its sources, the flags and the compiler's identity. It gets that name
only when it is complete, so that two runs at once never load half a file. What is not a plain file of this
user is not loaded. Where the cache cannot be used, a folder for this run alone takes its place.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import os
import shutil
import stat
import tempfile
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from platformdirs import user_cache_path

from dmc.engines.compiled.toolchain import Compiler

SUFFIX = ".library"
KEPT = 256
"""When there are more libraries than this, those go that were built longest ago."""


@dataclass(frozen=True)
class Build:
    """What to build: sources by file name, folders with headers, flags."""

    title: str
    sources: dict[str, str]
    flags: tuple[str, ...] = ()
    headers: dict[str, str] = field(default_factory=dict)

    def key(self, compiler: Compiler) -> str:
        """The name of the result."""
        digest = hashlib.sha256()
        parts = [compiler.identity, *self.flags, "end of flags"]
        for files in (self.sources, self.headers):
            for name, text in sorted(files.items()):
                parts += [name, text]
            parts.append("end of files")
        for part in parts:
            encoded = part.encode()
            digest.update(f"{len(encoded)}:".encode() + encoded)
        return digest.hexdigest()


class BuildFailed(Exception):
    """The compiler, or the machine, refused; the message is for the user."""


def library(build: Build, compiler: Compiler, folder: Path | None = None) -> Path:
    """The path of the built library; `folder` is the cache to use instead of the user's."""
    name = f"{build.title}-{build.key(compiler)}{SUFFIX}"
    try:
        place = (user_cache_path("dmc") / "compiled" if folder is None else folder) / name
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return place if is_ours(place) else _built(build, compiler, place)
    except (OSError, RuntimeError):
        place = own_folder() / name
        try:
            return place if is_ours(place) else _built(build, compiler, place)
        except OSError as error:
            raise BuildFailed(f"there is no place for a library: {error}") from error


def is_ours(path: Path) -> bool:
    """Whether it is a file that only this user can have written."""
    try:
        about = path.lstat()
        folder = path.parent.stat()
    except OSError:
        return False
    if not stat.S_ISREG(about.st_mode) or not about.st_size:
        return False
    if not hasattr(os, "getuid"):
        return True
    mine = about.st_uid == os.getuid() and folder.st_uid == os.getuid()
    return mine and not (about.st_mode | folder.st_mode) & (stat.S_IWGRP | stat.S_IWOTH)


def discard(path: Path) -> None:
    """Take a library that cannot be loaded out of the cache."""
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)


def _built(build: Build, compiler: Compiler, place: Path) -> Path:
    """Build beside the place, on the same file system, and move there at once."""
    with tempfile.TemporaryDirectory(dir=place.parent, prefix="build-") as folder:
        written = []
        for name, text in (*build.headers.items(), *build.sources.items()):
            path = Path(folder) / name
            path.write_text(text, encoding="ascii")
            if name in build.sources:
                written.append(path)
        result = Path(folder) / "result"
        said = compiler.compile(written, (*build.flags, "-I", folder), result)
        if said is not None:
            raise BuildFailed(f"{compiler.command[0]} failed: {said[:2000]}")
        result.chmod(0o700)
        os.replace(result, place)
    if not is_ours(place):
        raise OSError(f"{place} belongs to others")
    _prune(place.parent)
    return place


def _prune(folder: Path) -> None:
    """Keep the cache small. Who was about to load what goes builds it again."""
    with contextlib.suppress(OSError):
        libraries = sorted(folder.glob(f"*{SUFFIX}"), key=lambda path: path.lstat().st_mtime_ns)
        for path in libraries[:-KEPT]:
            path.unlink(missing_ok=True)


@cache
def own_folder() -> Path:
    """A folder for this process, removed when it ends."""
    folder = Path(tempfile.mkdtemp(prefix="dmc-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
