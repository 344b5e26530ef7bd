"""Threads of the driver's own."""

from __future__ import annotations

from dmc.base.types import INT, TID, VOID, Type
from dmc.driver_api.api_function import ApiFunction, Loose
from dmc.driver_api.contexts import EVERYWHERE


def _entry(name: str, result: Type, parameters: tuple[Type | Loose, ...], summary: str) -> ApiFunction:
    return ApiFunction(
        name=name,
        result=result,
        parameters=parameters,
        contexts=EVERYWHERE,
        since="R12B",
        until="",
        port_argument=None,
        summary=summary,
        source=f"erl_driver(3) {name}",
        may_fail=name == "erl_drv_thread_create",
    )


FUNCTIONS = (
    _entry(
        "erl_drv_thread_create",
        INT,
        (
            Loose("text"),
            Loose("thread_id"),
            Loose("thread_function"),
            Loose("struct_pointer"),
            Loose("no_options"),
        ),
        "begins a thread and gives 0, or gives an error number; it may run before its id is stored",
    ),
    _entry(
        "erl_drv_thread_join",
        INT,
        (TID, Loose("no_result")),
        "waits until the thread has ended and gives 0; once for each thread",
    ),
    _entry("erl_drv_thread_exit", VOID, (Loose("no_result"),), "ends the calling thread of the driver"),
    _entry("erl_drv_thread_self", TID, (), "the id of the calling thread"),
    _entry("erl_drv_equal_tids", INT, (TID, TID), "whether two ids are of one thread"),
)
