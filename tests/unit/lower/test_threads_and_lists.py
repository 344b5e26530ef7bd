"""Threads without a driver, arrays, lists and sets: small models that say what must come out."""

from __future__ import annotations

from pathlib import Path

import pytest

from dmc import pipeline
from dmc.lower.lowering import lower
from dmc.pipeline.loading import load
from dmc.pipeline.table import cells

AS_EXPECTED = {
    "a process waits as a thread does": """
        atomic int pending = 0;
        driver d {
            struct P { int x = 0; };
            P *start(ErlDrvPort port) { P *p = driver_alloc(sizeof(P)); return p; }
            void output(P *p)         { pending++; }
            void stop(P *p)           { driver_free(p); }
        }
        scenario s {
            process owner {
                port p = open_port(d);
                port_command(p, bytes(1));
                await (pending == 0);
                port_close(p);
            }
            thread other { await (pending > 0); pending--; }
        }
        expect { all proved; }
    """,
    "an element is compared and exchanged in one step": """
        atomic int x[2][2];
        atomic int won = 0;
        scenario s {
            thread t[2](int i) {
                int free = 0;
                if (atomic_compare_exchange_strong(&x[1][1], &free, i + 1)) won++;
                else assert(free == 2 - i, "it is the other one's");
            }
        }
        reachable both: won > 1;
        expect { both violated; }
    """,
    "the index of an atomic element is in its array": """
        axis i: 0..2;
        driver d {
            struct P { ErlDrvPort port; atomic int n[2]; };
            P *start(ErlDrvPort port) {
                P *p = driver_alloc(sizeof(P));
                p->port = port;
                for (int k = 0; k < 2; k++) p->n[k] = 0;
                return p;
            }
            void output(P *p, char *buf, ErlDrvSizeT len) {
                int k = len - 1;
                assert(atomic_fetch_add(&p->n[k], 2) == 0);
                assert(atomic_load(&p->n[k]) == 2);
                assert(atomic_exchange(&p->n[0], i) == (k == 0 ? 2 : 0));
            }
            void stop(P *p) { driver_free(p); }
        }
        scenario s {
            process owner {
                port p = open_port(d);
                port_command(p, bytes(i + 1));
                port_close(p);
            }
        }
        expect { DAT001 violated in output when i == 2; rest any; }
    """,
    "two elements are two locations": """
        int x[2];
        scenario s { thread t[2](int i) { x[i] = 1; } }
        expect { all proved; }
    """,
    "one element is one": """
        int x[2];
        scenario s { thread t[2](int i) { x[0] = i; } }
        expect { RAC001 violated in t; }
    """,
    "one step and a plain access race on an element": """
        int x[2];
        scenario s {
            thread careful { atomic { x[1] = 1; } }
            thread careless { x[1] = 2; }
        }
        expect { RAC001 violated in careful; RAC001 violated in careless; rest any; }
    """,
    "and not on two": """
        int x[2];
        scenario s {
            thread careful { atomic { x[1] = 1; } }
            thread careless { x[0] = 2; }
        }
        expect { all proved; }
    """,
    "an index that the step itself has set": """
        int n = 0;
        int x[2];
        scenario s {
            thread careful { int i in 0..1 = 0; atomic { i = n + 1; x[i] = 1; } }
            thread careless { x[0] = 2; }
        }
        expect { all proved; }
    """,
    "an index out of the array, in a wait": """
        int x[2];
        int i = 2;
        scenario s { thread t { await (x[i] == 1); } }
        expect { DAT001 violated in t; rest any; }
    """,
    "what && does not evaluate has no index": """
        int x[2];
        int i = 2;
        scenario s { thread t { await (i >= 2 || x[i] == 1); atomic { if (i < 2 && x[i] == 1) i = 0; } } }
        expect { all proved; }
    """,
    "the second dimension has its own bound": """
        int x[2][3];
        scenario s { thread t { int j = 3; x[0][j] = 1; } }
        expect { DAT001 violated in t; rest any; }
    """,
    "lists keep their order and arrays of lists are apart": """
        list int q[2][2] in 0..3;
        scenario s {
            thread t {
                append(q[0], 3); append(q[1], 1); append(q[0], 2);
                assert(take(q[0]) == 3); assert(take(q[0]) == 2); assert(size(q[0]) == 0);
                assert(has(q[1], 1) && !has(q[1], 3));
            }
        }
        expect { all proved; }
    """,
    "nothing can be taken of no numbers": """
        list int q[2];
        scenario s { thread t { int n = take(q); } }
        expect { MEM004 violated in t; rest any; }
    """,
    "a list is one location": """
        list int q[2];
        scenario s { thread t[2] { append(q, 1); } }
        expect { RAC001 violated in t; }
    """,
    "unless each change is one step": """
        list int q[2];
        scenario s { thread t[2] { atomic { append(q, 1); } } }
        expect { all proved; }
    """,
    "a change is one step with its wait": """
        list int q[1];
        int sum = 0;
        scenario s {
            thread giver { for (int n = 1; n <= 3; n++) atomic { await (size(q) == 0); append(q, n); } }
            thread taker { for (int n = 1; n <= 3; n++) atomic { await (size(q) > 0); sum += take(q); } }
        }
        rule all_of_them "nothing is lost" { on quiescence { assert(sum == 6); } }
        expect { all proved; }
    """,
    "a walk by position misses the one behind an item that goes": """
        list int q[3];
        int seen = 0;
        scenario s {
            thread t {
                append(q, 1); append(q, 2); append(q, 3);
                for (int n : q) { seen++; remove(q, n); }
                assert(seen == 2 && size(q) == 1 && has(q, 2));
            }
        }
        expect { all proved; }
    """,
    "break and continue in a walk": """
        list int q[3];
        int sum = 0;
        scenario s {
            thread t {
                append(q, 1); append(q, 2); append(q, 3);
                for (int n : q) { if (n == 1) continue; sum += n; if (n == 2) break; }
                assert(sum == 2);
            }
        }
        expect { all proved; }
    """,
    "a list that a number taken out of it leads to": """
        list int q[2][2] in 0..1;
        scenario s {
            thread t {
                int i in 0..1 = 0;
                append(q[0], 1); append(q[1], 0);
                atomic { i = take(q[i]); }
                assert(i == 1 && size(q[0]) == 0 && size(q[1]) == 1);
            }
        }
        expect { all proved; }
    """,
    "a thread called scheduler is one of the model's": """
        int n = 0;
        scenario s { thread scheduler { await (n == 1); } }
        expect { HNG001 violated in scheduler; rest any; }
    """,
    "a thread that can go on does not stand still": """
        int n = 0;
        scenario s {
            thread t { n = 1; n = 2; }
            quiescent when n <= 1;
        }
        rule late "is asked at ends only" { on quiescence { assert(n == 2); } }
        expect { all proved; }
    """,
    "a loop that starts in local code is entered once": """
        atomic int n = 0;
        scenario s {
            thread t { while (true) { int k = 0; int m = 1; await (n == k + m); } }
            quiescent when n == 0;
        }
        expect { RAC001 vacuous; }
    """,
}

