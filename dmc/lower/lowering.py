"""A run of a model becomes a transition system: `lower(run, rules)`."""

from __future__ import annotations

from dataclasses import dataclass, replace

from dmc.base.types import PID, IntType, PointerType, StructType
from dmc.driver_api.functions.io_queue import QUEUE_FUNCTIONS
from dmc.ir.expr import Const, Var
from dmc.ir.program import Assembler, Branch, Choice, Local, Node, Site
from dmc.ir.sort import Integer, Range, Ref
from dmc.ir.system import (
    InitialChoice,
    Kind,
    Pool,
    Property,
    PropertyKind,
    RegisterDecl,
    System,
    ThreadType,
)
from dmc.ir.system import (
    Variable as Cell,
)
from dmc.lower import constants, faults, own_data, sizes, uses
from dmc.lower.context import Lowering
from dmc.lower.data_flow import choices, data_flow
from dmc.lower.driver_threads import own_threads
from dmc.lower.ends import ends
from dmc.lower.obligations import Actors, actors
from dmc.lower.processes import Handlers, ProcessAssembler, ProcessCode, instances_of
from dmc.lower.processes import Instance as Actor
from dmc.lower.program import ProgramCode
from dmc.lower.pure import LIVE_KINDS, Env, pure
from dmc.lower.run import RunChoice
from dmc.lower.scope import Registers
from dmc.lower.sorts import bounds_of
from dmc.lower.statements import ASSERT
from dmc.lower.threads import threads
from dmc.lower.weaving import Weaver
from dmc.model import model
from dmc.runtime import (
    async_jobs,
    async_replies,
    async_worker,
    busy_ports,
    driver_threads,
    io_queue,
    links,
    lock_regime,
    mutexes,
    port_data_lock,
    port_lifecycle,
    port_opening,
    port_operations,
    processes,
    rwlocks,
    thread_data,
)
from dmc.runtime.points.scheduling import CallbackLock, EmulatorThreads
from dmc.runtime.world import EMPTY_BUFFER, HEAP, IDLE, JOB, PortDecl, Regime, World

SCHEDULER = "scheduler"
ASYNC_THREAD = "async thread"
MODEL_INTEGERS = 15
"""Integers without a range of their own hold at least -15..15, or as far as the model's numbers go."""
MAX_DRIVER_THREADS = 8
MAX_KEYS = 8
"""More threads or keys of thread specific data than these are a named cut."""


@dataclass(frozen=True)
class Lowered:
    """The system, and what is needed to speak of it in the model's words."""

    system: System
    world: World
    instances: tuple[Actor, ...]
    kinds: tuple[str, ...]
    structs: frozenset[str]
    silent: frozenset[str]
    """Prefixes of variables that are nobody's business: of processes, and of the catalogue's rules."""
    run: RunChoice
    mutex_sites: tuple[str, ...]
    """The places that create mutexes, in the order of their numbers."""


class _NoHooks:
    """Stands in where a mechanism only declares its cells."""


def lower(run: RunChoice, rules: tuple[model.Rule, ...]) -> Lowered:
    """The transition system of one run, with the rules that apply woven in.

    A rule with `under` speaks of other runs; there is nothing of it in this one.
    """
    rules = tuple(rule for rule in rules if not rule.under)
    instances = instances_of(run.scenario)
    sites = _open_sites(run.model, instances)
    world = _world(run, instances, sites)
    lowering = _lowering(run, world, rules)
    schedulers, scheduler_type, process_cells = _schedulers(lowering, instances, sites)
    del schedulers
    emulator = tuple(t for t in (scheduler_type, *_workers(lowering)) if t.instances)
    created = own_threads(lowering)
    own = threads(lowering)
    lists = tuple(own_data.lists(lowering))
    if world.port_count:
        lists = (
            *port_lifecycle.declare_lists(world),
            *async_jobs.declare_lists(world),
            *io_queue.declare_lists(world),
            *lists,
        )
    system = System(
        variables=(*_variables(lowering), *process_cells),
        lists=lists,
        pools=(_pool(lowering),) if _uses_heap(lowering) else (),
        threads=(*emulator, *created, *own),
        ends=ends(lowering, instances, emulator, created, own),
        properties=_properties(lowering, actors((*emulator, *created, *own))),
        initial_choices=_initial_choices(world, instances),
    )
    kinds = tuple(k.name for pool in system.pools for k in pool.kinds)
    of_model = {rule.id for rule in run.model.rules}
    silent = {i.name for i in instances} | {rule.id for rule in rules if rule.id not in of_model}
    structs = frozenset(s.name for s in run.model.structs)
    sites_of_locks = tuple(lowering.mutex_sites)
    return Lowered(system, world, instances, kinds, structs, frozenset(silent), run, sites_of_locks)


