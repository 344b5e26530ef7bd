"""The cache of libraries: used, refused, damaged, unusable; and compilers that are not there."""

from __future__ import annotations

import ctypes
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dmc.engines.compiled import build_cache, engine, native
from dmc.engines.compiled.build_cache import Build, BuildFailed, is_ours, library
from dmc.engines.compiled.toolchain import Compiler, NoCompiler, find_compiler
from dmc.engines.compiled.unsupported import Unsupported
from tests.support.tiny_systems import two_locks

FOUND = find_compiler()
needs_compiler = pytest.mark.skipif(not isinstance(FOUND, Compiler), reason="there is no C compiler")
needs_modes = pytest.mark.skipif(
    not hasattr(os, "getuid") or os.getuid() == 0, reason="modes of folders do not bind this user"
)
SHOWN = '__attribute__((visibility("default"))) '
ONE = Build("test", {"one.c": SHOWN + "int one(void) { return 1; }\n"})


def _compiler() -> Compiler:
    assert isinstance(FOUND, Compiler)
    return FOUND


def _script(path: Path, text: str) -> Path:
    path.write_text(f"#!{sys.executable}\n{text}")
    path.chmod(0o755)
    return path


@needs_compiler
def test_a_library_is_built_once(tmp_path: Path) -> None:
    first = library(ONE, _compiler(), tmp_path)
    built = first.stat().st_mtime_ns
    assert library(ONE, _compiler(), tmp_path) == first
    assert first.stat().st_mtime_ns == built
    assert [path.name for path in tmp_path.iterdir()] == [first.name]


@needs_compiler
def test_the_name_changes_with_all_that_matters() -> None:
    others = (
        Build("test", {"one.c": "int one(void) { return 2; }\n"}),
        Build("test", {"two.c": ONE.sources["one.c"]}),
        Build("test", ONE.sources, ("-O2",)),
        Build("test", ONE.sources, (), {"h.h": ""}),
        Build("test", {}, (), ONE.sources),
    )
    compilers = (_compiler(), Compiler(_compiler().command, "another"))
    keys = [build.key(compiler) for build in (ONE, *others) for compiler in compilers]
    assert len(set(keys)) == len(keys)


@needs_compiler
def test_a_full_cache_forgets_what_is_oldest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build_cache, "KEPT", 2)
    builds = [Build(f"test{k}", ONE.sources) for k in range(4)]
    for k, build in enumerate(builds):
        os.utime(library(build, _compiler(), tmp_path), (k, k))
    assert sorted(path.name[:5] for path in tmp_path.iterdir()) == ["test2", "test3"]


@needs_compiler
def test_two_runs_at_once(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        paths = set(pool.map(lambda _: library(ONE, _compiler(), tmp_path), range(8)))
    assert len(paths) == 1
    assert is_ours(paths.pop())
    assert len(list(tmp_path.iterdir())) == 1


@needs_compiler
def test_a_damaged_library_is_built_anew(tmp_path: Path) -> None:
    path = tmp_path / f"test-{ONE.key(_compiler())}{build_cache.SUFFIX}"
    path.write_bytes(b"junk")
    path.chmod(0o600)
    assert native.load(ONE, _compiler(), tmp_path).one() == 1


@needs_compiler
def test_a_folder_from_which_nothing_can_be_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load = ctypes.CDLL

    def refusing(path: str) -> ctypes.CDLL:
        if Path(path).parent == tmp_path:
            raise OSError("failed to map segment from shared object")
        return load(path)

    monkeypatch.setattr(ctypes, "CDLL", refusing)
    assert native.load(ONE, _compiler(), tmp_path).one() == 1


@needs_compiler
@pytest.mark.skipif(not hasattr(os, "getuid"), reason="there are no owners")
def test_what_others_can_write_is_not_loaded(tmp_path: Path) -> None:
    first = library(ONE, _compiler(), tmp_path)
    first.chmod(0o777)
    assert not is_ours(first)
    library(ONE, _compiler(), tmp_path)
    assert is_ours(first)
    first.unlink()
    first.symlink_to(_script(tmp_path / "elsewhere", ""))
    assert not is_ours(first)
    library(ONE, _compiler(), tmp_path)
    assert is_ours(first)
    tmp_path.chmod(0o777)
    assert not is_ours(first)
    assert library(ONE, _compiler(), tmp_path).parent != tmp_path


@needs_compiler
@needs_modes
def test_a_cache_that_cannot_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        found = library(ONE, _compiler(), tmp_path)
    finally:
        tmp_path.chmod(0o700)
    assert found.parent != tmp_path
    assert is_ours(found)


@needs_compiler
def test_a_file_where_the_cache_should_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert is_ours(library(ONE, _compiler(), tmp_path / "file" / "cache"))


@needs_compiler
def test_no_home(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(_: str) -> Path:
        raise RuntimeError("there is no home")

    monkeypatch.setattr(build_cache, "user_cache_path", nowhere)
    assert is_ours(library(ONE, _compiler()))


@needs_compiler
def test_a_source_that_does_not_compile(tmp_path: Path) -> None:
    with pytest.raises(BuildFailed, match="failed"):
        library(Build("bad", {"bad.c": "not C\n"}), _compiler(), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_no_compiler_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    found = find_compiler({"PATH": str(tmp_path)})
    assert isinstance(found, NoCompiler)
    assert "no C compiler" in found.reason


def test_cc_is_one_path_and_goes_through_no_shell(tmp_path: Path) -> None:
    found = find_compiler({"CC": "cc; touch evil", "PATH": str(tmp_path)})
    assert isinstance(found, NoCompiler)
    assert "CC names no executable" in found.reason
    own = _script(tmp_path / "my cc", "print('my compiler 1')")
    named = find_compiler({"CC": str(own), "PATH": ""})
    assert isinstance(named, Compiler)
    assert named.command == (str(own),)


def test_a_compiler_that_only_fails(tmp_path: Path) -> None:
    own = _script(tmp_path / "cc", "import sys; sys.exit('--version' not in sys.argv)")
    found = find_compiler({"PATH": str(tmp_path)})
    assert isinstance(found, Compiler)
    assert found.command == (str(own),)
    with pytest.raises(Unsupported, match="failed"):
        engine.prepare(two_locks(True), frozenset(), compiler=found, folder=tmp_path)


def test_a_compiler_that_cannot_be_run(tmp_path: Path) -> None:
    broken = tmp_path / "cc"
    broken.write_text("neither a script nor a program")
    broken.chmod(0o755)
    assert isinstance(find_compiler({"PATH": str(tmp_path)}), NoCompiler)
