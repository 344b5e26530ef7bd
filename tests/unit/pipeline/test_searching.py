"""The choice of an engine: by what was asked for and by counts of states."""

from __future__ import annotations

import pytest

from dmc.base.exceptions import UsageError
from dmc.engines.compiled import engine
from dmc.engines.compiled.toolchain import Compiler, NoCompiler, find_compiler
from dmc.engines.interface import REDUCTIONS
from dmc.ir.outcome import Limit, Limits
from dmc.pipeline import searching
from dmc.pipeline.searching import Searched, search
from tests.support.tiny_systems import two_locks

with_compiler = pytest.mark.skipif(not isinstance(find_compiler(), Compiler), reason="there is no C compiler")


def searched(name: str, limits: Limits = Limits(), known_states: int = 0) -> Searched:  # noqa: B008
    return search(two_locks(True), name, limits, REDUCTIONS - {"fusion"}, None, None, known_states)


def test_few_states_need_no_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "check", None)
    found = searched("auto")
    assert (found.engine, found.note, found.result.stopped_by) == ("reference", "", None)


@with_compiler
def test_many_states_are_searched_by_the_compiled_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    reference = searched("reference").result
    monkeypatch.setattr(searching, "FIRST_STATES", reference.states - 1)
    found = searched("auto")
    assert found.engine == "compiled"
    assert (found.result.states, found.result.findings) == (reference.states, reference.findings)


@with_compiler
def test_a_search_known_to_be_large_begins_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "reference", None)
    assert searched("auto", known_states=searching.FIRST_STATES + 1).engine == "compiled"


def test_a_limit_below_the_first_states_is_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "check", None)
    found = searched("auto", Limits(states=5))
    assert (found.engine, found.result.states, found.result.stopped_by) == ("reference", 5, Limit.STATES)


@with_compiler
def test_a_limit_beyond_them_is_that_of_the_whole_search(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "FIRST_STATES", 3)
    found = searched("auto", Limits(states=7))
    assert (found.engine, found.result.states, found.result.stopped_by) == ("compiled", 7, Limit.STATES)


def without_compiler() -> NoCompiler:
    return NoCompiler("there is no C compiler on this machine")


def test_without_a_compiler_the_reference_engine_goes_on_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "find_compiler", without_compiler)
    monkeypatch.setattr(searching, "FIRST_STATES", 3)
    found = searched("auto")
    assert found.engine == "reference"
    assert found.note == "there is no C compiler on this machine"
    assert found.result.stopped_by is None
    assert found.result.states > 3


def test_who_asks_for_the_compiled_engine_is_told_why_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "find_compiler", without_compiler)
    with pytest.raises(UsageError, match="--engine compiled: there is no C compiler"):
        searched("compiled")
