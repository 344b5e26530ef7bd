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


class FailedControlReply(PointValue):
    """A buffer that `control` has put in place of the lent one, when it then gives an error."""

    FREED = "it is freed as plain memory, a binary as well"
    FREED_AS_LIST = "it is freed where answers are lists, and left where they are binaries"
    LEFT = "it is left to the driver"


class NullReply(PointValue):
    """An answer of `control` that is `NULL`."""

    FOLLOWED = "its bytes are read, and in binary mode those of a binary"
    EMPTY_BINARY = "in binary mode the answer is [], else its bytes are read"
    EMPTY = "the answer is []"


class SmallBinaryReply(PointValue):
    """A binary of up to 64 bytes that answers `control`."""

    SHARED = "it is shared like any other"
    COPIED = "it is copied to the caller, and the reference to it given back"


class CallReplyBuffer(PointValue):
    """The room that the emulator lends for the answer of `call`."""

    OF_128 = "128 bytes"
    OF_256 = "256 bytes"
    OF_255 = "255 bytes, or 256 where the call was queued"

    @property
    def size(self) -> int:
        """How many bytes there are in any case."""
        return int(self.value[:3])


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

FAILED_CONTROL_REPLY = point(
    40,
    "failed_control_reply",
    "What becomes of a buffer of the driver's own when control gives a negative number.",
    FailedControlReply,
    [
        ("R7B", BOTH, FailedControlReply.FREED, "io.c:port_control [R8B], erts_port_control [R9C]"),
        ("R10B", BOTH, FailedControlReply.FREED_AS_LIST, "io.c:erts_port_control [R10B-0, R12B-5]"),
        ("R13A", BOTH, FailedControlReply.LEFT, "io.c:erts_port_control [R13A], call_driver_control [25]"),
    ],
)

NULL_REPLY = point(
    41,
    "null_reply",
    "What an answer of control is that is NULL.",
    NullReply,
    [
        ("R7B", BOTH, NullReply.FOLLOWED, "io.c:port_control [R8B]"),
        ("R9B", BOTH, NullReply.EMPTY_BINARY, "io.c:port_control [R9B], erts_port_control [R12B-5, R13B03]"),
        ("R16A", BOTH, NullReply.EMPTY, "io.c:write_port_control_result [25]"),
    ],
)

SMALL_BINARY_REPLY = point(
    42,
    "small_binary_reply",
    "Whether a small binary that answers control is shared with the caller.",
    SmallBinaryReply,
    [
        ("R7B", BOTH, SmallBinaryReply.SHARED, "io.c:erts_port_control [R12B-5]"),
        (
            "R13A",
            BOTH,
            SmallBinaryReply.COPIED,
            "io.c:erts_port_control [R13A], write_port_control_result [25]",
        ),
    ],
)

CALL_REPLY_BUFFER = point(
    43,
    "call_reply_buffer",
    "How much room there is for the answer of call.",
    CallReplyBuffer,
    [
        ("R7B", BOTH, CallReplyBuffer.OF_128, "erl_bif_port.c:port_call_3 [R8B, R11B-5]"),
        ("R12B", BOTH, CallReplyBuffer.OF_256, "erl_bif_port.c:port_call_3 [R12B-0, R13B03]"),
        ("R16A", BOTH, CallReplyBuffer.OF_255, "io.c:erts_port_call, port_sig_call [25]"),
    ],
)
