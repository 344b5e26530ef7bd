"""The name that was probably meant."""

from __future__ import annotations

from collections.abc import Iterable


def did_you_mean(name: str, known: Iterable[str], list_all: bool = True) -> str:
    """`: did you mean X?` for a near miss, else what there is if that is not much."""
    import difflib

    names = list(known)
    folded = {candidate.lower(): candidate for candidate in names}
    found = difflib.get_close_matches(name.lower(), list(folded), n=1, cutoff=0.6)
    if found:
        return f": did you mean `{folded[found[0]]}`?"
    return f"; there are {', '.join(names)}" if list_all and 0 < len(names) <= 12 else ""
