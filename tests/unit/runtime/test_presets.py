"""What a value of `runtime` stands for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmc.runtime.presets import (
    NEWEST_PRESET,
    PRESETS,
    Selection,
    equivalent_preset,
    select,
    select_profiles,
    single_profile,
)
from dmc.runtime.profile import Profile, Refusal, with_point


def names(text: str) -> list[str]:
    profiles = select_profiles(text)
    assert not isinstance(profiles, Refusal), profiles
    return [profile.name for profile in profiles]


def one(text: str) -> Profile:
    found = single_profile(text)
    assert isinstance(found, Profile), found
    return found


def selection(text: str) -> Selection:
    found = select(text)
    assert isinstance(found, Selection), found
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("r12smp", "r12smp"),
        ("r8", "r8"),
        ("R8B", "R8B"),
        ("R12B-5", "R12B-5/nosmp R12B-5/smp"),
        ("R12B-5/smp", "R12B-5/smp"),
        ("r12b-5/nosmp", "R12B-5/nosmp"),
        ("R12B", "R12B/nosmp R12B/smp"),
        ("R14B", "R14B04/nosmp R14B04/smp"),
        ("R14B00", "R14B00/nosmp R14B00/smp"),
        ("R14B03", "R14B03/nosmp R14B03/smp"),
        ("R15B", "R15B03"),
        ("otp17", "otp17"),
        ("17", "17"),
        ("17.5", "17.5"),
        ("otp25", "25"),
        ("25", "25"),
        ("25.2.3", "25.2.3"),
        ("R12B..", "r12 r12smp r13 r13smp r15 r16 otp17 otp21 otp23"),
        ("..R15B", "r8 r11smp r12 r12smp r13 r13smp r15"),
        ("R13B..R16B", "r13 r13smp r15 r16"),
        ("r12smp..otp21", "r12smp r13smp r15 r16 otp17 otp21"),
        ("r12smp..", "r12smp r13smp r15 r16 otp17 otp21 otp23"),
        ("r12..", "r12 r13"),
        ("..r12", "r8 r12"),
        ("R8B..otp23", "r11smp r12smp r13smp r15 r16 otp17 otp21 otp23"),
        ("r13smp .. R15B", "r13smp r15"),
        ("R14B03..R14B04", "R14B03/nosmp R14B03/smp R14B04/nosmp R14B04/smp"),
        ("R14B..R14B", "R14B00/nosmp R14B00/smp R14B04/nosmp R14B04/smp"),
        ("R15A..R15A", "R15A"),
        ("R14A..R15A", "R14A/nosmp R14A/smp R15A"),
        ("otp25..", "25.2.3"),
        ("24..26", "24.0 26.0"),
        ("..R7B", "R7B-0"),
        ("otp23..", "otp23"),
    ],
)
def test_what_a_value_stands_for(text: str, expected: str) -> None:
    assert names(text) == expected.split()


@pytest.mark.parametrize(
    ("text", "said", "near"),
    [
        ("r12smpp", "no runtime `r12smpp`", "r12smp"),
        ("R13B07", "no runtime `R13B07`", "R13B04"),
        ("R8", "no runtime `R8`", "R8B"),
        ("otp32x", "no runtime", ""),
        ("R6B", "older than R7B", "R7B"),
        ("R6B..R12B", "older than R7B", "R7B"),
        ("R12B..nonsense", "no runtime `nonsense`", ""),
        ("R15B..R12B", "R15B is newer than R12B", "R12B..R15B"),
        ("r15..r12smp", "r15 is newer than r12smp", "r12smp..r15"),
        ("r8..otp23", "different builds", "R8B-0..23.3"),
        ("..", "at least one end", ""),
        ("", "no runtime", ""),
        ("R16B/nosmp", "non-SMP build of R16B03", ""),
        ("R8B/smp", "no SMP build", ""),
        ("R12B/jit", "no runtime `R12B/jit`", ""),
        ("17/nosmp..21/nosmp", "no such build", ""),
    ],
)
def test_what_is_refused(text: str, said: str, near: str) -> None:
    found = select_profiles(text)
    assert isinstance(found, Refusal)
    assert said in found.reason
    assert not near or near in found.near_misses


@given(st.text(max_size=15) | st.from_regex(r"(R1[0-9][AB]|r1[0-9]smp|otp2[0-9])?\.\.(R1[0-9]B|otp2[0-9])?"))
def test_selecting_never_fails_and_never_selects_nothing(text: str) -> None:
    found = select_profiles(text)
    assert isinstance(found, Refusal) or found


def test_each_preset_is_its_own_equivalent_and_unlike_the_others() -> None:
    assert len({one(preset.name).values for preset in PRESETS}) == len(PRESETS)
    assert [equivalent_preset(one(preset.name)) for preset in PRESETS] == [preset.name for preset in PRESETS]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("R7B", "r8"),
        ("R11B-2/smp", "r11smp"),
        ("R11B-3/smp", None),
        ("R12B-0/smp", "r12smp"),
        ("R12B-5/nosmp", "r12"),
        ("R13A/smp", "r13smp"),
        ("R14B03/smp", None),
        ("R15B01", None),
        ("R15B02", "r15"),
        ("R16A", "r16"),
        ("18", "otp17"),
        ("22", "otp21"),
        ("25", "otp23"),
        ("27", "otp23"),
    ],
)
def test_equivalent_preset(text: str, expected: str | None) -> None:
    assert equivalent_preset(one(text)) == expected


def test_a_changed_runtime_has_no_equivalent() -> None:
    changed = with_point(one("otp23"), "dead_port_completion", "leak", "proposal")
    assert isinstance(changed, Profile)
    assert equivalent_preset(changed) is None


def test_one_runtime_is_needed_where_one_is_meant() -> None:
    found = single_profile("R12B-5")
    assert isinstance(found, Refusal)
    assert found.near_misses == ("R12B-5/nosmp", "R12B-5/smp")


def test_a_name_given_to_a_runtime_selects_it_again() -> None:
    for text in ("R12B", "R14B", "R8B", "25", "R12B..", "R14B..R14B", "..R7B"):
        profiles = select_profiles(text)
        assert not isinstance(profiles, Refusal)
        for profile in profiles:
            assert one(profile.name) == profile


def test_covering_asks_for_release_and_build() -> None:
    assert selection("R13B").covers(one("r13smp"))
    assert selection("R13B").covers(one("r13"))
    assert selection("R13B").covers(one("R13B01/smp"))
    assert not selection("R13B").covers(one("R13A/smp"))
    assert selection("R12B..").covers(one("26"))
    assert not selection("r12smp..").covers(one("r13"))
    assert selection("..R15B").covers(one("R15B03"))
    assert not selection("..R15B").covers(one("R16A"))
    assert selection("R12B-5/smp").covers(one("r12smp"))


def test_the_newest_preset() -> None:
    assert NEWEST_PRESET == "otp23"
