"""Why a verdict flips between two runtimes: found by searching hybrids of them.

A hybrid is one runtime with some variation points set as on the other. A point explains a flip if setting
it alone flips the verdict: on the older runtime to the newer one's, or on the newer one back to the older
one's. Where no point alone flips it on the older runtime, points are taken back one by one from a hybrid that
has all of them, as long as the verdict stays flipped; none of those that are left can be missed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from dmc.base.exceptions import InternalError
from dmc.ir.outcome import Limit
from dmc.ir.system import System
from dmc.lower.lowering import lower
from dmc.lower.run import RunChoice
from dmc.pipeline.batches import Batch, run_batches
from dmc.pipeline.checking import run_cell, woven_rules
from dmc.pipeline.request import Progress, Request
from dmc.pipeline.searching import Searched
from dmc.pipeline.selection import selected_rules
from dmc.pipeline.table import Cell
from dmc.results.matrix import Cause, Flip, PointChange, flipped, is_violated
from dmc.results.report import Run
from dmc.runtime.points.base import PointValue
from dmc.runtime.profile import Profile, differences, with_point
from dmc.runtime.proposals import impossible
from dmc.runtime.variation_points import AnyPoint

NO_CAUSE = "no mixture of the two runtimes has the verdict of the other"
INTERRUPTED = "interrupted before it was searched"
INCONCLUSIVE = "the searches of mixtures were ended by a limit"

Difference = tuple[AnyPoint, PointValue, PointValue]
Violated = Mapping[str, bool]


@dataclass(frozen=True)
class _Pair:
    """Two neighbouring runs, by their places, and the properties that flip between them."""

    before: int
    after: int
    properties: tuple[str, ...]


def explained(
    cells: Sequence[Cell], runs: Sequence[Run], request: Request, progress: Progress | None
) -> tuple[Flip, ...]:
    """All flips between neighbouring releases of one build, in the order of the runs, with their causes."""
    pairs = list(_pairs(cells, runs))
    unsearched = [_flips_without_cause(pair, cells, INTERRUPTED) for pair in pairs]
    if any(run.stopped_by == Limit.INTERRUPT.value for run in runs):
        return tuple(flip for flips in unsearched for flip in flips)
    batches = [_batch(pair, cells, runs, request) for pair in pairs]
    results = run_batches(batches, request.jobs, progress).of_batch
    found = [own[0] if own else unsearched[number] for number, own in enumerate(results)]
    return tuple(flip for flips in found for flip in flips)


def _pairs(cells: Sequence[Cell], runs: Sequence[Run]) -> Iterator[_Pair]:
    chains: dict[tuple[object, ...], list[int]] = {}
    for place, cell in enumerate(cells):
        run = cell.run
        key = (
            (run.model.path, run.scenario.name, run.profile.build),
            (run.locking, run.async_threads, run.schedulers, run.axes),
        )
        if not cell.refused:
            chains.setdefault(key, []).append(place)
    found = []
    for chain in chains.values():
        chain.sort(key=lambda place: cells[place].run.profile.release)
        for before, after in pairwise(chain):
            properties = flipped(runs[before], runs[after])
            if properties:
                found.append(_Pair(before, after, properties))
    yield from sorted(found, key=lambda pair: (pair.before, pair.after))


def _batch(pair: _Pair, cells: Sequence[Cell], runs: Sequence[Run], request: Request) -> Batch[list[Flip]]:
    def search(progress: Progress | None) -> Iterator[list[Flip]]:
        older, newer = cells[pair.before].run, cells[pair.after].run
        hybrids = _Hybrids(older, newer, request, progress)
        hybrids.know(older, runs[pair.before])
        hybrids.know(newer, runs[pair.after])
        yield _explain(pair, cells, hybrids)

    return search


@dataclass
class _Hybrids:
    """The verdicts of hybrids; one whose system is that of another is not searched again."""

    older: RunChoice
    newer: RunChoice
    request: Request
    progress: Progress | None
    known: dict[object, Violated] = field(default_factory=dict)
    seen: dict[System, Searched] = field(default_factory=dict)
    searched: int = 0
    inconclusive: bool = False

    def know(self, run: RunChoice, result: Run) -> None:
        """The verdicts of a run that was searched before."""
        self.known[self._key(run)] = self._violated(result)

    def forward(self, differences_: Sequence[Difference]) -> Violated:
        """The older runtime with points as on the newer one."""
        return self._of(_mixed(self.older, [(point, new) for point, _, new in differences_]))

    def back(self, differences_: Sequence[Difference]) -> Violated:
        """The newer runtime with points as on the older one."""
        return self._of(_mixed(self.newer, [(point, old) for point, old, _ in differences_]))

    def _of(self, run: RunChoice) -> Violated:
        if impossible(run.profile):
            # No emulator could be like that, so it has no verdicts.
            return {}
        key = self._key(run)
        if key not in self.known:
            result = run_cell(Cell(run), self.request, self.progress, self.seen)
            if result.stopped_by == Limit.INTERRUPT.value:
                raise KeyboardInterrupt
            self.searched += 1
            self.inconclusive = self.inconclusive or not result.complete
            self.known[key] = self._violated(result)
        return self.known[key]

    def _key(self, run: RunChoice) -> object:
        """The system; and the runtime, where a rule looks at other environments of it as well."""
        selected = selected_rules(run.model, self.request.properties)
        values = run.profile.values if any(rule.under for rule in selected) else ()
        return lower(run, woven_rules(run, self.request)).system, values

    def _violated(self, result: Run) -> Violated:
        verdicts = {prop.id: is_violated(prop.verdict) for prop in result.properties}
        return {name: value for name, value in verdicts.items() if value is not None}


def _mixed(run: RunChoice, values: Sequence[tuple[AnyPoint, PointValue]]) -> RunChoice:
    profile = run.profile
    for point, value in values:
        changed = with_point(profile, point.name, value.word)
        if not isinstance(changed, Profile):
            raise InternalError("flips", changed.reason)
        profile = changed
    return replace(run, profile=profile)


def _explain(pair: _Pair, cells: Sequence[Cell], hybrids: _Hybrids) -> list[Flip]:
    older, newer = hybrids.older.profile, hybrids.newer.profile
    differing = differences(older, newer)
    forward = {d[0].name: hybrids.forward([d]) for d in differing}
    back = {d[0].name: hybrids.back([d]) for d in differing}
    was, becomes = hybrids.forward([]), hybrids.back([])
    flips = []
    for flip in _flips_without_cause(pair, cells, NO_CAUSE):
        own, other = was[flip.property], becomes[flip.property]
        causes = []
        for difference in differing:
            name = difference[0].name
            ways = (forward[name].get(flip.property) == other, back[name].get(flip.property) == own)
            if any(ways):
                causes.append(Cause((_change(difference, newer),), *ways))
        if not any(cause.forward for cause in causes):
            causes += _together(flip.property, other, own, differing, hybrids)
        why = "" if causes else INCONCLUSIVE if hybrids.inconclusive else NO_CAUSE
        flips.append(replace(flip, causes=tuple(causes), unexplained=why))
    return [replace(flip, hybrids=hybrids.searched) for flip in flips]


def _together(
    name: str, wanted: bool, before: bool, differing: Sequence[Difference], hybrids: _Hybrids
) -> list[Cause]:
    """Points of which none can be left out; empty where even all of them do not flip the verdict."""
    chosen = list(differing)
    if hybrids.forward(chosen).get(name) != wanted:
        return []
    for difference in differing:
        fewer = [d for d in chosen if d is not difference]
        if hybrids.forward(fewer).get(name) == wanted:
            chosen = fewer
    back = hybrids.back(chosen).get(name) == before
    return [Cause(tuple(_change(d, hybrids.newer.profile) for d in chosen), True, back)]


def _change(difference: Difference, newer: Profile) -> PointChange:
    point, old, new = difference
    entries = [e for e in point.entries if newer.build in e.builds and e.since <= newer.release]
    entry = next((e for e in reversed(entries) if e.value is new), None)
    return PointChange(
        point.number,
        point.name,
        old.word,
        new.word,
        old.meaning,
        new.meaning,
        str(entry.since) if entry is not None else "",
        entry.citation if entry is not None else "",
    )


def _flips_without_cause(pair: _Pair, cells: Sequence[Cell], why: str) -> list[Flip]:
    older, newer = cells[pair.before].run.profile, cells[pair.after].run.profile
    differing = tuple(point.name for point, _, _ in differences(older, newer))
    return [Flip(pair.before, pair.after, name, (), differing, 0, why) for name in pair.properties]
