"""A table of mistakes and the codes that they get, each code and nothing else."""

from __future__ import annotations

import pytest
from resolving import codes

from dmc.base.diagnostic_codes import CODES
from dmc.base.model_codes import MODEL_CODES

HEAD = """\
axis fixed: bool;
axis mode { fast, slow };
axis pool { none, slow };
enum Op { NONE, PUT };
const int LIMIT = 3;
driver d {
    int total = 0;
    struct Txn { Port *owner; int n; Op op; bool done; void (*run)(Txn *t); };
    struct Port { ErlDrvPort port; int n; int small in 0..3; ErlDrvMutex *m; int id[2]; atomic int refs; };
    Port *start(ErlDrvPort port) { return driver_alloc(sizeof(Port)); }
    void read_axes() { if (fixed || mode == fast || pool == none) total = 1; }
"""
TAIL = """
}
scenario s { process o { port p = open_port(d); port_command(p, bytes(1)); } }
"""


def driver(statements: str, more: str = "") -> str:
    """A driver with these statements in `output`."""
    output = "    void output(Port *d, char *buf, int len) {\nread_axes();\n" + statements + "\n}\n"
    return HEAD + output + more + TAIL


def process(statements: str) -> str:
    """A scenario whose process does this with its port `p`."""
    return driver("") + "scenario t { process o { port p = open_port(d);\n" + statements + "\n} }"


