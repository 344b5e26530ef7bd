"""Models without mistakes: no diagnostics, and what their names are bound to."""

from __future__ import annotations

import random

import examples
import pytest
from resolving import catalogue_of, codes, model_of, resolved, tree

from dmc.base.diagnostic import Diagnostic, Severity
from dmc.base.source import SourceFile
from dmc.base.types import BOOL, INT, PID, PORT, PORT_HANDLE, EnumType, PointerType, StructType
from dmc.model import model
from dmc.model.resolver import resolve, resolve_rules
from dmc.syntax.parser import parse

DRIVER = """\
driver d {
    struct Port { ErlDrvPort port; int n; };
    Port *start(ErlDrvPort port) { return driver_alloc(sizeof(Port)); }
    void stop(Port *p) { driver_free(p); }
"""


@pytest.mark.parametrize("name", examples.ALL)
def test_examples_resolve(name: str):
    model_of(examples.ALL[name], imports=examples.IMPORTS, releases=True)


def test_a_release_without_the_function_is_a_warning():
    text = examples.CANCEL.replace("R16B;", "R16B, otp17;")
    result = resolved(text, releases=True)
    assert [(d.code, d.severity) for d in result.diagnostics] == [("E502", Severity.WARNING)]
    assert result.model is not None


def test_settings():
    settings = model_of(examples.BARRIER).settings
    assert settings.runtimes is not None
    assert [(r.low, r.high, r.single) for r in settings.runtimes] == [("R12B", None, False)]
    assert (settings.async_threads, settings.locking) == ((1, 2, 3), ("port", "driver"))
    text = (
        "runtime = R12B-5, 17.5, otp21..23, ..r13smp, R12B-5/smp;\nnesting = 3;\nschedulers = 1..2;\n"
        + DRIVER
        + "}\n"
    )
    settings = model_of(text).settings
    assert settings.runtimes is not None
    assert [(r.low, r.high, r.single) for r in settings.runtimes] == [
        ("R12B-5", "R12B-5", True),
        ("17.5", "17.5", True),
        ("otp21", "23", False),
        (None, "r13smp", False),
        ("R12B-5/smp", "R12B-5/smp", True),
    ]
    assert (settings.numbers, settings.schedulers) == ({"nesting": 3}, (1, 2))


def test_fields_have_types_ranges_and_initial_values():
    found = model_of(examples.CANCEL)
    port = next(s for s in found.structs if s.name == "Port")
    handle, ids, jobs, refs = port.fields
    assert handle.type == PORT_HANDLE
    assert str(ids.type) == "long[2]"
    assert isinstance(jobs.low, model.Literal)
    assert isinstance(jobs.high, model.Literal)
    assert (jobs.low.value, jobs.high.value) == (0, 2)
    assert refs.atomic
    assert isinstance(refs.initial, model.Literal)
    assert refs.initial.value == 1


def test_uses_are_bound_to_the_declared_variable():
    driver = model_of(examples.CANCEL).drivers[0]
    stop = driver.callbacks["stop"]
    loop = stop.body.statements[0]
    assert isinstance(loop, model.Loop)
    assert isinstance(loop.initial, model.Declare)
    condition = loop.condition
    assert isinstance(condition, model.BinaryOp)
    assert isinstance(condition.left, model.VariableUse)
    assert condition.left.variable is loop.initial.variable
    assert isinstance(condition.right, model.FieldUse)
    assert isinstance(condition.right.object, model.VariableUse)
    assert condition.right.object.variable is stop.parameters[0]


def test_statics_begin_with_zero():
    found = model_of("int a;\nbool b;\nscenario s { thread t { a = 1; b = true; } }")
    values = [
        (v.initial.value, v.initial.type) for v in found.variables if isinstance(v.initial, model.Literal)
    ]
    assert values == [(0, INT), (0, BOOL)]


def test_locals_without_initial_value_are_unset():
    found = model_of(DRIVER + "    void output(Port *p) { int n; n = 1; p->n = n; }\n}\n")
    declared = found.drivers[0].callbacks["output"].body.statements[0]
    assert isinstance(declared, model.Declare)
    assert declared.variable.initial is None


def test_constants_are_folded():
    text = (
        "const int TWO = ONE + 1;\nconst int ONE = 1;\nint a[TWO];\nscenario s { thread t { a[0] = TWO; } }"
    )
    found = model_of(text)
    assert str(found.variables[0].type) == "int[2]"
    store = found.scenarios[0].threads[0].body.statements[0]
    assert isinstance(store, model.Store)
    assert isinstance(store.value, model.Literal)
    assert store.value.value == 2


def test_pointers_and_numbers_are_conditions():
    text = DRIVER + "    void output(Port *p) { if (p && p->n) p->n = 0; }\n}\n"
    statement = model_of(text).drivers[0].callbacks["output"].body.statements[0]
    assert isinstance(statement, model.If)
    assert isinstance(statement.condition, model.BinaryOp)
    pointer, number = statement.condition.left, statement.condition.right
    assert isinstance(pointer, model.BinaryOp)
    assert isinstance(pointer.right, model.NullValue)
    assert isinstance(number, model.BinaryOp)
    assert isinstance(number.right, model.Literal)
    assert {pointer.operator, number.operator} == {"!="}


