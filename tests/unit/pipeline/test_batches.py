"""Batches in several processes: order, errors, interrupts."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator

import pytest

from dmc.base.exceptions import InternalError, UsageError
from dmc.pipeline.batches import Batch, run_batches
from dmc.pipeline.request import Progress


def numbers(first: int, count: int, pause: float = 0.0) -> Batch[int]:
    def batch(progress: Progress | None) -> Iterator[int]:
        for number in range(first, first + count):
            time.sleep(pause)
            if progress is not None:
                progress(f"batch {first}", number, 0, 0, 0)
            yield number

    return batch


def failing(error: BaseException, after: float = 0.0) -> Batch[int]:
    def batch(_progress: Progress | None) -> Iterator[int]:
        time.sleep(after)
        yield 0
        raise error

    return batch


@pytest.mark.parametrize("jobs", [1, 2, 8])
def test_results_are_in_the_order_of_the_batches(jobs: int) -> None:
    batches = [numbers(0, 3, 0.02), numbers(10, 1), numbers(20, 0), numbers(30, 2)]

    found = run_batches(batches, jobs, None)

    assert found.of_batch == [[0, 1, 2], [10], [], [30, 31]]
    assert not found.interrupted


def test_batches_run_in_other_processes() -> None:
    def who(_progress: Progress | None) -> Iterator[int]:
        yield os.getpid()

    found = run_batches([who, who], 2, None)

    assert os.getpid() not in [pid for own in found.of_batch for pid in own]


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("error", [UsageError("no"), InternalError("a stage", "a reason"), MemoryError()])
def test_an_error_comes_out_as_it_is(jobs: int, error: Exception) -> None:
    with pytest.raises(type(error)) as raised:
        run_batches([failing(error), numbers(0, 2)], jobs, None)

    assert str(raised.value) == str(error)


def test_the_error_of_the_first_batch_that_failed_is_told() -> None:
    batches = [failing(UsageError("first"), 0.1), failing(UsageError("second"), 0.1)]

    with pytest.raises(UsageError, match="first"):
        run_batches(batches, 2, None)


def test_a_process_that_is_killed_is_want_of_memory() -> None:
    def killed(_progress: Progress | None) -> Iterator[int]:
        os.kill(os.getpid(), signal.SIGKILL)
        yield 0

    with pytest.raises(MemoryError):
        run_batches([killed, numbers(0, 1)], 2, None)


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_interrupt_keeps_what_was_found(jobs: int) -> None:
    """That of one batch ends the others: each gives what it has."""
    slow = numbers(10, 1000, 0.01)

    found = run_batches([failing(KeyboardInterrupt()), slow, slow], jobs, None)

    assert found.interrupted
    assert found.of_batch[0] == [0]
    assert all(len(own) < 1000 for own in found.of_batch[1:])


def test_an_interrupt_of_this_process_reaches_all_batches() -> None:
    def interrupting(_progress: Progress | None) -> Iterator[int]:
        yield 1
        time.sleep(0.2)
        os.kill(os.getppid(), signal.SIGINT)
        time.sleep(20)
        yield 2

    found = run_batches([interrupting, numbers(10, 1000, 0.02)], 2, None)

    assert found.interrupted
    assert found.of_batch[0] == [1]
    assert 0 < len(found.of_batch[1]) < 1000


def test_progress_is_that_of_one_search_at_a_time() -> None:
    told: list[str] = []

    run_batches([numbers(0, 3), numbers(10, 3)], 2, lambda label, *_: told.append(label))

    assert any(label.endswith("batch 0") for label in told)
    assert "done" in told[0]
