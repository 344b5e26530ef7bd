"""Thread specific data: a pointer for each thread and key."""

from __future__ import annotations

from dmc.base.types import INT, TSD_KEY, VOID, NullType, Type
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
        may_fail=name == "erl_drv_tsd_key_create",
    )


FUNCTIONS = (
    _entry(
        "erl_drv_tsd_key_create",
        INT,
        (Loose("text"), Loose("key_address")),
        "stores a new key and gives 0, or gives an error number",
    ),
    _entry("erl_drv_tsd_key_destroy", VOID, (TSD_KEY,), "ends a key; all threads have cleared their data"),
    _entry(
        "erl_drv_tsd_set",
        VOID,
        (TSD_KEY, Loose("stored")),
        "sets the calling thread's data; NULL clears it",
    ),
    _entry("erl_drv_tsd_get", NullType(), (TSD_KEY,), "the data of the calling thread, or NULL"),
)
