"""The call-context matrix, cell by cell: what acts on a port, called by a job and by a free function."""

from __future__ import annotations

from pathlib import Path

import pytest

from dmc import pipeline
from dmc.driver_api.api_function import Context
from dmc.driver_api.registry import api_functions

CALLS = {
    "driver_async": "driver_async(t->port, NULL, work, driver_alloc(sizeof(Job)), driver_free);",
    "driver_async_port_key": "unsigned key = driver_async_port_key(t->port);",
    "driver_cancel_timer": "driver_cancel_timer(t->port);",
    "driver_caller": "ErlDrvTermData who = driver_caller(t->port);",
    "driver_connected": "ErlDrvTermData who = driver_connected(t->port);",
    "driver_exit": "driver_exit(t->port, 0);",
    "driver_failure": "driver_failure(t->port, 1);",
    "driver_failure_atom": 'driver_failure_atom(t->port, "bad");',
    "driver_failure_eof": "driver_failure_eof(t->port);",
    "driver_failure_posix": "driver_failure_posix(t->port, 1);",
    "driver_mk_port": "ErlDrvTermData who = driver_mk_port(t->port);",
    "driver_output": 'driver_output(t->port, "ok", 2);',
    "driver_output2": 'driver_output2(t->port, "ok", 2, "ok", 2);',
    "driver_output_binary": "driver_output_binary(t->port, NULL, 0, NULL, 0, 0);",
    "driver_output_term": "driver_output_term(t->port, { ok });",
    "driver_pdl_create": "driver_pdl_create(t->port);",
    "driver_read_timer": "long left; driver_read_timer(t->port, &left);",
    "driver_set_timer": "driver_set_timer(t->port, 1);",
    "set_busy_port": "set_busy_port(t->port, 1);",
    "set_port_control_flags": "set_port_control_flags(t->port, 0);",
}
"""A call of each function that jobs may not call."""

ELSEWHERE = {"driver_async_cancel", "driver_outputv"}
"""One is gone from the newest release, the other needs a vector, which no job has."""

MODEL = """
runtime = {runtime};
async_threads = 1;
schedulers = 1;

driver contexts {{
    struct Port {{ ErlDrvPort port; }};
    struct Job  {{ ErlDrvPort port; }};

    Port *start(ErlDrvPort port) {{
        Port *d = driver_alloc(sizeof(Port));
        d->port = port;
        return d;
    }}

    void output(Port *d) {{
        Job *t = driver_alloc(sizeof(Job));
        t->port = d->port;
        driver_async(d->port, NULL, work, t, freed);
    }}

    void work(Job *t)  {{ {in_job} }}
    void freed(Job *t) {{ {in_free} driver_free(t); }}
    void stop(Port *d) {{ driver_free(d); }}
    {timeout}
}}

scenario one_command {{
    process owner {{
        port p = open_port(contexts);
        port_command(p, bytes(1));
    }}
}}
"""


def test_the_table_is_complete() -> None:
    forbidden = {n for n, e in api_functions().items() if Context.ASYNC_INVOKE not in e.contexts}
    assert forbidden == set(CALLS) | ELSEWHERE
    assert forbidden == {n for n, e in api_functions().items() if Context.ASYNC_FREE not in e.contexts}


@pytest.mark.parametrize("where", ["work", "freed"])
@pytest.mark.parametrize("name", CALLS)
def test_a_call_that_is_not_allowed_there_is_told(name: str, where: str, tmp_path: Path) -> None:
    call = CALLS[name]
    text = MODEL.format(
        runtime="25",
        in_job=call if where == "work" else "reads(t->port);",
        in_free=call if where == "freed" else "",
        timeout="void timeout(Port *d) {}" if "timer" in name else "",
    )
    path = tmp_path / "contexts.dmc"
    path.write_text(text, encoding="utf-8")
    report, _ = pipeline.check(pipeline.Request((str(path),), properties=("CTX001",)))
    assert [d.message for d in report.diagnostics] == []
    (run,) = report.runs
    (found,) = [p for p in run.properties if p.id == "CTX001"]
    assert found.verdict.value == "violated"
    assert found.functions == (where,)
