"""The smallest models once more, by hand: what each thread does next, and a search of ten lines.

Nothing of dmc is used here. A thread is a tuple that begins with its place in the program; a step is a
read or a write of a shared variable, a choice, or a guarded block, in the order in which C evaluates
them. Values that are not used again are forgotten (they are 0).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

Thread = tuple[int, ...]
State = tuple[int, tuple[Thread, ...]]
"""The shared variable, and the threads."""
Move = tuple[int, Thread]
Program = Callable[[int, Thread], Iterator[Move]]
"""The value of the shared variable and the thread after each step that the thread can take."""


def count(shared: int, programs: list[tuple[Program, Thread]]) -> list[int]:
    """States, transitions and levels of all interleavings."""
    first: State = (shared, tuple(thread for _, thread in programs))
    seen, level, transitions, depth = {first}, [first], 0, 0
    while level:
        following = []
        for value, threads in level:
            for number, (program, _) in enumerate(programs):
                for after, thread in program(value, threads[number]):
                    transitions += 1
                    state = (after, (*threads[:number], thread, *threads[number + 1 :]))
                    if state not in seen:
                        seen.add(state)
                        following.append(state)
        level, depth = following, depth + 1
    return [len(seen), transitions, depth]


def contender(holder: int, thread: Thread) -> Iterator[Move]:
    """`atomic { await (holder == 0); holder = 1; } assert(holder == 1); holder = 0;`."""
    match thread[0]:
        case 0 if holder == 0:
            yield 1, (1,)
        case 1:
            yield holder, (2,)
        case 2:
            yield 0, (3,)


def adder(counter: int, thread: Thread) -> Iterator[Move]:
    """`counter = counter + 1;`."""
    match thread:
        case (0, _):
            yield counter, (1, counter)
        case (1, value):
            yield value + 1, (2, 0)


def sleeper(awake: int, thread: Thread) -> Iterator[Move]:
    """`atomic { await (awake); awake = false; }`."""
    if thread == (0,) and awake:
        yield 0, (1,)


def waker(_awake: int, thread: Thread) -> Iterator[Move]:
    """`awake = true;`."""
    if thread == (0,):
        yield 1, (1,)


def chooser(sum_: int, thread: Thread) -> Iterator[Move]:
    """`either { sum += 1; } or { sum += 2; } upto 2 sum += choose(3, 5);`.

    A choice is made together with the step that follows it.
    """
    done = thread[0]
    if done == 0:
        yield sum_ + 1, (1,)
        yield sum_ + 2, (1,)
    if done in (1, 2):
        following = (done + 1,)
        yield sum_ + 3, following
        yield sum_ + 5, following
        yield sum_, (3,)


OPENING = ("open_port", "take the lock", "driver_alloc", "the port is open", "give the lock back")
CLOSING = (
    "port_close, with the lock",
    "told to exit",
    "driver_free",
    "the port is dead",
    "give the lock back",
)


def scheduler(done: int, thread: Thread) -> Iterator[Move]:
    """`port p = open_port(least); port_close(p);`, then the process ends; by whichever scheduler is idle.

    `done` counts steps of the process. An operation keeps its scheduler until it is over.
    """
    begins = (0, len(OPENING), len(OPENING) + len(CLOSING))
    if done <= begins[-1] and (done in begins) != bool(thread[0]):
        is_over = done + 1 in begins or done == begins[-1]
        yield done + 1, (0 if is_over else 1,)


HAND_WRITTEN: dict[str, tuple[int, list[tuple[Program, Thread]]]] = {
    "open_and_close.dmc": (0, [(scheduler, (0,)), (scheduler, (0,))]),
    "thread_lock.dmc": (0, [(contender, (0,)), (contender, (0,))]),
    "thread_counter.dmc": (0, [(adder, (0, 0)), (adder, (0, 0))]),
    "thread_choices.dmc": (0, [(chooser, (0,))]),
    "thread_wait.dmc": (0, [(sleeper, (0,)), (sleeper, (0,)), (waker, (0,))]),
}
