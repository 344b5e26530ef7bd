"""Reports made by hand, one for each thing that a reporter has to show."""

from __future__ import annotations

from dataclasses import replace

from dmc.base.diagnostic import Diagnostic, Label, Severity
from dmc.base.source import NOWHERE, SourceFile, Span
from dmc.results.report import Change, Cost, CostLine, PropertyResult, Report, Run, Trace, TraceStep
from dmc.results.verdict import Verdict

BARRIER = "models/seeds/barrier/barrier.dmc"
BDB = "bdb.dmc"

_BARRIER_LINES = {
    18: "        Port *d = driver_alloc(sizeof(Port));",
    19: "        d->port = port;",
    29: "        Txn *t = driver_alloc(sizeof(Txn));",
    31: "        t->owner = d;",
    32: "        driver_async(d->port, NULL, run, t, driver_free);",
    35: "    void run(Txn *t) { reads(t->owner->port); }",
    50: "        while (d->pending > 0) erl_drv_cond_wait(d->cnd, d->mtx);",
    54: "        driver_free(d);",
    60: "        port p = open_port(bdb);",
    61: "        upto 2 port_command(p, bytes(1));",
    62: "        port_close(p);",
}
_BDB_LINES = {
    12: "        if (d->op = NONE) return;",
    14: "    void timout(Port *d) { ... }",
    22: "        driver_async(d->port, NULL, run, d, driver_free);",
    25: "    void run(Txn *t) {",
    40: "scenario close_early {",
}


def source(path: str, lines: dict[int, str]) -> SourceFile:
    """A file with some of its lines."""
    return SourceFile(path, "\n".join(lines.get(number, "") for number in range(1, max(lines) + 1)) + "\n")


Words = tuple[str, ...]

SOURCES = {BARRIER: source(BARRIER, _BARRIER_LINES), BDB: source(BDB, _BDB_LINES)}


def at(line: int, column: int = 9, width: int = 6, path: str = BARRIER) -> Span:
    """A place on one line."""
    return Span(path, line, column, line, column + width)