STATEMENTS = [
    ("d->n = missing;", ["E200"]),
    ("nothing(d);", ["E204"]),
    ("driver_alocc(sizeof(Txn));", ["E204"]),
    ("malloc(3);", ["E204"]),
    ("Missing *x = NULL;", ["E201"]),
    ("ErlDrvMutex m;", ["E321"]),
    ("void *v = NULL;", ["E390"]),
    ("Txn t;", ["E390"]),
    ("d->missing = 1;", ["E202"]),
    ("d.n = 1;", ["E308"]),
    ("total.n = 1;", ["E308"]),
    ("ErlDrvSysInfo i; driver_system_info(&i, 1); d->n = i.missing;", ["E202"]),
    ("ErlDrvSysInfo i; driver_system_info(&i, 1); d->n = i.otp_release;", ["E390"]),
    ("int a = 1; int a = 2;", ["E205"]),
    ("int len = 1;", ["E205"]),
    ("{ int len = 1; d->n = len; }", []),
    ("if (d->n in { true, 0 } && fixed in { 1, 0..1 }) {}", []),
    ("d->n = d;", ["E301"]),
    ("Txn *t = d;", ["E301"]),
    ("d->m = 1;", ["E301"]),
    ("d->n = d->m + 1;", ["E302"]),
    ("if (d == 1) {}", ["E302"]),
    ("if (d->port) {}", ["E309"]),
    ("if (d->m && d && d->n) {}", []),
    ("if (!d) return;", []),
    ("driver_free();", ["E303"]),
    ("driver_free(1);", ["E304"]),
    ("driver_free(d, d);", ["E303"]),
    ("driver_alloc(8);", ["E390"]),
    ("driver_alloc(d);", ["E305"]),
    ("driver_alloc(sizeof(int));", ["E390"]),
    ("erl_drv_mutex_lock(d);", ["E304"]),
    ("erl_drv_mutex_lock(&d->m);", ["E317"]),
    ("erl_drv_cond_wait(d->m, d->m);", ["E304"]),
    ("driver_failure_atom(d->port, 3);", ["E304"]),
    ('driver_failure_atom(d->port, "bad");', []),
    ("driver_output(d->port, buf, len);", []),
    ("driver_select(d->port, 1, 1, 1);", ["E290"]),
    ("int key = 1; driver_async(d->port, &key, job, NULL, NULL);", ["E304"]),
    ("driver_async(d->port, NULL, NULL, NULL, NULL);", ["E304"]),
    ("driver_async(d->port, NULL, job, d, driver_free);", ["E311"]),
    ("Txn *t = driver_alloc(sizeof(Txn)); driver_async(d->port, NULL, job, t, clean);", ["E311"]),
    ("Txn *t = NULL; driver_async(d->port, NULL, job, t, fixed ? done : driver_free);", []),
    ("driver_async(d->port, NULL, read_axes, d, NULL);", ["E311"]),
    ("return 1;", ["E306"]),
    ("fixed = true;", ["E307"]),
    ("async_threads = 2;", ["E307"]),
    ("buf[0] = 1;", ["E307"]),
    ("d->id = d->id;", ["E307"]),
    ("if (buf[0] == 'x') {}", []),
    ("if (buf[1] == 'x') {}", ["E318"]),
    ("d->id[2] = 1;", ["E318"]),
    ("d->n[0] = 1;", ["E308"]),
    ("d->n = read_axes();", ["E319"]),
    ("atomic int x = 0;", ["E321"]),
    ("list int xs[2];", ["E390"]),
    ("int a[0];", ["E315"]),
    ("int a[d->n];", ["E313"]),
    ("int a in 3..1 = 3;", ["E314"]),
    ("int a in 1..3 = 5;", ["E301"]),
    ("break;", ["E324"]),
    ("switch (d->n) { case 1: continue; }", ["E324"]),
    ("switch (d->n) { case 1: d->n = 2; case 2: break; }", ["E403"]),
    ("switch (d->n) { case 1: break; case 1: break; }", ["E406"]),
    ("switch (d->n) { case 1: break; default: break; default: break; }", ["E406"]),
    ("switch (d->n) { case LIMIT: case 4: break; default: d->n = 0; }", []),
    ("switch (d->n) { case d->id[0]: break; }", ["E313"]),
    ("switch (mode) { case fast: break; case slow: break; }", []),
    ("switch (d->m) { case 1: break; }", ["E302"]),
    ("await (d->n == 0);", ["E405"]),
    ("spawn x { }", ["E409"]),
    ("upto 0 d->n = 1;", ["E404"]),
    ("atomic_fetch_add(&d->n, 1);", ["E304"]),
    ("atomic_fetch_add(d->refs, 1);", ["E304"]),
    ("if (atomic_fetch_sub(&d->refs, 1) == 1) {}", []),
    ("reads(1);", ["E307"]),
    ("d->n = choose(1..3);", []),
    ("d->n = choose(3..1);", ["E314"]),
    ("d->n = choose(1, d);", ["E302"]),
    ("Op op = choose(Op); bool b = choose(bool); d->n = b; if (op == PUT) {}", []),
    ("Op op = 1;", ["E301"]),
    ("if (mode == PUT) {}", ["E302"]),
    ("if (mode == slow && slow == pool) {}", []),
    ("d->n = slow;", ["E210"]),
    ("d->n = Op;", ["E212"]),
    ("d->n = d->n in 0..3 ? 1 : 2;", []),
    ("if (d->n in { 1, LIMIT, 5..7 }) {}", []),
    ("if (d->n in { PUT }) {}", ["E302"]),
    ("if (forall (job j) j.state == running) {}", ["E409"]),
    ("Txn *t = driver_alloc(sizeof(Txn)); t->run = job; t->run(t); driver_free(t);", []),
    ("Txn *t = driver_alloc(sizeof(Txn)); t->run = clean;", ["E301"]),
    ("Txn *t = driver_alloc(sizeof(Txn)); t->run(t);", ["E323"]),
    ("Txn *t = driver_alloc(sizeof(Txn)); t->run = read_axes;", ["E301"]),
    ("d->n();", ["E316"]),
    ("d->n = driver_async;", ["E316"]),
    ("open_port(d);", ["E204"]),
    ("if (locking == port && async_threads > 1) {}", []),
    ("if (locking == both) {}", ["E200"]),
    ("d->n = runtime;", ["E200"]),
    ("d->n = *d;", ["E390"]),
    ("d->n = 0x7fffffffff;", []),
    ("d->n = true; d->n = -1; d->refs += 2;", []),
    ("d->m += 1;", ["E302"]),
    ("d->small = 2; total++; LIMIT = 4;", ["E307"]),
]
JOBS = """\
    void job(Txn *t) { reads(t->n); }
    void done(Txn *t) { driver_free(t); }
    void clean(Port *d) { driver_free(d); }
    void ready_async(Port *d, Txn *t) { job(t); done(t); clean(d); }
"""


