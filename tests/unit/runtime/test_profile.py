"""Profiles: the values of every point by era, the edges of the windows, and changed points."""

from __future__ import annotations

import re

import pytest

from dmc.runtime.points.base import SMP, PointValue
from dmc.runtime.presets import PRESETS, preset_profile
from dmc.runtime.profile import Build, Profile, Refusal, builds_of, differences, resolve, with_point
from dmc.runtime.release import known_names, parse_release, release
from dmc.runtime.variation_points import MECHANISMS, POINT_NAMES, VARIATION_POINTS

SOURCE = re.compile(r"\w\.[ch]\b|manual|OTP-\d+")
COLUMNS = ["r8", "r11smp", "r12smp", "r12", "r13smp", "r13", "r15", "r16", "otp17", "otp21", "otp23"]
BY_PRESET = {
    "emulator_threads": "one many many one many one many many many many many",
    "callback_lock": "emulator global driver_or_port emulator driver_or_port emulator"
    + " driver_or_port" * 5,
    "dead_port_completion": "free free leak leak free free free free free free free",
    "reply_address": "slot slot id id id id id id id id id",
    "ready_async_thread": "emulator async async emulator async emulator" + " submitter" * 5,
    "dead_port_async_free_lock": "emulator global not_called not_called none emulator" + " none" * 5,
    "reply_order": "batch_lifo fifo fifo batch_lifo fifo batch_lifo" + " fifo_per_submitter" * 5,
    "worker_takes_port_lock": "no yes yes no yes no no no no no no",
    "cancel": "hangs hangs hangs hangs hangs hangs always_zero always_zero absent absent absent",
    "cancel_runs_async_free": "inline inline inline inline inline inline no no no no no",
    "async_threads_default": "0 0 0 0 0 0 0 10 10 1 1",
    "async_threads_zero": "possible " * 10 + "impossible",
    "inline_job_id": "positive " * 6 + "zero zero zero zero not_applicable",
    "port_operations": "synchronous " * 7 + "immediate_or_queued " * 4,
    "control_on_closing": "no " * 7 + "yes " * 4,
    "port_handle": "slot " * 7 + "pointer " * 4,
    "driver_after_async": "reference_per_job " + "permanent " * 5 + "reference_per_job " * 5,
    "closed_message": "before_stop before_stop " + "after_stop " * 9,
    "timeout_in_closing": "runs lost " + "runs " * 9,
    "zero_timer": "wheel " * 9 + "immediate immediate",
    "halt": "kill kill kill join_async_threads kill join_async_threads " + "flush_ports " * 5,
    "pushqv_without_binary": "works " * 9 + "corrupts corrupts",
    "create_port_under_driver_lock": "not_available " + "works " * 6 + "deadlocks " * 4,
    "binary_refcount": "plain atomic atomic plain atomic plain" + " atomic" * 5,
    "monitor_calls": "not_available not_available " + "no_pdl " * 4 + "take_pdl " * 5,
    "init_ack": "no " * 9 + "yes yes",
}
ALL_RELEASES = sorted({found for text in known_names() if (found := parse_release(text))})


def profile(text: str, build: Build = Build.SMP) -> Profile:
    found = resolve(release(text), build)
    assert isinstance(found, Profile), found
    return found


def word(runtime: Profile, point_name: str) -> str:
    value = runtime.value(POINT_NAMES[point_name])
    assert isinstance(value, PointValue)
    return value.word


@pytest.mark.parametrize("point_name", BY_PRESET)
def test_values_of_the_presets(point_name: str) -> None:
    found = [preset_profile(name) for name in COLUMNS]
    words = [word(runtime, point_name) for runtime in found if isinstance(runtime, Profile)]
    assert words == BY_PRESET[point_name].split()


