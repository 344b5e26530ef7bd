"""Misuses that do not end the run: what follows has a meaning."""

from __future__ import annotations

from dmc.runtime.binaries import BINARY_MISUSES

LOCK_MISUSES = ("relock", "lock_kept", "data_kept", "pdl_held")
TIMER_MISUSES = ("timer_in_stop", "monitor_in_vain")
QUEUE_MISUSES = ("queue_without_pdl", "queue_from_thread", "dequeue_beyond")

GOES_ON = (*LOCK_MISUSES, *QUEUE_MISUSES, *TIMER_MISUSES, *BINARY_MISUSES)
"""All of them; every other one ends the run."""