def test_truth_values_and_numbers_become_each_other():
    text = DRIVER + "    void output(Port *p) { bool b = 2; p->n = p->n == 1; b = p->n; }\n}\n"
    declared, store, back = model_of(text).drivers[0].callbacks["output"].body.statements
    assert isinstance(declared, model.Declare)
    assert isinstance(declared.variable.initial, model.Literal)
    assert (declared.variable.initial.value, declared.variable.initial.type) == (1, BOOL)
    assert isinstance(store, model.Store)
    assert isinstance(store.value, model.ConditionalOp)
    assert isinstance(back, model.Store)
    assert isinstance(back.value, model.BinaryOp)


def test_start_may_return_an_error():
    text = DRIVER.replace("return driver_alloc(sizeof(Port));", "return ERL_DRV_ERROR_ERRNO;") + "}\n"
    returned = model_of(text).drivers[0].callbacks["start"].body.statements[0]
    assert isinstance(returned, model.Return)
    assert isinstance(returned.value, model.Literal)
    assert (returned.value.value, returned.value.type) == (-2, PointerType(StructType("Port")))


def test_a_job_and_its_key():
    run = model_of(examples.BARRIER).drivers[0].callbacks["output"].body.statements[-1]
    assert isinstance(run, model.Evaluate)
    assert isinstance(run.call, model.ApiCall)
    port, key, function, data, free = run.call.arguments
    assert isinstance(port, model.FieldUse)
    assert isinstance(key, model.ConditionalOp)
    assert isinstance(key.then, model.AddressOf)
    assert isinstance(key.otherwise, model.NullValue)
    assert str(key.type) == "unsigned *"
    assert isinstance(function, model.FunctionValue)
    assert function.function is not None
    assert function.function.name == "run"
    assert isinstance(data, model.VariableUse)
    assert isinstance(free, model.FunctionValue)
    assert (free.function, free.api) == (None, "driver_free")


def test_function_pointers_reach_the_functions_put_into_them():
    text = """\
driver d {
    struct Txn { Port *owner; void (*end)(Txn *t); };
    struct Port { ErlDrvPort port; };
    Port *start(ErlDrvPort port) { return driver_alloc(sizeof(Port)); }
    void output(Port *d) {
        Txn *t = driver_alloc(sizeof(Txn));
        t->end = done;
        driver_async(d->port, NULL, run, t, NULL);
    }
    void run(Txn *t)  { t->end(t); }
    void done(Txn *t) { driver_free(t); }
}
"""
    run = next(f for f in model_of(text).drivers[0].functions if f.name == "run")
    call = run.body.statements[0]
    assert isinstance(call, model.Evaluate)
    assert isinstance(call.call, model.IndirectCall)
    assert [target.name for target in call.call.targets] == ["done"]


def test_a_spawned_process_has_copies_of_what_it_uses():
    scenario = model_of(examples.COUNTED, imports=examples.IMPORTS).scenarios[0]
    owner, rival = scenario.processes
    assert rival.parent is owner
    ((copy, original),) = rival.captured
    assert copy is not original
    assert (copy.name, copy.type) == ("p", PORT)
    assert isinstance(owner.body.statements[0], model.Declare)
    assert owner.body.statements[0].variable is original
    use = rival.body.statements[0]
    assert isinstance(use, model.Evaluate)
    assert isinstance(use.call, model.ProcessCall)
    assert isinstance(use.call.arguments[0], model.VariableUse)
    assert use.call.arguments[0].variable is copy
    everyone = owner.body.statements[2]
    assert isinstance(everyone, model.AnyOrder)
    killed = everyone.statements[1]
    assert isinstance(killed, model.Evaluate)
    assert isinstance(killed.call, model.ProcessCall)
    who = killed.call.arguments[0]
    assert isinstance(who, model.ProcessValue)
    assert who.process is rival
    assert who.type == PID


def test_a_driver_without_a_scenario_gets_the_default_one():
    (scenario,) = model_of(DRIVER + "    void output(Port *p) {}\n}\n").scenarios
    assert scenario.default
    (owner,) = scenario.processes
    kinds = [type(s).__name__ for s in owner.body.statements]
    assert kinds == ["Declare", "Upto", "Either"]
    (without,) = model_of(DRIVER + "}\n").scenarios
    assert [type(s).__name__ for s in without.processes[0].body.statements] == ["Declare", "Either"]


def test_a_library_has_no_scenario():
    assert model_of(examples.REFCOUNT).scenarios == ()


def test_api_uses_are_those_that_can_happen():
    library = "struct T { int n; };\nvoid unused(T *t) { driver_free(t); }\n"
    found = model_of('import "a.dmc";\nscenario s { thread t { } }', imports={"a.dmc": library})
    assert found.api_uses == {}
    assert sorted(model_of(DRIVER + "}\n").api_uses) == ["driver_alloc", "driver_free"]


