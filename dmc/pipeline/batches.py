"""Batches of work in several processes: the same results in the same order as one after the other.

A batch is a function that gives its results one by one. It is run in a copy of this process (`fork`), so that
nothing but results has to be sent. An interrupt ends all batches: what they have given by then is kept.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from types import FrameType
from typing import Any, Final, Generic, TypeVar

from dmc.base.exceptions import InternalError
from dmc.pipeline.request import Progress

R = TypeVar("R")
Batch = Callable[[Progress | None], Iterator[R]]
"""Gives its results. One that is interrupted gives what it has and raises `KeyboardInterrupt`."""

_FORK: Final = "fork"
_SIGNALLED_PARENT = 3
_SECONDS_TO_END = 1.0


@dataclass(frozen=True)
class Results(Generic[R]):
    """The results of each batch, in order; after an interrupt some batches have given fewer, or none."""

    of_batch: list[list[R]]
    interrupted: bool


def run_batches(batches: Sequence[Batch[R]], jobs: int, progress: Progress | None) -> Results[R]:
    """Run all batches, at most `jobs` of them at a time."""
    if min(jobs, len(batches)) > 1 and _FORK in multiprocessing.get_all_start_methods():
        return _Pool(batches, jobs, progress).run()
    return _one_after_the_other(batches, progress)


def _one_after_the_other(batches: Sequence[Batch[R]], progress: Progress | None) -> Results[R]:
    found: list[list[R]] = [[] for _ in batches]
    for results, batch in zip(found, batches, strict=True):
        try:
            for result in batch(progress):
                results.append(result)
        except KeyboardInterrupt:
            return Results(found, True)
    return Results(found, False)


@dataclass
class _Worker:
    """A process and the batch that it runs."""

    number: int
    process: multiprocessing.process.BaseProcess
    pipe: Connection


@dataclass
class _Pool(Generic[R]):
    batches: Sequence[Batch[R]]
    jobs: int
    progress: Progress | None
    interrupted: bool = False
    workers: dict[Connection, _Worker] = field(default_factory=dict)
    failures: dict[int, BaseException] = field(default_factory=dict)

    def run(self) -> Results[R]:
        """Start, listen, start the next; whatever happens, no process is left behind."""
        found: list[list[R]] = [[] for _ in self.batches]
        waiting = list(range(len(self.batches)))
        try:
            with _interrupts_to(self._interrupt):
                while (waiting and self._goes_on()) or self.workers:
                    while waiting and len(self.workers) < self.jobs and self._goes_on():
                        self._start(waiting.pop(0))
                    for pipe in wait(list(self.workers)):
                        self._listen(self.workers[pipe], found)  # type: ignore[index]
        finally:
            self._end()
        if self.failures:
            raise self.failures[min(self.failures)]
        return Results(found, self.interrupted)

    def _goes_on(self) -> bool:
        return not self.interrupted and not self.failures

    def _start(self, number: int) -> None:
        ours, theirs = multiprocessing.Pipe(duplex=False)
        process = multiprocessing.get_context(_FORK).Process(
            target=_work, args=(self.batches[number], theirs), daemon=True
        )
        worker = _Worker(number, process, ours)
        self.workers[ours] = worker
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:  # an interrupt waits until the new process has its own answer to it
            process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        theirs.close()

    def _listen(self, worker: _Worker, found: list[list[R]]) -> None:
        try:
            kind, content = worker.pipe.recv()
        except (EOFError, OSError):
            self._lost(worker)
            return
        match kind:
            case "result":
                found[worker.number].append(content)
            case "progress":
                self._tell(worker, sum(map(len, found)), *content)
            case "interrupted":
                self._interrupt()
            case "failed":
                self.failures[worker.number] = content
            case "done":
                self._dismiss(worker)
            case _:
                pass

    def _tell(self, worker: _Worker, done: int, label: str, *counts: int) -> None:
        """Of several searches one is shown: the one that has been running longest."""
        if self.progress is not None and worker is next(iter(self.workers.values())):
            states, transitions, depth, frontier = counts
            self.progress(f"{done} done; {label}", states, transitions, depth, frontier)

    def _lost(self, worker: _Worker) -> None:
        """A process that ended without a word was killed: for want of memory, as a rule."""
        self._dismiss(worker)
        code = worker.process.exitcode
        killed = code == -signal.SIGKILL
        text = f"the process of a batch ended with {code}"
        self.failures[worker.number] = MemoryError() if killed else InternalError("batches", text)

    def _dismiss(self, worker: _Worker) -> None:
        worker.process.join()
        worker.pipe.close()
        del self.workers[worker.pipe]

    def _interrupt(self) -> None:
        """The first one asks all batches to give what they have; the next one waits for nothing."""
        if self.interrupted:
            return
        self.interrupted = True
        for worker in list(self.workers.values()):
            if worker.process.pid is not None and worker.process.is_alive():
                os.kill(worker.process.pid, signal.SIGINT)

    def _end(self) -> None:
        """Ask first, so that a compiler is not left running; a process that does not listen is killed."""
        running = [worker for worker in self.workers.values() if worker.process.pid is not None]
        for worker in running:
            worker.process.terminate()
        for worker in running:
            worker.process.join(_SECONDS_TO_END)
            worker.process.kill()
            worker.process.join()
        for pipe in self.workers:
            pipe.close()
        self.workers.clear()


@contextmanager
def _interrupts_to(handle: Callable[[], None]) -> Iterator[None]:
    """The first interrupt is handled while messages are read whole; the second one raises."""
    count = 0

    def note(number: int, frame: FrameType | None) -> None:
        nonlocal count
        count += 1
        if callable(before):  # who has answered interrupts before is told of them, too
            with suppress(KeyboardInterrupt):
                before(number, frame)
        if count > 1:
            raise KeyboardInterrupt
        handle()

    if not _may_handle_interrupts():
        yield
        return
    before = signal.signal(signal.SIGINT, note)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _may_handle_interrupts() -> bool:
    """Not where they are ignored, nor in a thread beside the main one, which never sees them."""
    is_main = threading.current_thread() is threading.main_thread()
    return is_main and signal.getsignal(signal.SIGINT) not in (signal.SIG_IGN, None)


def _work(batch: Batch[Any], pipe: Connection) -> None:
    """What the other process does; it is interrupted once, and not again while it tells what it has."""
    if _may_handle_interrupts():
        signal.signal(signal.SIGINT, _raise_once)
        signal.signal(signal.SIGTERM, _leave)
    parent = os.getppid()

    def told(label: str, *counts: int) -> None:
        if os.getppid() != parent:
            os._exit(_SIGNALLED_PARENT)
        pipe.send(("progress", (label, *counts)))

    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        for result in batch(told):
            pipe.send(("result", result))
    except KeyboardInterrupt:
        pipe.send(("interrupted", None))
    except Exception as error:
        pipe.send(("failed", _portable(error)))
    pipe.send(("done", None))


def _raise_once(number: int, _frame: FrameType | None) -> None:
    signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _leave(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def _portable(error: Exception) -> Exception:
    """The error, or its words where it cannot be sent."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return InternalError("batches", repr(error))
    return error
