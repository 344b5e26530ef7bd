"""Defects of the emulator that show in queues and in answers to control."""

from __future__ import annotations

from dmc.runtime.points.base import BOTH, PointValue, point


class DefaultBufferControl(PointValue):
    """A binary answer to `control` that was written into the buffer the emulator lent."""

    BROKEN = "the buffer is taken for a driver binary: garbage or a crash"
    WORKS = "the bytes are copied into a new binary"


class PushqvWithoutBinary(PointValue):
    """`driver_pushqv` with an element that has no binary."""

    WORKS = "the bytes are copied into a binary of the queue"
    CORRUPTS = "the copy goes to the wrong element: the new head has no data, the next one lost its own"


DEFAULT_BUFFER_CONTROL = point(
    32,
    "default_buffer_control",
    "Whether a driver may answer control in binary mode from the lent buffer.",
    DefaultBufferControl,
    [
        ("R7B", BOTH, DefaultBufferControl.BROKEN, "io.c: any buffer is taken for a binary [R12B-5]"),
        ("R13A", BOTH, DefaultBufferControl.WORKS, "io.c [R13A]; ERTS 5.7 notes"),
    ],
)

PUSHQV_WITHOUT_BINARY = point(
    33,
    "pushqv_without_binary",
    "Whether driver_pushqv may be given plain memory.",
    PushqvWithoutBinary,
    [
        ("R7B", BOTH, PushqvWithoutBinary.WORKS, "io.c:driver_pushqv [R12B-5, 20]"),
        (
            "21.0",
            BOTH,
            PushqvWithoutBinary.CORRUPTS,
            "erl_io_queue.c:erts_ioq_pushqv [25]; seen when run on 25.2.3",
        ),
    ],
)
