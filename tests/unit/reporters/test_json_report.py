"""What programs read: the keys of the contract, one schema, the same bytes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from support import sample_reports as samples
from support.golden import Golden

from dmc.reporters.json import document, render, schema

FIXED = {
    "run": "model scenario runtime locking regime async_threads schedulers axes engine reductions assumptions"
    " complete cut_by states transitions depth seconds peak_bytes properties",
    "property": "id name verdict expected as_expected message where trace",
    "step": "actor action where changes",
    "diagnostic": "code severity message where",
}


@pytest.mark.parametrize("name", samples.ALL)
def test_document(name: str, golden: Golden) -> None:
    """The document, byte by byte."""
    golden(f"reports/{name}.json", render(samples.ALL[name]()))


@pytest.mark.parametrize("name", samples.ALL)
def test_document_satisfies_the_schema(name: str) -> None:
    """And the schema has no key that no document has."""
    Draft202012Validator(schema()).validate(document(samples.ALL[name]()))


def test_the_schema_is_one() -> None:
    """It satisfies the schema of schemas."""
    Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize("kind", FIXED)
def test_the_keys_of_the_contract_are_required(kind: str) -> None:
    """They are what others rely on."""
    assert set(FIXED[kind].split()) <= set(schema()["$defs"][kind]["required"])


def test_every_key_is_in_the_schema() -> None:
    """A new key is described where it is added."""
    definitions = schema()["$defs"]
    runs = [run for make in samples.ALL.values() for run in document(make())["runs"]]
    properties = [prop for run in runs for prop in run["properties"]]
    steps = [step for prop in properties if prop["trace"] for step in prop["trace"]["steps"]]

    for kind, found in (("run", runs), ("property", properties), ("step", steps)):
        assert all(set(entry) == set(definitions[kind]["properties"]) for entry in found)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("exit",), 6),
        (("schema",), "dmc.result/2"),
        (("runs", 0, "locking"), "none"),
        (("runs", 0, "states"), -1),
        (("runs", 0, "properties", 0, "verdict"), "ok"),
        (("runs", 0, "properties", 0, "where"), {"file": "x"}),
    ],
)
def test_the_schema_refuses(path: tuple[Any, ...], value: object) -> None:
    """A schema that accepts everything proves nothing."""
    whole = json.loads(render(samples.single()))
    place = whole
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value

    assert not Draft202012Validator(schema()).is_valid(whole)


def test_a_trace_has_all_that_a_replay_needs() -> None:
    """The initial values, and of each step the thread and the alternative."""
    trace = document(samples.single())["runs"][0]["properties"][0]["trace"]

    assert trace["initial_values"] == [0]
    assert len([(step["thread"], step["alternative"]) for step in trace["steps"]]) == 12
