"""Reads the text form that `dmc.ir.printer` writes.

The text is `dmc`'s own, so what is wrong with it is a defect (`InternalError`).
"""

from __future__ import annotations

from dmc.base.exceptions import InternalError
from dmc.ir.expr import (
    TRUE,
    ZERO,
    AtPoint,
    Binary,
    Bound,
    Const,
    Expr,
    Field,
    Full,
    Instance,
    Ite,
    Item,
    KindOf,
    Length,
    ListPlace,
    Place,
    Quantified,
    Read,
    Register,
    Self,
    Unary,
    Var,
)
from dmc.ir.sort import Bool, Enum, Integer, Range, Ref, Sort
from dmc.ir.statement import (
    Assign,
    Check,
    Choose,
    Collect,
    Cover,
    Cut,
    Drop,
    Emit,
    Fault,
    Goto,
    If,
    Kill,
    New,
    Push,
    Remove,
    Stmt,
    Violate,
)
from dmc.ir.system import (
    IR_VERSION,
    Access,
    FieldDecl,
    Frame,
    InitialChoice,
    Kind,
    ListVariable,
    Mover,
    Obligation,
    Point,
    Pool,
    Property,
    PropertyKind,
    RegisterDecl,
    Step,
    System,
    ThreadType,
    Variable,
)
from dmc.ir.text_tokens import Reader
from dmc.ir.text_words import OPERATORS


def parse_system(text: str) -> System:
    """The system of a text."""
    return _Parser(text).system()


