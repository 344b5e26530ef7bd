"""The syntax tree: what the author wrote, with places and without meaning."""

from __future__ import annotations

from dataclasses import dataclass

from dmc.base.source import Span

# --- names, types, expressions ------------------------------------------------------------------


@dataclass(frozen=True)
class Identifier:
    """A name as written."""

    text: str
    span: Span


@dataclass(frozen=True)
class TypeName:
    """`Txn *`: a name and its number of stars."""

    name: Identifier
    stars: int
    span: Span


@dataclass(frozen=True)
class Name:
    """A use of a name in an expression."""

    text: str
    span: Span


@dataclass(frozen=True)
class Number:
    """An integer literal, decimal, hexadecimal or a character; `text` is as written."""

    value: int
    text: str
    span: Span


@dataclass(frozen=True)
class String:
    """A string literal, without its quotes."""

    value: str
    span: Span


@dataclass(frozen=True)
class BoolLiteral:
    """`true` or `false`."""

    value: bool
    span: Span


@dataclass(frozen=True)
class Null:
    """`NULL`."""

    span: Span


@dataclass(frozen=True)
class Member:
    """`object.name` or `object->name`."""

    object: Expr
    name: Identifier
    arrow: bool
    span: Span


@dataclass(frozen=True)
class Index:
    """`object[index]`."""

    object: Expr
    index: Expr
    span: Span


@dataclass(frozen=True)
class Call:
    """`function(arguments)`; the function is a name or a member."""

    function: Expr
    arguments: tuple[Expr, ...]
    span: Span


@dataclass(frozen=True)
class Unary:
    """`! - & * ~` before an operand."""

    operator: str
    operand: Expr
    span: Span


@dataclass(frozen=True)
class Binary:
    """A C operator between two operands."""

    operator: str
    left: Expr
    right: Expr
    span: Span


@dataclass(frozen=True)
class Conditional:
    """`condition ? then : otherwise`."""

    condition: Expr
    then: Expr
    otherwise: Expr
    span: Span


@dataclass(frozen=True)
class SizeOf:
    """`sizeof(Type)`."""

    type: TypeName
    span: Span


@dataclass(frozen=True)
class RangeValue:
    """`low..high`, either end may be missing where a range of releases is meant."""

    low: Expr | None
    high: Expr | None
    span: Span


Value = "Expr | RangeValue"


@dataclass(frozen=True)
class Choose:
    """`choose(1..3)`, `choose(A, B)`, `choose(bool)`."""

    values: tuple[Expr | RangeValue, ...]
    span: Span


@dataclass(frozen=True)
class Membership:
    """`e in 0..3` or `e in { A, B }`."""

    operand: Expr
    values: tuple[Expr | RangeValue, ...]
    span: Span


@dataclass(frozen=True)
class TupleValue:
    """`{ a, b }` as an argument: an Erlang tuple."""

    items: tuple[Expr, ...]
    span: Span


@dataclass(frozen=True)
class Quantifier:
    """`job j` or `int i in 0..3` in a quantified expression or a rule."""

    type: TypeName
    name: Identifier
    range: RangeValue | None
    span: Span


@dataclass(frozen=True)
class Quantified:
    """`forall (job j, port p) body` or `exists (...) body`."""

    kind: str
    quantifiers: tuple[Quantifier, ...]
    body: Expr
    span: Span


Expr = (
    Name
    | Number
    | String
    | BoolLiteral
    | Null
    | Member
    | Index
    | Call
    | Unary
    | Binary
    | Conditional
    | SizeOf
    | Choose
    | Membership
    | TupleValue
    | Quantified
)

# --- statements ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Variable:
    """A variable or field. `storage` is "", "atomic", "list" or "set".

    `size` and `second` are what stands in the first and the second pair of brackets.
    """

    storage: str
    type: TypeName
    name: Identifier
    size: Expr | None
    second: Expr | None
    range: RangeValue | None
    where: Expr | None
    initial: Expr | None
    span: Span


@dataclass(frozen=True)
class Block:
    """`{ ... }`."""

    statements: tuple[Statement, ...]
    span: Span


@dataclass(frozen=True)
class Declaration:
    """A local variable."""

    variable: Variable
    span: Span


@dataclass(frozen=True)
class Assignment:
    """`place = value;` or `place += value;`; `++` and `--` are `+=` and `-=` of 1 with `postfix`."""

    target: Expr
    operator: str
    value: Expr
    postfix: bool
    span: Span


@dataclass(frozen=True)
class CallStatement:
    """A call whose result is not used."""

    call: Call
    span: Span


@dataclass(frozen=True)
class Return:
    """`return;` or `return value;`."""

    value: Expr | None
    span: Span


@dataclass(frozen=True)
class Break:
    """`break;`."""

    span: Span


@dataclass(frozen=True)
class Continue:
    """`continue;`."""

    span: Span


