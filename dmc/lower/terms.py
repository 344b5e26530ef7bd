"""Erlang terms of a model: the numbers of atoms, the shapes of messages, the encoding of their elements."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from dmc.base.exceptions import InternalError
from dmc.base.types import BINARY_VALUE, PORT, BoolType, EnumType, Type
from dmc.driver_api.functions.io_queue import WITH_BINARIES
from dmc.ir.builder import ite, ne
from dmc.ir.expr import Const, Expr
from dmc.ir.logic import pick, plus
from dmc.lower import uses
from dmc.lower.run import RunChoice
from dmc.model import model
from dmc.model.terms import DATA_ATOM, OUTPUT_FUNCTIONS, element_kind
from dmc.runtime.mailboxes import BINARY_ELEMENT
from dmc.runtime.world import Mailboxes

MAILBOX = 4
"""So many messages fit into a mailbox if the scenario does not say how many."""

OUTPUT_SHAPE = ("atom", BINARY_ELEMENT)
"""`{ data, b }`: what the output functions send to the owner of the port."""

Pattern = model.Expr | model.PatternVariable | None


@dataclass(frozen=True)
class Terms:
    """The terms of one run."""

    run: RunChoice

    @cached_property
    def code(self) -> tuple[object, ...]:
        """All that drivers and processes of the scenario execute."""
        return tuple(uses.code_of(self.run.model, self.run.scenario))

    @cached_property
    def atoms(self) -> tuple[str, ...]:
        """Every atom that a message can hold, in the order in which the text has them."""
        found: dict[str, None] = {DATA_ATOM: None}
        for element in self._elements():
            match element.type:
                case EnumType(members=members):
                    found.update(dict.fromkeys(members))
                case BoolType():
                    found.update({"false": None, "true": None})
                case _ if isinstance(element, model.AtomValue):
                    found[element.name] = None
        return tuple(found)

    @cached_property
    def shapes(self) -> tuple[tuple[str, ...], ...]:
        """The kinds of the elements of each message that somebody sends."""
        found: dict[tuple[str, ...], None] = {}
        for node in self.code:
            match node:
                case model.TermValue():
                    found[self.shape_of(node)] = None
                case model.ApiCall(function=name) if name in OUTPUT_FUNCTIONS:
                    found[OUTPUT_SHAPE] = None
                case _:
                    pass
        return tuple(found)

    def shape_of(self, term: model.TermValue) -> tuple[str, ...]:
        """The kinds of the elements of a term."""
        return tuple(element_kind(element.type) for element in term.elements)

    def shape_number(self, shape: tuple[str, ...]) -> int:
        """The number of a shape that is sent."""
        return self.shapes.index(shape)

    def fitting(self, patterns: tuple[Pattern, ...]) -> tuple[int, ...]:
        """The shapes that a `receive` with these patterns may take."""
        return tuple(
            number
            for number, shape in enumerate(self.shapes)
            if len(shape) == len(patterns) and all(map(_kind_fits, patterns, shape))
        )

    def encoded(self, kind: Type, value: Expr, element: model.Expr) -> Expr:
        """The number that stands for an element that is no binary."""
        match kind:
            case EnumType(members=members):
                if isinstance(value, Const):
                    return Const(self.atoms.index(members[value.value]))
                return pick(value, [self.atoms.index(name) for name in members])
            case BoolType():
                return ite(ne(value, 0), self.atoms.index("true"), self.atoms.index("false"))
            case _ if isinstance(element, model.AtomValue):
                return Const(self.atoms.index(element.name))
            case _ if kind == PORT:
                return ite(ne(value, 0), plus(value, self.processes), Const(0))
            case _:
                return value

    @cached_property
    def processes(self) -> int:
        """The number of all processes: the names of ports come after theirs."""
        return sum(process.count for process in self.run.scenario.processes)

    def _elements(self) -> list[model.Expr]:
        found: list[model.Expr] = []
        for node in self.code:
            match node:
                case model.TermValue(elements=elements):
                    found += elements
                case model.Receive(patterns=patterns):
                    found += [
                        p for p in patterns if p is not None and not isinstance(p, model.PatternVariable)
                    ]
                case _:
                    pass
        return found


def mailboxes_of(terms: Terms, integers: tuple[int, int], ports: int) -> Mailboxes | None:
    """What has to be kept of messages; None where no process looks at any, and none has a binary."""
    scenario = terms.run.scenario
    receives = {
        p: [n for n in uses.nodes(p.body) if isinstance(n, model.Receive)] for p in scenario.processes
    }
    sends_binaries = any(_sends_binary(node) for node in terms.code)
    if not terms.shapes or not (any(receives.values()) or sends_binaries):
        return None
    wanted = tuple(
        frozenset(number for one in receives[process] for number in terms.fitting(one.patterns))
        for process in scenario.processes
        for _ in range(process.count)
    )
    highest = max(integers[1], len(terms.atoms) - 1, terms.processes + ports)
    values = (min(integers[0], 0), highest)
    return Mailboxes(terms.shapes, wanted, values, scenario.settings.numbers.get("mailbox", MAILBOX))


def carries_binaries(boxes: Mailboxes | None) -> bool:
    """Whether a message can refer to a binary."""
    return boxes is not None and any(BINARY_ELEMENT in shape for shape in boxes.shapes)


def uses_binaries(run: RunChoice) -> bool:
    """Whether anything in the run makes, counts or receives a binary."""
    return has_vectors(run) or any(_is_about_binaries(n) for n in uses.code_of(run.model, run.scenario))


def has_vectors(run: RunChoice) -> bool:
    """Whether some driver is given vectors of binaries."""
    return any("outputv" in driver.callbacks for driver in run.model.drivers)


def _is_about_binaries(node: object) -> bool:
    match node:
        case model.ApiCall(function=name):
            return "binary" in name or name in WITH_BINARIES
        case model.Receive(patterns=patterns):
            return any(
                isinstance(p, model.PatternVariable) and p.variable.type == BINARY_VALUE for p in patterns
            )
        case model.Declare(variable=variable):
            return variable.type == BINARY_VALUE
        case _:
            return False


def _sends_binary(node: object) -> bool:
    match node:
        case model.TermValue(elements=elements):
            return any(element_kind(e.type) == BINARY_ELEMENT for e in elements)
        case model.ApiCall(function=name):
            return name in ("driver_output_binary", "driver_outputv")
        case _:
            return False


def _kind_fits(pattern: Pattern, kind: str) -> bool:
    match pattern:
        case None:
            return True
        case model.PatternVariable(variable=variable):
            return element_kind(variable.type) == kind
        case _:
            if not element_kind(pattern.type):
                raise InternalError("lower", f"{pattern.span}: {pattern.type} in a pattern")
            return element_kind(pattern.type) == kind
