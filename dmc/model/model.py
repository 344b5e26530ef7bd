"""The resolved, typed model: every name bound, every expression with its type.

Symbols (`Variable`, `Function`, `Driver`, `Process`, ...) are compared by identity: they are made
once, by the resolver, and referred to by every use.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from dmc.base.source import Span
from dmc.base.types import Type

# --- symbols ------------------------------------------------------------------------------------


class Storage(Enum):
    """Where a variable lives."""

    LOCAL = "local"
    """A local of a driver's function, or of a thread: no step."""
    PARAMETER = "parameter"
    FIELD = "field"
    DRIVER = "driver"
    """One for all ports of a driver."""
    FILE = "file"
    """One for all drivers and threads (also a variable of a scenario)."""
    PROCESS = "process"
    """A local of an Erlang process."""
    RULE = "rule"
    """State of a rule."""
    BOUND = "bound"
    """Bound by a quantifier, by a rule's `for`, or by an event of a handler."""


@dataclass(eq=False)
class Variable:
    """A variable, field or parameter. `low`/`high` are a declared narrower range (constants of the run).

    `sizes` are those of an array, outermost first, `capacity` the most items of a list: constants of the run.
    `where` is a constraint on its value, in which it stands for itself.
    """

    name: str
    type: Type
    storage: Storage
    span: Span
    atomic: bool = False
    low: Expr | None = None
    high: Expr | None = None
    initial: Expr | None = None
    sizes: tuple[Expr, ...] = ()
    capacity: Expr | None = None
    where: Expr | None = None


@dataclass(eq=False)
class Struct:
    """A struct with its fields, in order."""

    name: str
    fields: tuple[Variable, ...]
    span: Span


@dataclass(eq=False)
class Axis:
    """An author's axis. `values` are its values as text; `type` is bool, int or an EnumType."""

    name: str
    type: Type
    values: tuple[str, ...]
    span: Span


@dataclass(eq=False)
class Function:
    """A function of a driver or file. `callback` is the name of the callback that it is, or ""."""

    name: str
    result: Type
    parameters: tuple[Variable, ...]
    body: Block
    span: Span
    callback: str = ""


@dataclass(eq=False)
class Driver:
    """A driver. `flags` are the names in `driver_flags`; `callbacks` by callback name."""

    name: str
    flags: tuple[str, ...]
    variables: tuple[Variable, ...]
    functions: tuple[Function, ...]
    callbacks: dict[str, Function]
    span: Span


@dataclass(eq=False)
class Process:
    """An Erlang process, or `count` processes alike. A spawned one has a `parent`; `captured` pairs
    its copy of a variable with the parent's.
    """

    name: str
    count: int
    body: Block
    span: Span
    parent: Process | None = None
    captured: tuple[tuple[Variable, Variable], ...] = ()


@dataclass(eq=False)
class Thread:
    """`thread NAME[n](int i) { }`: threads without a driver. `count` is fixed for a run.

    `number` is the variable that says which of them it is, from 0.
    """

    name: str
    count: Expr
    body: Block
    span: Span
    number: Variable | None = None


# --- expressions --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Literal:
    """A number, truth value or enum member (its index), typed."""

    value: int
    type: Type
    span: Span


@dataclass(frozen=True)
class NullValue:
    """`NULL`; `type` is what it is used as."""

    type: Type
    span: Span


@dataclass(frozen=True)
class AxisValue:
    """The value of an author's axis in this run (enum: its index)."""

    axis: Axis
    type: Type
    span: Span


@dataclass(frozen=True)
class SettingValue:
    """`async_threads` or `schedulers` in this run."""

    name: str
    type: Type
    span: Span


@dataclass(frozen=True)
class VariableUse:
    """The value of a variable that is not a field."""

    variable: Variable
    type: Type
    span: Span


@dataclass(frozen=True)
class FieldUse:
    """`object->field`."""

    object: Expr
    field: Variable
    type: Type
    span: Span


@dataclass(frozen=True)
class IndexUse:
    """`array[index]`; `array` is a VariableUse or FieldUse of an array. For a buffer: its first byte."""

    array: Expr
    index: Expr
    type: Type
    span: Span


@dataclass(frozen=True)
class ApiMember:
    """`info.async_threads`: a member of an API struct in a local variable."""

    variable: Variable
    member: str
    type: Type
    span: Span


@dataclass(frozen=True)
class UnaryOp:
    """`!` or `-`."""

    operator: str
    operand: Expr
    type: Type
    span: Span