def regime_of(run: RunChoice) -> Regime:
    """What the locking of a run comes to on its runtime."""
    match run.profile.callback_lock:
        case CallbackLock.EMULATOR:
            return Regime.EMULATOR
        case CallbackLock.GLOBAL:
            return Regime.GLOBAL
        case CallbackLock.DRIVER_OR_PORT:
            return Regime.PORT if run.locking == "port" else Regime.DRIVER


# --- the world ------------------------------------------------------------------------------------


def _open_sites(m: model.Model, instances: tuple[Actor, ...]) -> list[tuple[str, int, int]]:
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


def _world(run: RunChoice, instances: tuple[Actor, ...], sites: list[tuple[str, int, int]]) -> World:
    estimate = uses.Estimate(run, len(sites))
    ports = tuple(PortDecl(f"port {n}", driver, process) for n, (_, process, driver) in enumerate(sites, 1))
    functions = uses.functions_as_values(run.model)
    jobs = max(1, estimate.jobs)
    heap = (estimate.allocations() + estimate.jobs) * run.heap_scale
    single = run.profile.emulator_threads is EmulatorThreads.ONE
    low, high = _integers(run, jobs)
    flow = data_flow(run)
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
        rwlock_kind=_rwlock_kind(run.model),
        has_busy=uses.uses_any(run.model, ("set_busy_port",)),
        soft_busy=tuple("ERL_DRV_FLAG_SOFT_BUSY" in d.flags for d in run.model.drivers),
        has_links=any(_changes_links(n) for n in uses.code_of(run.model, run.scenario)),
        tsd_keys=min(MAX_KEYS, estimate.keys()),
    )


def _rwlock_kind(m: model.Model) -> int:
    """Read-write locks are the last kind of the heap: see `_lowering`."""
    used = any(True for _ in uses.api_calls(m, "erl_drv_rwlock_create"))
    before = 3 + len(m.structs) + int(any(True for _ in uses.api_calls(m, "driver_pdl_create")))
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
    if any(n.endswith(("_trylock", "_tryrlock", "_tryrwlock")) for n in run.model.api_uses):
        largest = max(largest, mutexes.EBUSY)
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
    return -largest - 1, largest


def _lowering(run: RunChoice, world: World, rules: tuple[model.Rule, ...]) -> Lowering:
    m = run.model
    struct_names = tuple(s.name for s in m.structs)
    data_lock = (port_data_lock.PDL,) if world.has_pdl else ()
    rwlock = (rwlocks.RWLOCK,) if world.has_rwlocks else ()
    kinds = (mutexes.MUTEX, mutexes.COND, JOB, *data_lock, *struct_names, *rwlock)
    functions = uses.functions_as_values(m)
    globals_ = _global_names(m, run.scenario)
    env = Env(
        run,
        world,
        kinds,
        places={v: Var(name) for v, name in globals_.items()},
        functions=functions,
    )
    return Lowering(
        run=run,
        world=world,
        weaver=Weaver(rules, env, struct_names, data_flow(run).variables),
        functions=functions,
        job_roles={role: uses.job_functions(m, role) for role in ("async_invoke", "async_free")},
        job_data_kinds=_job_data_kinds(m),
        uses_driver_free=uses.uses_driver_free(m),
        uses_mutexes=any(True for _ in uses.api_calls(m, "erl_drv_mutex_create")),
        mutex_sites={},
        global_names=globals_,
        data=data_flow(run),
    )


def _global_names(m: model.Model, scenario: model.Scenario) -> dict[model.Variable, str]:
    names: dict[model.Variable, str] = {}
    for driver in m.drivers:
        names.update({v: f"{driver.name}.{v.name}" for v in driver.variables})
    names.update({v: v.name for v in m.variables})
    names.update({v: v.name for v in scenario.variables})
    return names