def test_expectations_by_name_are_those_of_the_id():
    catalogue = catalogue_of(
        'rule MEM001 use_after_free for object o "x" { on read o { assert(o.state != freed, "{o}"); } }'
    )
    text = DRIVER + "}\nexpect { use_after_free, MEM001, assertion violated in stop; }"
    lines = model_of(text, catalogue=catalogue).expects[0].lines
    assert [line.property for line in lines] == ["MEM001", "MEM001", "assertion"]


def test_rules_bind_what_happened():
    text = (
        DRIVER
        + """\
    void output(Port *d) { accepted(d, 1); }
    void accepted(Port *d, int id) {}
}
rule all_run for port p "text" {
    needs accepted;
    trigger call accepted;
    int owed = 0;
    on call accepted(d, id) { if (d == p.data && id == 1) owed++; }
    on return stop of p { assert(owed == 0, "{owed} of {p} left"); }
}
"""
    )
    (rule,) = model_of(text).rules
    assert rule.subject is not None
    assert rule.needs == ("accepted",)
    called, stopped = rule.handlers
    assert [v.name for v in called.events[0].bindings] == ["d", "id"]
    assert called.events[0].bindings[0].type == PointerType(StructType("Port"))
    assert stopped.events[0].subject is rule.subject
    assert stopped.events[0].name == "stop"


def test_catalogue_rules_know_the_api_and_the_callbacks():
    rules = catalogue_of(
        """\
rule ASY001 exactly_one_completion for job j "text" {
    needs driver_async;
    int ends = 0;
    on call ready_async of j, call async_free of j { ends++; assert(ends == 1, "{j} again"); }
    on quiescence { assert(ends == 1 || j.free == NULL, "nobody disposed of {j}"); }
}
rule LIF001 no_callback_after_stop for port p "text" {
    bool stopped = false;
    on return stop of p { stopped = true; }
    on call callback of p { assert(!stopped, "{p} has stopped"); }
}
"""
    )
    assert [rule.id for rule in rules] == ["ASY001", "LIF001"]
    refused = resolve_rules(tree('rule X "x" { needs nothing; on call driver_asinc { } }'))
    assert [d.code for d in refused.diagnostics] == ["E407", "E407"]


def test_two_drivers_may_have_structs_of_one_name():
    found = model_of(DRIVER + "}\n" + DRIVER.replace("driver d {", "driver e {") + "}\n")
    assert [s.name for s in found.structs] == ["Port", "e.Port"]
    assert [process.name for process in found.scenarios[0].processes] == ["owner_of_d", "owner_of_e"]


def test_members_of_axes_are_told_apart_by_what_they_meet():
    text = """\
axis a { none, some };
axis b { many, none };
int n;
scenario s { thread t { if (a == none && none == b) n = 1; } }
"""
    test = model_of(text).scenarios[0].threads[0].body.statements[0]
    assert isinstance(test, model.If)
    assert isinstance(test.condition, model.BinaryOp)
    left, right = test.condition.left, test.condition.right
    assert isinstance(left, model.BinaryOp)
    assert isinstance(left.right, model.Literal)
    assert isinstance(right, model.BinaryOp)
    assert isinstance(right.left, model.Literal)
    assert (left.right.value, right.left.value) == (0, 1)
    assert left.right.type == EnumType("a", ("none", "some"))


@pytest.mark.parametrize("name", examples.ALL)
def test_models_with_holes_never_raise(name: str):
    """Any tokens may be missing: there are diagnostics, or a model, and no exception."""
    words = examples.ALL[name].replace("(", " ( ").replace(")", " ) ").replace(";", " ; ").split(" ")
    generator = random.Random(name)
    reached = 0
    for _ in range(150):
        drop = set(generator.sample(range(len(words)), generator.randint(1, 3)))
        parsed = parse(SourceFile("bdb.dmc", " ".join(w for i, w in enumerate(words) if i not in drop)))
        if parsed.file is None:
            continue
        reached += 1
        result = resolve(parsed.file, lambda path, span: Diagnostic("E140", "no such file", span))
        assert (result.model is None) == any(d.severity is Severity.ERROR for d in result.diagnostics)
    assert reached > 10


def test_parts_of_models_in_any_order_never_raise():
    """Lines of one model inside another: whatever still parses is resolved or refused."""
    generator = random.Random(7)
    lines = [line for text in examples.ALL.values() for line in text.splitlines()]
    reached = 0
    for _ in range(600):
        base = generator.choice(list(examples.ALL.values())).splitlines()
        for _ in range(generator.randint(1, 2)):
            base.insert(generator.randrange(len(base)), generator.choice(lines))
        parsed = parse(SourceFile("bdb.dmc", "\n".join(base)))
        if parsed.file is not None:
            reached += 1
            resolve(parsed.file, lambda path, span: Diagnostic("E140", "no such file", span))
    assert reached > 50


def test_diagnostics_come_in_the_order_of_the_text():
    text = "scenario s { }\nint n = missing;\nint m = gone;\n"
    assert codes(text) == ["E402", "E200", "E200"]
