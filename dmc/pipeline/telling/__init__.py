"""A finding, told: the replayed run in the words of the model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from dmc.engines.reference.replay import Replay, replay
from dmc.engines.reference.walk import ReplayStep
from dmc.ir.layout import lay_out
from dmc.ir.outcome import Finding, StuckThread
from dmc.ir.sort import DEAD, UNSET, Bool, Enum, Ref, Sort
from dmc.ir.system import Frame, Point, System, ThreadType, Variable
from dmc.lower.lowering import ASYNC_THREAD, SCHEDULER, Lowered
from dmc.results.report import Change, Trace, TraceStep
from dmc.runtime.lock_regime import lock_name

HIDDEN = ("process.", ".position", "async.counter", "port.tasks", ".kind")


@dataclass(frozen=True)
class Told:
    """The trace, and the functions that the finding ends in."""

    trace: Trace
    functions: tuple[str, ...]


def tell(lowered: Lowered, finding: Finding, text: str) -> Told:
    """Replays the finding in the unreduced system and tells it; `text` is what is violated."""
    run = replay(lowered.system, finding)
    points = _points(lowered.system)
    steps = told_steps(lowered, (*run.steps, *run.beyond))
    if run.steps:
        at = len(run.steps) - 1
        mark = f"violates {finding.property}" + (": from here on no run can finish" if finding.stuck else "")
        steps = (*steps[:at], replace(steps[at], marks=(mark,)), *steps[at + 1 :])
    functions = _functions(lowered, finding, run, points)
    names = thread_names(lowered)
    stuck = tuple(_stuck_line(names, s, points) for s in run.stuck or finding.stuck)
    trace = Trace(
        initial=_initial(lowered, finding),
        steps=steps,
        owed=_owed(lowered, run),
        stuck=stuck,
        summary=_summary(finding, text, functions, run),
        initial_values=finding.path.initial,
    )
    return Told(trace, functions)


def told_steps(lowered: Lowered, steps: Sequence[ReplayStep]) -> tuple[TraceStep, ...]:
    """Steps of a run in the words of the model, with the locks that each thread then holds."""
    points, names = _points(lowered.system), thread_names(lowered)
    held: dict[str, int] = {}
    told = []
    for step in steps:
        _follow_locks(held, step)
        told.append(_step(lowered, step, points, names, _held_by(held, step, lowered)))
    return tuple(told)


def _follow_locks(held: dict[str, int], step: ReplayStep) -> None:
    """Locks by the cell of their holder; the number of the thread that holds each."""
    for change in step.changes:
        if change.cell.startswith("port_lock") or change.cell.endswith(".holder"):
            held[change.cell] = change.after


def _held_by(held: dict[str, int], step: ReplayStep, lowered: Lowered) -> tuple[str, ...]:
    mine = [cell for cell, thread in held.items() if thread == step.choice.thread]
    return tuple(_lock_name(cell, step, lowered) for cell in mine)


def _lock_name(cell: str, step: ReplayStep, lowered: Lowered) -> str:
    if cell.startswith("heap#"):
        thing = step.objects.get(("heap", int(cell[5:].partition(".")[0])))
        return f"{thing.kind} #{thing.number}" if thing is not None else "a mutex"
    name = lock_name(lowered.world)
    number = cell[len("port_lock") :].strip("[]")
    return f"{name} ({int(number) + 1})" if number else name


def thread_names(lowered: Lowered) -> list[str]:
    """The name of each thread, by its number less one."""
    names = []
    for thread_type in lowered.system.threads:
        for instance in range(thread_type.instances):
            numbered = thread_type.instances > 1 or thread_type.name in (SCHEDULER, ASYNC_THREAD)
            names.append(f"{thread_type.name} {instance + 1}" if numbered else thread_type.name)
    return names


def _points(system: System) -> list[dict[str, Point]]:
    by_type = [{p.name: p for p in t.points} for t in system.threads]
    return [points for t, points in zip(system.threads, by_type, strict=True) for _ in range(t.instances)]


def _step(
    lowered: Lowered,
    step: ReplayStep,
    points: list[dict[str, Point]],
    names: list[str],
    held: tuple[str, ...],
) -> TraceStep:
    thread = step.choice.thread
    point = points[thread - 1][step.source]
    actor, action = _split(step.label, lowered, names[thread - 1])
    return TraceStep(
        thread=thread,
        alternative=step.choice.alternative,
        lane=names[thread - 1],
        actor=actor,
        frames=tuple(_frame(f) for f in point.frames),
        action=action,
        place=step.place,
        changes=tuple(_changes(lowered, step)),
        held=held,
    )


def _split(label: str, lowered: Lowered, lane: str) -> tuple[str, str]:
    for instance in lowered.instances:
        if label.startswith(f"{instance.name}: "):
            return instance.name, label[len(instance.name) + 2 :]
    return lane, label


def _frame(frame: Frame) -> str:
    return frame.function


def _changes(lowered: Lowered, step: ReplayStep) -> list[Change]:
    """What changed in the model's own data; the fields of an object as it comes and goes say nothing."""
    result = []
    lifetimes = {c.cell.partition(".")[0] for c in step.changes if c.cell.endswith(".kind")}
    for change in step.changes:
        if change.cell.partition(".")[0] in lifetimes or any(part in change.cell for part in HIDDEN):
            continue
        name, sort = _cell(lowered, change.cell, step)
        if name is not None:
            result.append(Change(name, _value(sort, change.before, step), _value(sort, change.after, step)))
    return result


