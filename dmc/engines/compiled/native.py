"""The interface of `csource/search.h` for Python: structures, functions, and loading them."""

from __future__ import annotations

import ctypes
from ctypes import POINTER, c_char_p, c_int32, c_int64, c_uint32, c_uint64, c_void_p
from functools import cache
from importlib import resources
from pathlib import Path

from dmc.engines.compiled.build_cache import Build, BuildFailed, discard, library, own_folder
from dmc.engines.compiled.toolchain import Compiler

VERSION = 3
NO_LIMIT = 2**64 - 1
NO_DEPTH = 2**32 - 1
SEARCH_FLAGS = ("-O3",)
MODEL_FLAGS = ("-O1",)


class Choice(ctypes.Structure):
    """`struct dmc_choice`."""

    _fields_ = (("thread", c_uint32), ("alternative", c_uint32))


class Race(ctypes.Structure):
    """`struct dmc_race`."""

    _fields_ = (("first", Choice), ("second", Choice), ("location", c_uint32))


class Plan(ctypes.Structure):
    """`struct dmc_plan`."""

    _fields_ = (
        ("fused", c_char_p),
        ("ignored", c_char_p),
        ("tails", POINTER(c_uint64)),
        ("tail_words", c_uint32),
        ("watched_pools", c_uint32),
        ("watched_pool", POINTER(c_uint32)),
    )


class Options(ctypes.Structure):
    """`struct dmc_options`."""

    _fields_ = (
        ("version", c_uint32),
        ("renumber", c_uint32),
        ("graph", c_uint32),
        ("depth", c_uint32),
        ("states", c_uint64),
        ("bytes", c_uint64),
        ("plan", POINTER(Plan)),
    )


class Statistics(ctypes.Structure):
    """`struct dmc_statistics`."""

    _fields_ = (
        *((name, c_uint64) for name in ("states", "transitions", "depth", "level", "ends", "edges", "bytes")),
        ("hanging", c_uint64),
        ("component", c_uint64),
        *((name, c_uint32) for name in ("deadlock", "broken", "unprotected", "pairs")),
    )


class Finding(ctypes.Structure):
    """`struct dmc_finding`."""

    _fields_ = (
        *((n, c_uint32) for n in ("found", "source", "choices", "outcome", "site", "values", "raced")),
        ("race", Race),
        ("choice", POINTER(Choice)),
        ("value", POINTER(c_int64)),
    )


class Pair(ctypes.Structure):
    """`struct dmc_pair`."""

    _fields_ = (
        ("relation", c_uint32),
        ("source", c_uint32),
        ("choices", c_uint32),
        ("start", c_int64),
        ("end", c_int64),
        ("choice", POINTER(Choice)),
    )


class Missed(ctypes.Structure):
    """`struct dmc_missed`."""

    _fields_ = (
        ("state", c_uint64),
        ("components", c_uint64),
        ("component", POINTER(c_uint32)),
        ("deadlock", c_uint32),
        ("tested", c_uint32),
    )


_FUNCTIONS = {
    "dmc_search_version": (c_uint32, ()),
    "dmc_open": (c_void_p, (c_void_p, POINTER(Options))),
    "dmc_close": (None, (c_void_p,)),
    "dmc_step": (c_uint32, (c_void_p, c_uint64)),
    "dmc_interrupt": (None, (c_void_p,)),
    "dmc_get_statistics": (None, (c_void_p, POINTER(Statistics))),
    "dmc_get_finding": (POINTER(Finding), (c_void_p, c_uint32)),
    "dmc_get_pair": (POINTER(Pair), (c_void_p, c_uint32)),
    "dmc_get_covered": (POINTER(c_uint64), (c_void_p,)),
    "dmc_get_outcomes": (POINTER(c_uint64), (c_void_p,)),
    "dmc_get_visits": (POINTER(c_uint64), (c_void_p,)),
    "dmc_get_component": (POINTER(c_uint32), (c_void_p,)),
    "dmc_get_missed": (POINTER(Missed), (c_void_p, c_uint32)),
    "dmc_get_state": (None, (c_void_p, c_uint32, POINTER(c_int32))),
    "dmc_get_path": (c_uint64, (c_void_p, c_uint32, POINTER(Choice), c_uint64, POINTER(c_uint32))),
}


def load_search(compiler: Compiler, folder: Path | None = None) -> ctypes.CDLL:
    """The search, built when it is not in the cache."""
    sources = {name: text for name, text in c_files().items() if name.endswith(".c")}
    found = load(Build("search", sources, SEARCH_FLAGS, _headers()), compiler, folder)
    for name, (result, arguments) in _FUNCTIONS.items():
        function = getattr(found, name)
        function.restype, function.argtypes = result, arguments
    if found.dmc_search_version() != VERSION:
        raise BuildFailed("the search is of another version")
    return found


def load_model(
    text: str, compiler: Compiler, folder: Path | None = None, flags: tuple[str, ...] = MODEL_FLAGS
) -> tuple[ctypes.CDLL, int]:
    """A model from its C text: the library, which must live as long as it is used, and its address."""
    found = load(Build("model", {"model.c": text}, flags, _headers()), compiler, folder)
    found.dmc_model.restype, found.dmc_model.argtypes = c_void_p, ()
    return found, found.dmc_model()


def load(build: Build, compiler: Compiler, folder: Path | None) -> ctypes.CDLL:
    """Load; what is damaged is built once more, where nothing can be loaded in another folder."""
    path = library(build, compiler, folder)
    try:
        return ctypes.CDLL(str(path))
    except OSError:
        discard(path)
    for place in (folder, own_folder()):
        try:
            return ctypes.CDLL(str(library(build, compiler, place)))
        except OSError as error:
            reason = str(error)
    raise BuildFailed(f"the library cannot be loaded: {reason}")


@cache
def c_files() -> dict[str, str]:
    """The files of the search, by name."""
    folder = resources.files("dmc.engines.compiled") / "csource"
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith((".c", ".h")))
    return {name: (folder / name).read_text(encoding="ascii") for name in names}


def _headers() -> dict[str, str]:
    return {name: text for name, text in c_files().items() if name.endswith(".h")}
