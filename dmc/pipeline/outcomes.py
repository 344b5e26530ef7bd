"""What can happen in a run, as a set: which callback is called where, in which state of its port, and what
calls answer. Two runtimes are compared by these sets, and coverage is told from them.

The system is watched by statements that change nothing: what the search covers is what happens in some run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from dmc.driver_api.callbacks import CALLBACKS
from dmc.driver_api.registry import api_functions
from dmc.engines.interface import REDUCTIONS
from dmc.ir.builder import eq, ne
from dmc.ir.expr import Binary, Const, Expr, Var
from dmc.ir.expr import Read as ReadCell
from dmc.ir.outcome import Limits, SearchResult
from dmc.ir.statement import Cover, Emit, If, Stmt, Violate
from dmc.ir.system import Point, Property, PropertyKind, Step, System, ThreadType
from dmc.lower.lowering import Lowered
from dmc.pipeline.request import Progress, Request
from dmc.pipeline.searching import search
from dmc.pipeline.telling import tell
from dmc.results.report import Trace
from dmc.runtime import port_lifecycle

CALL = "call "
GIVES = "gives int"
NOTICED = frozenset({*CALLBACKS, "async_invoke", "async_free"})
"""What the emulator calls; what a driver calls of its own makes no difference between runtimes."""


@dataclass(frozen=True, order=True)
class Outcome:
    """Something that can happen. `inside` are the functions it happens in, `state` is that of the port.

    `answer` is what a call gives: "", "0", "> 0" or "< 0".
    """

    what: str
    thread: str
    inside: tuple[str, ...] = ()
    state: str = ""
    answer: str = ""

    @property
    def text(self) -> str:
        """In a sentence's words."""
        where = f"on {_article(self.thread)} {self.thread}"
        within = f" inside `{self.inside[-1]}`" if self.inside else ""
        if self.answer:
            return f"`{self.what}` gives {self.answer}{within} {where}"
        state = f", with its port {self.state}" if self.state else ""
        return f"`{self.what}` is called{within} {where}{state}"


def happened(
    lowered: Lowered, request: Request, progress: Progress | None = None
) -> tuple[frozenset[Outcome], SearchResult]:
    """All outcomes of a run; complete if its search was."""
    watched, names = watching(lowered.system, lambda name: Cover(name))
    result = _searched(replace(watched, properties=()), request, progress)
    return frozenset(outcome for name, outcome in names.items() if name in result.covered), result


def witnesses(lowered: Lowered, wanted: Iterable[Outcome], request: Request) -> dict[Outcome, Trace]:
    """For each outcome a shortest run into it."""
    chosen = set(wanted)
    watched, names = watching(lowered.system, lambda name: Violate(name), chosen)
    claims = tuple(Property(n, PropertyKind.VIOLATION) for n, outcome in names.items() if outcome in chosen)
    system = replace(watched, properties=claims)
    result = _searched(system, request, None)
    found = {}
    for finding in result.findings:
        outcome = names[finding.property]
        trace = tell(replace(lowered, system=system), finding, None).trace
        steps = tuple(
            replace(step, marks=tuple(f"here {outcome.text}" for _ in step.marks)) for step in trace.steps
        )
        text = f"Here {outcome.text}."
        found[outcome] = replace(trace, steps=steps, owed=(), summary=text)
    return found


def watching(
    system: System, note: Callable[[str], Stmt], only: set[Outcome] | None = None
) -> tuple[System, dict[str, Outcome]]:
    """The system with a statement where each outcome happens, and the outcomes by their names there."""
    names: dict[Outcome, str] = {}

    def noted(outcome: Outcome) -> Stmt | None:
        if only is not None and outcome not in only:
            return None
        return note(names.setdefault(outcome, f"outcome {len(names) + 1}"))

    states = any(v.name == port_lifecycle.STATE for v in system.variables)
    threads = tuple(_watched_type(thread, noted, states) for thread in system.threads)
    return replace(system, threads=threads), {name: outcome for outcome, name in names.items()}


Noted = Callable[[Outcome], Stmt | None]


def _watched_type(thread: ThreadType, noted: Noted, states: bool) -> ThreadType:
    points = {point.name: point for point in thread.points}
    steps = tuple(_watched(step, points[step.source], thread.name, noted, states) for step in thread.steps)
    return replace(thread, steps=steps)


def _watched(step: Step, source: Point, thread: str, noted: Noted, states: bool) -> Step:
    inside = tuple(frame.function for frame in source.frames)

    def body(statements: tuple[Stmt, ...]) -> tuple[Stmt, ...]:
        result: list[Stmt] = []
        for statement in statements:
            match statement:
                case If(condition, then, otherwise):
                    result.append(If(condition, body(then), body(otherwise)))
                case Emit(event, arguments):
                    result.append(statement)
                    result += _of_event(event, dict(arguments))
                case _:
                    result.append(statement)
        return tuple(result)

    def _of_event(event: str, arguments: dict[str, Expr]) -> list[Stmt]:
        if event.startswith(CALL) and "port" in arguments and states:
            what = event.removeprefix(CALL)
            if what not in NOTICED:
                return []
            return _by_state(arguments["port"], lambda state: noted(Outcome(what, thread, inside, state)))
        function = step.label.partition(" = ")[2] or step.label
        function = function.partition("(")[0].strip()
        if event == GIVES and function in api_functions():
            return _by_sign(
                arguments["result"], lambda sign: noted(Outcome(function, thread, inside, "", sign))
            )
        return []

    return replace(step, body=body(step.body))


def _by_state(port: Expr, noted: Callable[[str], Stmt | None]) -> list[Stmt]:
    """The port is 0 where the emulator knows none any more."""
    state = ReadCell(Var(port_lifecycle.STATE, Binary("-", port, Const(1))))
    known: list[Stmt] = []
    for number, name in enumerate(port_lifecycle.STATES):
        statement = noted(name)
        if statement is not None:
            known.append(If(eq(state, number), (statement,)))
    return [If(ne(port, 0), tuple(known))] if known else []


def _by_sign(result: Expr, noted: Callable[[str], Stmt | None]) -> list[Stmt]:
    signs = (("0", "=="), ("> 0", ">"), ("< 0", "<"))
    found: list[Stmt] = []
    for sign, operator in signs:
        statement = noted(sign)
        if statement is not None:
            found.append(If(Binary(operator, result, Const(0)), (statement,)))
    return found


def _searched(system: System, request: Request, progress: Progress | None) -> SearchResult:
    reductions = REDUCTIONS if request.reductions is None else frozenset(request.reductions)
    told = None
    if progress is not None:
        told = lambda *counts: progress("outcomes", *counts)  # noqa: E731
    limits: Limits = request.limits
    return search(system, request.engine, limits, reductions, told, None).result


def _article(noun: str) -> str:
    return "an" if noun[0] in "aeiou" else "a"
