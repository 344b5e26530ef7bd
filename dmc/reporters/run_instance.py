"""The bounds of several runs in one sentence: "1 port, at most 2 commands, 1..2 async threads"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dmc.results.report import Run

BOUND = re.compile(r"(?P<before>\D*)(?P<number>\d+) (?P<noun>.+?)s?")


def instance_of(runs: Sequence[Run]) -> list[str]:
    """The parts of the sentence; a number that differs between the runs is told as a range."""
    sentences = [run.instance.split(", ") for run in runs if run.instance]
    if not sentences:
        return []
    return [part for first in sentences[0] if (part := _over_all(first, sentences))]


def _over_all(part: str, sentences: Sequence[Sequence[str]]) -> str:
    """The part as it holds in all sentences, or "" where one has nothing of the kind."""
    if all(part in sentence for sentence in sentences):
        return part
    numbers: set[int] = set()
    for sentence in sentences:
        alike = [number for other in sentence if (number := _same_bound(part, other)) is not None]
        if not alike:
            return ""
        numbers.update(alike)
    match = BOUND.fullmatch(part)
    assert match is not None
    plural = "" if numbers == {1} else "s"
    return f"{match['before']}{_ranged(sorted(numbers))} {match['noun']}{plural}"


def _same_bound(part: str, other: str) -> int | None:
    """The number in `other`, if it bounds the same thing."""
    here, there = BOUND.fullmatch(part), BOUND.fullmatch(other)
    if here is None or there is None:
        return None
    same = (here["before"], here["noun"]) == (there["before"], there["noun"])
    return int(there["number"]) if same else None


def _ranged(numbers: Sequence[int]) -> str:
    low, high = numbers[0], numbers[-1]
    if low == high:
        return str(low)
    return f"{low}..{high}" if len(numbers) == high - low + 1 else "|".join(map(str, numbers))