@dataclass(frozen=True)
class If:
    """`if (condition) then else otherwise`."""

    condition: Expr
    then: Statement
    otherwise: Statement | None
    span: Span


@dataclass(frozen=True)
class While:
    """`while (condition) body`."""

    condition: Expr
    body: Statement
    span: Span


@dataclass(frozen=True)
class For:
    """`for (initial; condition; step) body`."""

    initial: Statement | None
    condition: Expr | None
    step: Statement | None
    body: Statement
    span: Span


@dataclass(frozen=True)
class ForEach:
    """`for (Op *op : list) body`."""

    type: TypeName
    name: Identifier
    list: Expr
    body: Statement
    span: Span


@dataclass(frozen=True)
class Case:
    """The labels of one body of a `switch`; an empty tuple of values with `default` is the default alone."""

    values: tuple[Expr, ...]
    default: bool
    body: tuple[Statement, ...]
    span: Span


@dataclass(frozen=True)
class Switch:
    """`switch (value) { ... }`."""

    value: Expr
    cases: tuple[Case, ...]
    span: Span


@dataclass(frozen=True)
class Either:
    """`either { } or { }`."""

    blocks: tuple[Block, ...]
    span: Span


@dataclass(frozen=True)
class Upto:
    """`upto 2 statement`."""

    count: Expr
    body: Statement
    span: Span


@dataclass(frozen=True)
class AnyOrder:
    """`any_order { }`."""

    body: Block
    span: Span


@dataclass(frozen=True)
class Atomic:
    """`atomic { }`."""

    body: Block
    span: Span


@dataclass(frozen=True)
class Spawn:
    """`spawn name { }`."""

    name: Identifier
    body: Block
    span: Span


@dataclass(frozen=True)
class Receive:
    """`receive { pattern, ... };`."""

    patterns: tuple[Expr | Binding, ...]
    span: Span


@dataclass(frozen=True)
class Binding:
    """`binary b` in a pattern."""

    type: Identifier
    name: Identifier
    span: Span


@dataclass(frozen=True)
class Await:
    """`await (condition);`."""

    condition: Expr
    span: Span


@dataclass(frozen=True)
class Assert:
    """`assert(condition, "why");`."""

    condition: Expr
    text: String | None
    span: Span


@dataclass(frozen=True)
class Assume:
    """`assume(condition);`."""

    condition: Expr
    span: Span


@dataclass(frozen=True)
class ReachableMark:
    """`reachable name;` as a statement."""

    name: Identifier
    span: Span


Statement = (
    Block
    | Declaration
    | Assignment
    | CallStatement
    | Return
    | Break
    | Continue
    | If
    | While
    | For
    | ForEach
    | Switch
    | Either
    | Upto
    | AnyOrder
    | Atomic
    | Spawn
    | Receive
    | Await
    | Assert
    | Assume
    | ReachableMark
)

# --- items --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LanguageVersion:
    """`dmc 1;` at the beginning of a file."""

    version: int
    span: Span


@dataclass(frozen=True)
class Import:
    """`import "x.dmc";`."""

    path: String
    span: Span


@dataclass(frozen=True)
class Const:
    """`const int N = 3;`."""

    type: TypeName
    name: Identifier
    value: Expr
    span: Span


@dataclass(frozen=True)
class Enum:
    """`enum Op { NONE, PUT };`."""

    name: Identifier
    members: tuple[Identifier, ...]
    span: Span


@dataclass(frozen=True)
class FunctionField:
    """`void (*run)(Txn *t);` in a struct."""

    result: TypeName
    name: Identifier
    parameters: tuple[Parameter, ...]
    span: Span


@dataclass(frozen=True)
class Struct:
    """`struct Txn { ... };`."""

    name: Identifier
    fields: tuple[Variable | FunctionField, ...]
    span: Span


@dataclass(frozen=True)
class Parameter:
    """One parameter of a function; `range` and `where` say what it may be given."""

    type: TypeName
    name: Identifier
    span: Span
    range: RangeValue | None = None
    where: Expr | None = None


@dataclass(frozen=True)
class Function:
    """A function of a driver or a file."""

    result: TypeName
    name: Identifier
    parameters: tuple[Parameter, ...]
    body: Block
    span: Span


@dataclass(frozen=True)
class Axis:
    """`axis fixed: bool;`, `axis n: 1..3;`, `axis key { none, same };`."""

    name: Identifier
    type: Identifier | None
    range: RangeValue | None
    members: tuple[Identifier, ...]
    span: Span


@dataclass(frozen=True)
class Setting:
    """`name = values;`."""

    name: Identifier
    values: tuple[Expr | RangeValue, ...]
    span: Span


@dataclass(frozen=True)
class Allow:
    """`allow RULE because "...";`."""

    rule: Identifier
    reason: String
    span: Span


