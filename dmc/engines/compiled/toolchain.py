"""The C compiler of this machine, if there is one.

`CC` names one executable (no arguments, no shell). Else the usual names are looked for, and at last the
package `ziglang`, which brings a compiler of its own.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

NAMES = ("cc", "gcc", "clang")
COMMON = ("-std=gnu11", "-fwrapv", "-fPIC", "-shared", "-fvisibility=hidden")
TIMEOUT = 300
"""Seconds after which a compiler is taken to be stuck."""


@dataclass(frozen=True)
class Compiler:
    """A command that compiles C, and a text that changes when the compiler does."""

    command: tuple[str, ...]
    identity: str
    until: float | None = None
    """When it has to be done (`time.monotonic`)."""

    def compile(self, sources: Sequence[Path], flags: Sequence[str], into: Path) -> str | None:
        """Make a shared library; what the compiler says if it cannot. Raises `OutOfTime`."""
        command = [*self.command, *COMMON, *flags, *map(str, sources), "-o", str(into)]
        left = TIMEOUT if self.until is None else min(TIMEOUT, self.until - time.monotonic())
        try:
            done = _run(command, left)
        except subprocess.TimeoutExpired as error:
            if self.until is not None and time.monotonic() >= self.until:
                raise OutOfTime from None
            return str(error)
        except OSError as error:
            return str(error)
        return None if done.returncode == 0 else done.stderr.strip() or f"exit status {done.returncode}"


class OutOfTime(Exception):
    """The time for a search was over before the search could begin."""


def _run(command: Sequence[str], seconds: float) -> subprocess.CompletedProcess[str]:
    """Run a compiler; whatever ends it early also ends the processes that it has started."""
    if seconds <= 0:
        raise subprocess.TimeoutExpired(command, seconds)
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
    ) as running:
        try:
            out, err = running.communicate(timeout=seconds)
        except BaseException:
            with contextlib.suppress(OSError):
                os.killpg(running.pid, signal.SIGKILL)
            raise
    return subprocess.CompletedProcess(command, running.returncode, out, err)


@dataclass(frozen=True)
class NoCompiler:
    """Why there is none, for the user."""

    reason: str


def find_compiler(environment: dict[str, str] | None = None) -> Compiler | NoCompiler:
    """The compiler to use."""
    env = dict(os.environ) if environment is None else environment
    if named := env.get("CC"):
        path = shutil.which(named, path=env.get("PATH"))
        return _compiler((path,)) if path else NoCompiler(f"CC names no executable: {named}")
    for name in NAMES:
        if path := shutil.which(name, path=env.get("PATH")):
            return _compiler((path,))
    if importlib.util.find_spec("ziglang") is not None:
        # Without a target, zig compiles for this very processor, and a cache may be shared by several.
        return _compiler((sys.executable, "-m", "ziglang", "cc", "-mcpu=baseline", "-fno-sanitize=undefined"))
    return NoCompiler("there is no C compiler (cc, gcc, clang) and no package ziglang")


@cache
def _compiler(command: tuple[str, ...]) -> Compiler | NoCompiler:
    """The command with the identity of what it runs: its path, size, time and version."""
    try:
        done = subprocess.run(
            [*command, "--version"], capture_output=True, text=True, errors="replace", timeout=60, check=False
        )
        about = Path(command[0]).resolve().stat()
    except (OSError, subprocess.TimeoutExpired) as error:
        return NoCompiler(f"{command[0]} cannot be run: {error}")
    if done.returncode != 0:
        return NoCompiler(f"{' '.join(command)} does not tell its version")
    told = f"{command}\n{about.st_size} {about.st_mtime_ns}\n{done.stdout}\n{sys.platform} {_machine()}"
    return Compiler(command, hashlib.sha256(told.encode()).hexdigest())


def _machine() -> str:
    return os.uname().machine if hasattr(os, "uname") else os.environ.get("PROCESSOR_ARCHITECTURE", "")
