"""The name that was probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def near_miss(name: str, candidates: Iterable[str]) -> str | None:
    """The candidate that is closest to a misspelt name, if any is close."""
    ordered = sorted(set(candidates) - {name})
    folded = [candidate for candidate in ordered if candidate.lower() == name.lower()]
    found = folded or difflib.get_close_matches(name, ordered, n=1, cutoff=0.68)
    return found[0] if found else None


def did_you_mean(name: str, candidates: Iterable[str]) -> tuple[str, ...]:
    """The near miss as hints of a diagnostic: one or none."""
    found = near_miss(name, candidates)
    return (f"did you mean `{found}`?",) if found else ()
