"""The runtimes that a text names in a model: releases, presets, and those that the model proposes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dmc.model.model import ProposedRuntime
from dmc.runtime import proposals
from dmc.runtime.presets import Selection, select, single_profile
from dmc.runtime.profile import Profile, Refusal
from dmc.runtime.variation_points import VARIATION_POINTS


def select_runtime(text: str, proposed: Sequence[ProposedRuntime]) -> Selection | Refusal:
    """The runtimes of one value of `runtime`, `--runtime` or `on`."""
    if not any(one.name == text.strip() for one in proposed):
        found = select(text)
        names = tuple(one.name for one in proposed)
        return Refusal(found.reason, (*found.near_misses, *names)) if isinstance(found, Refusal) else found
    profile = _proposed(text.strip(), proposed)
    if isinstance(profile, Refusal):
        return profile
    return Selection(text, profile.release, profile.release, frozenset({profile.build}), (profile,))


def is_meant(text: str, profile: Profile, proposed: Sequence[ProposedRuntime]) -> bool | Refusal:
    """Whether a line that says `on TEXT` speaks of the runtime.

    A proposed runtime is no release: only its own name means it.
    """
    own = {one.name for one in proposed}
    if profile.name in own or text in own:
        return profile.name == text
    selection = select(text)
    return selection if isinstance(selection, Refusal) else selection.covers(profile)


def what_it_is(profile: Profile, proposed: Sequence[ProposedRuntime]) -> str:
    """What a proposed runtime consists of, for the report; "" for one that there is."""
    base = next((one.base for one in proposed if one.name == profile.name), "")
    return f"{profile.name} is no release: it is {base} with {proposals.changes(profile)}" if base else ""


def _proposed(name: str, proposed: Sequence[ProposedRuntime]) -> Profile | Refusal:
    """Changes apply from the release upwards, so that the last word is that of the name itself."""
    one = next((p for p in proposed if p.name == name), None)
    if one is None:
        return single_profile(name)
    rest = [p for p in proposed if p is not one]
    base = _proposed(one.base, rest)
    if isinstance(base, Refusal):
        return base
    return proposals.proposed(base, [(p.name, p.value) for p in one.points], name)


class Book:
    """See `dmc.model.runtimes.RuntimeBook`."""

    @property
    def points(self) -> Mapping[str, tuple[str, ...]]:
        """Those that a mechanism reads, with the words for their values."""
        return {p.name: tuple(value.word for value in p.values) for p in proposals.READ_POINTS}

    @property
    def points_not_read(self) -> frozenset[str]:
        """All others."""
        return frozenset(p.name for p in VARIATION_POINTS) - set(self.points)

    def meanings(self, base: str) -> tuple[str, ...]:
        """The names of what the base stands for; none if there is no such runtime."""
        found = select(base)
        return () if isinstance(found, Refusal) else tuple(profile.name for profile in found.profiles)

    def contradiction(self, proposed: Sequence[ProposedRuntime], name: str) -> str:
        """Why there can be no such emulator, or ""."""
        found = _proposed(name, proposed)
        return found.reason if isinstance(found, Refusal) else proposals.contradiction(found)
