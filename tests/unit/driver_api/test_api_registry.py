"""The registry of API functions and the table of callbacks."""

from __future__ import annotations

import pytest

from dmc.base.types import PORT_HANDLE
from dmc.driver_api.api_function import Context
from dmc.driver_api.callback import DriverData
from dmc.driver_api.callbacks import CALLBACKS
from dmc.driver_api.registry import NOT_MODELLED, api_function, api_functions
from dmc.runtime.release import parse_name

INVENTORY = """
driver_alloc driver_alloc_binary driver_async driver_async_cancel driver_async_port_key
driver_binary_dec_refc driver_binary_get_refc driver_binary_inc_refc driver_caller driver_cancel_timer
driver_compare_monitors driver_connected driver_demonitor_process
driver_deq driver_enq driver_enq_bin driver_enqv driver_exit driver_failure driver_failure_atom
driver_failure_eof driver_failure_posix driver_free driver_free_binary
driver_get_monitored_process driver_mk_port driver_monitor_process driver_output
driver_output2 driver_output_binary driver_output_term driver_outputv driver_pdl_create
driver_pdl_dec_refc driver_pdl_get_refc driver_pdl_inc_refc driver_pdl_lock driver_pdl_unlock
driver_peekq driver_pushq driver_pushq_bin driver_pushqv driver_read_timer driver_realloc_binary
driver_send_term driver_set_timer
driver_sizeq driver_system_info erl_drv_cond_broadcast erl_drv_cond_create erl_drv_cond_destroy
erl_drv_cond_signal erl_drv_cond_wait erl_drv_equal_tids erl_drv_mutex_create erl_drv_mutex_destroy
erl_drv_mutex_lock erl_drv_mutex_trylock erl_drv_mutex_unlock erl_drv_output_term erl_drv_rwlock_create
erl_drv_rwlock_destroy erl_drv_rwlock_rlock erl_drv_rwlock_runlock erl_drv_rwlock_rwlock
erl_drv_rwlock_rwunlock erl_drv_rwlock_tryrlock erl_drv_rwlock_tryrwlock erl_drv_send_term
erl_drv_thread_create erl_drv_thread_exit erl_drv_thread_join erl_drv_thread_self erl_drv_tsd_get
erl_drv_tsd_key_create erl_drv_tsd_key_destroy erl_drv_tsd_set set_busy_port set_port_control_flags
"""


def test_the_inventory():
    assert list(api_functions()) == INVENTORY.split()
    assert not NOT_MODELLED & set(api_functions())


@pytest.mark.parametrize("name", INVENTORY.split())
def test_each_entry(name: str):
    entry = api_function(name)
    assert entry is not None
    assert entry.contexts
    assert entry.summary
    assert entry.source
    assert parse_name(entry.since) is not None
    assert entry.until == "" or parse_name(entry.until) is not None
    if entry.port_argument is not None:
        assert entry.parameters[entry.port_argument] == PORT_HANDLE


def test_contexts_follow_the_matrix():
    def contexts(name: str) -> frozenset[Context]:
        entry = api_function(name)
        assert entry is not None
        return entry.contexts

    assert Context.ASYNC_INVOKE in contexts("driver_alloc")
    assert Context.ASYNC_FREE in contexts("erl_drv_mutex_lock")
    assert Context.ASYNC_INVOKE not in contexts("driver_async")
    assert Context.STOP in contexts("driver_async")
    assert contexts("driver_exit") == {Context.CALLBACK}
    assert contexts("driver_deq") == set(Context)
    assert contexts("driver_pdl_lock") == set(Context)
    assert contexts("driver_pdl_create") == {Context.START, Context.STOP, Context.CALLBACK}
    assert contexts("driver_output") == {Context.START, Context.STOP, Context.CALLBACK}


def test_callbacks():
    assert len(CALLBACKS) == 17
    assert {name for name, entry in CALLBACKS.items() if entry.supported} == {
        "start",
        "stop",
        "output",
        "outputv",
        "control",
        "call",
        "flush",
        "ready_async",
        "timeout",
        "process_exit",
    }
    assert isinstance(CALLBACKS["start"].result, DriverData)
    assert isinstance(CALLBACKS["output"].parameters[0], DriverData)