@pytest.mark.parametrize(
    ("point_name", "build", "edge"),
    [
        ("callback_lock", Build.SMP, "R11B-2 global | R11B-3 driver_or_port"),
        ("dead_port_completion", Build.SMP, "R11B-2 free | R11B-3 leak"),
        ("dead_port_completion", Build.NON_SMP, "R11B-2 free | R11B-3 leak"),
        ("dead_port_completion", Build.SMP, "R12B-5 leak | R13A free"),
        ("dead_port_completion", Build.NON_SMP, "R12B-6 leak | R13A free"),
        ("dead_port_async_free_lock", Build.SMP, "R11B-2 global | R11B-3 not_called"),
        ("dead_port_async_free_lock", Build.NON_SMP, "R11B-2 emulator | R11B-3 not_called"),
        ("dead_port_async_free_lock", Build.SMP, "R12B-5 not_called | R13A none"),
        ("dead_port_async_free_lock", Build.NON_SMP, "R12B-5 not_called | R13A emulator"),
        ("reply_address", Build.SMP, "R11B-2 slot | R11B-3 id"),
        ("ready_async_thread", Build.SMP, "R14B04 async | R15A submitter"),
        ("reply_order", Build.SMP, "R14B04 fifo | R15A fifo_per_submitter"),
        ("worker_takes_port_lock", Build.SMP, "R14B04 yes | R15A no"),
        ("cancel", Build.SMP, "R14B02 hangs | R14B03 works"),
        ("cancel", Build.NON_SMP, "R14B02 hangs | R14B03 works"),
        ("cancel", Build.SMP, "R14B04 works | R15A always_zero"),
        ("cancel", Build.SMP, "R16B03 always_zero | 17.0 absent"),
        ("cancel_runs_async_free", Build.SMP, "R14B04 inline | R15A no"),
        ("async_threads_default", Build.SMP, "R15B03 0 | R16A 10"),
        ("async_threads_default", Build.SMP, "20.3 10 | 21.0 1"),
        ("async_threads_zero", Build.SMP, "22.3 possible | 23.0 impossible"),
        ("inline_job_id", Build.SMP, "R14B04 positive | R15A zero"),
        ("inline_job_id", Build.SMP, "22.3 zero | 23.0 not_applicable"),
        ("port_operations", Build.SMP, "R15B03 synchronous | R16A immediate_or_queued"),
        ("port_handle", Build.SMP, "R15B03 slot | R16A pointer"),
        ("driver_after_async", Build.SMP, "R11B-1 reference_per_job | R11B-2 permanent"),
        ("job_pins_pdl", Build.SMP, "R15B01 until_reply_queued | R15B02 until_reply_handled"),
        ("halt", Build.SMP, "R15B00 join_async_threads | R15B01 flush_ports"),
        ("halt", Build.NON_SMP, "R9C-2 kill | R10B-0 join_async_threads"),
        ("closed_message", Build.SMP, "R11B-3 before_stop | R11B-4 after_stop"),
        ("timeout_in_closing", Build.SMP, "R11B-3 lost | R11B-4 runs"),
        ("send_term_from_threads", Build.SMP, "R11B-4 no | R11B-5 driver_send_term"),
        ("zero_timer", Build.SMP, "21.1 wheel | 21.2 immediate"),
        ("monitor_calls", Build.SMP, "R13B04 no_pdl | R14A take_pdl"),
        ("init_ack", Build.SMP, "18.3 no | 19.0 yes"),
    ],
)
def test_edges_of_the_windows(point_name: str, build: Build, edge: str) -> None:
    for side in edge.split("|"):
        when, expected = side.split()
        assert word(profile(when, build), point_name) == expected


def test_every_release_and_build_has_every_value() -> None:
    for when in ALL_RELEASES:
        for build in builds_of(when):
            found = resolve(when, build)
            assert isinstance(found, Profile)
            assert [type(value) for value in found.values] == [point.values for point in VARIATION_POINTS]


def test_typed_properties_agree_with_their_points() -> None:
    found = profile("R12B-5")
    for name, point in POINT_NAMES.items():
        if hasattr(Profile, name) and name != "async_threads_default":
            assert getattr(found, name) is found.value(point)
    assert profile("R16B").async_threads_default == 10


def test_without_smp_only_some_points_differ() -> None:
    for when in ("R11B-0", "R11B-4", "R12B-5", "R13A", "R13B04", "R14B04"):
        found = differences(profile(when, Build.NON_SMP), profile(when, Build.SMP))
        assert {point.number for point, _, _ in found} <= {1, 2, 5, 6, 7, 8, 15, 21, 28, 29, 37}


