"""Named runtimes, and the lists of runtimes that a value of `runtime` or `--runtime` stands for.

    r12smp           a preset: one release and build
    R12B-5, 25       a release: both builds where both existed
    R12B-5/smp       one of them; /nosmp is the other
    R12B..           a range of releases: the presets in between, of both builds
    r12smp..otp21    a range with a preset as an end: the presets in between, of that preset's build

Either end of a range may be missing; the newest preset is the newest runtime an open range reaches. A range
between two valid ends that has no preset in it means the ends themselves.

A runtime asked for by family is named by it (`R12B/smp`) only if nothing changed within the family; otherwise
its name is the release that was taken (`R14B04/smp`).
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from dmc.runtime.profile import Profile, builds_of, resolve
from dmc.runtime.release import Build, Refusal, Release, ReleaseName, known_names, parse_name, release
from dmc.runtime.variation_points import VARIATION_POINTS


@dataclass(frozen=True)
class Preset:
    """A short name of one release and build."""

    name: str
    release: Release
    build: Build


PRESETS: tuple[Preset, ...] = (
    Preset("r8", release("R8B"), Build.NON_SMP),
    Preset("r11smp", release("R11B-2"), Build.SMP),
    Preset("r12", release("R12B-5"), Build.NON_SMP),
    Preset("r12smp", release("R12B-5"), Build.SMP),
    Preset("r13", release("R13B04"), Build.NON_SMP),
    Preset("r13smp", release("R13B04"), Build.SMP),
    Preset("r15", release("R15B03"), Build.SMP),
    Preset("r16", release("R16B03"), Build.SMP),
    Preset("otp17", release("17.5"), Build.SMP),
    Preset("otp21", release("21.3"), Build.SMP),
    Preset("otp23", release("23.3"), Build.SMP),
)
"""All presets, oldest release first."""

NEWEST_PRESET = PRESETS[-1].name

_BY_NAME = {preset.name: preset for preset in PRESETS}
_SUFFIXES = {"": frozenset(Build)} | {build.value: frozenset({build}) for build in Build}


@dataclass(frozen=True)
class Selection:
    """What a value of `runtime` covers, and the runtimes that stand for it.

    `low` and `high` are the ends that were written, `builds` the builds that the text allows.
    """

    text: str
    low: Release | None
    high: Release | None
    builds: frozenset[Build]
    profiles: tuple[Profile, ...]

    def covers(self, profile: Profile) -> bool:
        """Whether a runtime lies in the range, as `on R13B` asks; a family covers all its releases."""
        return profile.build in self.builds and _between(self.low, profile.release, self.high)


def select(text: str) -> Selection | Refusal:
    """The runtimes of one value: a preset, a release, a family, or a range with `..`."""
    if ".." in text:
        low, _, high = text.partition("..")
        return select_range(low.strip(), high.strip())
    return _select_one(text.strip())


def select_profiles(text: str) -> tuple[Profile, ...] | Refusal:
    """Only the runtimes of `select`."""
    selection = select(text)
    return selection if isinstance(selection, Refusal) else selection.profiles


def single_profile(text: str) -> Profile | Refusal:
    """The one runtime of a value, as `extends` needs it; refused where a value stands for several."""
    profiles = select_profiles(text)
    if isinstance(profiles, Refusal):
        return profiles
    if len(profiles) > 1:
        return Refusal(f"`{text}` stands for several runtimes", tuple(profile.name for profile in profiles))
    return profiles[0]


def select_range(low: str, high: str) -> Selection | Refusal:
    """The runtimes of `low..high`; an empty text is an open end."""
    text = f"{low}..{high}"
    ends = []
    for name in filter(None, (low, high)):
        end = _end(name)
        if isinstance(end, Refusal):
            return end
        ends.append(end)
    if not ends:
        return Refusal("a range needs at least one end", (f"{PRESETS[0].name}..", f"..{NEWEST_PRESET}"))
    builds = frozenset.intersection(*(end.builds for end in ends))
    if not builds:
        releases = f"{ends[0].newest_read}..{ends[-1].newest_read}"
        return Refusal(f"`{text}` is empty: its ends are of different builds", (releases,))
    first = ends[0].first if low else None
    last = ends[-1].last if high else None
    if first is not None and last is not None and last < first:
        return Refusal(f"`{text}` is empty: {low} is newer than {high}", (f"{high}..{low}",))
    profiles = _presets_between(first, last, builds) or _ends(ends, builds)
    if not profiles:
        return Refusal(f"`{text}` is empty: its releases have no such build")
    return Selection(text, first, last, builds, profiles)


def preset_profile(name: str) -> Profile | Refusal:
    """The runtime of a preset."""
    preset = _BY_NAME.get(name)
    if preset is None:
        return _unknown(name)
    return resolve(preset.release, preset.build, preset.name)


def equivalent_preset(profile: Profile) -> str | None:
    """The preset that behaves as this runtime at every point; the newest not newer than it."""
    same = [preset for preset in PRESETS if _values(preset) == profile.values]
    older = [preset for preset in same if preset.release <= profile.release]
    nearest = older[-1:] or same[:1]
    return nearest[0].name if nearest else None


@dataclass(frozen=True)
class _End:
    """A name as it was written: the releases it may mean and the builds it allows."""

    text: str
    first: Release
    last: Release
    newest_read: Release
    builds: frozenset[Build]


def _end(name: str) -> _End | Refusal:
    preset = _BY_NAME.get(name)
    if preset is not None:
        when = preset.release
        return _End(name, when, when, when, frozenset({preset.build}))
    words, _, suffix = name.partition("/")
    found = parse_name(words)
    builds = _SUFFIXES.get(suffix)
    if found is None or builds is None:
        return _unknown(name)
    if not builds_of(found.first):
        return Refusal(f"{name} is older than R7B, the oldest release known here", ("R7B", "r8"))
    text = found.text if _uniform(found) else found.newest_read.text
    return _End(text, found.first, found.last, found.newest_read, builds)


def _select_one(name: str) -> Selection | Refusal:
    end = _end(name)
    if isinstance(end, Refusal):
        return end
    if name in _BY_NAME:
        profiles: tuple[Profile | Refusal, ...] = (preset_profile(name),)
    else:
        profiles = _profiles(end.newest_read, end.builds, end.text)
    refused = [profile for profile in profiles if isinstance(profile, Refusal)]
    if refused:
        return refused[0]
    found = tuple(profile for profile in profiles if isinstance(profile, Profile))
    return Selection(name, end.first, end.last, end.builds, found)


def _profiles(when: Release, builds: frozenset[Build], text: str) -> tuple[Profile | Refusal, ...]:
    """The runtimes of a release, non-SMP first; a build asked for by itself is refused if it never was."""
    existing = builds_of(when)
    wanted = [build for build in existing if build in builds] or sorted(builds, key=lambda build: build.value)
    both = len(existing) > 1
    return tuple(resolve(when, build, f"{text}/{build.value}" if both else text) for build in wanted)


def _uniform(name: ReleaseName) -> bool:
    """Whether nothing changed within the family, so that its bare name hides nothing."""
    starts = (entry.since for point in VARIATION_POINTS for entry in point.entries)
    return not any(name.first < since <= name.last for since in starts)


def _presets_between(
    low: Release | None, high: Release | None, builds: frozenset[Build]
) -> tuple[Profile, ...]:
    inside = [preset for preset in PRESETS if preset.build in builds and _between(low, preset.release, high)]
    profiles = (preset_profile(preset.name) for preset in inside)
    return tuple(profile for profile in profiles if isinstance(profile, Profile))


def _ends(ends: list[_End], builds: frozenset[Build]) -> tuple[Profile, ...]:
    """What stands for a range without presets; next to an open end a family is read as if alone."""
    releases = [end.newest_read for end in ends]
    if len(ends) > 1:
        releases[0] = ends[0].first
    found = (profile for when in releases for profile in _profiles(when, builds, when.text))
    return tuple({profile.name: profile for profile in found if isinstance(profile, Profile)}.values())


def _between(low: Release | None, when: Release, high: Release | None) -> bool:
    return (low is None or low <= when) and (high is None or when <= high)


def _values(preset: Preset) -> tuple[object, ...]:
    profile = resolve(preset.release, preset.build)
    return profile.values if isinstance(profile, Profile) else ()


def _unknown(name: str) -> Refusal:
    names = [*_BY_NAME, *known_names()]
    spelt = {candidate.lower(): candidate for candidate in reversed(names)}
    near = difflib.get_close_matches(name.lower(), spelt, n=4, cutoff=0.6)
    return Refusal(f"there is no runtime `{name}`", tuple(spelt[match] for match in near))
