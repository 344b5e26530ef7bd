"""One search under way: the handle of `search.h`, and what it tells in the system's words."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from ctypes import byref, c_int32, c_uint32, c_uint64, pointer
from typing import Any, overload

from dmc.base.exceptions import InternalError
from dmc.engines.compiled import native
from dmc.engines.compiled.emitter import Emitted
from dmc.engines.compiled.fusion_plan import FusionPlan
from dmc.engines.compiled.unsupported import Unsupported
from dmc.ir.outcome import Choice, Finding, Limits, Path, RacePair
from dmc.ir.statement import Cut, Drop, Fault

Cells = tuple[int, ...]
NONE = 2**64 - 1


class Handle:
    """A search of a model. Use it as a context: what it hands out is gone when it is closed."""

    def __init__(
        self,
        library: ctypes.CDLL,
        model: int,
        emitted: Emitted,
        limits: Limits,
        renumber: bool,
        graph: bool,
        plan: FusionPlan | None,
    ):
        self.library = library
        self.emitted = emitted
        self.plan = plan
        options = native.Options(
            version=native.VERSION,
            renumber=renumber,
            graph=graph,
            depth=native.NO_DEPTH if limits.depth is None else min(limits.depth, native.NO_DEPTH),
            states=native.NO_LIMIT if limits.states is None else limits.states,
            bytes=native.NO_LIMIT if limits.memory is None else limits.memory,
            plan=None if plan is None else pointer(plan.structure),
        )
        self.pointer: int | None = library.dmc_open(model, byref(options))
        if not self.pointer:
            raise Unsupported("there is not enough memory to begin")

    def __enter__(self) -> Handle:
        return self

    def __exit__(self, *_: object) -> None:
        self.library.dmc_close(self.pointer)
        self.pointer = None

    def step(self, budget: int) -> int:
        """Go on; a status."""
        return int(self.library.dmc_step(self.pointer, budget))

    def statistics(self) -> native.Statistics:
        """The numbers so far."""
        found = native.Statistics()
        self.library.dmc_get_statistics(self.pointer, byref(found))
        return found

    def finding(self, number: int) -> Finding | None:
        """The first violation of the property with this number, if there was one."""
        found = self.library.dmc_get_finding(self.pointer, number).contents
        if not found.found:
            return None
        numbering = self.emitted.numbering
        kind, race = "", None
        details: tuple[tuple[str, int], ...] = ()
        if found.outcome:
            outcome = list(numbering.outcomes)[found.outcome - 1]
            kind = outcome.kind if isinstance(outcome, Fault) else ""
        if found.site:
            names = list(numbering.sites)[found.site - 1].details
            details = tuple(zip(names, found.value[: found.values], strict=True))
        if found.raced:
            location = list(numbering.locations)[found.race.location]
            race = RacePair(_choice(found.race.first), _choice(found.race.second), location)
        path = self.path(found.source, _choices(found.choice, found.choices))
        claim = numbering.system.properties[number].id
        return Finding(claim, path, kind=kind, details=details, race=race)

    def path(self, state: int, further: tuple[Choice, ...] = ()) -> Path:
        """The run into a state, and on."""
        room = 256
        while True:
            buffer, initial = (native.Choice * room)(), c_uint32()
            count = self.library.dmc_get_path(self.pointer, state, buffer, c_uint64(room), byref(initial))
            if count == NONE:
                raise InternalError("compiled", f"no path to state {state} was found again")
            if count <= room:
                values = self.emitted.initial_values[initial.value]
                return Path(values, (*map(_choice, buffer[:count]), *further))
            room = count

    def pairs(self) -> Iterator[tuple[str, tuple[int, int], int, tuple[Choice, ...]]]:
        """The collected pairs, in order: relation, pair, and the state and choices that first led to it."""
        names = list(self.emitted.numbering.relations)
        for number in range(self.statistics().pairs):
            found = self.library.dmc_get_pair(self.pointer, number).contents
            choices = _choices(found.choice, found.choices)
            yield names[found.relation], (found.start, found.end), found.source, choices

    def covered(self) -> frozenset[str]:
        """The names covered."""
        words = self.library.dmc_get_covered(self.pointer)
        covers = self.emitted.numbering.covers.items()
        return frozenset(name for name, number in covers if words[number // 64] >> number % 64 & 1)

    def ended(self) -> tuple[dict[str, int], dict[str, int]]:
        """How many runs ended with each cut or kind of fault, and with each drop."""
        counts = self.library.dmc_get_outcomes(self.pointer)
        cuts: dict[str, int] = {}
        dropped: dict[str, int] = {}
        for outcome, number in self.emitted.numbering.outcomes.items():
            match outcome:
                case Fault(kind, _):
                    table, name = cuts, f"fault:{kind}"
                case Cut(name):
                    table = cuts
                case Drop(name):
                    table = dropped
            if counts[number]:
                table[name] = table.get(name, 0) + counts[number]
        return cuts, dropped

    def visits(self) -> dict[str, int]:
        """For each point, how many times a thread stands at it, over all states."""
        counts, layout = self.library.dmc_get_visits(self.pointer), self.emitted.layout
        return {layout.point_name(n): counts[n] for n in range(len(layout.points)) if counts[n]}

    def component(self) -> States:
        """The states in which a hang stays for ever."""
        numbers = self.library.dmc_get_component(self.pointer)
        return States(self, numbers[: self.statistics().component])

    def missed(self, obligation: int) -> native.Missed:
        """What was found of an obligation; only once the search is complete."""
        found: native.Missed = self.library.dmc_get_missed(self.pointer, obligation).contents
        return found

    def component_of(self, missed: native.Missed) -> States:
        """The states in which runs stay that miss an obligation."""
        return States(self, missed.component[: missed.components])

    def sample(self, most: int) -> States:
        """Some of the states, evenly spread; all of them if there are not more."""
        states = self.statistics().states
        return States(self, range(0, states, max(1, -(-states // most))))

    def state(self, number: int) -> Cells:
        """The cells of a state."""
        cells = (c_int32 * max(1, self.emitted.layout.size))()
        self.library.dmc_get_state(self.pointer, number, cells)
        return tuple(cells[: self.emitted.layout.size])


class States(Sequence[Cells]):
    """States of a search, as cells, one by one when they are asked for."""

    def __init__(self, handle: Handle, numbers: Sequence[int]):
        self.handle = handle
        self.numbers = numbers

    def __len__(self) -> int:
        return len(self.numbers)

    @overload
    def __getitem__(self, at: int) -> Cells: ...
    @overload
    def __getitem__(self, at: slice) -> States: ...
    def __getitem__(self, at: int | slice) -> Cells | States:
        if isinstance(at, slice):
            return States(self.handle, self.numbers[at])
        return self.handle.state(self.numbers[at])


def _choice(choice: Any) -> Choice:
    return Choice(choice.thread, choice.alternative)


def _choices(first: Any, count: int) -> tuple[Choice, ...]:
    return tuple(map(_choice, first[:count]))
