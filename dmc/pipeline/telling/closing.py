"""The closing sentence of a finding: what happened, in plain words, and nothing that is not known.

A fact that a sentence states ("while job 1 was queued") is read from the run. What caused what is for
the reader to say.
"""

from __future__ import annotations

from dmc.engines.reference.replay import Replay
from dmc.engines.reference.walk import Object, ReplayStep
from dmc.ir.outcome import Choice, Finding, RacePair, StuckThread
from dmc.ir.system import Property, PropertyKind
from dmc.lower.faults import FAULT
from dmc.lower.weaving import CALLBACK_NAMES
from dmc.model.model import Rule
from dmc.pipeline.telling.assertions import assertion_text, end_text
from dmc.pipeline.telling.endings import Ending, made, step_text
from dmc.pipeline.telling.faults import actor, capital, deed, fault_sentence, where
from dmc.pipeline.telling.functions import authors_frame
from dmc.pipeline.telling.history import History
from dmc.pipeline.telling.naming import place_text
from dmc.pipeline.telling.obligations import missed_sentence
from dmc.runtime.binaries import OWN
from dmc.runtime.world import BINARY, HEAP, JOB


class Closing:
    """Tells one finding at the end of its run; `rule` is the one that it violates, if it is one."""

    def __init__(self, history: History, finding: Finding, run: Replay, rule: Rule | None) -> None:
        self._history = history
        self._names = history.names
        self._finding = finding
        self._run = run
        self._rule = rule
        self._ending = Ending(history)

    def sentence(self) -> str:
        """The sentence, or a few of them; what the run needs that only a fault clause allows comes last."""
        return " ".join(filter(None, (self._what_happens(), self._faults())))

    def _faults(self) -> str:
        told = [
            f"{event.removeprefix(FAULT).strip()} fails in step {number}"
            for number, step in enumerate(self._history.steps, 1)
            for event, _ in step.events
            if event.startswith(f"{FAULT} ")
        ]
        word = "a fault" if len(told) == 1 else "faults"
        return f"It needs {word}: {' and '.join(told)}." if told else ""

    def _what_happens(self) -> str:
        finding = self._finding
        if finding.race is not None:
            return self._race(finding.race)
        if self._kind() is PropertyKind.HANG:
            return self._hang(self._run.stuck or finding.stuck)
        if self._kind() is PropertyKind.CAN_REACH:
            return missed_sentence(self._history, finding, self._run, self._rule)
        if self._kind() is PropertyKind.ACYCLIC:
            return self._cycle()
        if finding.kind:
            return fault_sentence(self._history, finding.kind)
        lost = self._lost_things()
        if lost:
            return " ".join(self._lost(thing) for thing in lost)
        return self._violation()

    def _claim(self) -> Property | None:
        properties = self._history.lowered.system.properties
        return next((p for p in properties if p.id == self._finding.property), None)

    def _kind(self) -> PropertyKind | None:
        claim = self._claim()
        return None if claim is None else claim.kind

    def _lost_things(self) -> list[Object]:
        """What the last step has lost, as far as the finding is about that."""
        claim = self._claim()
        if claim is None or claim.kind is not PropertyKind.LOST or not self._run.steps:
            return []
        return [thing for thing in self._run.steps[-1].lost if claim.is_about(thing.kind)]

    # --- states and assertions ------------------------------------------------------------------

    def _violation(self) -> str:
        number = self._history.end
        when = f"after step {number}" if number else "at the start"
        match self._kind():
            case PropertyKind.INVARIANT:
                last = f": {deed(self._history, number)} by {actor(self._history, number)}" if number else ""
                return f"{capital(when)} `{self._finding.property}` does not hold{last}."
            case PropertyKind.AT_END | PropertyKind.LOST:
                text = end_text(self._history, self._rule)
                return f"{capital(when)} everything has come to rest{f', and {text}' if text else ''}."
            case _:
                return self._assertion(number)

    def _assertion(self, number: int) -> str:
        text = assertion_text(self._history, self._finding, self._rule)
        if not number:
            return f"At the start: {text}." if text else "It does not hold at the start."
        if not text:
            who = actor(self._history, number)
            return f"In step {number} {who} violates it: {deed(self._history, number)}."
        told = [f"In step {number}, {where(self._history, number)}: {text}."]
        told += [self._submission(thing) for thing in self._jobs_of(self._history.steps[-1])]
        return " ".join(told)

    def _jobs_of(self, step: ReplayStep) -> list[Object]:
        """The jobs that a step is about."""
        slots = dict.fromkeys(v for _, arguments in step.events for name, v in arguments if name == "job")
        found = [step.objects.get((HEAP, slot)) for slot in slots]
        return [thing for thing in found if thing is not None and thing.kind == JOB]

    def _submission(self, job: Object) -> str:
        text = f"{capital(self._names.object(job))} was submitted in {step_text(self._history, job.made_at)}"
        slot = next((s for (_, s), o in self._history.steps[-1].objects.items() if o == job), 0)
        data = self._history.view(job.made_at).field(slot, JOB, "data")
        objects = self._history.steps[job.made_at - 1].objects
        return text + (f" with {self._names.slot(data, objects)}." if data > 0 else ".")

    # --- leaks ----------------------------------------------------------------------------------

    def _lost(self, thing: Object) -> str:
        history = self._history
        slot = next(s for (_, s), o in history.steps[-1].objects.items() if o == thing)
        name, number = self._names.object(thing), history.end
        holders = sorted({self._holder(*pair, number) for pair in history.references_to(slot, number - 1)})
        by = f", {' and '.join(holders)}," if holders else ""
        told = (
            f"{capital(name)} was {made(history, thing)} and is never freed. The last reference to it{by}"
            f" goes in step {number}, {where(history, number)}: {deed(history, number)}."
        )
        return told + self._never_given_back(thing, slot)

    def _never_given_back(self, thing: Object, slot: int) -> str:
        """Of a binary: how many references the driver then still has in its account."""
        if thing.kind != BINARY:
            return ""
        own = self._history.view(self._history.end - 1).field(slot, BINARY, OWN)
        if not own:
            return ""
        which = "a reference" if own == 1 else f"{own} references"
        return f" The driver has {which} to it that it has not given back."

    def _holder(self, kind: str, name: str, number: int) -> str:
        match kind:
            case "local":
                frame = authors_frame(self._history.source(self._history.steps[number - 1]))
                where = f" in `{frame.function}`" if frame is not None else ""
                return f"a local of {name}{where}"
            case "job":
                return f"the async_data of {name.rpartition(' of ')[2]}"
            case _:
                return name

    # --- races ----------------------------------------------------------------------------------

    def _race(self, race: RacePair) -> str:
        moment = len(self._run.steps)
        first, second = (self._access(c, race.location, moment) for c in (race.first, race.second))
        when = f"After step {moment}" if moment else "At the start"
        what = self._accessed_object(race, moment)
        return f"{when} nothing keeps two threads apart at {what}: {first}, and {second}."

    def _access(self, choice: Choice, location: str, moment: int) -> str:
        thread = self._history.layout.threads[choice.thread - 1]
        step = thread.type.steps[choice.alternative]
        writes = any(a.write for a in step.accesses if a.location == location)
        point = self._history.point(choice.thread, step.source)
        frame = authors_frame(point)
        name = self._names.thread(choice.thread)
        who = f"`{frame.function}` on {name}" if frame is not None and frame.role != "thread" else name
        place = place_text(step.place)
        return f"{who} can {'write' if writes else 'read'} it next" + (f" ({place})" if place else "")

    def _accessed_object(self, race: RacePair, moment: int) -> str:
        step = self._history.layout.threads[race.first.thread - 1].type.steps[race.first.alternative]
        access = next((a for a in step.accesses if a.location == race.location), None)
        kind, dot, field = race.location.partition(".")
        if access is None or not dot or kind not in self._history.lowered.structs:
            return f"`{race.location}`"
        slot = self._history.value(access.object, race.first.thread, moment)
        objects = self._history.steps[moment - 1].objects if moment else {}
        return f"`{field}` of {self._names.slot(slot, objects)}"

    # --- hangs ----------------------------------------------------------------------------------

    def _hang(self, stuck: tuple[StuckThread, ...]) -> str:
        waiting = self._ending.waiting_processes()
        start = len(self._run.steps)
        begin = f"From step {start} on no run can finish." if start else "No run can finish."
        never = [*dict.fromkeys(f"`{f}` never returns" for s in stuck if (f := self._callback(s)))]
        never += [f"{name} waits for ever" for name, _ in waiting]
        never += self._ending.closing_ports()
        told = [begin, self._moves(stuck), _sentence(never)]
        first = next((s for s in stuck if not self._ending.loops(s)), None)
        if first is not None:
            told.append(f"{capital(self._names.thread(first.thread))} {self._ending.waits_for(first)}.")
        return " ".join(filter(None, told))

    def _moves(self, stuck: tuple[StuckThread, ...]) -> str:
        turning = [self._names.thread(s.thread) for s in stuck if self._ending.loops(s)]
        if turning:
            return f"{capital(' and '.join(turning))} turn{'s' if len(turning) == 1 else ''} in a loop."
        if self._run.stuck or self._finding.deadlock:
            after = f"after step {self._history.end} " if self._history.end else ""
            return f"A deadlock: {after}nothing moves any more."
        return ""

    def _callback(self, stuck: StuckThread) -> str:
        frames = self._ending.point(stuck).frames
        return next((f.function for f in frames if f.function in CALLBACK_NAMES), "")

    # --- the order of locks ---------------------------------------------------------------------

    def _cycle(self) -> str:
        parts = []
        for held, taken in self._finding.cycle:
            first, second = self._names.lock_class(held), self._names.lock_class(taken)
            number = self._step_of(held, taken)
            where = f"in {step_text(self._history, number)}" if number else "in another run"
            if held == taken:
                parts.append(f"{first} is taken {where} by a thread that holds another one like it")
            else:
                parts.append(f"{second} is taken while {first} is held, {where}")
        return f"{capital('; '.join(parts))}. Two threads that do both at once wait for each other."

    def _step_of(self, held: int, taken: int) -> int:
        """The step of this run that takes one of the two locks while the other is held, or 0."""
        wanted = (self._names.lock_class(held), self._names.lock_class(taken))
        for number in range(1, self._history.end + 1):
            thread = self._history.steps[number - 1].choice.thread
            before = self._history.held(thread, number - 1)
            now = [lock for lock in self._history.held(thread, number) if lock.since == number]
            pairs = [(self._class(a.name, number), self._class(b.name, number)) for a in before for b in now]
            if wanted in pairs:
                return number
        return 0

    def _class(self, name: str, number: int) -> str:
        return self._history.lock_class_of(name, number)


def _sentence(parts: list[str]) -> str:
    """The parts in one sentence; nothing for none."""
    *others, last = parts or [""]
    text = f"{', '.join(others)}, and {last}" if others else last
    return f"{capital(text)}." if text else ""
