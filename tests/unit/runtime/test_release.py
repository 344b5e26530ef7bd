"""Release names: reading, ordering, and what a family stands for."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmc.runtime.release import FAMILIES, Release, known_names, parse_name, parse_release, release

IN_ORDER = [
    *(
        "R7B-0",
        "R8B-0",
        "R8B-2",
        "R9B-0",
        "R9C-0",
        "R10B-0",
        "R10B-9",
        "R10B-10",
        "R11B-0",
        "R11B-2",
        "R11B-3",
    ),
    *(
        "R11B-5",
        "R12B-0",
        "R12B-5",
        "R12B-6",
        "R13A",
        "R13B00",
        "R13B01",
        "R13B04",
        "R14A",
        "R14B00",
        "R14B02",
    ),
    *(
        "R14B03",
        "R14B04",
        "R15A",
        "R15B00",
        "R15B01",
        "R15B03",
        "R15B03-1",
        "R16A",
        "R16B00",
        "R16B02",
        "R16B03",
    ),
    *(
        "R16B03-1",
        "17.0",
        "17.5",
        "17.5.6.10",
        "18.0",
        "19.3",
        "20.3",
        "21.0",
        "21.2",
        "21.3",
        "22.0",
        "23.3",
    ),
    *("25.0", "25.2.3", "25.3", "26.0", "27.1"),
]


def parsed(text: str) -> Release:
    found = parse_release(text)
    assert found is not None
    return found


def test_releases_are_ordered_by_age() -> None:
    releases = [parsed(text) for text in IN_ORDER]
    assert all(older < newer for older, newer in itertools.pairwise(releases))


@given(st.sampled_from(IN_ORDER), st.sampled_from(IN_ORDER))
def test_order_is_total_and_agrees_with_the_list(a: str, b: str) -> None:
    assert (parsed(a) < parsed(b)) == (IN_ORDER.index(a) < IN_ORDER.index(b))
    assert (parsed(a) == parsed(b)) == (a == b)


@pytest.mark.parametrize("text", IN_ORDER)
def test_text_of_a_release_reads_back(text: str) -> None:
    assert parsed(text).text == text
    assert parsed(text.lower()) == parsed(text)


@pytest.mark.parametrize(
    ("family", "first", "alone", "last"),
    [
        ("R8B", "R8B-0", "R8B-0", "R8B-2"),
        ("R11B", "R11B-0", "R11B-5", "R11B-5"),
        ("R12B", "R12B-0", "R12B-5", "R12B-6"),
        ("R13B", "R13B00", "R13B04", "R13B04"),
        ("R14B", "R14B00", "R14B04", "R14B04"),
        ("R15B", "R15B00", "R15B03", "R15B03"),
        ("R16B", "R16B00", "R16B03", "R16B03"),
        ("17", "17.0", "17.5", "17.5"),
        ("otp25", "25.0", "25.2.3", "25.3"),
        ("OTP21", "21.0", "21.3", "21.3"),
    ],
)
def test_a_family_alone_is_its_newest_release_read(family: str, first: str, alone: str, last: str) -> None:
    name = parse_name(family)
    assert name is not None
    assert name.is_family
    assert (name.first.text, name.newest_read.text, name.last.text) == (first, alone, last)
    assert parse_release(family) == name.newest_read
    assert release(family) == name.first


@pytest.mark.parametrize("text", ["R13A", "R14A", "R15A", "R16A"])
def test_an_a_release_is_a_family_of_one(text: str) -> None:
    name = parse_name(text)
    assert name is not None
    assert not name.is_family
    assert name.newest_read.text == text


def test_trailing_zeros_do_not_count() -> None:
    assert parsed("17.0") == parsed("17.0.0")
    assert parsed("17.5") == parsed("17.5.0")


@pytest.mark.parametrize(
    "junk",
    [
        *(
            "",
            " ",
            "R",
            "R12",
            "R12C",
            "R13C",
            "R12B5",
            "R12B05",
            "R12B-",
            "R12B-7",
            "R13B-4",
            "R13B4",
            "R13B05",
        ),
        *(
            "R17",
            "R17B",
            "R1B",
            "16",
            "0",
            "-1",
            "17.",
            ".17",
            "17.6",
            "25.4",
            "otp",
            "otpR12B",
            "r12smp",
            "R12B..R13B",
        ),
        *("otpR12B", "R12B-5-x", "R12B..R13B", "é", "R١٢B", "²5"),
    ],
)
def test_what_never_was_is_no_release(junk: str) -> None:
    assert parse_release(junk) is None


@given(st.text(max_size=12) | st.from_regex(r"(?i)(r|otp)?\d{1,3}[abc]?-?[\d.]{0,5}", fullmatch=True))
def test_reading_never_fails_and_reads_back(text: str) -> None:
    found = parse_release(text)
    assert found is None or parse_release(found.text) == found


def test_data_with_a_wrong_release_fails_at_once() -> None:
    with pytest.raises(ValueError, match="R13B9"):
        release("R13B9")


def test_families_are_in_order_and_every_proposed_name_is_known() -> None:
    firsts = [release(family.name) for family in FAMILIES]
    assert firsts == sorted(firsts)
    assert all(parse_name(text) is not None for text in known_names())
