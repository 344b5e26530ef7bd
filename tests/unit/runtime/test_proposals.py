"""Proposed runtimes: which points can be changed, and what does not go together."""

from __future__ import annotations

import pytest

from dmc.runtime import proposals
from dmc.runtime.presets import preset_profile
from dmc.runtime.profile import Profile, Refusal
from dmc.runtime.variation_points import VARIATION_POINTS


def changed(base: str, **points: str) -> Profile:
    profile = preset_profile(base)
    assert isinstance(profile, Profile)
    found = proposals.proposed(profile, points.items(), "mine")
    assert isinstance(found, Profile)
    return found


def test_every_preset_is_without_contradiction() -> None:
    for name in ("r8", "r11smp", "r12", "r12smp", "r13", "r13smp", "r15", "r16", "otp17", "otp21", "otp23"):
        profile = preset_profile(name)
        assert isinstance(profile, Profile)
        assert proposals.contradiction(profile) == "", name


def test_the_points_that_a_mechanism_reads() -> None:
    names = {point.name for point in proposals.READ_POINTS}
    assert {"dead_port_completion", "ready_async_thread", "cancel", "reply_order"} <= names
    assert "async_threads_default" not in names
    assert names < {point.name for point in VARIATION_POINTS}


def test_a_proposed_runtime_has_its_own_name_and_says_what_it_changes() -> None:
    mine = changed("otp23", dead_port_completion="leak", cancel="works")
    assert mine.name == "mine"
    assert proposals.changes(mine) == "dead_port_completion = leak, cancel = works"
    assert proposals.contradiction(mine) == ""


def test_a_wrong_point_is_refused() -> None:
    profile = preset_profile("otp23")
    assert isinstance(profile, Profile)
    assert isinstance(
        proposals.proposed(profile, [("cancel", "perhaps"), ("cancel", "works")], "mine"), Refusal
    )


@pytest.mark.parametrize(
    ("base", "points", "words"),
    [
        ("otp23", {"ready_async_thread": "async"}, "worker_takes_port_lock"),
        ("otp23", {"ready_async_thread": "emulator"}, "emulator_threads"),
        ("otp23", {"worker_takes_port_lock": "yes"}, "ready_async_thread"),
        ("otp23", {"reply_order": "fifo"}, "reply_order"),
        ("otp23", {"callback_lock": "emulator"}, "callback_lock"),
        ("otp23", {"dead_port_async_free_lock": "global"}, "dead_port_async_free_lock"),
        ("otp23", {"async_threads_zero": "possible"}, "inline_job_id"),
        ("r12smp", {"dead_port_completion": "free"}, "dead_port_async_free_lock"),
        ("r8", {"reply_order": "fifo_per_submitter"}, "reply_order"),
    ],
)
def test_what_does_not_go_together(base: str, points: dict[str, str], words: str) -> None:
    assert words in proposals.contradiction(changed(base, **points))


def test_replies_oldest_first_on_one_emulator_thread_go_together() -> None:
    assert proposals.contradiction(changed("r8", reply_order="fifo")) == ""
