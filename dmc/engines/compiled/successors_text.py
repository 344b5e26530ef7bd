"""The functions that take all steps of a thread: one `switch` over the point at which it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dmc.engines.compiled.c_text import comment
from dmc.ir.layout import Layout
from dmc.ir.system import System

SMALL = 6000
"""Lines of the steps of all threads, up to which each thread has a copy of its steps for itself."""


@dataclass(frozen=True)
class Case:
    """A step: the names of its functions (no guard: ""), and what the model calls it."""

    guard: str
    body: str
    remark: str


def is_small(system: System, lines: Sequence[str]) -> bool:
    """Whether copies for each thread are worth the compiler's time."""
    return len(lines) * max((t.instances for t in system.threads), default=1) <= SMALL


def successor_functions(
    layout: Layout, cases: Sequence[Sequence[Case]], first_step: Sequence[int], each_thread: bool
) -> tuple[list[str], list[str]]:
    """The functions, and the name of that of each thread. `cases` are the steps by point, in order."""
    lines: list[str] = []
    for type_index, thread_type in enumerate(layout.system.threads):
        lines += [comment(f"All steps of a thread of type {thread_type.name}.")]
        lines += [f"STEPS(steps_of_{type_index})", "{", "    switch (dmc_point(s, t)) {"]
        for point, (owner, name) in enumerate(layout.points):
            if owner == type_index and cases[point]:
                lines += [f"    case {point}: {comment(name)}"]
                lines += [*_case(cases[point], first_step[point]), "        break;"]
        lines += ["    default:", "        break;", "    }", "}", ""]
    names = [f"steps_of_{thread.type_index}" for thread in layout.threads]
    if each_thread:
        for thread, of_type in zip(layout.threads, names, strict=True):
            lines += [
                f"THREAD(thread_{thread.number}, {thread.number - 1}, {of_type}) {comment(thread.name)}"
            ]
        names = [f"thread_{thread.number}" for thread in layout.threads]
    return [*lines, ""], names


def _case(steps: Sequence[Case], first: int) -> list[str]:
    lines = []
    for number, step in enumerate(steps, first):
        call = (
            f"STEP({step.guard}, {number}, {step.body})"
            if step.guard
            else f"STEP_ALWAYS({number}, {step.body})"
        )
        lines.append(f"        {call}; {step.remark}")
    return lines
