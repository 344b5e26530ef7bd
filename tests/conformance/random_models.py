"""Random small models as syntax trees: a driver with jobs and a mutex, or threads alone.

All decisions come from a function, so that Hypothesis as well as a plain generator of random numbers
can take them. The models keep the rules of types and names and of nothing else: what is freed, locked,
posted or written, where and how often, is left to chance.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from hypothesis import strategies as st

from dmc.syntax import ast
from tests.conformance import trees as t

Pick = Callable[[int], int]
"""A number below the given one."""

RUNTIMES = ("r8", "r12", "r11smp", "r12smp", "r13smp", "r15", "r16", "otp17", "otp21", "otp23")
INLINE = frozenset({"r8", "r12", "r12smp", "r13smp", "r15", "otp17", "otp21"})
WITHOUT_MUTEXES = frozenset({"r8", "r11smp"})


@st.composite
def models(draw: st.DrawFn) -> ast.File:
    """Random models for Hypothesis."""
    return random_model(lambda below: draw(st.integers(0, below - 1)))


def seeded_model(seed: int) -> ast.File:
    """The model of a number."""
    return random_model(random.Random(seed).randrange)


def random_model(pick: Pick) -> ast.File:
    """A driver four times out of five, else threads."""
    return _threads(pick) if pick(5) == 0 else _DriverModel(pick).file()


# --- a driver -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Place:
    """Where code stands: its driver data, its job data (names, or ""), and what it may call."""

    port: str
    job: str
    posts: bool = False
    fails: bool = False


@dataclass
class _DriverModel:
    """A driver with one struct for the port, one for jobs; `posted` counts its `driver_async`."""

    pick: Pick
    posted: int = 0
    names: int = 0
    marks: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        pick = self.pick
        self.runtime = RUNTIMES[pick(len(RUNTIMES))]
        self.mutex = pick(2) == 0 and self.runtime not in WITHOUT_MUTEXES
        self.atomic = pick(3) == 0
        self.global_atomic = pick(3) == 0
        self.has_ready = pick(4) != 0
        self.has_discard = pick(2) == 0

    def file(self) -> ast.File:
        items: list[ast.Item] = [t.setting("runtime", t.name(self.runtime)), self._pool(), self._driver()]
        items.insert(2, t.variable("int", "g", t.number(0), "atomic" if self.global_atomic else ""))
        items.append(t.scenario("s", *self._actors()))
        if self.pick(3) == 0:
            items.append(t.invariant("bound", self._claim()))
        if self.posted and self.pick(3) == 0:
            items.append(t.reachable("both", self._states()))
        return t.file(*items)

    def _pool(self) -> ast.Setting:
        inline = self.runtime in INLINE and self.pick(5) == 0
        return t.setting("async_threads", t.number(0 if inline else 1 + (self.pick(4) == 0)))

    def _claim(self) -> ast.Expr:
        kinds = (("port", "p"), ("job", "j"))
        port, job = (ast.Quantifier(t.type_(k), t.ident(n), None, t.PLACE) for k, n in kinds)

        def state(thing: str, name: str) -> ast.Expr:
            attribute = ast.Member(t.name(thing), t.ident("state"), False, t.PLACE)
            return t.binary("!=", attribute, t.name(name))

        match self.pick(3):
            case 0:
                return t.binary("<=", t.name("g"), t.number(1 + self.pick(2)))
            case 1 if self.posted:
                both = t.binary("||", state("p", "dead"), state("j", "running"))
                return ast.Quantified("forall", (job, port), both, t.PLACE)
            case _:
                return ast.Quantified("forall", (port,), state("p", "dead"), t.PLACE)

    def _states(self) -> ast.Expr:
        """Some job and its port are in these states at once."""
        job = ("queued", "running", "finished", "settled")[self.pick(4)]
        port = ("open", "closing", "dead")[self.pick(3)]
        both = t.binary("&&", t.in_state(t.name("j"), job), t.in_state(t.dot("j", "port"), port))
        quantifier = ast.Quantifier(t.type_("job"), t.ident("j"), None, t.PLACE)
        return ast.Quantified("exists", (quantifier,), both, t.PLACE)

    # --- the driver -------------------------------------------------------------------------------

    def _driver(self) -> ast.Driver:
        flags = (
            () if self.pick(3) == 0 else (t.setting("driver_flags", t.name("ERL_DRV_FLAG_USE_PORT_LOCKING")),)
        )
        functions = [self._start(), self._output()]
        if self.has_ready:
            functions.append(
                self._callback("ready_async", "Port *d, Txn *t", _Place("d", "t", posts=True, fails=True))
            )
        functions.append(self._stop())
        if self.posted:
            functions.append(self._callback("run", "Txn *t", _Place("t->owner", "t")))
        if self.posted and self.has_discard:
            functions.append(self._callback("discard", "Txn *t", _Place("t->owner", "t")))
        items = (*flags, *self._structs(), *functions)
        return ast.Driver(t.ident("drv"), items, t.PLACE)

    def _structs(self) -> tuple[ast.Struct, ...]:
        mutex = (t.variable("ErlDrvMutex *", "m"),) if self.mutex else ()
        port = t.struct(
            "Port",
            t.variable("ErlDrvPort", "port"),
            t.variable(
                "int", "a", None if self.pick(6) == 0 else t.number(0), "atomic" if self.atomic else ""
            ),
            t.variable("Txn *", "kept", t.null()),
            *mutex,
        )
        initial = None if self.pick(4) == 0 else t.number(0)
        return port, t.struct("Txn", t.variable("Port *", "owner"), t.variable("int", "x", initial))

    def _start(self) -> ast.Function:
        body: list[ast.Statement] = [
            t.local("Port *", "d", t.call("driver_alloc", t.sizeof("Port"))),
            t.put(t.arrow("d", "port"), t.name("port")),
        ]
        if self.mutex:
            body.append(t.put(t.arrow("d", "m"), t.call("erl_drv_mutex_create", t.text("m"))))
        if self.pick(5) == 0:
            body += self._statements(_Place("d", "", posts=True), 1)
        if self.pick(12) == 0:
            body.append(t.when(t.choose(t.name("bool")), t.give(t.name("ERL_DRV_ERROR_GENERAL"))))
        return t.function("Port *", "start", "ErlDrvPort port", *body, t.give(t.name("d")))

    def _output(self) -> ast.Function:
        place = _Place("d", "", posts=True, fails=True)
        body = self._statements(place, 1)
        if self.pick(4):
            body += self._post(place)
        body += self._statements(place, self.pick(2))
        return t.function("void", "output", "Port *d", *body)

    def _stop(self) -> ast.Function:
        body = self._statements(_Place("d", "", posts=self.pick(6) == 0), self.pick(3))
        if self.mutex and self.pick(4):
            body.append(t.do("erl_drv_mutex_destroy", t.arrow("d", "m")))
        if self.pick(8):
            body.append(t.do("driver_free", t.name("d")))
        return t.function("void", "stop", "Port *d", *body)

    def _callback(self, name: str, parameters: str, place: _Place) -> ast.Function:
        body = self._statements(place, 1 + self.pick(2))
        ends_job = name != "run"
        if self.pick(6) < (5 if ends_job else 1):
            body.append(t.do("driver_free", t.name("t")))
        return t.function("void", name, parameters, *body)

    # --- statements -------------------------------------------------------------------------------

    def _statements(self, place: _Place, count: int, depth: int = 0) -> list[ast.Statement]:
        return [one for _ in range(count) for one in self._statement(place, depth)]

    def _statement(self, place: _Place, depth: int) -> list[ast.Statement]:
        actions: list[Callable[[_Place, int], list[ast.Statement]]] = [
            self._store,
            self._store,
            self._store,
            self._count,
            self._count,
            self._read,
            self._keep,
            self._lock,
            self._lock,
            self._branch,
            self._choice,
            self._poll,
            self._repeat,
            self._free,
            self._assert,
            self._mark,
            self._fail,
        ]
        if self.mutex:
            actions += [self._lock] * 6
        if depth >= 2:
            actions = actions[:6]
        return actions[self.pick(len(actions))](place, depth)

    def _object(self, named: str) -> ast.Expr:
        thing, _, member = named.partition("->")
        return t.arrow(thing, member) if member else t.name(thing)

    def _target(self, place: _Place) -> ast.Expr:
        options: list[ast.Expr] = [t.name("g"), t.arrow(self._object(place.port), "a")]
        if place.job:
            options.append(t.arrow(place.job, "x"))
        return options[self.pick(len(options))]

    def _value(self, place: _Place) -> ast.Expr:
        match self.pick(4):
            case 0:
                return self._target(place)
            case 1:
                return t.choose(t.number(0), t.number(1))
            case _:
                return t.number(self.pick(3))

    def _condition(self, place: _Place) -> ast.Expr:
        operator = ("==", "!=", "<")[self.pick(3)]
        return t.binary(operator, self._target(place), t.number(self.pick(2)))

    def _store(self, place: _Place, _depth: int) -> list[ast.Statement]:
        return [t.put(self._target(place), self._value(place))]

    def _count(self, place: _Place, _depth: int) -> list[ast.Statement]:
        return [t.up(self._target(place))]

    def _read(self, place: _Place, _depth: int) -> list[ast.Statement]:
        return [t.do(("reads", "writes")[self.pick(2)], self._target(place))]

    def _keep(self, place: _Place, _depth: int) -> list[ast.Statement]:
        """A pointer is stored or forgotten, or what it leads to is freed."""
        kept = t.arrow(self._object(place.port), "kept")
        match self.pick(3):
            case 0 if place.job:
                return [t.put(kept, t.name(place.job))]
            case 1:
                return [t.when(t.binary("!=", kept, t.null()), t.up(t.arrow(kept, "x")))]
            case _:
                freed = (t.do("driver_free", kept), t.put(kept, t.null()))
                return [t.when(t.binary("!=", kept, t.null()), *freed[: 1 + (self.pick(4) != 0)])]

    def _lock(self, place: _Place, depth: int) -> list[ast.Statement]:
        body = self._statements(place, 1, depth + 1)
        if not self.mutex:
            return body
        mutex = t.arrow(self._object(place.port), "m")
        unlock = [t.do("erl_drv_mutex_unlock", mutex)] if self.pick(8) else []
        if self.pick(3) == 0:
            tried = t.binary("==", t.call("erl_drv_mutex_trylock", mutex), t.number(0))
            self.names += 1
            taken = t.block(t.mark(f"here{self.names}")) if self.pick(3) else None
            return [ast.If(tried, t.block(*body, *unlock), taken, t.PLACE)]
        return [t.do("erl_drv_mutex_lock", mutex), *body, *unlock]

    def _branch(self, place: _Place, depth: int) -> list[ast.Statement]:
        then = t.block(*self._statements(place, 1, depth + 1))
        otherwise = t.block(*self._statements(place, 1, depth + 1)) if self.pick(2) else None
        return [ast.If(self._condition(place), then, otherwise, t.PLACE)]

    def _choice(self, place: _Place, depth: int) -> list[ast.Statement]:
        blocks = [t.block(*self._statements(place, self.pick(2), depth + 1)) for _ in range(2)]
        return [t.either(*blocks)]

    def _poll(self, place: _Place, _depth: int) -> list[ast.Statement]:
        return [t.loop(self._condition(place), *([t.do("reads", t.name("g"))] if self.pick(2) else []))]

    def _repeat(self, place: _Place, depth: int) -> list[ast.Statement]:
        self.names += 1
        i = f"i{self.names}"
        condition = t.binary("<", t.name(i), t.number(2))
        body = t.block(*self._statements(place, 1, depth + 1))
        return [ast.For(t.local("int", i, t.number(0)), condition, t.up(t.name(i)), body, t.PLACE)]

    def _free(self, place: _Place, _depth: int) -> list[ast.Statement]:
        if self.pick(3):
            return self._store(place, 2)
        thing = self._object(place.port) if not place.job or self.pick(3) == 0 else t.name(place.job)
        return [t.do("driver_free", thing)]

    def _assert(self, place: _Place, _depth: int) -> list[ast.Statement]:
        return [t.assertion(t.binary("<=", self._target(place), t.number(2)))]

    def _mark(self, place: _Place, _depth: int) -> list[ast.Statement]:
        """A place that only some orders of the threads' steps may lead to."""
        self.names += 1
        mark = t.mark(f"here{self.names}")
        return [t.when(self._condition(place), mark)] if self.pick(2) else [mark]

    def _fail(self, place: _Place, depth: int) -> list[ast.Statement]:
        if not place.fails or self.pick(2):
            return self._post(place) if place.posts and self.pick(2) else self._store(place, depth)
        return [t.do("driver_failure_atom", t.arrow(self._object(place.port), "port"), t.text("einval"))]

    def _post(self, place: _Place) -> list[ast.Statement]:
        if self.posted >= 2 or not place.posts:
            return []
        self.posted += 1
        job, key = f"t{self.posted}", f"k{self.posted}"
        body: list[ast.Statement] = [t.local("Txn *", job, t.call("driver_alloc", t.sizeof("Txn")))]
        if self.pick(12):
            body.append(t.put(t.arrow(job, "owner"), self._object(place.port)))
        keyed = self.pick(3) == 0
        if keyed:
            body.append(t.local("unsigned", key, t.number(self.pick(2))))
        address = ast.Unary("&", t.name(key), t.PLACE) if keyed else t.null()
        free: ast.Expr = t.name("discard") if self.has_discard else t.name("driver_free")
        free = t.null() if self.pick(5) == 0 and self.posted > 1 else free
        port = t.arrow(self._object(place.port), "port")
        return [*body, t.do("driver_async", port, address, t.name("run"), t.name(job), free)]

    # --- who uses it ------------------------------------------------------------------------------

    def _actors(self) -> list[ast.Actor]:
        count = 2 if self.pick(12) == 0 else 1
        return [t.actor("process", "owner", count, *self._script(short=count > 1))]

    def _script(self, short: bool) -> list[ast.Statement]:
        command = t.do("port_command", t.name("p"), t.call("bytes", t.number(1)))
        opened = ast.Declaration(t.variable("port", "p", t.call("open_port", t.name("drv"))), t.PLACE)
        commands: list[ast.Statement]
        match self.pick(4):
            case 0 if not short:
                commands = [t.upto(2, command)]
            case 1 if not short:
                commands = [ast.Spawn(t.ident("other"), t.block(command), t.PLACE)]
            case 2 if not short:
                commands = [command, command]
            case _:
                commands = [command]
        close = t.do("port_close", t.name("p"))
        endings: list[list[ast.Statement]] = [
            [close],
            [close],
            [],
            [t.do("exit", t.name("kill"))],
            [t.do("exit", t.name("p"), t.name("kill"))],
            [t.either(t.block(close), t.block())],
        ]
        return [opened, *commands, *endings[self.pick(len(endings))]]