@dataclass(frozen=True)
class Driver:
    """`driver name { ... }`."""

    name: Identifier
    items: tuple[Const | Enum | Struct | Variable | Function | Setting, ...]
    span: Span


@dataclass(frozen=True)
class Runtime:
    """`runtime mine extends otp25 { point = value; }`; `R12B-5/smp` is an expression."""

    name: Identifier
    base: Expr
    settings: tuple[Setting, ...]
    span: Span


@dataclass(frozen=True)
class Fault:
    """`fault open, driver_alloc upto 1;`."""

    names: tuple[Identifier, ...]
    count: Expr | None
    span: Span


@dataclass(frozen=True)
class Actor:
    """`process name[2] { }`, `thread name[2](int i) { }` or `peer { }` (with the name `peer`).

    `number` is the parameter that says which of several it is.
    """

    kind: str
    name: Identifier
    count: Expr | None
    number: Parameter | None
    body: Block
    span: Span


@dataclass(frozen=True)
class QuiescentWhen:
    """`quiescent when condition;`."""

    condition: Expr
    span: Span


@dataclass(frozen=True)
class Scenario:
    """`scenario name { ... }`."""

    name: Identifier
    items: tuple[Setting | Fault | Variable | Actor | QuiescentWhen | Allow, ...]
    span: Span


@dataclass(frozen=True)
class Event:
    """One event of a handler.

    `kind` is call, return, alloc, free, read, write, lock, unlock, state, lost, fault, race, hang,
    submit, settle or quiescence. `name` is the function for call and return, the subject for the
    others; `arguments`, `result` and `subject` (`of p`) are names that the handler binds.
    """

    kind: str
    name: Identifier | None
    arguments: tuple[Identifier, ...]
    result: Identifier | None
    subject: Identifier | None
    span: Span


@dataclass(frozen=True)
class Handler:
    """`on event, event { ... }`."""

    events: tuple[Event, ...]
    body: Block
    span: Span


@dataclass(frozen=True)
class Needs:
    """`needs driver_async;`: when a rule applies."""

    names: tuple[Identifier, ...]
    span: Span


@dataclass(frozen=True)
class Trigger:
    """`trigger event, event;`: what must have happened for a rule to have been tested."""

    events: tuple[Event, ...]
    span: Span


@dataclass(frozen=True)
class Acyclic:
    """`acyclic name;`: the pairs that the rule collected under `name` must form no cycle."""

    name: Identifier
    span: Span


@dataclass(frozen=True)
class CanReach:
    """`can_reach target when condition without process;`: an obligation, of some of the steps alone."""

    target: Expr
    when: Expr | None
    without: Identifier | None
    span: Span


@dataclass(frozen=True)
class Under:
    """`under async_threads = 0: MEM, HNG001;`: rules that hold in another environment, too.

    One of `setting` and `fault` says which.
    """

    setting: Setting | None
    fault: Fault | None
    rules: tuple[Identifier, ...]
    span: Span


@dataclass(frozen=True)
class Rule:
    """`rule ID slug for job j "text" { ... }`."""

    id: Identifier
    slug: Identifier | None
    quantifiers: tuple[Quantifier, ...]
    text: String
    items: tuple[Needs | Trigger | Variable | Handler | Acyclic | CanReach | Under, ...]
    span: Span


@dataclass(frozen=True)
class Invariant:
    """`invariant name: condition;`."""

    name: Identifier
    condition: Expr
    span: Span


@dataclass(frozen=True)
class Reachable:
    """`reachable name: condition;`."""

    name: Identifier
    condition: Expr
    span: Span


@dataclass(frozen=True)
class ExpectLine:
    """`A, B violated in f on R12B.. when n > 1;`; `verdict` is violated, vacuous, bounded, inconclusive."""

    properties: tuple[Identifier, ...]
    verdict: str
    function: Identifier | None
    runtimes: tuple[Expr | RangeValue, ...]
    condition: Expr | None
    span: Span


@dataclass(frozen=True)
class ExpectAll:
    """`all hold;` or `all proved;`."""

    verdict: str
    span: Span


@dataclass(frozen=True)
class ExpectRest:
    """`rest any;`."""

    span: Span


@dataclass(frozen=True)
class Expect:
    """`expect scenario { ... }`."""

    scenario: Identifier | None
    lines: tuple[ExpectLine | ExpectAll | ExpectRest, ...]
    span: Span


Item = (
    LanguageVersion
    | Import
    | Const
    | Enum
    | Struct
    | Variable
    | Function
    | Axis
    | Setting
    | Allow
    | Driver
    | Runtime
    | Scenario
    | Rule
    | Invariant
    | Reachable
    | Expect
)


@dataclass(frozen=True)
class File:
    """A whole file."""

    path: str
    items: tuple[Item, ...]
    span: Span
