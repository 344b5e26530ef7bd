"""Models that are odd: each has an answer in the language's own terms, and none is a fault of dmc."""

from __future__ import annotations

from pathlib import Path

import pytest
from robustness.commands import COMMAND_THEN_CLOSE, check, driver, output, thread

Capture = pytest.CaptureFixture[str]

NULL_START = "Port *start(ErlDrvPort port) { return NULL; }"
UNSET_START = "Port *start(ErlDrvPort port) { Port *d; return d; }"
WRITES = "void output(Port *d) { d->n = 1; }"
CHAIN = "".join(f"int f{i}(int a) {{ return f{i + 1}(a) + 1; }}\n" for i in range(300))
DOUBLING = "".join(f"void f{i}() {{ f{i + 1}(); f{i + 1}(); }}\n" for i in range(25))


def between(statements: str) -> str:
    """A scenario that does this between opening and closing a port."""
    return f"scenario s {{ process owner {{ port p = open_port(d0); {statements} port_close(p); }} }}"


REFUSED = {
    "spawn in one step": (driver(WRITES) + between("atomic { spawn b {} }"), "E490"),
    "a port opened in one step": (
        driver(WRITES) + "scenario s { process a { atomic { port p = open_port(d0); } } }",
        "E490",
    ),
    "an exit in one step": (
        output("atomic { f(d); }", more="void f(Port *d) { driver_exit(d->port, 0); }"),
        "E490",
    ),
    "a return in one step": (thread("f();", "int n = 0; void f() { atomic { n = 1; return; } }"), "E490"),
    "a break out of a step": (thread("while (true) { atomic { break; } }"), "E324"),
    "return in a thread": (thread("n = 1; return;"), "E409"),
    "return in a process": (driver(WRITES) + between("return;"), "E409"),
    "a size as a number": (thread("n = sizeof(int);"), "E390"),
    "a size as an argument": (output('driver_output(d->port, "x", sizeof(Port));'), "E390"),
    "a huge bound": (thread("upto 1000000 n++;"), "E315"),
    "a huge range of a property": (
        thread("n = 1;") + "invariant i: forall (int k in 0..100000000) k >= n;",
        "E315",
    ),
    "a long chain of calls": (
        thread("n = f0(n);", "int n = 0; int f300(int a) { return a; }\n" + CHAIN),
        "E315",
    ),
    "calls that multiply": (thread("f0();", "int n = 0; void f25() { n++; }\n" + DOUBLING), "E315"),
    "a comparison of texts": (thread("n = 1;") + 'invariant i: "x" == "x";', "E302"),
    "a port that is opened again and again": (
        driver(WRITES) + "scenario s { process a { while (true) port_close(open_port(d0)); } }",
        "E490",
    ),
    "an initial value out of range": (thread("n = 1;", "int n = 99999999999999999999;"), "E301"),
    "a negative unsigned": (thread("n = 1;", "unsigned n = -1;"), "E301"),
    "a process that spawns itself": (
        driver(WRITES) + between("spawn owner { port_command(p, bytes(1)); }"),
        "E205",
    ),
    "two spawned processes of a name": (
        driver(WRITES) + between("spawn b { spawn c {} } { spawn c {} }"),
        "E205",
    ),
    "an axis named like a setting": (
        thread("if (schedulers == x) n = 1;", "axis schedulers { x, y }; int n = 0;"),
        "E205",
    ),
    "a rule with the id of another": (
        thread("n = 1;") + 'rule MEM001 "x" { on quiescence { assert(true); } }',
        "E205",
    ),
    "a rule with the name of another": (
        thread("n = 1;") + 'rule leak "x" { on quiescence { assert(true); } }',
        "E205",
    ),
    "a rule and an invariant of a name": (
        thread("n = 1;") + 'rule r "x" { on quiescence { assert(true); } } invariant r: n < 2;',
        "E205",
    ),
    "an invariant named assertion": (thread("n = 1;") + "invariant assertion: n < 2;", "E205"),
    "a collection that nobody looks at": (
        driver(WRITES)
        + COMMAND_THEN_CLOSE
        + 'rule r for port p "x" { on call output of p { collect(o, p, p); } }',
        "E200",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_searched_is_refused_by_name(name: str, tmp_path: Path, capsys: Capture) -> None:
    text, code = REFUSED[name]

    answer = check(text, tmp_path, capsys)

    assert answer.code == 2
    assert code in answer.errors


VIOLATED = {
    "an unset local, without memory": (thread("int x; if (n == 1) x = 2; n = x;"), {"MEM004"}),
    "start gives NULL": (driver(WRITES, start=NULL_START, stop="") + COMMAND_THEN_CLOSE, {"MEM005"}),
    "start gives an unset pointer": (driver(start=UNSET_START, stop="") + COMMAND_THEN_CLOSE, {"MEM004"}),
    "a variable of the scenario, two threads": (
        "scenario s { int n = 0; thread a { n = 1; } thread b { n = 2; } }",
        {"RAC001"},
    ),
    "no stop": (driver(WRITES, stop="") + COMMAND_THEN_CLOSE, {"MEM003"}),
    "an endless thread": (thread("while (true) {}"), {"HNG001"}),
    "an endless output": (output("while (true) {}"), {"HNG001"}),
    "an index beyond the array": (thread("int i = choose(0..2); a[i] = 1;", "int a[2];"), {"DAT001"}),
    "a wait in the middle of a step": (thread("atomic { n = 1; await (n == 2); }"), {"HNG002"}),
    "a lock in the middle of a step": (
        thread(
            'm = erl_drv_mutex_create("m"); erl_drv_mutex_lock(m); atomic { n = 1; erl_drv_mutex_lock(m); }',
            "int n = 0; ErlDrvMutex *m;",
        ),
        {"LCK001", "HNG002"},
    ),
    "a null pointer that is waited on": (
        thread("await (p->n == 1);", "struct S { int n = 0; }; S *p = NULL;"),
        {"MEM005"},
    ),
    "an unsigned difference below zero": (thread("if (n - 1 > 0) n = 2;", "unsigned n = 0;"), {"DAT001"}),
    "a negative number beside an unsigned one": (
        thread("int i = -1; if (i < n) n = 2;", "unsigned n = 0;"),
        {"DAT001"},
    ),
    "a sum beyond int": (thread("n = 0x7fffffff; if (n + 1 > 0) n = 0;"), {"DAT001"}),
    "a negative argument of an unsigned parameter": (
        thread("f(n - 1);", "int n = 0; void f(unsigned u) { n = 1; }"),
        {"DAT001"},
    ),
    "a result below zero": (thread("n = f();", "int n = 0; unsigned f() { return n - 1; }"), {"DAT001"}),
    "a shift by too much": (thread("n = 1; n = 1 << (n + 31);"), {"DAT001"}),
    "the first byte of nothing": (
        driver("void output(Port *d, char *buf) { if (buf[0] == 'q') d->n = 1; }")
        + COMMAND_THEN_CLOSE.replace("bytes(1)", "bytes(0)"),
        {"DAT001"},
    ),
    "a byte that is none": (
        driver(WRITES) + COMMAND_THEN_CLOSE.replace("bytes(1)", "bytes(1, 300)"),
        {"DAT001"},
    ),
    "a division by zero": (thread("n = 1 / n;"), {"DAT001"}),
    "an unsigned below zero": (thread("n--;", "unsigned n = 0;"), {"DAT001"}),
    "a place that is not reached": (thread("if (n == 1) reachable here;"), {"here"}),
    "an invariant over numbers": (thread("n = 3;") + "invariant i: forall (int k in 0..2) n < 3 + k;", {"i"}),
    "driver data of two ports is one": (
        driver(
            "Port *one; void output(Port *d) {}",
            start="Port *start(ErlDrvPort port) {"
            " if (one == NULL) one = driver_alloc(sizeof(Port)); return one; }",
        )
        + between("port q = open_port(d0); port_close(q);"),
        {"MEM002"},
    ),
}


@pytest.mark.parametrize("name", VIOLATED)
def test_what_goes_wrong_is_told(name: str, tmp_path: Path, capsys: Capture) -> None:
    text, properties = VIOLATED[name]

    answer = check(text, tmp_path, capsys)

    assert answer.code == 1
    assert answer.violated() == properties


HOLDS = {
    "C's division": thread("n = -7 / 2; assert(n == -3); n = -7 % 3; assert(n == -1);"),
    "a guarded division": thread("if (n != 0 && 1 / n == 1) n = 3;"),
    "jumps of a switch in a loop": thread(
        "while (n < 3) { switch (n) { case 0: n = 1; break; case 1: n = 2; continue;"
        " default: n = 3; break; } n += 0; } assert(n == 3);"
    ),
    "a list of which each element is freed": driver(
        "void output(Port *d) { Port *t = driver_alloc(sizeof(Port)); t->next = d->next; d->next = t; }",
        fields="ErlDrvPort port; Port *next = NULL;",
        stop="void stop(Port *d) { while (d != NULL) { Port *e = d->next; driver_free(d); d = e; } }",
    )
    + COMMAND_THEN_CLOSE,
    "a pointer to a function": driver(
        "void output(Port *d) { if (choose(bool)) d->run = f; else d->run = g; d->run(d); }"
        " void f(Port *d) { d->n = 1; } void g(Port *d) { d->n = 2; }",
        fields="ErlDrvPort port; int n = 0; void (*run)(Port *d);",
    )
    + COMMAND_THEN_CLOSE,
    "a port that is closed twice": driver(WRITES)
    + "scenario s { process a { port p = open_port(d0); port_command(p, bytes(1)); bool x = port_close(p);"
    " bool y = port_close(p); assert(x && !y); } }",
    "a loop in one step": thread("atomic { for (int i = 0; i < 40; i++) n += 1; } assert(n == 40);"),
    "choices in one step": thread(
        "atomic { n = choose(1..2); upto 2 { n++; } either { n++; } or { n += 2; } }"
        " assert(n in 2..6); if (n == 2) reachable least; if (n == 6) reachable most;"
    ),
    "a call in one step": thread("atomic { n = f(); } assert(n == 1);", "int n = 0; int f() { return 1; }"),
    "one step in another": thread("atomic { atomic { n = 1; } n++; }") + "invariant i: n != 1;",
    "jumps in one step": thread(
        "atomic { for (int i = 0; i < 9; i++) { if (i == 1) continue; if (i == 4) break;"
        " switch (i) { case 0: n += 1; break; default: n += 10; } } } assert(n == 21);"
    ),
    "a step that waits for a lock": thread(
        'm = erl_drv_mutex_create("m"); atomic { erl_drv_mutex_lock(m); n++; erl_drv_mutex_unlock(m); }'
        " erl_drv_mutex_destroy(m);",
        "int n = 0; ErlDrvMutex *m;",
    ),
    "a step with a guarded choice": (
        "atomic int n = 0; scenario s { thread a { atomic { either { await (n == 1); n = 3; }"
        " or { await (n == 2); n = 4; } } assert(n in 3..4); } thread b { n = choose(1..2); } }"
    ),
    "memory in one step": output(
        "atomic { Port *t = driver_alloc(sizeof(Port)); t->n = 1; d->n = t->n; driver_free(t); }"
    ),
    "two bytes that may be nothing": driver(
        "void output(Port *d, char *buf, ErlDrvSizeT len)"
        " { if (len > 0 && buf[0] == 'q') d->n = f(buf); assert(buf != NULL); }"
        " int f(char *b) { char *c = b; return c[0]; }"
    )
    + COMMAND_THEN_CLOSE.replace("bytes(1)", "choose(bytes(0), bytes(2, 'q'))"),
    "unsigned numbers in range": thread("if (n > 0 && n - 1 == 0) n = 0; n += 2; n -= 2;", "unsigned n = 1;"),
    "errors of start": driver(
        WRITES,
        start="Port *start(ErlDrvPort port) { if (choose(bool)) return choose(ERL_DRV_ERROR_GENERAL,"
        " ERL_DRV_ERROR_ERRNO); return choose(bool) ? driver_alloc(sizeof(Port)) : ERL_DRV_ERROR_BADARG; }",
    )
    + COMMAND_THEN_CLOSE,
    "a choice of what is not constant": thread("n = 3; n = choose(n, n + 1, 7); assert(n in { 3, 4, 7 });"),
    "spawn in spawn": driver(WRITES) + between("spawn b { spawn c { port_command(p, bytes(1)); } }"),
}


@pytest.mark.parametrize("name", HOLDS)
def test_what_is_odd_and_right_holds(name: str, tmp_path: Path, capsys: Capture) -> None:
    answer = check(HOLDS[name], tmp_path, capsys)

    assert (answer.code, answer.violated(), answer.errors) == (0, set(), [])


def test_a_driver_that_no_release_can_run_says_why(tmp_path: Path, capsys: Capture) -> None:
    answer = check(output("driver_async_cancel(7);"), tmp_path, capsys, "--runtime", "otp23")

    assert (answer.code, answer.warnings) == (2, ["E502"])


def test_an_exception_is_not_idle_in_a_part_of_the_runs(tmp_path: Path, capsys: Capture) -> None:
    text = 'allow RAC001 because "a statistic";\n' + "int n = 0; scenario s { thread a[2] { n = 1; } }"

    assert check(text, tmp_path, capsys).code == 0
    assert check(text, tmp_path, capsys, "--property", "HNG001").errors == []


def test_an_exception_that_nothing_needs_is_an_error(tmp_path: Path, capsys: Capture) -> None:
    assert check('allow HNG001 because "?";\n' + thread("n = 1;"), tmp_path, capsys).errors == ["E608"]


@pytest.mark.parametrize("verdict", ["violated", "vacuous", "bounded"])
def test_a_line_about_what_does_not_apply_is_not_as_expected(
    verdict: str, tmp_path: Path, capsys: Capture
) -> None:
    answer = check(thread("n = 1;") + f"expect {{ ASY001 {verdict}; }}", tmp_path, capsys)

    assert (answer.code, answer.verdict("ASY001")) == (1, "not-applicable")


def test_nothing_to_search_is_no_success(tmp_path: Path, capsys: Capture) -> None:
    for text in ("", "// nothing\n", "int f(int x) { return x; }\n"):
        assert check(text, tmp_path, capsys).code == 4
