"""The tests of the search that are written in C, under the sanitizers; and generated models likewise."""

from __future__ import annotations

import subprocess
from importlib import resources
from pathlib import Path

import pytest

from dmc.engines.compiled.emitter import emit
from dmc.engines.compiled.toolchain import Compiler, find_compiler
from dmc.engines.reference.search import check
from dmc.ir.system import System
from tests.support.system_strategies import seeded_system
from tests.support.tiny_systems import heap, producer_consumer, two_locks

HERE = Path(__file__).parent / "c_tests"
SOURCE = Path(str(resources.files("dmc.engines.compiled") / "csource"))
COMPILER = find_compiler()
FLAGS = ("-std=gnu11", "-g", "-O1", "-fwrapv", "-Wall", "-Wextra", "-Werror")
SANITIZERS = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")

needs_compiler = pytest.mark.skipif(not isinstance(COMPILER, Compiler), reason="there is no C compiler")


def _program(folder: Path, *sources: Path, flags: tuple[str, ...] = ()) -> Path:
    assert isinstance(COMPILER, Compiler)
    into = folder / "program"
    includes = ("-I", str(SOURCE), "-I", str(HERE))
    command = (*COMPILER.command, *FLAGS, *SANITIZERS, *flags, *includes, *map(str, sources), "-o", str(into))
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if "sanitize" in done.stderr and "unsupported" in done.stderr:
        pytest.skip("the compiler has no sanitizers")
    assert done.returncode == 0, done.stderr
    return into


def _run(program: Path, *arguments: str) -> str:
    done = subprocess.run((str(program), *arguments), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@needs_compiler
@pytest.mark.parametrize("name", sorted(path.stem for path in HERE.glob("*_test.c")))
def test_unit(name: str, tmp_path: Path) -> None:
    _run(_program(tmp_path, HERE / f"{name}.c", *sorted(SOURCE.glob("*.c"))))


SYSTEMS = {
    "two locks": two_locks(True),
    "lost wake-up": producer_consumer(True),
    "use after free": heap("use"),
    "lost object": heap("lose"),
    **{f"random {seed}": seeded_system(seed) for seed in (3, 11, 42, 77)},
}


@needs_compiler
@pytest.mark.parametrize("name", SYSTEMS)
def test_generated_code_keeps_every_promise(name: str, tmp_path: Path) -> None:
    """With each write checked against its range, and under the sanitizers."""
    system: System = SYSTEMS[name]
    model = tmp_path / "model.c"
    model.write_text(emit(system).text, encoding="ascii")
    sources = (model, HERE / "run_model.c", *sorted(SOURCE.glob("*.c")))
    program = _program(tmp_path, *sources, flags=("-DDMC_CHECKED",))

    for reductions in (frozenset[str](), frozenset({"heap"})):
        expected = check(system, reductions=reductions)
        counts = f"{expected.states} {expected.transitions} {expected.depth}\n"
        assert _run(program, *sorted(reductions)) == counts
