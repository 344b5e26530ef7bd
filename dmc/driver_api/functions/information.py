"""What a driver can ask about the emulator that it runs in."""

from __future__ import annotations

from dmc.base.types import VOID
from dmc.driver_api.api_function import ApiFunction, Loose
from dmc.driver_api.contexts import EVERYWHERE

FUNCTIONS = (
    ApiFunction(
        name="driver_system_info",
        result=VOID,
        parameters=(Loose("address"), Loose("size")),
        contexts=EVERYWHERE,
        since="R11B-3",
        until="",
        port_argument=None,
        summary="fills in an `ErlDrvSysInfo`: number of async threads, of schedulers, ...",
        source="erl_driver(3) driver_system_info; emulator 5.5.3.1",
    ),
)

SYS_INFO_MEMBERS = ("async_threads", "scheduler_threads", "smp_support", "thread_support")
"""The members of `ErlDrvSysInfo` that have a value here."""

SYS_INFO_MEMBERS_NOT_MODELLED = (
    "driver_major_version",
    "driver_minor_version",
    "erts_version",
    "otp_release",
    "nif_major_version",
    "nif_minor_version",
    "dirty_scheduler_support",
)