@dataclass(frozen=True)
class BinaryOp:
    """A C operator; `&&` and `||` evaluate their right side only where C does."""

    operator: str
    left: Expr
    right: Expr
    type: Type
    span: Span


@dataclass(frozen=True)
class ConditionalOp:
    """`condition ? then : otherwise`."""

    condition: Expr
    then: Expr
    otherwise: Expr
    type: Type
    span: Span


@dataclass(frozen=True)
class FunctionCall:
    """A call of a function of the model."""

    function: Function
    arguments: tuple[Expr, ...]
    type: Type
    span: Span


@dataclass(frozen=True)
class IndirectCall:
    """A call through a function pointer; `targets` are the functions of that type whose address is taken."""

    pointer: Expr
    arguments: tuple[Expr, ...]
    targets: tuple[Function, ...]
    type: Type
    span: Span


@dataclass(frozen=True)
class ApiCall:
    """A call of the C API by its name, or of the language: `reads`, `writes`, `atomic_fetch_sub`, ...

    `driver_alloc(sizeof(T))` has one argument, a SizeOfType.
    """

    function: str
    arguments: tuple[Expr, ...]
    type: Type
    span: Span


@dataclass(frozen=True)
class ProcessCall:
    """A call in an Erlang process: `open_port`, `port_command`, `port_close`, `exit`, `self`, `bytes`."""

    function: str
    arguments: tuple[Expr, ...]
    type: Type
    span: Span


@dataclass(frozen=True)
class DriverValue:
    """The name of a driver, as an argument of `open_port`."""

    driver: Driver
    type: Type
    span: Span


@dataclass(frozen=True)
class ProcessValue:
    """The name of a process in another one: its pid."""

    process: Process
    type: Type
    span: Span


@dataclass(frozen=True)
class AtomValue:
    """An Erlang atom: a reason such as `normal` or `kill`."""

    name: str
    type: Type
    span: Span


@dataclass(frozen=True)
class StringValue:
    """A string literal, only as an argument of the API."""

    value: str
    type: Type
    span: Span


@dataclass(frozen=True)
class FunctionValue:
    """A function used as a value: of the model, or `driver_free` by its API name."""

    function: Function | None
    api: str
    type: Type
    span: Span


@dataclass(frozen=True)
class AddressOf:
    """`&x` in an argument; `place` is a VariableUse, FieldUse or IndexUse."""

    place: Expr
    type: Type
    span: Span


@dataclass(frozen=True)
class SizeOfType:
    """`sizeof(T)`."""

    of: Type
    type: Type
    span: Span


@dataclass(frozen=True)
class ChooseValue:
    """Any one of the values: single expressions or (low, high) ranges, constants of the run."""

    values: tuple[Expr | tuple[Expr, Expr], ...]
    type: Type
    span: Span


@dataclass(frozen=True)
class InValues:
    """`e in 0..3`, `e in { A, B }`."""

    operand: Expr
    values: tuple[Expr | tuple[Expr, Expr], ...]
    type: Type
    span: Span


@dataclass(frozen=True)
class Attribute:
    """`p.state`, `j.state`, `j.port`, `j.data`, `j.free`, `o.state`, `p.data`, `m.holder` in a property.

    Values of `state` attributes are StateName.
    """

    subject: Expr
    name: str
    type: Type
    span: Span


@dataclass(frozen=True)
class StateName:
    """`open`, `dead`, `running`, `freed`, ... where a property compares a `state` attribute."""

    name: str
    type: Type
    span: Span


@dataclass(frozen=True)
class ListCall:
    """`append(l, x)`, `take(l)`, `remove(l, x)`, `has(l, x)`, `size(l)`; `list` is a use of a variable."""

    function: str
    list: Expr
    argument: Expr | None
    type: Type
    span: Span


@dataclass(frozen=True)
class QuantifiedOp:
    """`forall (...) body` or `exists (...) body`; a range is given for integers only."""

    kind: str
    variables: tuple[tuple[Variable, tuple[Expr, Expr] | None], ...]
    body: Expr
    type: Type
    span: Span


Expr = (
    Literal
    | NullValue
    | AxisValue
    | SettingValue
    | VariableUse
    | FieldUse
    | IndexUse
    | ApiMember
    | UnaryOp
    | BinaryOp
    | ConditionalOp
    | FunctionCall
    | IndirectCall
    | ApiCall
    | ProcessCall
    | DriverValue
    | ProcessValue
    | AtomValue
    | StringValue
    | FunctionValue
    | AddressOf
    | SizeOfType
    | ChooseValue
    | InValues
    | Attribute
    | StateName
    | ListCall
    | QuantifiedOp
)

