"""The words of properties, processes and code that are neither C nor the driver API."""

from __future__ import annotations

from dataclasses import dataclass

from dmc.base.types import (
    BINARY_VALUE,
    BOOL,
    BUFFER,
    INT,
    INTEGER_TYPES,
    MONITOR,
    PID,
    PORT,
    TERM,
    VOID,
    ErlangType,
    Type,
)
from dmc.model.environment import BYTES, DATA, DRIVER, FUNCTION, REASON

PORT_STATE = ErlangType("port state")
JOB_STATE = ErlangType("job state")
OBJECT_STATE = ErlangType("object state")
THREAD_STATE = ErlangType("thread state")
THREAD = ErlangType("thread")

STATES: dict[Type, tuple[str, ...]] = {
    PORT_STATE: ("open", "closing", "dead"),
    JOB_STATE: ("queued", "running", "finished", "settled"),
    OBJECT_STATE: ("live", "freed"),
    THREAD_STATE: ("unborn", "running", "ended", "joined"),
}
"""What a `state` attribute can be compared with."""

SUBJECTS = frozenset(["port", "job", "object", "binary", "lock", "mutex", "thread"])
"""What rules and quantifiers range over."""

SUBJECTS_NOT_YET = frozenset(["descriptor", "timer", "monitor", "driver", "cond", "process", "activation"])

ATTRIBUTES: dict[str, dict[str, Type]] = {
    "port": {"state": PORT_STATE, "data": DATA, "busy": BOOL, "queue": INT, "has_pdl": BOOL},
    "job": {
        "state": JOB_STATE,
        "port": PORT,
        "data": DATA,
        "free": FUNCTION,
        "run": FUNCTION,
    },
    "object": {"state": OBJECT_STATE},
    "binary": {"state": OBJECT_STATE, "refc": INT, "own": INT, "size": INT},
    "lock": {"holder": THREAD},
    "mutex": {"holder": THREAD},
    "thread": {"state": THREAD_STATE, "in_callback": BOOL},
}
"""The attributes of each subject; `data` of a port has a known type where there is one driver."""

ATTRIBUTES_NOT_YET = frozenset({"thread", "inside", "function"})


@dataclass(frozen=True)
class LanguageCall:
    """A call of the language itself: parameters (None: any type), the last ones perhaps optional."""

    result: Type
    parameters: tuple[Type | None, ...]
    optional: int = 0


_CHAR = INTEGER_TYPES["char"]

PROCESS_CALLS: dict[str, LanguageCall] = {
    "open_port": LanguageCall(PORT, (DRIVER,)),
    "port_command": LanguageCall(BOOL, (PORT, BYTES)),
    "port_close": LanguageCall(BOOL, (PORT,)),
    "link": LanguageCall(BOOL, (PORT,)),
    "unlink": LanguageCall(BOOL, (PORT,)),
    "port_connect": LanguageCall(BOOL, (PORT, PID)),
    "bytes": LanguageCall(BYTES, (INT, _CHAR), optional=1),
    "port_control": LanguageCall(BOOL, (PORT, INT, BYTES), optional=1),
    "port_call": LanguageCall(BOOL, (PORT, INT, BYTES), optional=1),
    "self": LanguageCall(PID, ()),
    "exit": LanguageCall(VOID, (REASON,)),
    "reads": LanguageCall(VOID, (BINARY_VALUE,)),
}
"""`exit` with two arguments and `send` are looked at by hand."""

_PROCESS_CALLS_NOT_YET = """
monitor demonitor halt load_driver
unload_driver garbage_collect
"""
PROCESS_CALLS_NOT_YET = frozenset(_PROCESS_CALLS_NOT_YET.split())

RULE_CALLS: dict[str, LanguageCall] = {
    "holds": LanguageCall(BOOL, (None, None), optional=1),
}
"""`collect(name, a, b)` is looked at by hand: its first argument is a name."""

CODE_CALLS_NOT_YET = {
    "open": "descriptors are",
    "close": "descriptors are",
    "read": "descriptors are",
    "write": "descriptors are",
    "socket": "descriptors are",
    "pipe": "descriptors are",
}
"""Calls of the language for what has no meaning yet."""

CODE_CALLS = ("reads", "writes")