@pytest.mark.parametrize(("statements", "expected"), STATEMENTS, ids=[s for s, _ in STATEMENTS])
def test_statements_of_a_driver(statements: str, expected: list[str]):
    assert codes(driver(statements, JOBS)) == expected


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ("port_command(d, bytes(1));", ["E304"]),
        ("port_command(p, 1);", ["E304"]),
        ("port_command(p, bytes(1, 'x')); port_command(p, bytes(choose(1..3)));", []),
        ("port_command(p, bytes(1), force);", []),
        ("port_comand(p, bytes(1));", ["E204"]),
        ("driver_free(p);", ["E204"]),
        ("read_axes();", ["E204"]),
        ("port_control(p, 0); port_call(p, 1, bytes(2));", []),
        ("port_control(p);", ["E303"]),
        ("port_connect(p, self());", []),
        ("receive { x, binary b }; port_close(b);", ["E490"]),
        ("exit(normal);", []),
        ("exit(p, kill); exit(self(), whatever);", []),
        ("exit(1);", ["E304"]),
        ("exit(3, kill);", ["E304"]),
        ("spawn q { port_close(p); } exit(q, kill);", []),
        ("while (true) { spawn q { port_close(p); } }", ["E490"]),
        ("if (p == NULL) exit(normal);", []),
        ("if (p) { bool sent = port_command(p, bytes(1)); }", []),
        ("int n = 1; n = p;", ["E301"]),
        ("p->n = 1;", ["E308"]),
        ("any_order { }", ["E408"]),
        ("any_order { upto 2 port_close(p); exit(o, kill); }", []),
        ("any_order { int n = 1; }", ["E409"]),
        ("either { port_close(p); } or { }", []),
        ("binary b;", ["E390"]),
        ("await (p == NULL);", []),
        ("reads(p);", ["E490"]),
    ],
)
def test_statements_of_a_process(statements: str, expected: list[str]):
    assert codes(process(statements)) == expected


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ("scenario t { }", ["E402"]),
        ("scenario t { process q { exit(normal); } }", ["E401"]),
        ("scenario s { thread q { total2 = 1; } }", ["E200", "E205"]),
        ("scenario t { thread q[0] { } }", ["E410"]),
        ("scenario t { thread q { } thread q { } }", ["E205"]),
        ("scenario t { peer { } thread q { } }", ["E490"]),
        ("scenario t { fault spurious_wakeup upto 2; thread q { } }", []),
        ("scenario t { fault driver_alloc; thread q { } }", []),
        ("scenario t { fault spurious_wakup; thread q { } }", ["E411"]),
        ("scenario t { fixed = maybe; thread q { } }", ["E417"]),
        ("scenario t { fixed = true; mode = slow, fast; locking = driver; thread q { } }", []),
        ("scenario t { fixd = true; thread q { } }", ["E416"]),
        ("scenario t { locking = prot; thread q { } }", ["E418"]),
        ("scenario t { schedulers = 0; thread q { } }", ["E418"]),
        ("scenario t { schedulers = 1; schedulers = 2; thread q { } }", ["E205"]),
        ("scenario t { allow NOTHING because \"so\"; thread q { } }", ["E602"]),
        ("scenario t { allow MEM001 because \"so\"; thread q { } }", []),
        ("runtime = \"x\";", ["E501"]),
        ("runtime mine extends otp25 { point = value; }", []),
        ("axis unread: bool;", ["E207"]),
        ("axis bad: int;", ["E201", "E207"]),
        ("axis n: 3..1;", ["E207", "E314"]),
        ("const int A = B; const int B = A;", ["E313"]),
        ("const int A = 2; const int B = A + LIMIT * 2;", []),
        ("int total2 = start;", ["E200"]),
        ("int total2 in 1..3;", ["E301"]),
        ("struct S { int a; int a; };", ["E205"]),
        ("struct S { list int a[2]; int b where b > 1; };", ["E390"]),
        ("struct d { int a; };", ["E205"]),
        ("void driver_free(int a) {}", ["E205"]),
        ("int f(int a) { if (a == 1) return 1; }", ["E306"]),
        ("int f(int a) { while (true) { if (a == 1) return 1; } }", []),
        ("int f(int a) { if (a) return f(a - 1); return 0; }", ["E211"]),
        ("int f(int a) { return g(a); } int g(int a) { return f(a); }", ["E211"]),
        ("driver e { void stop(int *d) {} }", ["E217", "E390"]),
        ("driver e { struct T { int a; }; struct U { int a; }; T *start() { return NULL; }"
         " void stop(U *u) {} }", ["E312"]),
        ("driver e { int start(ErlDrvPort p) { return 0; } }", ["E310"]),
        ("driver e { struct T { int a; }; T *start(ErlDrvPort p) { return ERL_DRV_ERROR_GENERAL; }"
         " void ready_input(T *t) {} }", ["E290"]),
        ("driver e { driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKIN; struct T { int a; };"
         " T *start(ErlDrvPort p) { return NULL; } }", ["E200"]),
        ("invariant small: forall (port p) p.state == open;", []),
        ("invariant small: forall (port p) p.state == opened;", ["E322"]),
        ("invariant small: forall (port p) p.stat == open;", ["E322"]),
        ("invariant small: forall (port p) p.busy == 0;", []),
        ("invariant small: forall (binary b) true;", ["E690"]),
        ("invariant small: forall (port p) p.data == NULL || p.data->n < 3;", []),
        ("invariant small: forall (int i) i > 3;", ["E314"]),
        ("invariant small: read_axes();", ["E409"]),
        ("reachable end: exists (job j) j.state in { finished, settled };", []),
        ("invariant a: true; reachable a: true;", ["E205"]),
        ("expect missing { all hold; }", ["E606"]),
        ("expect s { all hold; } expect { all hold; }", ["E606"]),
        ("expect { all hold; } expect { all hold; }", ["E607"]),
        ("expect { MEM01 violated; }", ["E601"]),
        ("expect { MEM001 violated in outptu; }", ["E604"]),
        ("expect { MEM001 violated in output on R12B-5..r16 when !fixed; }", []),
        ("expect { MEM001 violated when locking == port; }", ["E603"]),
        ("expect { MEM001 violated when fixed && schedulers == 3; }", ["E603"]),
        ("expect { MEM001 violated when total == 1; }", ["E200"]),
        ("expect { MEM001 violated when fixed; MEM001 bounded when mode == fast; }", ["E605"]),
        ("expect { MEM001 violated when fixed; MEM001 bounded when !fixed; rest any; }", []),
        ("expect { all hold; MEM001 violated; }", ["E605"]),
        ("axis n: 3..1; expect { MEM001 violated when n == 1; }", ["E207", "E314"]),
        ("expect { assertion violated; s vacuous; }", ["E601"]),
        ("rule r \"text\" { }", ["E412"]),
        ("rule r for port p \"{q}\" { on return stop of p { } }", ["E200"]),
        ("rule r for port p \"x\" { on fault use_afterfree { } }", ["E407"]),
        ("rule r for job j, port p \"x\" { on submit j { } }", ["E690"]),
        ("rule r \"x\" { needs outptu; on call output { } }", ["E407"]),
        ("rule r \"x\" { on call output(a, b, c, d) { } }", ["E303"]),
        ("rule r \"x\" { on call output(a), call driver_free { if (a == NULL) {} } }", ["E419"]),
        ("rule r \"x\" { on call output(a), return driver_async(a) { } }", ["E419"]),
        ("rule r \"x\" { int n = 0; on return driver_async = id { if (id == -1) n++; else n = 0; } }", []),
        ("rule r \"x\" { on quiescence { while (true) {} return; assume(true); } }", ["E409"] * 3),
        ("rule r for lock m \"x\" { acyclic order; on lock n { if (holds(m)) collect(order, m, n); } }", []),
        ("rule r \"x\" { on call output(a) { a = NULL; driver_free(a); } }", ["E204", "E307"]),
        ("rule r for port p \"x\" { can_reach p.state == dead when p.state == closing without owner; }", []),
        ("rule r for thread t \"x\" { can_reach !t.in_callback without process; }", []),
        ("rule r \"x\" { bool b = false; on call output { b = true; } can_reach !b when b; }", []),
        ("rule r \"x\" { can_reach true without owner; }", ["E422"]),
        ("rule r \"x\" { can_reach true without client; }", ["E422"]),
        ("rule r for job j \"x\" { can_reach j.state == settled; }", ["E422"]),
        ("rule r for thread t \"x\" { on call output { } }", ["E690"]),
        ("rule r for lock m \"x\" { on lock m { assert(!m.holder.in_callback); } }", ["E690"]),
        ("rule r \"x\" { can_reach 1 + NULL; }", ["E302"]),
        ("rule r \"x\" { can_reach true; on call output { assert(false); } }", ["E421"]),
        ("rule r \"x\" { under schedulers = 1: all; can_reach true; }", ["E421"]),
        ("rule r for port p \"x\" { under schedulers = 1: all; }", ["E421"]),
        ("rule r \"x\" { under schedulers = 1, 3..4: MEM, HNG001; under locking = port: LCK001; }", []),
        ("rule r \"x\" { under schedulers = 0: all; }", ["E418"]),
        ("rule r \"x\" { under runtime = r12: all; }", ["E423"]),
        ("rule r \"x\" { under nesting = 2: all; }", ["E423"]),
        ("rule r \"x\" { under schedulers = 1: hangs; }", ["E423"]),
        ("rule r \"x\" { under schedulers = 1: r; }", ["E423"]),
    ],
)  # fmt: skip
def test_items_of_a_file(item: str, expected: list[str]):
    assert sorted(codes(driver("") + item)) == expected


