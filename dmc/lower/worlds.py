"""The world of a run, estimated: how many ports, jobs, objects and threads there can be, and what occurs."""

from __future__ import annotations

from dmc.base.types import PID, IntType
from dmc.driver_api.functions.io_queue import QUEUE_FUNCTIONS, WITH_BINARIES
from dmc.driver_api.functions.timers import TIMER_FUNCTIONS
from dmc.ir.sort import Integer, Range
from dmc.lower import constants, process_messages, sizes, uses
from dmc.lower.data_flow import choices, data_flow
from dmc.lower.processes import Instance as Actor
from dmc.lower.pure import LIVE_KINDS
from dmc.lower.run import RunChoice
from dmc.lower.sorts import bounds_of
from dmc.lower.terms import Terms, carries_binaries, has_vectors, mailboxes_of, uses_binaries
from dmc.model import model
from dmc.model.replies import has_replies
from dmc.runtime import (
    async_jobs,
    control_replies,
    driver_threads,
    mutexes,
)
from dmc.runtime.points.scheduling import CallbackLock, EmulatorThreads
from dmc.runtime.world import EMPTY_BUFFER, PortDecl, Regime, World

MODEL_INTEGERS = 15
"""Integers without a range of their own hold at least -15..15, or as far as the model's numbers go."""
REPLY_ROOM = 5
"""The position of `rlen` among the parameters of `control` and `call`."""
REPLY_HEADER = 16
"""An answer may be so much longer than the data that it is made of, before it is a cut."""
MAX_DRIVER_THREADS = 8
MAX_MONITORS = 6
MAX_KEYS = 8
"""More threads or keys of thread specific data than these are a named cut."""


class _NoHooks:
    """Stands in where a mechanism only declares its cells."""


def regime_of(run: RunChoice) -> Regime:
    """What the locking of a run comes to on its runtime."""
    match run.profile.callback_lock:
        case CallbackLock.EMULATOR:
            return Regime.EMULATOR
        case CallbackLock.GLOBAL:
            return Regime.GLOBAL
        case CallbackLock.DRIVER_OR_PORT:
            return Regime.PORT if run.locking == "port" else Regime.DRIVER


def open_sites(m: model.Model, instances: tuple[Actor, ...]) -> list[tuple[str, int, int]]:
    """Each `open_port` of each process instance: place, process number, driver number."""
    found = []
    for instance in instances:
        for node in uses.nodes(instance.process.body):
            match node:
                case model.ProcessCall(function="open_port", arguments=(model.DriverValue(driver=driver),)):
                    found.append((str(node.span), instance.number, m.drivers.index(driver)))
                case _:
                    pass
    return found


def world_of(run: RunChoice, instances: tuple[Actor, ...], sites: list[tuple[str, int, int]]) -> World:
    """What the mechanisms are told of a run: how many there are of everything, and what occurs at all."""
    estimate = uses.Estimate(run, len(sites))
    ports = tuple(PortDecl(f"port {n}", driver, process) for n, (_, process, driver) in enumerate(sites, 1))
    functions = uses.functions_as_values(run.model)
    jobs = max(1, estimate.jobs)
    heap = (estimate.allocations() + estimate.jobs) * run.heap_scale
    single = run.profile.emulator_threads is EmulatorThreads.ONE
    low, high = _integers(run, jobs)
    flow = data_flow(run)
    terms = Terms(run)
    boxes = mailboxes_of(terms, (low, high), len(ports))
    with_vectors = has_vectors(run)
    with_binaries = uses_binaries(run) or carries_binaries(boxes)
    return World(
        profile=run.profile,
        regime=regime_of(run),
        schedulers=(1 if single else run.schedulers) if instances else 0,
        async_threads=run.async_threads if run.model.drivers and estimate.jobs else 0,
        ports=ports,
        drivers=len(run.model.drivers),
        processes=tuple(i.name for i in instances),
        other_threads=sum(sizes.number_of(t, run) for t in run.scenario.threads),
        heap_size=max(1, heap),
        job_functions=async_jobs.DRIVER_FREE + len(functions),
        integers=(low, high),
        lengths=Integer() if flow.lengths else Range(EMPTY_BUFFER, high),
        queue_bytes=Integer() if flow.queue else Range(0, high),
        first_bytes=Integer() if flow.bytes else Range(EMPTY_BUFFER, high),
        has_job_ids=any(True for _ in uses.api_calls(run.model, "driver_async_cancel")),
        has_exit_signals=any(_is_exit_of_process(n) for n in uses.code_of(run.model, run.scenario)),
        has_control=uses.has_control(run.scenario),
        has_queue=uses.uses_any(run.model, (*QUEUE_FUNCTIONS, "driver_pdl_create")),
        has_pdl=uses.uses_any(run.model, ("driver_pdl_create",)),
        queue_elements=estimate.queue_elements(),
        max_jobs=jobs,
        nesting=run.scenario.settings.numbers.get("nesting", min(4, jobs)),
        hooks=_NoHooks(),  # type: ignore[arg-type]
        own_threads=min(MAX_DRIVER_THREADS, estimate.threads()),
        rwlock_kind=_rwlock_kind(run.model, with_binaries),
        has_busy=uses.uses_any(run.model, ("set_busy_port",)),
        soft_busy=tuple("ERL_DRV_FLAG_SOFT_BUSY" in d.flags for d in run.model.drivers),
        has_links=any(_changes_links(n) for n in uses.code_of(run.model, run.scenario)),
        tsd_keys=min(MAX_KEYS, estimate.keys()),
        has_binaries=with_binaries,
        has_vectors=with_vectors,
        has_queue_binaries=uses.uses_any(run.model, WITH_BINARIES),
        has_garbage=process_messages.needs_garbage(terms, with_vectors)
        or (with_binaries and _answers_with_binaries(run.model)),
        mailboxes=boxes,
        has_replies=uses.has_control(run.scenario) and has_replies(run.model),
        monitors=min(MAX_MONITORS, estimate.monitors()),
        has_timers=uses.uses_any(run.model, TIMER_FUNCTIONS),
        has_control_flags=uses.uses_any(run.model, ("set_port_control_flags",)),
    )


