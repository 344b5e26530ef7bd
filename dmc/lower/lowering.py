"""A run of a model becomes a transition system: `lower(run, rules)`."""

from __future__ import annotations

from dataclasses import dataclass, replace

from dmc.base.types import PointerType, StructType
from dmc.ir.expr import Const, Var
from dmc.ir.program import Assembler, Branch, Choice, Local, Node, Site
from dmc.ir.sort import Range, Ref
from dmc.ir.system import (
    Property,
    PropertyKind,
    RegisterDecl,
    System,
    ThreadType,
)
from dmc.ir.system import (
    Variable as Cell,
)
from dmc.lower import own_data, process_messages, uses
from dmc.lower.context import Lowering
from dmc.lower.data_flow import data_flow
from dmc.lower.declarations import initial_choices, pool, uses_heap, variables
from dmc.lower.driver_threads import own_threads
from dmc.lower.ends import ends
from dmc.lower.obligations import Actors, actors
from dmc.lower.process_assembler import ProcessAssembler
from dmc.lower.processes import Handlers, ProcessCode, instances_of
from dmc.lower.processes import Instance as Actor
from dmc.lower.program import ProgramCode
from dmc.lower.pure import Env, pure
from dmc.lower.run import RunChoice
from dmc.lower.scope import Registers
from dmc.lower.statements import ASSERT
from dmc.lower.threads import threads
from dmc.lower.weaving import Weaver
from dmc.lower.worlds import open_sites, world_of
from dmc.model import model
from dmc.runtime import (
    async_jobs,
    async_replies,
    async_worker,
    control_replies,
    io_queue,
    links,
    mailboxes,
    mutexes,
    port_data_lock,
    port_lifecycle,
    port_monitors,
    port_opening,
    port_operations,
    port_timers,
    processes,
    rwlocks,
    vectors,
)
from dmc.runtime.world import BINARY, HEAP, IDLE, JOB, World

SCHEDULER = "scheduler"
ASYNC_THREAD = "async thread"


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


def lower(run: RunChoice, rules: tuple[model.Rule, ...]) -> Lowered:
    """The transition system of one run, with the rules that apply woven in.

    A rule with `under` speaks of other runs; there is nothing of it in this one.
    """
    rules = tuple(rule for rule in rules if not rule.under)
    instances = instances_of(run.scenario)
    sites = open_sites(run.model, instances)
    world = world_of(run, instances, sites)
    lowering = _lowering(run, world, rules)
    schedulers, scheduler_type, process_cells = _schedulers(lowering, instances, sites)
    del schedulers
    emulator = tuple(t for t in (scheduler_type, *_workers(lowering)) if t.instances)
    created = own_threads(lowering)
    own = threads(lowering)
    lists = tuple(own_data.lists(lowering))
    if world.port_count:
        of_ports = (*port_lifecycle.declare_lists(world), *async_jobs.declare_lists(world))
        lists = (*of_ports, *io_queue.declare_lists(world), *lists)
    lists = (*lists, *mailboxes.declare_lists(world), *process_messages.declare_lists(world))
    system = System(
        variables=(*variables(lowering), *process_cells),
        lists=lists,
        pools=(pool(lowering),) if uses_heap(lowering) else (),
        threads=(*emulator, *created, *own),
        ends=ends(lowering, instances, emulator, created, own),
        properties=_properties(lowering, actors((*emulator, *created, *own))),
        initial_choices=initial_choices(world, instances),
    )
    kinds = tuple(k.name for pool in system.pools for k in pool.kinds)
    of_model = {rule.id for rule in run.model.rules}
    silent = {i.name for i in instances} | {rule.id for rule in rules if rule.id not in of_model}
    structs = frozenset(s.name for s in run.model.structs)
    sites_of_locks = tuple(lowering.mutex_sites)
    return Lowered(system, world, instances, kinds, structs, frozenset(silent), run, sites_of_locks)


def _lowering(run: RunChoice, world: World, rules: tuple[model.Rule, ...]) -> Lowering:
    m = run.model
    struct_names = tuple(s.name for s in m.structs)
    data_lock = (port_data_lock.PDL,) if world.has_pdl else ()
    own = (BINARY,) if world.has_binaries else ()
    rwlock = (rwlocks.RWLOCK,) if world.has_rwlocks else ()
    block = (control_replies.BLOCK,) if world.has_replies else ()
    kinds = (mutexes.MUTEX, mutexes.COND, JOB, *data_lock, *own, *struct_names, *rwlock, *block)
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
        data=data_flow(run),
        functions=functions,
        job_roles={role: uses.job_functions(m, role) for role in ("async_invoke", "async_free")},
        job_data_kinds=_job_data_kinds(m),
        uses_driver_free=uses.uses_driver_free(m),
        uses_mutexes=any(True for _ in uses.api_calls(m, "erl_drv_mutex_create")),
        mutex_sites={},
        global_names=globals_,
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
        *vectors.registers(world),
        *control_replies.registers(world),
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
        idle.options += port_timers.options(world, (), idle)
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
        process_assembler = ProcessAssembler(own, assembler)
        script, killed = own.script(), own.killed()
        if world.has_binaries:
            own.give_back_at_death()
        process_steps += process_assembler.steps(script, killed)
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
    deaths: dict[int, list[Local]] = {number: [] for number in range(1, len(world.processes) + 1)}

    def open_port(number: int) -> Node:
        if number not in opened:
            caller = Const(world.ports[number - 1].owner)
            done = Local(port_operations.clear_registers(world), idle)
            opened[number] = port_opening.open_port(world, Const(number), caller, (), done)
        return opened[number]

    def die(process: int, normal: bool) -> Node:
        dead = (processes.become(Const(process), processes.DEAD), *port_operations.clear_registers(world))
        death = Local(dead, idle)
        deaths[process].append(death)
        node: Node = death
        for number in range(world.port_count, 0, -1):
            heard = links.hears_exit(world, number, process, normal)
            if heard != Const(0):
                told = port_operations.deliver_exit(world, Const(number), (), node)
                node = told if heard == Const(1) else Branch(heard, told, node)
        return port_monitors.process_ends(world, process, (), node)

    if world.has_busy:
        numbers = range(1, len(world.processes) + 1)
        again = port_operations.command_again(world, (), idle) if world.has_vectors else command
        idle.options += [port_operations.resume(world, number, again) for number in numbers]
    return Handlers(command, forced, prompt, close, control, call, signal, kill, open_port, die, idle, deaths)


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