def test_imports():
    text = 'import "a.dmc";\nscenario s { thread t { } }'
    assert codes(text) == ["E140"]
    assert codes(text, imports={"a.dmc": 'import "bdb.dmc";', "bdb.dmc": text}) == ["E141"]
    two = 'import "a.dmc";\nimport "b.dmc";\nscenario s { thread t { } }'
    assert codes(two, imports={"a.dmc": "int x = 1;", "b.dmc": "int x = 2;"}) == ["E209"]
    diamond = {"a.dmc": 'import "c.dmc";', "b.dmc": 'import "c.dmc";', "c.dmc": "int x = 1;"}
    assert codes(two, imports=diamond) == []


def test_what_is_left_behind_by_an_import():
    library = 'runtime = "x"; scenario u { } rule r "x" { } expect { MEM01 violated; } int x = 1;'
    assert codes('import "a.dmc";\nscenario s { thread t { x = 2; } }', imports={"a.dmc": library}) == []


def test_releases():
    assert codes(driver("") + "runtime = R99B;", releases=True) == ["E501"]
    assert codes(driver("") + "runtime = R16B..R12B;", releases=True) == ["E314"]
    cancel = driver("driver_async_cancel(3);") + "runtime = otp17;"
    assert codes(cancel, releases=True) == ["E502"]


def test_every_code_is_registered_once():
    listed = [code for code, _, _ in MODEL_CODES]
    assert len(listed) == len(set(listed))
    assert set(listed) <= set(CODES)