def _job_data_kinds(m: model.Model) -> frozenset[str]:
    found = set()
    for call in uses.api_calls(m, "driver_async"):
        match call.arguments[3].type:
            case PointerType(target=StructType(name=name)):
                found.add(name)
            case _:
                pass
    return frozenset(found)


# --- threads --------------------------------------------------------------------------------------


def _fixed_registers(world: World) -> tuple[RegisterDecl, ...]:
    return (
        RegisterDecl(port_operations.CALLER, Range(0, len(world.processes))),
        RegisterDecl(port_operations.PORT, Range(0, world.port_count)),
        RegisterDecl(port_operations.LENGTH, world.lengths),
        RegisterDecl(port_operations.BYTE, world.first_bytes),
        RegisterDecl(port_operations.KIND, Range(0, len(port_lifecycle.TASK_KINDS) - 1)),
        RegisterDecl(async_jobs.JOB_REGISTER, Ref(HEAP)),
        RegisterDecl(async_jobs.PORT_OF_REPLY, Range(0, world.port_count)),
        RegisterDecl(port_lifecycle.RESULT, Ref(HEAP, unset=True)),
        *_control_registers(world),
    )


def _control_registers(world: World) -> tuple[RegisterDecl, ...]:
    if not world.has_control:
        return ()
    return (
        RegisterDecl(port_operations.NUMBER, Range(*world.integers)),
        RegisterDecl(port_operations.ANSWER, Range(0, 1)),
    )


def _schedulers(
    lowering: Lowering, instances: tuple[Actor, ...], sites: list[tuple[str, int, int]]
) -> tuple[Assembler, ThreadType, tuple[Cell, ...]]:
    registers = Registers(_fixed_registers(lowering.world))
    code = ProgramCode(lowering, registers)
    world = code.world
    idle = Choice([], Site(), rest=True, name=IDLE)
    if world.port_count:
        idle.options += async_replies.handle_replies(world, (), idle)
        if port_lifecycle.has_tasks(world):
            idle.options += [
                port_operations.run_tasks(world, n, (), idle) for n in range(1, world.port_count + 1)
            ]
    assembler = Assembler(lowering.weaver.spoils)
    assembler.point_of(idle)
    handlers = _handlers(world, idle)
    family: dict[tuple[model.Process, int], ProcessCode] = {}
    ports: dict[tuple[str, int], list[int]] = {}
    for number, (place, process, _) in enumerate(sites, 1):
        ports.setdefault((place, process), []).append(number)
    for instance in instances:
        family[(instance.process, instance.index)] = ProcessCode(lowering, instance, family, handlers, ports)
    process_steps = []
    cells: list[Cell] = []
    for instance in instances:
        own = family[(instance.process, instance.index)]
        process_assembler = ProcessAssembler(world, instance, assembler)
        process_steps += process_assembler.steps(own.script(), own.killed())
        cells.append(process_assembler.position_variable())
    for own in family.values():
        cells += own.cells.declarations()
    points, steps = assembler.assemble()
    scheduler_type = ThreadType(
        SCHEDULER, world.schedulers, IDLE, registers.declarations(), points, (*process_steps, *steps)
    )
    return assembler, scheduler_type, tuple(cells)


def _handlers(world: World, idle: Choice) -> Handlers:
    command = port_operations.command(world, (), idle)
    forced = port_operations.forced_command(world, (), idle) if world.has_busy else command
    prompt = port_operations.prompt_command(world, (), idle) if world.has_busy else command
    close = port_operations.close(world, (), idle)
    signal = port_operations.exit_signal(world, (), idle)
    kill = port_operations.kill_signal(world, (), idle) if world.has_queue else signal
    control = port_operations.control(world, (), idle) if world.has_control else idle
    call = port_operations.call(world, (), idle) if world.has_control else idle
    opened: dict[int, Node] = {}

    def open_port(number: int) -> Node:
        if number not in opened:
            caller = Const(world.ports[number - 1].owner)
            done = Local(port_operations.clear_registers(world), idle)
            opened[number] = port_opening.open_port(world, Const(number), caller, (), done)
        return opened[number]

    def die(process: int, normal: bool) -> Node:
        dead = (processes.become(Const(process), processes.DEAD), *port_operations.clear_registers(world))
        node: Node = Local(dead, idle)
        for number in range(world.port_count, 0, -1):
            heard = links.hears_exit(world, number, process, normal)
            if heard != Const(0):
                told = port_operations.deliver_exit(world, Const(number), (), node)
                node = told if heard == Const(1) else Branch(heard, told, node)
        return node

    if world.has_busy:
        numbers = range(1, len(world.processes) + 1)
        idle.options += [port_operations.resume(world, number, command) for number in numbers]
    return Handlers(command, forced, prompt, close, control, call, signal, kill, open_port, die, idle)


