"""Proofs for all values: an invariant of the control states, found by Spacer and checked again.

A search by regions ends when every new region is within those met before; where values accumulate it may
not. This looks for an invariant instead, which covers any number of steps. It says so only of what a single
step or state shows: of hangs, and of what can still be reached, it says nothing. What it says of a property
holds for the whole of every run: no cut and no fault of another kind is possible, either, or no claim is
made.

A proof has a process of its own, which can be ended at any time.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
import time
from dataclasses import dataclass

from dmc.base.exceptions import InternalError
from dmc.engines.symbolic.abstraction import Abstraction, Danger, abstract, has_cycle
from dmc.engines.symbolic.certificate import Certified, certify
from dmc.engines.symbolic.horn import Invariant, invariant
from dmc.engines.symbolic.solver import Solver, load
from dmc.engines.symbolic.term import Undecided
from dmc.engines.symbolic.wording import worded
from dmc.ir.evaluate import CompiledSystem, compile_system
from dmc.ir.system import Property, PropertyKind, System
from dmc.transform.dead_locals import clear_dead_locals

ROUNDS = 8
"""So many sets of properties are tried before the rest is left open."""

SAFETY = (
    PropertyKind.FAULT,
    PropertyKind.VIOLATION,
    PropertyKind.INVARIANT,
    PropertyKind.AT_END,
    PropertyKind.LOST,
    PropertyKind.RACE,
    PropertyKind.ACYCLIC,
)
"""What a single step or state violates. A leak shows at an end or where the last reference goes."""


@dataclass(frozen=True)
class Task:
    """What is to be proved, and how."""

    system: System
    reductions: frozenset[str]


@dataclass(frozen=True)
class Proof:
    """Which properties are proved for all values; of the others why they are not.

    `invariant` is the certificate in source names, `controls` the number of control states it speaks about.
    `checked` counts the questions of the second look: initiation, consecution, safety.
    """

    proved: frozenset[str] = frozenset()
    open: tuple[tuple[str, str], ...] = ()
    invariant: tuple[str, ...] = ()
    controls: int = 0
    checked: tuple[int, int, int] = (0, 0, 0)
    seconds: float = 0.0


def prove(system: System, reductions: frozenset[str], seconds: float) -> Proof:
    """In a process of its own, which is ended when the time is over."""
    load()
    started = time.monotonic()
    command = [sys.executable, "-c", f"from {__name__} import serve; serve()"]
    try:
        done = subprocess.run(
            command,
            input=pickle.dumps(Task(system, reductions)),
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return _nothing(system, f"not within {seconds:g} seconds", seconds)
    if done.returncode:
        raise InternalError("prove", done.stderr.decode(errors="replace").strip().rpartition("\n")[2])
    proof: Proof = pickle.loads(done.stdout)
    return Proof(**{**vars(proof), "seconds": time.monotonic() - started})


def _nothing(system: System, why: str, seconds: float = 0.0) -> Proof:
    return Proof(open=tuple((claim.id, why) for claim in system.properties), seconds=seconds)


def attempt(task: Task) -> Proof:
    """The proof, here and now, however long it takes."""
    reductions = task.reductions
    system = clear_dead_locals(task.system) if "dead" in reductions else task.system
    compiled = compile_system(system)
    solver = Solver()
    try:
        found = abstract(compiled, solver, reductions, lambda: None)
        return _Attempt(compiled, found, solver, reductions).run()
    except Undecided as question:
        return _nothing(system, f"not decided: {question}")


class _Attempt:
    """Proofs of the properties of one system, as many at a time as can be."""

    def __init__(
        self, compiled: CompiledSystem, found: Abstraction, solver: Solver, reductions: frozenset[str]
    ):
        self._compiled = compiled
        self._found = found
        self._solver = solver
        self._reductions = reductions
        self._dangers: dict[str, list[Danger]] = {}
        for control in found.controls:
            for danger in control.dangers:
                self._dangers.setdefault(danger.what, []).append(danger)

    def run(self) -> Proof:
        open_: dict[str, str] = {}
        wanted = []
        for claim in self._compiled.system.properties:
            if (why := self._beyond(claim)) is not None:
                open_[claim.id] = why
            else:
                wanted.append(claim.id)
        ending = sorted(what for what in self._dangers if what.startswith(("cut:", "fault:")))
        excluded, formulas = self._excluded(sorted({*wanted, *ending} & set(self._dangers)))
        for name in wanted:
            if name in self._dangers and name not in excluded:
                open_[name] = "no invariant was found: for some values it may be violated"
        left = [what for what in ending if what not in excluded]
        proved = frozenset(name for name in wanted if name not in open_)
        if left:
            why = f"runs may end before: {', '.join(what.partition(':')[2] for what in left)}"
            open_.update((claim, why) for claim in sorted(proved))
            proved = frozenset()
        checked = certify(
            self._compiled, self._found, formulas, {*proved, *ending} - set(left), self._reductions, _go_on
        )
        return self._proof(proved, open_, formulas, checked)

    def _beyond(self, claim: Property) -> str | None:
        """Why an invariant cannot say it, or None."""
        if claim.kind not in SAFETY:
            return "it is about what can still happen, and no invariant says that"
        if claim.kind is PropertyKind.ACYCLIC and has_cycle(self._found, claim.id):
            return "the order that is possible for some values has a cycle"
        return None

    def _excluded(self, what: list[str]) -> tuple[set[str], Invariant]:
        """As many of the dangers as can be excluded, and the invariant that excludes them all."""
        z3 = load()
        everywhere: Invariant = [z3.BoolVal(True)] * len(self._found.controls)
        if not what:
            return set(), everywhere
        together = self._solved(what)
        if together is not None:
            return set(what), together
        excluded: set[str] = set()
        formulas = everywhere
        for one in what[:ROUNDS]:
            own = self._solved([one])
            if own is not None:
                excluded.add(one)
                formulas = [z3.And(a, b) for a, b in zip(formulas, own, strict=True)]
        return excluded, formulas

    def _solved(self, what: list[str]) -> Invariant | None:
        dangers = [danger for one in what for danger in self._dangers[one]]
        return invariant(self._found, dangers, self._solver)

    def _proof(
        self, proved: frozenset[str], open_: dict[str, str], formulas: Invariant, checked: Certified
    ) -> Proof:
        if checked.failed:
            why = f"the invariant that was found did not stand a second look: {checked.failed}"
            open_.update((claim, why) for claim in sorted(proved))
            proved = frozenset()
        order = [claim.id for claim in self._compiled.system.properties]
        return Proof(
            proved=proved,
            open=tuple((claim, open_[claim]) for claim in order if claim in open_),
            invariant=tuple(worded(self._compiled, self._found, formulas)) if proved else (),
            controls=len(self._found.controls),
            checked=(checked.initiation, checked.consecution, checked.safety),
        )


def _go_on() -> None:
    """The process has its limit of time from outside."""


def serve() -> None:
    """Read a pickled `Task`, write a pickled `Proof`: all that the process does."""
    sys.stdout.buffer.write(pickle.dumps(attempt(pickle.loads(sys.stdin.buffer.read()))))