# --- threads alone --------------------------------------------------------------------------------


def _threads(pick: Pick) -> ast.File:
    """Two or three threads, three variables."""
    storages = ["atomic" if pick(2) else "" for _ in range(3)]
    variables = [t.variable("int", n, t.number(0), s) for n, s in zip("xyz", storages, strict=True)]
    threads = [t.actor("thread", f"t{n}", 1, *_thread(pick, n)) for n in range(2 + (pick(3) == 0))]
    if pick(4) == 0:
        threads[0] = t.actor("thread", "t0", 2, *_thread(pick, 0))
    items: list[ast.Item] = [*variables, t.scenario("s", *threads)]
    if pick(2):
        total = t.binary("+", t.name("x"), t.name("y"))
        items.append(t.invariant("bound", t.binary("<=", total, t.number(1 + pick(3)))))
    return t.file(*items)


def _thread(pick: Pick, number: int) -> list[ast.Statement]:
    def var() -> ast.Expr:
        return t.name("xyz"[pick(3)])

    def test() -> ast.Expr:
        return t.binary(("==", "!=")[pick(2)], var(), t.number(pick(2)))

    def simple() -> ast.Statement:
        match pick(4):
            case 0:
                return t.put(var(), t.choose(t.number(0), t.number(1)))
            case 1:
                return t.put(var(), t.binary("+", var(), t.number(1)))
            case 2:
                return t.put(var(), var())
            case _:
                return t.put(var(), t.number(pick(2)))

    def statement() -> list[ast.Statement]:
        match pick(8):
            case 0:
                taken = var()
                held = t.atomic(t.wait(t.binary("==", taken, t.number(0))), t.put(taken, t.number(1)))
                return [held, simple(), *([t.put(taken, t.number(0))] if pick(4) else [])]
            case 1:
                return [t.wait(test())]
            case 2:
                return [t.loop(test(), *([simple()] if pick(2) else []))]
            case 3:
                return [t.when(test(), simple())]
            case 4:
                return [t.either(t.block(simple()), t.block(simple()))]
            case 5:
                return [t.assertion(t.binary("<=", var(), t.number(2)))]
            case _:
                return [simple()]

    first: list[ast.Statement] = [simple()]
    rest = [one for _ in range(1 + pick(3)) for one in statement()]
    return first + rest if number % 2 == 0 else rest + first