_API_TYPES_NOT_YET = """
ErlDrvThreadOpts
ErlDrvEvent ErlDrvEventData ErlDrvNowData ErlDrvTime
ErlDrvEntry
"""
API_TYPES_NOT_YET = frozenset(_API_TYPES_NOT_YET.split())

PROCESS_TYPES: dict[str, Type] = {"port": PORT, "pid": PID, "binary": BINARY_VALUE}

DRIVER_ERRORS = {"ERL_DRV_ERROR_GENERAL": -1, "ERL_DRV_ERROR_ERRNO": -2, "ERL_DRV_ERROR_BADARG": -3}
"""What `start` may return in place of the driver data."""

API_CONSTANTS = {
    "PORT_CONTROL_FLAG_BINARY": 1,
    "PORT_CONTROL_FLAG_HEAVY": 2,
    "DRIVER_CALL_KEEP_BUFFER": 1,
}
"""Macros of erl_driver.h that are numbers."""

DRIVER_FLAGS = ("ERL_DRV_FLAG_USE_PORT_LOCKING", "ERL_DRV_FLAG_SOFT_BUSY", "ERL_DRV_FLAG_NO_BUSY_MSGQ")
DRIVER_FLAGS_NOT_YET = ("ERL_DRV_FLAG_USE_INIT_ACK",)

FAULTS = ("spurious_wakeup",)
FAULTS_NOT_YET = frozenset(["spurious_ready", "halt", "lost_job", "open", "socket", "pipe"])
"""Also every function of the API."""

MISUSES = frozenset(
    {
        "binary_freed_again",
        "binary_kept",
        "binary_not_held",
        "binary_overfreed",
        "binary_realloc_shared",
        "binary_refc_zero",
        "data_kept",
        "destroy_in_use",
        "destroyed_key",
        "destroyed_lock",
        "dequeue_beyond",
        "division_by_zero",
        "double_free",
        "exit_in_start",
        "forbidden_context",
        "index_out_of_range",
        "joined_twice",
        "lock_kept",
        "monitor_in_vain",
        "null_lock",
        "null_pointer",
        "out_of_range",
        "pdl_held",
        "pdl_reference_missing",
        "queue_from_thread",
        "queue_without_pdl",
        "relock",
        "reply_not_held",
        "reply_too_long",
        "reply_wrong_kind",
        "second_stop",
        "stale_port",
        "timer_in_stop",
        "unlock_by_other",
        "unset_lock",
        "unset_pointer",
        "unset_value",
        "use_after_free",
        "wait_in_atomic",
        "wait_without_mutex",
        "wrong_thread_data",
        "wrong_type",
    }
)
"""What `on fault NAME` can wait for."""

FEATURES = frozenset(
    {"memory", "locks", "shared_data", "jobs", "atomic_blocks", "binaries", "written_binaries", "replies"}
)
"""What `needs` can name beside functions: parts of the language that a model may do without."""

API_CONSTANTS_NOT_YET = frozenset(
    {"ERL_DRV_READ", "ERL_DRV_WRITE", "ERL_DRV_USE", "ERL_DRV_USE_NO_CALLBACK", "ERL_DRV_BUSY_MSGQ_DISABLED"}
)

EVENT_KINDS: dict[str, str] = {
    "alloc": "object",
    "free": "object",
    "read": "object",
    "write": "object",
    "lost": "object",
    "lock": "lock",
    "unlock": "lock",
    "state": "port",
    "submit": "job",
    "settle": "job",
}
"""Events that are about one thing, and what kind of thing."""

LOOSE_TYPES: dict[str, Type] = {
    "struct_pointer": DATA,
    "block": DATA,
    "key": DATA,
    "job_function": FUNCTION,
    "free_function": FUNCTION,
    "size": INTEGER_TYPES["size_t"],
    "text": BUFFER,
    "term": TERM,
    "address": DATA,
    "int_address": INT,
    "time_address": INT,
    "monitor_address": MONITOR,
    "monitor": MONITOR,
    "sizeof": INTEGER_TYPES["size_t"],
    "thread_id": DATA,
    "thread_function": FUNCTION,
    "no_options": DATA,
    "no_result": DATA,
    "key_address": DATA,
    "stored": DATA,
}
"""How a rule sees the arguments of an API function that several types fit."""
