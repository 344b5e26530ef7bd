"""Mutexes and condition variables of the driver thread library."""

from __future__ import annotations

from dmc.base.types import COND, INT, MUTEX, VOID, Type
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
        may_fail=name.endswith("_create"),
    )


FUNCTIONS = (
    _entry("erl_drv_mutex_create", MUTEX, (Loose("text"),), "a new mutex, unlocked, or NULL"),
    _entry("erl_drv_mutex_lock", VOID, (MUTEX,), "waits until the mutex is free and takes it; not recursive"),
    _entry("erl_drv_mutex_trylock", INT, (MUTEX,), "takes the mutex and gives 0, or gives EBUSY at once"),
    _entry("erl_drv_mutex_unlock", VOID, (MUTEX,), "gives the mutex back; only its holder may"),
    _entry("erl_drv_mutex_destroy", VOID, (MUTEX,), "ends a mutex that nobody holds or waits for"),
    _entry("erl_drv_cond_create", COND, (Loose("text"),), "a new condition variable, or NULL"),
    _entry(
        "erl_drv_cond_wait",
        VOID,
        (COND, MUTEX),
        "gives the mutex back, waits for a signal, takes it again; may wake without one",
    ),
    _entry("erl_drv_cond_signal", VOID, (COND,), "wakes one of those that wait, if any"),
    _entry("erl_drv_cond_broadcast", VOID, (COND,), "wakes all that wait"),
    _entry("erl_drv_cond_destroy", VOID, (COND,), "ends a condition variable that nobody waits for"),
)