class _Parser(Reader):
    """Recursive descent, one method for each thing."""

    def system(self) -> System:
        self.expect("dmc_ir")
        version = self.number()
        if version != IR_VERSION:
            raise InternalError("ir text", f"version {version} is not version {IR_VERSION}")
        variables, lists, pools, threads = [], [], [], []
        while self.accept("variable"):
            variables.append(self.variable())
        while self.accept("list"):
            lists.append(self.list_variable())
        while self.accept("pool"):
            pools.append(self.pool())
        while self.accept("thread"):
            threads.append(self.thread())
        choices = []
        while self.accept("initial"):
            choices.append(self.initial_choice())
        self.expect("ends")
        ends = self.expr()
        properties = []
        while self.accept("property"):
            properties.append(self.property())
        if self.next.kind != "end":
            raise self.error("the text should end")
        return System(
            variables=tuple(variables),
            lists=tuple(lists),
            pools=tuple(pools),
            threads=tuple(threads),
            ends=ends,
            properties=tuple(properties),
            initial_choices=tuple(choices),
            version=version,
        )

    def variable(self) -> Variable:
        name, sort = self.name(), self.sort()
        length = self.number() if self.accept("length") else 1
        return Variable(name, sort, length, self.initial())

    def list_variable(self) -> ListVariable:
        name, sort = self.name(), self.sort()
        self.expect("capacity")
        return ListVariable(name, sort, self.number(), self.number() if self.accept("length") else 1)

    def sort(self) -> Sort:
        self.expect(":")
        word = self.take().text
        match word:
            case "bool":
                return Bool(self.accept("unset"))
            case "range":
                return Range(self.number(), self.number(), self.accept("unset"))
            case "enum":
                return Enum(self.name(), self.names(), self.accept("unset"))
            case "ref":
                return Ref(self.name(), self.accept("unset"))
            case "integer":
                return Integer(self.accept("unset"))
            case _:
                raise self.error(f"{word!r} is no sort: a sort should stand")

    def initial(self) -> int:
        return self.number() if self.accept("=") else 0

    def pool(self) -> Pool:
        name = self.name()
        self.expect("size")
        size = self.number()
        self.expect("{")
        return Pool(name, size, self.many("}", self.kind))

    def kind(self) -> Kind:
        self.expect("kind")
        name, owned = self.name(), self.accept("owned")
        self.expect("{")
        return Kind(name, self.many("}", self.field), owned)

    def field(self) -> FieldDecl:
        self.expect("field")
        return FieldDecl(self.name(), self.sort(), self.initial())

    def thread(self) -> ThreadType:
        name = self.name()
        self.expect("times")
        instances = self.number()
        self.expect("start")
        start = self.name()
        self.expect("{")
        registers, points, steps = [], [], []
        while self.accept("register"):
            registers.append(RegisterDecl(self.name(), self.sort(), self.initial()))
        while self.accept("point"):
            points.append(self.point())
        while self.accept("step"):
            steps.append(self.step())
        self.expect("}")
        return ThreadType(name, instances, start, tuple(registers), tuple(points), tuple(steps))

    def point(self) -> Point:
        name, rest, place = self.name(), self.accept("rest"), self.span()
        frames = []
        while self.accept("frame"):
            frames.append(Frame(self.name(), self.name() if self.accept("role") else "", self.span()))
        return Point(name, tuple(frames), place, rest)

    def step(self) -> Step:
        source, label, place = self.name(), self.string(), self.span()
        mover = Mover(self.take().text) if self.accept("mover") else Mover.NONE
        blocking, spurious = self.accept("blocking"), self.accept("spurious")
        guard = self.expr() if self.accept("guard") else TRUE
        waits = self.string() if self.accept("waits") else ""
        holder = self.expr() if self.accept("holder") else None
        party = self.name() if self.accept("party") else ""
        accesses = []
        while self.accept("access"):
            accesses.append(self.access())
        return Step(
            source=source,
            label=label,
            body=self.block(),
            guard=guard,
            place=place,
            accesses=tuple(accesses),
            mover=mover,
            blocking=blocking,
            spurious=spurious,
            waits=waits,
            holder=holder,
            party=party,
        )

    def access(self) -> Access:
        location, value = self.name(), self.expr()
        return Access(
            location=location,
            object=value,
            write=self.accept("write"),
            atomic=self.accept("atomic"),
            frees=self.accept("frees"),
            lifetime=self.accept("lifetime"),
            protections=self.arguments() if self.accept("protected") else (),
        )

    def initial_choice(self) -> InitialChoice:
        variable, index = self.name(), self.number()
        self.expect("in")
        self.expect("[")
        return InitialChoice(variable, index, self.many("]", self.number))

    def property(self) -> Property:
        claim, kind = self.name(), PropertyKind(self.take().text)
        condition = self.expr() if self.accept("condition") else None
        triggers = self.names() if self.accept("triggers") else ()
        obligations = []
        while self.accept("obliged"):
            obligations.append(self.obligation())
        return Property(claim, kind, condition, triggers, self.span(), tuple(obligations))

    def obligation(self) -> Obligation:
        when = self.expr()
        self.expect("reaches")
        return Obligation(when, self.expr(), self.names() if self.accept("without") else ())

    def block(self) -> tuple[Stmt, ...]:
        self.expect("{")
        return self.many("}", self.statement)

    def statement(self) -> Stmt:
        if self.next.kind != "word" or not hasattr(self, f"{self.next.text}_statement"):
            place = self.place()
            self.expect(":=")
            return Assign(place, self.expr())
        statement: Stmt = getattr(self, f"{self.take().text}_statement")()
        return statement

    def if_statement(self) -> Stmt:
        condition, then = self.expr(), self.block()
        return If(condition, then, self.block() if self.accept("else") else ())

    def choose_statement(self) -> Stmt:
        return Choose(self.place(), self.number(), self.number())

    def push_statement(self) -> Stmt:
        return Push(self.list_place(), self.expr())

    def remove_statement(self) -> Stmt:
        return Remove(self.list_place(), self.expr())

    def new_statement(self) -> Stmt:
        return New(self.place(), self.name(), self.name(), self.arguments())

    def kill_statement(self) -> Stmt:
        return Kill(self.name(), self.expr())

    def goto_statement(self) -> Stmt:
        return Goto(self.name())

    def check_statement(self) -> Stmt:
        condition = self.expr()
        self.expect("else")
        if self.accept("fault"):
            return Check(condition, Fault(self.name(), self.names()))
        if self.accept("cut"):
            return Check(condition, Cut(self.name()))
        self.expect("drop")
        return Check(condition, Drop(self.name()))

    def violate_statement(self) -> Stmt:
        return Violate(self.name(), self.arguments())

    def cover_statement(self) -> Stmt:
        return Cover(self.name())

    def collect_statement(self) -> Stmt:
        return Collect(self.name(), self.expr(), self.expr())

    def emit_statement(self) -> Stmt:
        return Emit(self.name(), self.arguments())

    def arguments(self) -> tuple[tuple[str, Expr], ...]:
        self.expect("{")
        return self.many("}", self.argument)

    def argument(self) -> tuple[str, Expr]:
        name = self.name()
        self.expect("=")
        value = self.expr()
        self.accept(",")
        return name, value

    def expr(self) -> Expr:
        if self.next.kind == "number":
            return Const(self.number())
        if self.accept("self"):
            return Self()
        if self.accept("instance"):
            return Instance()
        if self.accept("'"):
            return Bound(self.name())
        if self.sees("(") and not self._item_follows():
            self.take()
            inner = self.in_parentheses()
            self.expect(")")
            return inner
        return Read(self.place())

    def in_parentheses(self) -> Expr:
        if self.sees("not", "-"):
            return Unary(self.take().text, self.expr())
        if self.accept("if"):
            condition = self.expr()
            self.expect("then")
            then = self.expr()
            self.expect("else")
            return Ite(condition, then, self.expr())
        if self.accept("kind"):
            return KindOf(self.name(), self.expr())
        if self.accept("full"):
            return Full(self.name())
        if self.accept("length"):
            return Length(self.list_place())
        if self.accept("at"):
            return AtPoint(self.expr(), self.names())
        if self.sees("exists", "forall", "count"):
            return self.quantified()
        left = self.expr()
        if not self.sees(*OPERATORS):
            raise self.error("an operator should stand")
        return Binary(self.take().text, left, self.expr())

    def quantified(self) -> Expr:
        kind, name = self.take().text, self.name()
        self.expect("in")
        low = self.expr()
        self.expect("..")
        high = self.expr()
        self.expect(":")
        return Quantified(kind, name, low, high, self.expr())

    def place(self) -> Place:
        if self.accept("%"):
            return Register(self.name())
        if self.accept("("):
            self.expect("item")
            item = Item(self.list_place(), self.expr())
            self.expect(")")
            return item
        name = self.name()
        if not self.accept("."):
            return Var(name, self.index())
        kind = self.name()
        self.expect(".")
        field = self.name()
        self.expect("{")
        reference = self.expr()
        self.expect("}")
        return Field(name, kind, field, reference)

    def list_place(self) -> ListPlace:
        return ListPlace(self.name(), self.index())

    def index(self) -> Expr:
        if not self.accept("["):
            return ZERO
        value = self.expr()
        self.expect("]")
        return value

    def _item_follows(self) -> bool:
        follows = self.tokens[self.at + 1]
        return follows.kind == "word" and follows.text == "item"
