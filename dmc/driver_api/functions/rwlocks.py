"""Read-write locks of the driver thread library."""

from __future__ import annotations

from dmc.base.types import INT, RWLOCK, VOID, Type
from dmc.driver_api.api_function import ApiFunction, Loose
from dmc.driver_api.contexts import EVERYWHERE


def _entry(name: str, result: Type, parameter: Type | Loose, summary: str) -> ApiFunction:
    return ApiFunction(
        name=name,
        result=result,
        parameters=(parameter,),
        contexts=EVERYWHERE,
        since="R12B",
        until="",
        port_argument=None,
        summary=summary,
        source=f"erl_driver(3) {name}",
        may_fail=name == "erl_drv_rwlock_create",
    )


FUNCTIONS = (
    _entry("erl_drv_rwlock_create", RWLOCK, Loose("text"), "a new read-write lock, free, or NULL"),
    _entry("erl_drv_rwlock_rlock", VOID, RWLOCK, "waits until nobody writes; a waiting writer may go first"),
    _entry(
        "erl_drv_rwlock_tryrlock",
        INT,
        RWLOCK,
        "begins reading and gives 0, or gives EBUSY at once",
    ),
    _entry("erl_drv_rwlock_runlock", VOID, RWLOCK, "ends reading; only a reader may"),
    _entry(
        "erl_drv_rwlock_rwlock",
        VOID,
        RWLOCK,
        "waits until nobody reads or writes; not for a reader",
    ),
    _entry(
        "erl_drv_rwlock_tryrwlock",
        INT,
        RWLOCK,
        "begins writing and gives 0, or gives EBUSY at once",
    ),
    _entry("erl_drv_rwlock_rwunlock", VOID, RWLOCK, "ends writing; only the writer may"),
    _entry("erl_drv_rwlock_destroy", VOID, RWLOCK, "ends a lock that nobody holds or waits for"),
)