def test_between_r12_and_r13_without_smp_little_more_than_the_leak_changed() -> None:
    found = differences(profile("R12B-5", Build.NON_SMP), profile("R13B04", Build.NON_SMP))
    assert {point.number for point, _, _ in found} == {3, 6, 23, 24, 32, 40, 42}


@pytest.mark.parametrize(
    ("when", "build", "said"),
    [
        ("R10B", Build.SMP, "no SMP build"),
        ("R8B", Build.SMP, "R8B-0"),
        ("R15A", Build.NON_SMP, "non-SMP build of R15A"),
        ("R16B03", Build.NON_SMP, "R16B03"),
        ("17.5", Build.NON_SMP, "17.5"),
        ("R6B", Build.NON_SMP, "older than R7B"),
        ("R6B", Build.SMP, "older than R7B"),
    ],
)
def test_builds_that_are_refused_by_name(when: str, build: Build, said: str) -> None:
    found = resolve(release(when), build)
    assert isinstance(found, Refusal)
    assert said in found.reason


def test_names_and_assumptions() -> None:
    assert profile("R12B-5").name == "R12B-5/smp"
    assert profile("R14B04", Build.NON_SMP).name == "R14B04/nosmp"
    assert profile("R10B", Build.NON_SMP).name == "R10B-0"
    assert profile("R15A").name == "R15A"
    assert profile("25.3").assumptions == ()
    assert profile("26.2").assumptions == ("releases after 25 were not read in source",)
    assert profile("26.2").values == profile("25.2.3").values


def test_a_changed_point() -> None:
    base = profile("25.2.3")
    changed = with_point(base, "dead_port_completion", "leak", "proposal")
    assert isinstance(changed, Profile)
    assert (changed.name, changed.changed) == ("proposal", ("dead_port_completion",))
    assert [(point.name, a.word, b.word) for point, a, b in differences(base, changed)] == [
        ("dead_port_completion", "free", "leak")
    ]
    pool = with_point(changed, "async_threads_default", "10")
    assert isinstance(pool, Profile)
    assert pool.async_threads_default == 10
    assert pool.changed == ("dead_port_completion", "async_threads_default")


def test_a_change_that_means_nothing_is_refused() -> None:
    base = profile("25.2.3")
    wrong_name = with_point(base, "dead_port_compleation", "leak")
    assert isinstance(wrong_name, Refusal)
    assert wrong_name.near_misses[0] == "dead_port_completion"
    wrong_word = with_point(base, "dead_port_completion", "lost")
    assert isinstance(wrong_word, Refusal)
    assert wrong_word.near_misses == ("free", "leak")


def test_the_points_are_well_formed() -> None:
    assert len(POINT_NAMES) == len(VARIATION_POINTS)
    assert {point.number for point in VARIATION_POINTS} == set(range(1, 45))
    assert sum(len(points) for points in MECHANISMS.values()) == len(VARIATION_POINTS)
    for point in VARIATION_POINTS:
        starts = [entry.since for entry in point.entries]
        assert starts == sorted(starts), point.name
        assert {entry.value for entry in point.entries} == set(point.values.__members__.values()), point.name
        assert all(SOURCE.search(entry.citation) for entry in point.entries), point.name
        assert all(entry.since >= release("R11B") for entry in point.entries if entry.builds == SMP)


def test_presets_are_the_documented_releases() -> None:
    assert {preset.name: (preset.release.text, preset.build) for preset in PRESETS} == {
        "r8": ("R8B-0", Build.NON_SMP),
        "r12": ("R12B-5", Build.NON_SMP),
        "r13": ("R13B04", Build.NON_SMP),
        "r11smp": ("R11B-2", Build.SMP),
        "r12smp": ("R12B-5", Build.SMP),
        "r13smp": ("R13B04", Build.SMP),
        "r15": ("R15B03", Build.SMP),
        "r16": ("R16B03", Build.SMP),
        "otp17": ("17.5", Build.SMP),
        "otp21": ("21.3", Build.SMP),
        "otp23": ("23.3", Build.SMP),
    }