def _workers(lowering: Lowering) -> tuple[ThreadType, ...]:
    if not lowering.world.async_threads:
        return ()
    registers = Registers(
        (
            RegisterDecl(async_jobs.JOB_REGISTER, Ref(HEAP)),
            RegisterDecl(async_jobs.PORT_OF_REPLY, Range(0, lowering.world.port_count)),
        )
    )
    code = ProgramCode(lowering, registers)
    assembler = Assembler(lowering.weaver.spoils)
    start = assembler.point_of(async_worker.worker(code.world))
    points, steps = assembler.assemble()
    return (
        ThreadType(
            ASYNC_THREAD, lowering.world.async_threads, start, registers.declarations(), points, steps
        ),
    )


# --- data -----------------------------------------------------------------------------------------


def _variables(lowering: Lowering) -> tuple[Cell, ...]:
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
    return any(isinstance(n, model.ApiCall) and n.function.startswith("erl_drv_") for n in code)


def _pool(lowering: Lowering) -> Pool:
    world, weaver = lowering.world, lowering.weaver
    ghosts = weaver.object_fields()
    kinds = [replace(k, fields=(*k.fields, *ghosts)) for k in mutexes.kinds(world, len(lowering.mutex_sites))]
    job = async_jobs.job_kind(world)
    kinds.append(replace(job, fields=(*job.fields, *weaver.job_fields())))
    kinds += [replace(k, fields=(*k.fields, *ghosts)) for k in port_data_lock.kinds(world)]
    for struct in lowering.model.structs:
        declared = tuple(own_data.fields(struct, lowering))
        kinds.append(Kind(struct.name, (*declared, *ghosts)))
    if world.has_rwlocks:
        lock = rwlocks.kind(world, len(lowering.mutex_sites))
        kinds.append(replace(lock, fields=(*lock.fields, *ghosts)))
    return Pool(HEAP, world.heap_size, tuple(kinds))


def _uses_heap(lowering: Lowering) -> bool:
    """Whether there can be an object: something is allocated, or can point to what is."""
    m = lowering.model
    return bool(m.drivers or m.structs) or _uses_locks(lowering) or bool(lowering.run.scenario.processes)


def _initial_choices(world: World, instances: tuple[Actor, ...]) -> tuple[InitialChoice, ...]:
    unborn = tuple(
        InitialChoice(processes.STATUS, i.number - 1, (processes.UNBORN,))
        for i in instances
        if i.process.parent is not None
    )
    jobs = async_jobs.initial_choices(world) if world.port_count else ()
    return (*unborn, *jobs, *rwlocks.initial_choices(world))


# --- what is claimed ------------------------------------------------------------------------------


def _properties(lowering: Lowering, who: Actors) -> tuple[Property, ...]:
    m, env = lowering.model, replace(lowering.weaver.env, in_callback=who.in_callback)
    result = list(lowering.weaver.properties(who))
    for invariant in m.invariants:
        condition = pure(invariant.condition, env)
        result.append(Property(invariant.name, PropertyKind.INVARIANT, condition, (), invariant.span))
    for reachable in m.reachables:
        reached = None if reachable.condition is None else pure(reachable.condition, env)
        result.append(Property(reachable.name, PropertyKind.REACHABLE, reached, (), reachable.span))
    if any(isinstance(n, model.Assert) for n in uses.code_of(m, lowering.run.scenario)):
        result.append(Property(ASSERT, PropertyKind.VIOLATION, None, (ASSERT,), lowering.run.scenario.span))
    return tuple(result)
