"""The rows of the call-context matrix that several functions share."""

from __future__ import annotations

from dmc.driver_api.api_function import Context

EVERYWHERE = frozenset(Context)
"""Allocation, the thread library, information: also from jobs, own threads and `async_free`."""

WITH_THE_PORT = frozenset({Context.START, Context.STOP, Context.CALLBACK})
"""Only where the lock of the port is held: callbacks, `start` and `stop` among them."""

WHILE_ALIVE = frozenset({Context.CALLBACK})
"""Only in a callback other than `start` and `stop`: what ends the port must have one to end."""