# --- statements ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Block:
    """Statements in order; locals declared in it end with it."""

    statements: tuple[Statement, ...]
    span: Span


@dataclass(frozen=True)
class Declare:
    """A local variable comes to life, unset unless `variable.initial` is given."""

    variable: Variable
    span: Span


@dataclass(frozen=True)
class Store:
    """`target = value`, or with an operator `+ - | &` the read-modify-write `target op= value`."""

    target: Expr
    operator: str
    value: Expr
    span: Span


@dataclass(frozen=True)
class Evaluate:
    """A call whose result is not used."""

    call: Expr
    span: Span


@dataclass(frozen=True)
class Return:
    """Leave the function."""

    value: Expr | None
    span: Span


@dataclass(frozen=True)
class Break:
    """Leave the loop or switch."""

    span: Span


@dataclass(frozen=True)
class Continue:
    """Go on with the loop."""

    span: Span


@dataclass(frozen=True)
class If:
    """Two ways."""

    condition: Expr
    then: Statement
    otherwise: Statement | None
    span: Span


@dataclass(frozen=True)
class Loop:
    """`while` and `for`: test `condition` (None: true), do `body`, then `step`."""

    initial: Statement | None
    condition: Expr | None
    step: Statement | None
    body: Statement
    span: Span


@dataclass(frozen=True)
class ForEach:
    """`for (T x : l)`: the body for each item of a list, by position."""

    variable: Variable
    list: Expr
    body: Statement
    span: Span


@dataclass(frozen=True)
class Switch:
    """`cases` pair the values (empty: default) with a body; `break` leaves the switch."""

    value: Expr
    cases: tuple[tuple[tuple[Expr, ...], Block], ...]
    span: Span


@dataclass(frozen=True)
class Either:
    """Any one of the blocks."""

    blocks: tuple[Block, ...]
    span: Span


@dataclass(frozen=True)
class Upto:
    """The body zero to `count` times."""

    count: Expr
    body: Statement
    span: Span


@dataclass(frozen=True)
class AnyOrder:
    """Each statement once, in any order; an Upto in it counts as that many optional ones."""

    statements: tuple[Statement, ...]
    span: Span


@dataclass(frozen=True)
class Atomic:
    """The body as one step."""

    body: Block
    span: Span


@dataclass(frozen=True)
class Spawn:
    """The process begins, with copies of the captured variables."""

    process: Process
    span: Span


@dataclass(frozen=True)
class Await:
    """Go on when the condition is true."""

    condition: Expr
    span: Span


@dataclass(frozen=True)
class Assert:
    """A property, `id` unique in the model."""

    id: str
    condition: Expr
    text: str
    span: Span


@dataclass(frozen=True)
class Assume:
    """Drops the run unless the condition is true; `id` unique in the model."""

    id: str
    condition: Expr
    span: Span


@dataclass(frozen=True)
class MarkReached:
    """This point can be reached: the property `name`."""

    name: str
    span: Span


Statement = (
    Block
    | Declare
    | Store
    | Evaluate
    | Return
    | Break
    | Continue
    | If
    | Loop
    | ForEach
    | Switch
    | Either
    | Upto
    | AnyOrder
    | Atomic
    | Spawn
    | Await
    | Assert
    | Assume
    | MarkReached
)

# --- properties and runs ------------------------------------------------------------------------


@dataclass(frozen=True)
class EventPattern:
    """What a rule's handler waits for.

    `kind` as in the syntax tree; `name` is the function for call and return (`callback` for any
    callback; `async_invoke`, `async_free` for the runtime's calls), the misuse for fault, else "".
    `subject` is the variable that must be what the event is about (the rule's own quantified
    variable), or None. `bindings` are the variables that the event's arguments are bound to.
    """

    kind: str
    name: str
    subject: Variable | None
    bindings: tuple[Variable, ...]
    result: Variable | None
    span: Span


@dataclass(frozen=True)
class Handler:
    """On any of the events, the body happens in the same step."""

    events: tuple[EventPattern, ...]
    body: Block
    span: Span


