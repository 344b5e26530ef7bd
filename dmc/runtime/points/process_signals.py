"""How an operation of a process on a port becomes a callback."""

from __future__ import annotations

from dmc.runtime.points.base import BOTH, PointValue, point


class PortOperations(PointValue):
    """When the callback for a process's operation runs."""

    SYNCHRONOUS = "in the calling scheduler, which waits for the port's lock"
    IMMEDIATE_OR_QUEUED = "at once if the port is idle and its lock free; otherwise as a task of the port"


class ControlOnClosing(PointValue):
    """Whether `control` and `call` can run on a port that is closing."""

    NO = "the operation is refused with badarg"
    YES = "operations that were queued before, and new ones, run after flush"


class BusyMessageQueue(PointValue):
    """Whether a port has a queue of commands with a limit."""

    NO = "only set_busy_port suspends senders"
    YES = "senders are also suspended while too many bytes of commands wait for the port"


PORT_OPERATIONS = point(
    16,
    "port_operations",
    "Whether commands, control, call and close are run by the caller or may be queued.",
    PortOperations,
    [
        ("R7B", BOTH, PortOperations.SYNCHRONOUS, "io.c:port_command; erl_bif_port.c [R8B, R12B-5, R15B]"),
        (
            "R16A",
            BOTH,
            PortOperations.IMMEDIATE_OR_QUEUED,
            "io.c:try_imm_drv_call; erl_port_task.c [R16B, 20, 25]; ERTS 5.10 notes",
        ),
    ],
)

CONTROL_ON_CLOSING = point(
    17,
    "control_on_closing",
    "Whether control and call can reach a port after its flush.",
    ControlOnClosing,
    [
        ("R7B", BOTH, ControlOnClosing.NO, "erl_bif_port.c:id2port refuses closing ports [R8B, R15B]"),
        (
            "R16A",
            BOTH,
            ControlOnClosing.YES,
            "io.c:port_sig_control, port_sig_call [R16B, 25]; control seen after flush on 25.2.3",
        ),
    ],
)

BUSY_MESSAGE_QUEUE = point(
    35,
    "busy_message_queue",
    "Whether the amount of waiting commands makes a port busy.",
    BusyMessageQueue,
    [
        ("R7B", BOTH, BusyMessageQueue.NO, "erl_driver manual [R8B, R15B]"),
        ("R16A", BOTH, BusyMessageQueue.YES, "erl_driver manual, erl_drv_busy_msgq_limits [R16B]"),
    ],
)
