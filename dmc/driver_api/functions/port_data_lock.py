"""The port data lock: a mutex with a reference count, for the IO queue and what belongs to it."""

from __future__ import annotations

from dmc.base.types import INTEGER_TYPES, PDL, PORT_HANDLE, VOID, Type
from dmc.driver_api.api_function import ApiFunction, Context
from dmc.driver_api.contexts import EVERYWHERE, WITH_THE_PORT

_LONG = INTEGER_TYPES["long"]


def _entry(
    name: str, result: Type, parameter: Type, summary: str, contexts: frozenset[Context] = EVERYWHERE
) -> ApiFunction:
    return ApiFunction(
        name=name,
        result=result,
        parameters=(parameter,),
        contexts=contexts,
        since="R11B-3",
        until="",
        port_argument=0 if parameter == PORT_HANDLE else None,
        summary=summary,
        source=f"erl_driver(3) {name}; io.c:{name}",
        closing="works" if parameter == PORT_HANDLE else "",
        dead="NULL" if parameter == PORT_HANDLE else "",
    )


FUNCTIONS = (
    _entry(
        "driver_pdl_create",
        PDL,
        PORT_HANDLE,
        "the port data lock of the port, NULL if it has one already",
        WITH_THE_PORT,
    ),
    _entry("driver_pdl_lock", VOID, PDL, "takes a reference, waits until the lock is free and takes it"),
    _entry("driver_pdl_unlock", VOID, PDL, "gives the lock and a reference back; the last one destroys it"),
    _entry("driver_pdl_get_refc", _LONG, PDL, "the number of references"),
    _entry("driver_pdl_inc_refc", _LONG, PDL, "takes a reference; gives how many there are now"),
    _entry(
        "driver_pdl_dec_refc",
        _LONG,
        PDL,
        "gives a reference back; gives how many are left, the last one destroys the lock",
    ),
)
