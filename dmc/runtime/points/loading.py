"""What a driver must offer to be loaded, and what later driver versions add."""

from __future__ import annotations

from dmc.runtime.points.base import BOTH, PointValue, point


class ExtendedInterface(PointValue):
    """Whether a driver without version fields can be loaded."""

    OPTIONAL = "a driver entry without the extended fields is accepted"
    MANDATORY = "a driver entry without the extended fields is refused"


class InitAck(PointValue):
    """Whether `start` may finish later."""

    NO = "open_port returns when start does"
    YES = "with ERL_DRV_FLAG_USE_INIT_ACK the opener waits for erl_drv_init_ack"


EXTENDED_INTERFACE = point(
    30,
    "extended_interface",
    "Whether the extended driver entry is required.",
    ExtendedInterface,
    [
        ("R7B", BOTH, ExtendedInterface.OPTIONAL, "erl_bif_ddll.c [R12B-5]; driver_entry manual"),
        ("R15A", BOTH, ExtendedInterface.MANDATORY, "erl_bif_ddll.c; driver_entry manual [R15B]"),
    ],
)

INIT_ACK = point(
    36,
    "init_ack",
    "Whether a port can be opened before it is initialised.",
    InitAck,
    [
        ("R7B", BOTH, InitAck.NO, "erl_driver.h [R16B, 18]"),
        ("19.0", BOTH, InitAck.YES, "erl_driver manual, erl_drv_init_ack [19]; OTP-13086"),
    ],
)
