"""The mistakes that the language promises to explain: code, place, sentence and hint."""

from __future__ import annotations

import pytest
from resolving import catalogue_of, only, resolved, tree

from dmc.base.source import SourceFile
from dmc.syntax.parser import parse

HEAD = """\
driver bdb {
    struct Port { ErlDrvPort port; };
    struct Txn { Port *owner; };
    Port *start(ErlDrvPort port) { return driver_alloc(sizeof(Port)); }
    void stop(Port *d) { driver_free(d); }
"""
OPEN = """\
scenario s {
    process owner { port p = open_port(bdb); }
}
"""
CATALOGUE = catalogue_of(
    'rule MEM001 use_after_free for object o "text" { on read o { assert(o.state != freed); } }'
)


def test_a_misspelt_callback():
    found = only(HEAD + "    void timout(Port *d) { }\n}\n" + OPEN)
    assert (found.code, found.span.line, found.span.column) == ("E203", 6, 10)
    assert found.message == "function `timout` is neither a callback nor called"
    assert found.note == "nothing would ever run it"
    assert found.hints == ("did you mean the callback `timeout`?",)


def test_a_callback_that_the_model_calls():
    found = only(HEAD + "    void output(Port *d) {\n        stop(d);\n    }\n}\n" + OPEN)
    assert (found.code, found.span.line, found.span.column) == ("E206", 7, 9)
    assert found.message == "`stop` is a callback of this driver: only the runtime calls it"
    assert found.hints == ("give the helper another name, or let both call a third function",)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("driver d { void f(int a) { if (a = 1) return; } }", "E110"),
        ("driver d { static int n = 0; }", "E104"),
    ],
)
def test_what_the_parser_says(text: str, code: str):
    assert [d.code for d in parse(SourceFile("bdb.dmc", text)).diagnostics] == [code]


def test_a_job_that_is_given_other_data():
    body = """\
    void output(Port *d) {
        driver_async(d->port, NULL, run, d, driver_free);
    }
    void run(Txn *t) { reads(t->owner); }
}
"""
    found = only(HEAD + body + OPEN)
    assert (found.code, found.span.line, found.span.column) == ("E311", 7, 42)
    assert found.message == "`run` takes a `Txn *` but would be given a `Port *`"
    assert found.note == "async_data is what `run` is called with (bdb.dmc:9)"
    assert found.hints == ("allocate a `Txn` that points to it, or let `run` take a `Port *`",)


def test_an_allocation_of_a_type():
    found = only(
        HEAD + "    void output(Port *d) { Txn *t = driver_alloc(Txn); driver_free(t); }\n}\n" + OPEN
    )
    assert (found.code, found.span.column) == ("E305", 50)
    assert found.message == "`driver_alloc` takes a size"
    assert found.hints == ("as in C: `driver_alloc(sizeof(Txn))`",)


def test_a_scenario_that_opens_no_port():
    found = only(HEAD + "}\nscenario close_early {\n    process owner { exit(normal); }\n}\n")
    assert (found.code, found.span.line, found.span.column, found.span.end_column) == ("E401", 7, 1, 23)
    assert found.message == "scenario `close_early` never opens a port"
    assert found.note == "no code of `bdb` would run, and every rule would pass"
    assert found.hints == (
        "write `port p = open_port(bdb);` in a process; for a model without a driver, use `thread`",
    )


def test_upto_zero():
    scenario = (
        "scenario s { process o { port p = open_port(bdb);\n        upto 0 port_command(p, bytes(1));\n} }"
    )
    found = only(HEAD + "}\n" + scenario)
    assert (found.code, found.span.line, found.span.column) == ("E404", 8, 14)
    assert found.message == "`upto 0` does nothing"
    assert found.hints == ("leave the line out, or give a bound of at least 1",)


def test_a_function_that_a_release_lacks():
    text = "runtime = r8..;\n" + HEAD + "    void output(Port *d) { erl_drv_mutex_lock(NULL); }\n}\n" + OPEN
    found = only(text, releases=True)
    assert (found.code, found.span.line, found.span.column) == ("E502", 1, 11)
    assert found.message == "`erl_drv_mutex_lock` does not exist on r8: it came with R12B"
    assert found.note == "used at bdb.dmc:7"
    assert found.hints == ("`runtime = R12B..;`",)


def test_an_expectation_whose_runs_do_not_exist():
    text = "async_threads = 1..3;\n" + HEAD + "}\n" + OPEN
    found = only(text + "expect {\n    MEM001 violated when async_threads == 4;\n}\n")
    assert (found.code, found.span.line, found.span.column) == ("E603", 12, 26)
    assert found.message == "no run of `s` has `async_threads == 4`"
    assert found.note == "the scenario runs 1, 2 and 3 (bdb.dmc:1)"
    assert found.hints == ("widen the scenario, or delete the line: it would never be checked",)


def test_an_unknown_property():
    text = HEAD + "}\n" + OPEN + "expect {\n    MEM01 violated on otp23..;\n}\n"
    found = only(text, catalogue=CATALOGUE)
    assert (found.code, found.span.line, found.span.column) == ("E601", 11, 5)
    assert found.message == "unknown property `MEM01`"
    assert found.note == "neither a rule of the catalogue nor one of this file"
    assert found.hints == ("did you mean `MEM001` (use after free)?",)


def test_a_rule_that_watches_nothing():
    rule = 'rule puts_run for port p "text" {\n    int owed = 0;\n    on call performed(d) { owed--; }\n'
    rest = '    on return stop of p { assert(owed == 0, "{owed} left"); }\n}\n'
    body = "    void output(Port *d) { perform(d); }\n    void perform(Port *d) {}\n}\n"
    found = only(HEAD + body + OPEN + rule + rest)
    assert (found.code, found.span.line, found.span.column) == ("E407", 14, 13)
    assert found.message == "rule `puts_run` watches `performed`, which no driver has"
    assert found.note == "the rule could never notice anything"
    assert found.hints == ("did you mean `perform` (bdb.dmc:7)?",)


def test_all_of_them_come_in_one_pass():
    body = """\
    void timout(Port *d) { }
    void output(Port *d) {
        stop(d);
        driver_async(d->port, NULL, run, d, driver_free);
        Txn *t = driver_alloc(Txn);
        driver_free(t);
    }
    void run(Txn *t) { reads(t->owner); }
}
scenario s { process owner { exit(normal); upto 0 self(); } }
expect { MEM01 violated; }
"""
    result = resolved(HEAD + body, catalogue=CATALOGUE)
    assert [d.code for d in result.diagnostics] == ["E203", "E206", "E311", "E305", "E401", "E404", "E601"]
    assert result.model is None
    assert tree(HEAD + body) is not None