def _answers_with_binaries(m: model.Model) -> bool:
    """Whether a process may come to refer to a binary that answers its `port_control`."""
    return has_replies(m) and uses.uses_any(m, ("set_port_control_flags",))


def _rwlock_kind(m: model.Model, with_binaries: bool) -> int:
    """Read-write locks are the last kind of the heap: see `_lowering`."""
    used = any(True for _ in uses.api_calls(m, "erl_drv_rwlock_create"))
    with_data_locks = any(True for _ in uses.api_calls(m, "driver_pdl_create"))
    before = 3 + int(with_data_locks) + int(with_binaries) + len(m.structs)
    return LIVE_KINDS + before if used else 0


def _changes_links(node: object) -> bool:
    return isinstance(node, model.ProcessCall) and node.function in ("link", "unlink", "port_connect")


def _is_exit_of_process(node: object) -> bool:
    match node:
        case model.ProcessCall(function="exit", arguments=(who, _)):
            return who.type == PID
        case _:
            return False


def _integers(run: RunChoice, jobs: int) -> tuple[int, int]:
    largest = max(MODEL_INTEGERS, run.async_threads, run.schedulers, jobs)
    headers = REPLY_HEADER if has_replies(run.model) else 0
    if any(n.endswith(("_trylock", "_tryrlock", "_tryrwlock")) for n in run.model.api_uses):
        largest = max(largest, mutexes.EBUSY)
    for name in ("control", "call"):
        if any(
            len(d.callbacks[name].parameters) > REPLY_ROOM for d in run.model.drivers if name in d.callbacks
        ):
            largest = max(largest, control_replies.lent_bytes(run.profile, name))
    if any(n in run.model.api_uses for n in ("erl_drv_thread_create", "erl_drv_thread_join")):
        largest = max(largest, driver_threads.EDEADLK)
    for variable in uses.variables_of(run.model, run.scenario):
        bounds = bounds_of(variable, run)
        if bounds is not None and bounds.declared:
            largest = max(largest, abs(bounds.low), abs(bounds.high))
    chosen = {id(end) for choice in choices(run) for end in uses.nodes(choice.values)}
    for node in uses.code_of(run.model, run.scenario):
        if id(node) in chosen:
            continue
        if isinstance(node, model.AxisValue) and isinstance(node.type, IntType):
            largest = max(largest, abs(constants.constant(node, run) or 0))
        if isinstance(node, model.Literal) and isinstance(node.type, IntType):
            largest = max(largest, abs(node.value))
    for struct in run.model.structs:
        for field in struct.fields:
            for node in uses.nodes((field.low, field.high, field.initial)):
                if isinstance(node, model.Literal):
                    largest = max(largest, abs(node.value))
    largest += headers
    return -largest - 1, largest