def run(*properties: PropertyResult, **changes: object) -> Run:
    """A complete search of the barrier on otp23, with the properties."""
    base = Run(
        model=BARRIER,
        scenario="two_commands_then_close",
        runtime="otp23",
        build="SMP",
        locking="port",
        regime="port",
        async_threads=1,
        schedulers=2,
        axes={},
        engine="compiled",
        reductions=("fusion", "dead_locals"),
        assumptions=("memory is sequentially consistent",),
        complete=True,
        cut_by=(),
        stopped_by="",
        states=12345,
        transitions=45678,
        depth=61,
        seconds=0.4,
        peak_bytes=12_900_000,
        instance="at most 2 commands, 2 schedulers, 1 async thread",
        properties=properties,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def prop(identifier: str, name: str, verdict: Verdict = Verdict.PROVED, **changes: object) -> PropertyResult:
    """A result; as expected unless told otherwise."""
    return replace(PropertyResult(identifier, name, verdict, ""), **changes)  # type: ignore[arg-type]


def use_after_free(expected: str | None = "violated in run") -> PropertyResult:
    """The violation of the barrier with `key == NULL`, with a trace of twelve steps."""
    return prop(
        "MEM001",
        "use_after_free",
        Verdict.VIOLATED,
        message="`run` reads `t->owner->port` of Port 1, which `stop` has freed",
        where=at(35, 30, 14),
        expected=expected,
        as_expected=expected is not None,
        functions=("run",),
        trace=twelve_steps(),
    )


def twelve_steps() -> Trace:
    """Three threads, a nested callback, a lock, a violation."""
    owner, scheduler, worker = "owner", "scheduler 1", "async thread 1"
    lock = ("port lock 1",)
    raw: list[tuple[str, Words, str, str, int, tuple[Change, ...], Words, Words]] = [
        (owner, (), "p = open_port(bdb)", "port 1", 60, (Change("port 1", "", "open"),), (), ()),
        (scheduler, ("start",), "d = driver_alloc(sizeof(Port))", "Port 1", 18, (), lock, ()),
        (scheduler, ("start",), "d->port = port", "", 19, (Change("d->port", "NULL", "port 1"),), lock, ()),
        (owner, (), "port_command(p, bytes(1))", "true", 61, (), (), ()),
        (scheduler, ("output",), "t = driver_alloc(sizeof(Txn))", "Txn 1", 29, (), lock, ()),
        (scheduler, ("output",), "t->owner = d", "", 31, (Change("t->owner", "NULL", "Port 1"),), lock, ()),
        (
            scheduler,
            ("output",),
            "driver_async(d->port, NULL, run, t, driver_free)",
            "job 1",
            32,
            (Change("job 1", "", "queued"), Change("async queue 1", "[]", "[job 1]")),
            lock,
            (),
        ),
        (worker, (), "takes job 1", "", 0, (Change("job 1", "queued", "running"),), (), ()),
        (owner, (), "port_close(p)", "true", 62, (Change("port 1", "open", "closing"),), (), ()),
        (
            scheduler,
            ("port_close", "stop"),
            "driver_free(d)",
            "",
            54,
            (Change("Port 1", "live", "freed"),),
            lock,
            ("frees Port 1",),
        ),
        (scheduler, ("port_close", "stop"), "return", "", 54, (Change("port 1", "closing", "dead"),), (), ()),
        (
            worker,
            ("run",),
            "reads(t->owner->port)",
            "",
            35,
            (),
            (),
            ("violates MEM001: Port 1 was freed in step 10",),
        ),
    ]
    steps = tuple(
        TraceStep(
            thread=1 + (owner, scheduler, worker).index(lane),
            alternative=0,
            lane=lane,
            actor=lane,
            frames=frames,
            action=action,
            place=at(line) if line else NOWHERE,
            result=result,
            changes=changes,
            held=held,
            marks=marks,
        )
        for lane, frames, action, result, line, changes, held, marks in raw
    )
    return Trace(
        initial=(("barrier key", "NULL"), ("job counter", "0")),
        steps=steps,
        owed=("job 1 has run, and neither `ready_async` nor `driver_free` was called with Txn 1",),
        summary="`stop` did not wait for job 1: the port closed and its data was freed while an async"
        " thread had still to read it.",
        initial_values=(0,),
    )


def forty_steps() -> Trace:
    """Four lanes, nested callbacks, long texts, two files of one name: what a page must hold."""
    lanes = ("owner", "scheduler 1", "scheduler 2", "async thread 1")
    frames = ((), ("output",), ("output", "driver_failure_atom", "stop"), ("arrive",))
    steps = []
    for number in range(40):
        who = (number // 3) % 4
        path = BARRIER if number % 7 else "models/other/barrier.dmc"
        action = f"d->pending[{number}] = d->pending[{number - 1}] + 1"
        if number == 25:
            action = "driver_output_term(d->port, ERL_DRV_PORT, driver_mk_port(d->port), ERL_DRV_ATOM, ok, 4)"
        steps.append(
            TraceStep(
                thread=who + 1,
                alternative=number % 2,
                lane=lanes[who],
                actor="owner" if who == 1 else lanes[who],
                frames=frames[who],
                action=action,
                place=at(20 + number, path=path),
                changes=(Change(f"d->pending[{number}]", str(number), str(number + 1)),),
                held=("port lock 1", "bdb") if who == 2 else (),
                marks=("violates HNG001",) if number == 39 else (),
            )
        )
    return Trace(
        initial=(),
        steps=tuple(steps),
        stuck=(
            "scheduler 2 waits in `stop` for condition `bdb` (barrier.dmc:50), which nobody will signal",
            "owner waits for `port_close` to return",
        ),
        summary="The barrier ran before `stop` began to wait.",
    )


def hang(expected: str | None = None) -> PropertyResult:
    """A hang that nobody expected."""
    return prop(
        "HNG001",
        "hang",
        Verdict.VIOLATED,
        message="from here on no run reaches a legal end",
        where=at(50, 32, 33),
        expected=expected,
        as_expected=expected is not None,
        functions=("stop",),
        trace=forty_steps(),
    )


def single() -> Report:
    """One run: a violation as expected, a fault that cut others, something vacuous, something unused."""
    return Report(
        (
            run(
                use_after_free(),
                prop("MEM003", "leak", Verdict.BOUNDED, message="cut by the fault use_after_free"),
                prop("ASY001", "one_completion"),
                prop("LCK004", "lock_order", Verdict.VACUOUS, message="no thread ever held two locks"),
                prop("HNG001", "hang", Verdict.BOUNDED, message="cut by the fault use_after_free"),
                prop("BIN001", "binary_released", Verdict.NOT_APPLICABLE),
                prop("SEL001", "deselected", Verdict.NOT_APPLICABLE),
                cut_by=(("fault:use_after_free", 17),),
                faults=(("use_after_free", ("MEM001",)),),
            ),
        ),
        (),
        0,
    )


def surprising() -> Report:
    """One run with a hang that was not expected, and an expected violation that did not come."""
    missing = prop("MEM001", "use_after_free", expected="violated in run", as_expected=False)
    return Report((run(hang(), missing, prop("ASY001", "one_completion")),), (), 1)


def table() -> Report:
    """Eighteen runs; a use after free, as expected, in those with one of the keys and a pool of several."""
    runs = []
    for runtime in ("r13smp", "otp23"):
        for pool in (1, 2, 3):
            for barrier in ("key_null", "key_same", "one_per_thread"):
                violated = barrier == "key_null" and pool > 1
                leaks = runtime == "r13smp"
                runs.append(
                    run(
                        use_after_free() if violated else prop("MEM001", "use_after_free"),
                        prop("MEM003", "leak", Verdict.VIOLATED, expected="violated", functions=("stop",))
                        if leaks
                        else prop("MEM003", "leak"),
                        prop("LCK004", "lock_order", Verdict.VACUOUS if pool == 1 else Verdict.PROVED),
                        runtime=runtime,
                        async_threads=pool,
                        axes={"barrier": barrier},
                        states=1000 * pool,
                        transitions=3000 * pool,
                        depth=40 + pool,
                        instance=f"at most 2 commands, 2 schedulers, {pool} async threads",
                        cut_by=(("fault:use_after_free", 4),) if violated else (),
                        faults=(("use_after_free", ("MEM001",)),) if violated else (),
                    )
                )
    reason = "`erl_drv_cond_wait` came with R12B"
    cell = run(runtime="r8", axes={"barrier": "key_null"}, not_applicable=reason)
    return Report((*runs, cell), (), 0)


def stopped() -> Report:
    """A search that a limit ended, with where the states are."""
    cost = Cost(
        (CostLine("scheduler 1 at stop (barrier.dmc:50)", 6000), CostLine("async thread 1 at run", 1500)),
        (CostLine("d->pending", 4), CostLine("async queue 1", 31)),
    )
    return Report(
        (
            run(
                prop("MEM001", "use_after_free", Verdict.INCONCLUSIVE),
                prop("HNG001", "hang", Verdict.INCONCLUSIVE),
                complete=False,
                stopped_by="states",
                states=10000,
                dropped=(("assume at barrier.dmc:46", 3),),
                cost=cost,
                reductions=(),
            ),
        ),
        (),
        3,
    )


def mistakes() -> Report:
    """Diagnostics of several kinds."""
    return Report(
        (),
        (
            Diagnostic(
                "E203",
                "function `timout` is neither a callback nor called",
                at(14, 10, 6, BDB),
                "nothing would ever run it",
                ("did you mean the callback `timeout`?",),
            ),
            Diagnostic(
                "E110",
                "`=` assigns, and an assignment has no value here",
                at(12, 19, 1, BDB),
                hints=("to compare, write `==`",),
            ),
            Diagnostic(
                "E311",
                "`run` takes a `Txn *` but would be given a `Port *`",
                at(22, 42, 1, BDB),
                "async_data is what `run` is called with (bdb.dmc:25)",
                ("allocate a `Txn` that points to it, or let `run` take a `Port *`",),
            ),
            Diagnostic(
                "E401",
                "scenario `close_early` never opens a port",
                at(40, 1, 20, BDB),
                "no code of `bdb` would run, and every rule would pass, which is the one thing that a model"
                " must never do without saying so",
                (
                    "write `port p = open_port(bdb);` in a process; without a driver, use `thread`",
                    "a second hint",
                ),
                (Label(at(25, 10, 3, BDB), "this would never run"),),
                Severity.WARNING,
            ),
            Diagnostic("E130", "there is no file `gone.dmc`", Span("gone.dmc", 1, 1, 1, 2)),
        ),
        2,
    )


def many_unlike() -> Report:
    """Runs that no choice of values singles out, and many more threads than lanes."""
    step = TraceStep(1, 0, "", "", ("run",), "reads(t->owner->port)", at(35))
    steps = tuple(replace(step, lane=f"thread {n}", actor=f"thread {n}") for n in range(10))
    broken = prop("RAC001", "race", Verdict.VIOLATED, as_expected=False, trace=Trace((), steps))
    whole = prop("RAC001", "race")
    runs = []
    for number in range(16):
        bad = number % 5 in (0, 3)
        axes = {"a": str(number // 4), "b": str(number % 4)}
        runs.append(run(broken if bad else whole, axes=axes, locking="driver", regime="global"))
    return Report(tuple(runs), (), 1)


def hostile() -> Report:
    """Every verdict, expected and not, in names and values that mean something to some format."""
    odd = "%0A::error::<b>&\"']]>--> #;|`*_{}\\ \x1b\x00\u00e9\U0001f600\n```\nwrap: end"
    place = Span("a b/%c,d:e#f.dmc", 3, 2, 4, 1)
    steps = (
        TraceStep(
            1, 0, odd, "owner", (odd,), odd, place, odd, (Change(odd, "", "1"),), (odd,), (odd,), (odd,)
        ),
        TraceStep(
            2, 1, "wrap: b", "b", (), "wrap: x", NOWHERE, changes=(Change(odd, "1", ""),), operand=True
        ),
        TraceStep(2, 1, "wrap: b", "b", (), "x", NOWHERE, changes=(Change("n", "-9007199254740993", "2"),)),
    )
    trace = Trace(((odd, odd),), steps, (odd,), (odd,), odd, (3,), (("schedulers", "1"),))
    properties = [
        prop(
            f"{verdict.value[:3].upper()}00{number}", odd, verdict, message=odd, where=place, claim=odd, **how
        )
        for verdict in Verdict
        for number, how in enumerate(
            (
                {},
                {"expected": verdict.value, "functions": (odd,)},
                {"expected": "violated in f", "as_expected": False},
            )
        )
    ]
    properties.append(prop("VIO009", odd, Verdict.VIOLATED, trace=trace, functions=(odd,)))
    properties.append(prop("VIO010", odd, Verdict.VIOLATED, trace=Trace((), ()), expected="violated"))
    full = run(*properties, model=place.path, scenario=odd, axes={odd: odd}, assumptions=(odd,), instance=odd)
    full = replace(full, cut_by=((odd, 1),), faults=((odd, (odd,)),), dropped=((odd, 2),), engine_note=odd)
    unused = run(model=odd, not_applicable=odd)
    warning = Diagnostic("E401", odd, place, odd, (odd,), (Label(place, odd),), Severity.WARNING)
    return Report((full, unused), (warning,), 1)


ALL = {
    "many_unlike": many_unlike,
    "single": single,
    "surprising": surprising,
    "table": table,
    "stopped": stopped,
    "mistakes": mistakes,
}

FOREIGN = {**ALL, "hostile": hostile}
"""For the formats that others read: what is written into them must not be taken for their own signs."""
