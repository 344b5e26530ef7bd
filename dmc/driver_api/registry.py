"""Every function of the driver API that has a meaning here, and the names of those that do not yet.

An entry is found by being in the `FUNCTIONS` of a module of `dmc.driver_api.functions`: adding one is
adding it there.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from types import MappingProxyType

from dmc.driver_api import functions
from dmc.driver_api.api_function import ApiFunction

_NOT_MODELLED = """
add_driver_entry driver_attach_async
driver_create_port
driver_get_now driver_lock_driver driver_mk_atom
driver_peekqv
driver_realloc driver_select
driver_vec_to_buf erl_drv_busy_msgq_limits erl_drv_cond_name
erl_drv_consume_timeslice erl_drv_convert_time_unit erl_drv_getenv
erl_drv_init_ack erl_drv_monotonic_time erl_drv_mutex_name
erl_drv_port_control erl_drv_putenv
erl_drv_rwlock_name
erl_drv_set_os_pid
erl_drv_thread_name erl_drv_thread_opts_create erl_drv_thread_opts_destroy
erl_drv_time_offset
erl_errno_id get_port_flags remove_driver_entry
"""
NOT_MODELLED: frozenset[str] = frozenset(_NOT_MODELLED.split())
"""Functions of the real API without an entry: using one is refused by name, never ignored."""


@cache
def api_functions() -> MappingProxyType[str, ApiFunction]:
    """All entries by name, in the order of the names."""
    found: dict[str, ApiFunction] = {}
    for module in pkgutil.iter_modules(functions.__path__):
        entries = importlib.import_module(f"{functions.__name__}.{module.name}").FUNCTIONS
        found.update((entry.name, entry) for entry in entries)
    return MappingProxyType(dict(sorted(found.items())))


def api_function(name: str) -> ApiFunction | None:
    """The entry of that name."""
    return api_functions().get(name)
