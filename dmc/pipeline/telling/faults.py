"""What each misuse means, in a sentence: who does it, in which step, and to what."""

from __future__ import annotations

from dmc.engines.reference.walk import Object
from dmc.ir.expr import Read, Register
from dmc.ir.sort import DEAD
from dmc.pipeline.telling.endings import made
from dmc.pipeline.telling.functions import authors_frame
from dmc.pipeline.telling.history import History
from dmc.pipeline.telling.naming import place_text
from dmc.runtime.async_jobs import JOB_REGISTER, JOB_STATES, SETTLED
from dmc.runtime.world import HEAP, JOB

PHRASES = {
    "unset_value": "uses a value that was never set",
    "unset_pointer": "follows a pointer that was never set",
    "null_pointer": "follows a null pointer",
    "unset_lock": "uses a lock that was never set",
    "null_lock": "is given NULL for a lock",
    "destroyed_lock": "uses a lock that was destroyed",
    "unlock_by_other": "unlocks a mutex that its thread does not hold",
    "destroy_in_use": "destroys a lock that is in use",
    "wait_without_mutex": "waits without holding the mutex",
    "second_stop": "has `stop` called again for a port that is in its `stop` already",
    "exit_in_start": "makes the port fail inside of `start`",
    "forbidden_context": "makes a call that is not allowed there",
    "wrong_thread_data": "gets thread specific data of another struct than it wants",
    "destroyed_key": "uses a key of thread specific data that does not exist any more",
    "joined_twice": "joins a thread that was joined already",
    "index_out_of_range": "goes beyond the end of an array or buffer",
    "division_by_zero": "divides by zero",
    "out_of_range": "computes or stores a value outside of the range of its type",
    "wait_in_atomic": "would have to wait inside of `atomic`",
    "use_after_free": "uses memory that was freed",
    "double_free": "frees memory that was freed already",
    "binary_freed_again": "gives back a reference to a binary that was freed already",
    "binary_realloc_shared": "reallocates a binary that others refer to",
    "pdl_reference_missing": "gives back a reference to the port data lock that the driver never took",
    "reply_too_long": "gives an answer that is longer than the buffer it is in",
    "reply_wrong_kind": "gives a buffer for a binary, or a binary or what is lent for a buffer",
    "reply_not_held": "answers with a binary that the driver has no reference to",
    "stale_port": "uses the handle of a port that is dead and gone",
}

GONE = ("use_after_free", "double_free", "destroyed_lock", "binary_freed_again")


def fault_sentence(history: History, kind: str) -> str:
    """What happens in the last step of the run, and what led to it where that is known."""
    number = history.end
    if number == 0:
        return f"The run begins with a fault: {kind.replace('_', ' ')}."
    thing = _dead_object(history) if kind in GONE else None
    freed = history.freed_in(thing) if thing is not None else 0
    if thing is not None and freed:
        return _after_its_end(history, kind, thing, freed)
    if kind == "wrong_type":
        return _wrong_type(history)
    phrase = PHRASES.get(kind, f"is a misuse: {kind.replace('_', ' ')}")
    return f"In step {number} {actor(history, number)} {phrase}: {deed(history, number)}."


def actor(history: History, number: int) -> str:
    """`` `run` on async thread 1``, or the thread alone where it is inside of no function."""
    step = history.steps[number - 1]
    frame = authors_frame(history.source(step))
    thread = history.names.thread(step.choice.thread)
    if frame is None or frame.role == "thread":
        return thread
    return f"`{frame.function}` on {thread}"


def where(history: History, number: int) -> str:
    """``in `run` on async thread 1``, or `on async thread 1`."""
    who = actor(history, number)
    return f"in {who}" if who.startswith("`") else f"on {who}"


def deed(history: History, number: int) -> str:
    """The call or statement of a step, with its place."""
    step = history.steps[number - 1]
    place = place_text(step.place)
    return step.label + (f" ({place})" if place else "")


def _after_its_end(history: History, kind: str, thing: Object, freed: int) -> str:
    name = history.names.object(thing)
    word = "destroyed" if kind == "destroyed_lock" else "freed"
    again = "frees it again" if kind in ("double_free", "binary_freed_again") else "still uses it"
    first = f"In step {freed} {actor(history, freed)} {word} {name}: {deed(history, freed)}"
    jobs = _jobs_then(history, freed)
    if jobs:
        first += f", while {jobs}"
    last = f"In step {history.end} {actor(history, history.end)} {again}: {deed(history, history.end)}"
    return f"{first}. {last}. {capital(name)} was {made(history, thing)}."


def _wrong_type(history: History) -> str:
    """The call that has not begun yet: of which job it is, and what it would be handed."""
    thread = history.steps[-1].choice.thread
    job = history.value(Read(Register(JOB_REGISTER)), thread, history.end - 1)
    thing = history.steps[-1].objects.get((HEAP, job))
    text = f"In step {history.end} `ready_async` is to be called with data of another struct than it declares"
    if thing is None:
        return f"{text}."
    data = history.view(history.end - 1).field(job, JOB, "data")
    what = history.names.slot(data, history.steps[-1].objects)
    return f"{text}: {what}, the async_data of {history.names.object(thing)}."


def capital(text: str) -> str:
    """The text as the beginning of a sentence."""
    return text[:1].upper() + text[1:]


def _jobs_then(history: History, moment: int) -> str:
    """The jobs that were not settled at some moment: a fact of the run, not a cause."""
    view = history.view(moment)
    objects = history.steps[moment - 1].objects
    told = []
    for slot in view.live():
        thing = objects.get((HEAP, slot))
        if thing is not None and thing.kind == JOB and view.field(slot, JOB, "state") != SETTLED:
            told.append(f"{history.names.object(thing)} was {JOB_STATES[view.field(slot, JOB, 'state')]}")
    return " and ".join(told)


def _dead_object(history: History) -> Object | None:
    """The object that the last step is about and that is dead already."""
    before = history.view(history.end - 1)
    objects = history.steps[-1].objects
    slots = [*history.accessed(history.end), *_job_data(history)]
    return next((objects.get((HEAP, s)) for s in slots if s > 0 and before.kind(s) == DEAD), None)


def _job_data(history: History) -> list[int]:
    """What jobs that are not settled carry: `driver_free` of it may be the runtime's own call."""
    view = history.view(history.end - 1)
    objects = history.steps[-1].objects
    jobs = [s for s in view.live() if (o := objects.get((HEAP, s))) is not None and o.kind == JOB]
    return [view.field(job, JOB, "data") for job in jobs if view.field(job, JOB, "state") != SETTLED]
