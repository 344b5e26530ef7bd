"""What there is after each step of a run, and what it owes: told as the changes from step to step."""

from __future__ import annotations

from collections.abc import Iterator

from dmc.engines.reference.walk import Object
from dmc.pipeline.telling.history import History, View
from dmc.pipeline.telling.naming import LOCKS, Objects
from dmc.results.ledger import GONE, LedgerEntry
from dmc.runtime import port_lifecycle
from dmc.runtime.async_jobs import JOB_STATES, SETTLED
from dmc.runtime.binaries import OWN, REFC
from dmc.runtime.io_queue import SIZE
from dmc.runtime.mutexes import COND
from dmc.runtime.port_data_lock import OWN as PDL_OWN
from dmc.runtime.port_data_lock import PDL, REFERENCES
from dmc.runtime.world import BINARY, HEAP, JOB

RUNNING = JOB_STATES.index("running")

Entries = dict[str, LedgerEntry]

_OF_PORT = {
    port_lifecycle.OPENING: "start",
    port_lifecycle.OPEN: "stop",
    port_lifecycle.CLOSING: "stop",
    port_lifecycle.EXITING: "its death",
    port_lifecycle.STOPPING: "its death",
}


class Ledger:
    """The ledger of one run."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._names = history.names
        self._lowered = history.lowered

    def changes(self) -> Iterator[tuple[LedgerEntry, ...]]:
        """For each step the entries that are new or different after it, those that are gone last."""
        before: Entries = {}
        for number in range(1, self._history.end + 1):
            now = self._after(number)
            changed = [entry for name, entry in now.items() if before.get(name) != entry]
            lost = {self._names.object(thing) for thing in self._history.steps[number - 1].lost}
            gone = [self._gone(entry, lost) for name, entry in before.items() if name not in now]
            yield (*changed, *gone)
            before = now

    def _gone(self, entry: LedgerEntry, lost: set[str]) -> LedgerEntry:
        """What is lost still owes what it owed: nobody can settle that any more."""
        if entry.name in lost:
            return LedgerEntry(entry.name, entry.kind, "lost", "", 0, entry.owes)
        return LedgerEntry(entry.name, entry.kind, GONE, "", 0)

    def _after(self, number: int) -> Entries:
        view = self._history.view(number)
        objects = self._history.steps[number - 1].objects
        entries: Entries = {}
        for entry in (*self._ports(view), *self._objects(view, objects, number), *self._locks(number)):
            entries[entry.name] = entry
        return entries

    def _ports(self, view: View) -> Iterator[LedgerEntry]:
        for number in range(1, self._lowered.world.port_count + 1):
            name = self._names.port(number)
            state = view.variable(port_lifecycle.STATE, number - 1)
            if state not in (port_lifecycle.UNOPENED, port_lifecycle.DEAD):
                yield LedgerEntry(name, "port", port_lifecycle.STATES[state], "", 1, _OF_PORT.get(state, ""))
            left = view.variable(SIZE, number - 1)
            if left > 0:
                yield LedgerEntry(f"queue of {name}", "queue", "queued", name, left, "driver_deq, or flush")

    def _objects(self, view: View, objects: Objects, number: int) -> Iterator[LedgerEntry]:
        for slot in view.live():
            thing = objects.get((HEAP, slot))
            if thing is None:
                continue
            entry = self._object(slot, thing, view, number)
            if entry is not None:
                yield entry

    def _object(self, slot: int, thing: Object, view: View, number: int) -> LedgerEntry | None:
        name = self._names.object(thing)
        if thing.kind == JOB:
            return self._job(slot, name, view)
        if thing.kind == BINARY:
            references, own = view.field(slot, BINARY, REFC), view.field(slot, BINARY, OWN)
            owner = self._owners(slot, number) if own else "others"
            owes = f"{own} times driver_free_binary" if own > 1 else "driver_free_binary" if own else ""
            return LedgerEntry(name, "binary", "live", owner, references, owes)
        if thing.kind == PDL:
            references, own = view.field(slot, PDL, REFERENCES), view.field(slot, PDL, PDL_OWN)
            owes = f"{own} times driver_pdl_dec_refc" if own else ""
            return LedgerEntry(name, "pdl", "live", "", references, owes)
        if thing.kind in LOCKS:
            what = "erl_drv_cond_destroy" if thing.kind == COND else "destroy"
            return LedgerEntry(name, "lock", "live", self._owners(slot, number), 1, what)
        if thing.kind in self._lowered.structs:
            return LedgerEntry(name, "memory", "live", self._owners(slot, number), 1, "driver_free")
        return None

    def _job(self, slot: int, name: str, view: View) -> LedgerEntry | None:
        state = view.field(slot, JOB, "state")
        if state == SETTLED:
            return None
        port = self._names.port(view.field(slot, JOB, "port"))
        end = "one of ready_async and async_free"
        owes = end if state > RUNNING else f"its run, and {end}" if state < RUNNING else end
        return LedgerEntry(name, "job", JOB_STATES[state], port, 1, owes)

    def _owners(self, slot: int, number: int) -> str:
        """What refers to an object, but for locals where anything else does."""
        found = list(dict.fromkeys(self._history.references_to(slot, number)))
        kept = [name for kind, name in found if kind != "local"] or [name for _, name in found]
        return " and ".join(self._holder(name) for name in kept)

    def _holder(self, name: str) -> str:
        """A holder's name; the driver data is told by its port."""
        if name.partition("[")[0] != port_lifecycle.DATA:
            return name
        return f"{self._names.port(int(name.partition('[')[2].rstrip(']') or 0) + 1)} as its data"

    def _locks(self, number: int) -> Iterator[LedgerEntry]:
        for held in self._history.locks[number].values():
            owner = self._names.thread(held.thread)
            yield LedgerEntry(held.name, "lock", "held", owner, 1, "unlock")
