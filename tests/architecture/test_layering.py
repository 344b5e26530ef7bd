"""Packages import only what `layers.toml` allows; modules do not import each other in circles."""

from __future__ import annotations

import re
from graphlib import CycleError, TopologicalSorter

import pytest
from architecture.imports import ROOT, Import, imports, package_of, sources, table

OURS = [one for one in imports() if one.imported.split(".")[0] == "dmc"]


def _exception(one: Import) -> str:
    return f"{one.importer} -> {package_of(one.imported)}"


def test_the_table_names_each_package_and_has_an_order() -> None:
    layers = table()["layers"]
    packages = {package_of(name) for name, path in sources().items() if path.name == "__init__.py"} - {""}

    assert packages == set(layers)
    TopologicalSorter({name: set(allowed) for name, allowed in layers.items()}).prepare()


def test_a_package_imports_only_what_it_may() -> None:
    layers, exceptions = table()["layers"], table()["exceptions"]
    wrong = [
        str(one)
        for one in OURS
        if package_of(one.importer) in layers
        and package_of(one.imported) != package_of(one.importer)
        and package_of(one.imported) not in layers[package_of(one.importer)]
        and _exception(one) not in exceptions
    ]

    assert wrong == []


def test_every_permission_is_used() -> None:
    used = {(package_of(one.importer), package_of(one.imported)) for one in OURS}
    idle = [
        f"{importer} -> {imported}"
        for importer, allowed in table()["layers"].items()
        for imported in allowed
        if (importer, imported) not in used
    ]
    idle += [text for text in table()["exceptions"] if text not in {_exception(one) for one in OURS}]

    assert idle == []


def test_the_architecture_shows_the_same_table() -> None:
    text = (ROOT / "dmc" / "ARCHITECTURE.md").read_text(encoding="utf-8").split("## Layers")[1]
    shown: dict[str, set[str]] = {}
    for name, words in re.findall(r"^\| `(\w+)` \|[^|]*\| ?([^|]*?) ?\|$", text, re.MULTILINE):
        but = words.removeprefix("all of the above but ")
        named = {word for word in but.split(", ") if word}
        shown[name] = named if but == words else set(shown) - named

    assert shown == {name: set(allowed) for name, allowed in table()["layers"].items()}


def test_no_modules_import_each_other() -> None:
    """An import inside of a function counts: it only hides a circle."""
    graph: dict[str, set[str]] = {}
    for one in OURS:
        if not one.typing_only and one.imported != one.importer and not _is_parent(one):
            graph.setdefault(one.importer, set()).add(one.imported)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(reversed(error.args[1])))


def _is_parent(one: Import) -> bool:
    """A package that names its modules for others is imported by none of them for that."""
    return one.importer.startswith(one.imported + ".")


@pytest.mark.parametrize("library", sorted(table()["doors"]))
def test_a_library_has_one_door(library: str) -> None:
    doors = table()["doors"][library]
    wrong = [
        str(one)
        for one in imports()
        if one.imported.split(".")[0] == library and not _is_in(one.importer, doors)
    ]

    assert wrong == []


def _is_in(module: str, packages: list[str]) -> bool:
    return any(module == package or module.startswith(package + ".") for package in packages)


def test_a_stage_is_a_function_of_its_input() -> None:
    pure = table()["pure"]
    wrong = [
        str(one)
        for one in imports()
        if _is_in(one.importer, pure["modules"]) and one.imported.split(".")[0] in pure["forbidden"]
    ]

    assert wrong == []


def test_the_ir_and_the_engines_know_no_word_of_erlang() -> None:
    words = re.compile(r"\b(erlang|drivers?|erts|schedulers?|callbacks?|async|beam)\b", re.IGNORECASE)
    wrong = [
        f"{path.name}:{number}: {line.strip()}"
        for name, path in sources().items()
        if package_of(name) in ("ir", "engines", "transform")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if words.search(line) and "no word of Erlang" not in line
    ]

    assert wrong == []