REFUSED = {
    "a thread too many": ("axis n: 16..17;\nint x = 0;\nscenario s { thread t[n] { x = 1; } }", "E410"),
    "an array too large by an axis": (
        "axis n: 60..70;\nint x[n];\nscenario s { thread t { x[0] = 1; } }",
        "E315",
    ),
    "an array too large in two dimensions": (
        "int x[9][9];\nscenario s { thread t { x[0][0] = 1; } }",
        "E315",
    ),
    "half of an element": ("int x[2][2];\nscenario s { thread t { x[0] = 1; } }", "E307"),
    "a list is no value": ("list int x[2];\nscenario s { thread t { x = 1; } }", "E307"),
    "a list without a bound": ("list int x;\nscenario s { thread t { append(x, 1); } }", "E313"),
    "an item of another type": ("list bool x[2];\nscenario s { thread t { append(x, x); } }", "E304"),
    "a walk through a number": ("int x = 0;\nscenario s { thread t { for (int n : x) {} } }", "E304"),
    "a change of a list in an invariant": (
        "list int x[2];\nscenario s { thread t { append(x, 1); } }\ninvariant i: take(x) == 1;",
        "E409",
    ),
    "a number that is no int": ("int x = 0;\nscenario s { thread t[2](bool i) { x = 1; } }", "E301"),
    "an assignment to the number of a thread": ("scenario s { thread t[2](int i) { i = 1; } }", "E307"),
    "forall in plain code": (
        "int x[2];\nscenario s { thread t { if (forall (int i in 0..1) x[i] == 0) {} } }",
        "E409",
    ),
}


@pytest.mark.parametrize("name", AS_EXPECTED)
def test_models_come_out_as_they_expect(name: str, tmp_path: Path) -> None:
    path = tmp_path / "model.dmc"
    path.write_text(AS_EXPECTED[name], encoding="utf-8")
    for reductions in (None, ()):
        report, _ = pipeline.test(pipeline.Request((str(path),), reductions=reductions))
        unlike = [(p.id, p.verdict.value) for r in report.runs for p in r.properties if not p.as_expected]
        assert (unlike, report.diagnostics, report.exit) == ([], (), 0)


@pytest.mark.parametrize("name", REFUSED)
def test_what_has_no_meaning_is_refused(name: str, tmp_path: Path) -> None:
    text, code = REFUSED[name]
    path = tmp_path / "model.dmc"
    path.write_text(text, encoding="utf-8")
    assert code in {d.code for d in load(str(path)).diagnostics}


def test_threads_alone_pay_for_nothing_else() -> None:
    """No heap, no ports, no jobs, no locks, and locals as narrow as their ranges."""
    path = Path(__file__).parents[3] / "models" / "benchmarks" / "anchor.dmc"
    model = load(str(path)).model
    assert model is not None
    run = next(iter(cells(model, model.scenarios[0], pipeline.Request((str(path),))))).run
    system = lower(run, ()).system
    assert (system.pools, [t.name for t in system.threads]) == ((), ["owner", "scheduler", "async"])
    assert {v.name for v in system.variables} == {
        *("job", "completed", "refs", "created", "outstanding", "mutex", "dead", "busy", "locked")
    }
