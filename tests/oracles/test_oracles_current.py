"""The stored outcomes of the Promela models: complete, and what SPIN finds today for a few quick ones."""

from __future__ import annotations

from pathlib import Path

import pytest
import run_oracles

QUICK = [
    "left_behind: r12smp drv_data async_threads=2",
    "left_behind: otp23 own_copy async_threads=2",
    "barrier: r12smp key_null async_threads=2",
    "barrier: r12smp key_null async_threads=3",
    "barrier: r13smp one_per_thread async_threads=2",
    "barrier: otp23 key_null async_threads=2",
    "refcounted: r12smp async_threads=2",
    "refcounted: otp23 async_threads=2",
    "cancel: r13smp hand_over async_threads=1",
    "cancel: R14B03 free_at_once async_threads=2",
    "cancel: r15 hand_over async_threads=2",
    "keep_alive: r12smp job killed async_threads=1",
    "keep_alive: otp23 reply closed async_threads=1",
    "pdl_against_jobs: otp23 false async_threads=1",
    "own_thread: r15 true async_threads=1",
    "own_thread: otp23 true async_threads=1",
    "counter: r12smp every_job async_threads=1",
    "inline_barrier: otp21 with_mutex async_threads=0",
    "busy: otp23 when_it_went_well async_threads=1",
]

READY_ASYNC = "inline ready_async(job)   { RELEASE(txn[job]) }"
STOP = "inline stop()             { RELEASE(port_data) }"

# A model that cannot fail proves nothing: what is replaced by what, and the fact that must then appear.
BROKEN = [
    ("left_behind: otp23 own_copy async_threads=1", STOP, "inline stop() { skip }", "leak port"),
    (
        "left_behind: otp23 own_copy async_threads=1",
        READY_ASYNC,
        "inline ready_async(job) { RELEASE(txn[job]); RELEASE(txn[job]) }",
        "double_free",
    ),
    ("refcounted: otp23 async_threads=1", "    refs++;\n", "", "use_after_free in run"),
    ("barrier: otp23 key_same async_threads=1", "= BARRIERS }", "= BARRIERS + 1 }", "hang"),
    ("keep_alive: otp23 reply closed async_threads=1", "    drain();\n", "", "hang"),
    ("own_thread: otp23 true async_threads=1", "    :: else -> epilogue() ", "    :: else -> skip ", "hang"),
    ("counter: otp23 every_job async_threads=1", "waiting = false };", "skip };", "hang"),
    ("counter: otp23 running_jobs async_threads=1", "    drop()\n#endif", "    skip\n#endif", "leak port"),
    ("busy: otp23 every_time async_threads=1", "(!port_busy ||", "(true ||", "assertion"),
    ("inline_barrier: otp21 without_mutex async_threads=0", "arrived = true", "skip", "hang"),
    ("pdl_against_jobs: otp23 true async_threads=1", "in_job = false;", "skip;", "assertion"),
    ("barrier: otp23 key_same async_threads=1", "= BARRIERS }", "= 0 }", "use_after_free in arrive"),
]

INSTANCES = {instance.name: instance for instance in run_oracles.instances()}

needs_spin = pytest.mark.skipif(
    bool(run_oracles.missing_tools()), reason=f"not installed: {', '.join(run_oracles.missing_tools())}"
)


def test_stored_outcomes_are_those_of_all_instances() -> None:
    stored = {f"{design}: {key}" for design, cells in run_oracles.stored_outcomes().items() for key in cells}
    assert stored == set(INSTANCES)


@pytest.mark.slow
@needs_spin
@pytest.mark.parametrize("name", QUICK)
def test_a_search_finds_the_stored_outcomes(name: str) -> None:
    instance = INSTANCES[name]
    assert (
        run_oracles.reachable_facts(instance) == run_oracles.stored_outcomes()[instance.design][instance.key]
    )


@pytest.mark.slow
@needs_spin
@pytest.mark.parametrize(
    "name",
    [
        "barrier: r12smp key_same async_threads=1",
        "refcounted: otp23 async_threads=1",
        "keep_alive: otp23 job killed async_threads=1",
        "own_thread: otp23 true async_threads=1",
        "counter: otp23 every_job async_threads=1",
        "busy: otp23 when_it_went_well async_threads=1",
    ],
)
def test_no_state_comes_back(name: str) -> None:
    run_oracles.check_acyclic(INSTANCES[name])


@pytest.mark.slow
@needs_spin
@pytest.mark.parametrize(("name", "right", "wrong", "fact"), BROKEN)
def test_a_broken_design_is_found(name: str, right: str, wrong: str, fact: str, tmp_path: Path) -> None:
    for model in run_oracles.HERE.glob("*.pml"):
        text = model.read_text(encoding="utf-8")
        if model.stem == INSTANCES[name].design:
            assert right in text
            text = text.replace(right, wrong)
        (tmp_path / model.name).write_text(text, encoding="utf-8")
    assert fact in run_oracles.reachable_facts(INSTANCES[name], models=tmp_path)
