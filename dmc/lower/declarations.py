"""The cells of a run: variables, lists, the heap, and what they begin with."""

from __future__ import annotations

from dataclasses import replace

from dmc.ir.system import (
    InitialChoice,
    Kind,
    Pool,
)
from dmc.ir.system import (
    Variable as Cell,
)
from dmc.lower import faults, own_data, uses
from dmc.lower.context import Lowering
from dmc.lower.processes import Instance as Actor
from dmc.model import model
from dmc.runtime import (
    async_jobs,
    binaries,
    busy_ports,
    control_replies,
    driver_threads,
    io_queue,
    links,
    lock_regime,
    mutexes,
    port_data_lock,
    port_lifecycle,
    port_monitors,
    port_timers,
    processes,
    rwlocks,
    thread_data,
    vectors,
)
from dmc.runtime.world import HEAP, World

NO_LOCK_CALLS = ("erl_drv_output_term", "erl_drv_send_term")


def variables(lowering: Lowering) -> tuple[Cell, ...]:
    """The variables of the mechanisms, of the model and of the rules."""
    world = lowering.world
    cells: list[Cell] = []
    if world.port_count:
        cells += lock_regime.declare(world)
        cells += port_lifecycle.declare(world)
        cells += async_jobs.declare(world)
        cells += io_queue.declare(world)
        cells += port_data_lock.declare(world)
        cells += busy_ports.declare(world)
        cells += links.declare(world)
        cells += vectors.declare(world)
        cells += control_replies.declare(world)
        cells += port_timers.declare(world)
        cells += port_monitors.declare(world)
    cells += processes.declare(world)
    cells += driver_threads.declare(world)
    if _uses_locks(lowering):
        cells += mutexes.declare(world)
    cells += rwlocks.declare(world)
    cells += thread_data.declare(world)
    cells += own_data.variables(lowering)
    cells += faults.declare(lowering.run.scenario)
    cells += lowering.weaver.cells()
    return tuple(cells)


def _uses_locks(lowering: Lowering) -> bool:
    code = uses.code_of(lowering.model, lowering.run.scenario)
    called = {n.function for n in code if isinstance(n, model.ApiCall)}
    return any(name.startswith("erl_drv_") for name in called.difference(NO_LOCK_CALLS))


def pool(lowering: Lowering) -> Pool:
    """The heap: what can be an object, and what is kept of each."""
    world, weaver = lowering.world, lowering.weaver
    ghosts = weaver.object_fields()
    kinds = [replace(k, fields=(*k.fields, *ghosts)) for k in mutexes.kinds(world, len(lowering.mutex_sites))]
    job = async_jobs.job_kind(world)
    kinds.append(replace(job, fields=(*job.fields, *weaver.job_fields())))
    kinds += [replace(k, fields=(*k.fields, *ghosts)) for k in port_data_lock.kinds(world)]
    if world.has_binaries:
        binary = binaries.binary_kind(world)
        kinds.append(replace(binary, fields=(*binary.fields, *ghosts, *weaver.binary_fields())))
    for struct in lowering.model.structs:
        declared = tuple(own_data.fields(struct, lowering))
        kinds.append(Kind(struct.name, (*declared, *ghosts)))
    if world.has_rwlocks:
        lock = rwlocks.kind(world, len(lowering.mutex_sites))
        kinds.append(replace(lock, fields=(*lock.fields, *ghosts)))
    kinds += [replace(k, fields=(*k.fields, *ghosts)) for k in control_replies.kinds(world)]
    return Pool(HEAP, world.heap_size, tuple(kinds))


def uses_heap(lowering: Lowering) -> bool:
    """Whether there can be an object: something is allocated, or can point to what is."""
    m = lowering.model
    return bool(m.drivers or m.structs) or _uses_locks(lowering) or bool(lowering.run.scenario.processes)


def initial_choices(world: World, instances: tuple[Actor, ...]) -> tuple[InitialChoice, ...]:
    """What a run may begin with."""
    unborn = tuple(
        InitialChoice(processes.STATUS, i.number - 1, (processes.UNBORN,))
        for i in instances
        if i.process.parent is not None
    )
    jobs = async_jobs.initial_choices(world) if world.port_count else ()
    return (*unborn, *jobs, *rwlocks.initial_choices(world))