@dataclass(eq=False)
class Rule:
    """A rule of the catalogue or of the author: one automaton for each instance of its subject.

    `subject` is the variable of `for`, None for a rule without. `needs` are the API functions,
    callbacks or functions one of which the driver must use. `collects` are relations that must be acyclic.
    """

    id: str
    slug: str
    text: str
    subject: Variable | None
    variables: tuple[Variable, ...]
    handlers: tuple[Handler, ...]
    needs: tuple[str, ...]
    triggers: tuple[EventPattern, ...]
    acyclic: tuple[str, ...]
    span: Span
    can_reach: tuple[CanReach, ...] = ()
    under: tuple[Under, ...] = ()


@dataclass(frozen=True)
class CanReach:
    """Wherever `when` (None: always) holds, `target` can be reached.

    `without` says whose steps must not be needed: nobody's (``), those of any `process`, or of the `owner`
    of the port that the rule is about.
    """

    target: Expr
    when: Expr | None
    without: str
    span: Span


@dataclass(frozen=True)
class Under:
    """The rules named hold in another environment, too: `axis` is one of `values`.

    A rule is named by id, slug or family; `all` are those of the default set and what the model claims
    itself. `text` is the environment as it is written.
    """

    axis: str
    values: tuple[str, ...]
    rules: tuple[str, ...]
    text: str
    span: Span


@dataclass(eq=False)
class Invariant:
    """Holds in every state."""

    name: str
    condition: Expr
    span: Span


@dataclass(eq=False)
class Reachable:
    """Holds in some state; condition None: a `reachable NAME;` statement marks it."""

    name: str
    condition: Expr | None
    span: Span


@dataclass(frozen=True)
class RuntimeRange:
    """`text` for a single runtime (`r12smp`, `R12B-5`, `25`), or a range with either end missing."""

    low: str | None
    high: str | None
    single: bool
    span: Span


@dataclass(frozen=True)
class ProposedPoint:
    """`point = value;` of a proposed runtime."""

    name: str
    value: str
    span: Span
    value_span: Span


@dataclass(frozen=True)
class ProposedRuntime:
    """`runtime mine extends otp25 { point = value; }`."""

    name: str
    base: str
    points: tuple[ProposedPoint, ...]
    span: Span
    base_span: Span


@dataclass(frozen=True)
class FaultClause:
    """`fault open, driver_alloc upto 1;`: in all runs at most `count` of these happen; None: any number."""

    names: tuple[str, ...]
    count: int | None
    spans: tuple[Span, ...]


@dataclass(frozen=True)
class Settings:
    """What a file or scenario says about the axes; None: nothing said."""

    runtimes: tuple[RuntimeRange, ...] | None = None
    locking: tuple[str, ...] | None = None
    schedulers: tuple[int, ...] | None = None
    async_threads: tuple[int, ...] | None = None
    axes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    spans: dict[str, Span] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    """Bounds of the model such as `nesting`."""


@dataclass(eq=False)
class Scenario:
    """A situation in which the driver is examined. Exactly the actors listed act."""

    name: str
    settings: Settings
    faults: tuple[FaultClause, ...]
    variables: tuple[Variable, ...]
    processes: tuple[Process, ...]
    threads: tuple[Thread, ...]
    quiescent: tuple[Expr, ...]
    allows: tuple[tuple[str, str, Span], ...]
    span: Span
    default: bool = False
    """Made by the tool for a file without a scenario."""


@dataclass(frozen=True)
class ExpectLine:
    """The property has the verdict in these runs: runtimes (empty: all) and condition over axes."""

    property: str
    verdict: str
    function: str
    runtimes: tuple[RuntimeRange, ...]
    condition: Expr | None
    span: Span


@dataclass(eq=False)
class Expect:
    """Expectations of a scenario (None: of all without their own). `all_verdict`: "", hold or proved."""

    scenario: str | None
    lines: tuple[ExpectLine, ...]
    all_verdict: str
    rest_any: bool
    span: Span


@dataclass(eq=False)
class Model:
    """A whole model: what one file, with its imports, says."""

    path: str
    structs: tuple[Struct, ...]
    axes: tuple[Axis, ...]
    variables: tuple[Variable, ...]
    drivers: tuple[Driver, ...]
    functions: tuple[Function, ...]
    scenarios: tuple[Scenario, ...]
    rules: tuple[Rule, ...]
    invariants: tuple[Invariant, ...]
    reachables: tuple[Reachable, ...]
    expects: tuple[Expect, ...]
    settings: Settings
    allows: tuple[tuple[str, str, Span], ...]
    runtimes: tuple[ProposedRuntime, ...]
    """Runtimes that the file proposes."""
    api_uses: dict[str, Span]
    """API functions called by any driver, with the place of the first call."""