def _cell(lowered: Lowered, cell: str, step: ReplayStep) -> tuple[str | None, Sort | None]:
    """A cell's name in the model's words; None for what is the machinery's own."""
    if cell.startswith("heap#"):
        number, _, field = cell[5:].partition(".")
        thing = step.objects.get(("heap", int(number)))
        if thing is None or thing.kind not in lowered.structs or field.isdigit() or "." in field:
            return None, None
        kind = next(k for k in lowered.system.pools[0].kinds if k.name == thing.kind)
        sort = next((f.sort for f in kind.fields if f.name == field), None)
        return f"{thing.kind} #{thing.number}.{field}", sort
    base, _, rest = cell.partition("[")
    for variable in lowered.system.variables:
        if variable.name == base:
            return _variable(variable, rest, lowered)
    return None, None


def _variable(variable: Variable, rest: str, lowered: Lowered) -> tuple[str | None, Sort | None]:
    shown = {"port.state": "state of port"}
    if variable.name in shown:
        number = int(rest.rstrip("]")) + 1 if rest else 1
        several = f" {number}" if lowered.world.port_count > 1 else ""
        return f"{shown[variable.name]}{several}", variable.sort
    if variable.name in ("port_lock", "port.data", "port.slot", "port.running", "waiting_on", "async.batch"):
        return None, None
    if "." in variable.name and variable.name.split(".")[0] in lowered.silent:
        return None, None
    return f"{variable.name}[{rest}" if rest else variable.name, variable.sort


def _value(sort: Sort | None, value: int, step: ReplayStep) -> str:
    if value == UNSET:
        return "unset"
    match sort:
        case Bool():
            return "true" if value else "false"
        case Enum(members=members) if 0 <= value < len(members):
            return members[value]
        case Ref():
            if not value:
                return "NULL"
            thing = step.objects.get(("heap", value))
            return f"{thing.kind} #{thing.number}" if thing else f"object {value}"
        case _:
            return str(value)


def _initial(lowered: Lowered, finding: Finding) -> tuple[tuple[str, str], ...]:
    choices = zip(lowered.system.initial_choices, finding.path.initial, strict=True)
    return tuple(
        ("the counter of jobs without a key points at async thread", str(value + 1))
        for choice, value in choices
        if len(choice.values) > 1
    )


def _functions(
    lowered: Lowered, finding: Finding, run: Replay, points: list[dict[str, Point]]
) -> tuple[str, ...]:
    """Where the finding ends: the innermost functions of the threads that it is about."""
    found: list[str] = []
    if finding.stuck:
        for stuck in run.stuck or finding.stuck:
            found += _innermost(points[stuck.thread - 1][stuck.point], lowered)
    elif finding.race is not None:
        for choice in (finding.race.first, finding.race.second):
            step = _type_of(lowered.system, choice.thread).steps[choice.alternative]
            found += _innermost(points[choice.thread - 1][step.source], lowered)
    elif run.steps:
        last = run.steps[-1]
        here = points[last.choice.thread - 1]
        found += _innermost(here[last.source], lowered)
        for event, _ in last.events:
            kind, _, name = event.partition(" ")
            if kind in ("call", "return") and name not in found:
                found.append(name)
        actor, _ = _split(last.label, lowered, "")
        found += [actor] if actor else []
    return tuple(dict.fromkeys(f for f in found if f))


def _type_of(system: System, thread: int) -> ThreadType:
    return lay_out(system).threads[thread - 1].type


def _innermost(point: Point, lowered: Lowered) -> list[str]:
    """The innermost function of the author's, and the one of the API inside of it, if any."""
    result = []
    for frame in reversed(point.frames):
        result.append(frame.function)
        if frame.role != "call" or frame.place.line == 0:
            break
        if not frame.function.startswith(("driver_", "erl_drv_")):
            break
    return result


def _stuck_line(names: list[str], stuck: StuckThread, points: list[dict[str, Point]]) -> str:
    thread = stuck.thread
    point = points[thread - 1][stuck.point]
    inside = " inside ".join(f.function for f in reversed(point.frames)) or "the runtime"
    place = f" at {point.place}" if point.place.line else ""
    if stuck.looping:
        return f"{names[thread - 1]} turns in {inside}{place} and never leaves"
    what = f" waits for {stuck.waits}" if stuck.waits else " waits"
    holder = f", which {names[stuck.holder - 1]} has" if stuck.holder else ""
    return f"{names[thread - 1]}, in {inside}{place},{what}{holder}"


def _owed(lowered: Lowered, run: Replay) -> tuple[str, ...]:
    """What is still allocated or under way when the run ends."""
    layout = lay_out(lowered.system)
    pool = layout.pools["heap"]
    held = run.steps[-1].objects if run.steps else {}
    lines = []
    for number, slot in enumerate(pool.slots(), 1):
        kind = run.last[slot]
        thing = held.get(("heap", number))
        if kind > DEAD and thing is not None and thing.kind in lowered.structs:
            lines.append(f"{thing.kind} #{thing.number}, made in step {thing.made_at}, is not freed")
    for thing in run.steps[-1].lost if run.steps else ():
        lines.append(
            f"{thing.kind} #{thing.number}, made in step {thing.made_at}, is lost: nothing refers to it any more"
        )
    return tuple(lines)


def _summary(finding: Finding, text: str, functions: tuple[str, ...], run: Replay) -> str:
    where = f" in {functions[0]}" if functions else ""
    kind = f": {finding.kind.replace('_', ' ')}" if finding.kind else ""
    lost = [f"{o.kind} #{o.number} (made in step {o.made_at})" for s in run.steps[-1:] for o in s.lost]
    if lost:
        return f"{', '.join(lost)} is lost{where}: {text}"
    if finding.race is not None:
        return f"two threads can access {finding.race.location} at once: {text}"
    if finding.stuck:
        moves = "nothing can move any more" if finding.deadlock else "no run from here can finish"
        return f"{moves}: {text}"
    return f"violated{where}{kind}: {text}"
