"""What is there is complete: each rule, function, variation point, code and command has all of its parts."""

from __future__ import annotations

import importlib
import re
from collections import Counter
from pathlib import Path

import pytest
from architecture.imports import ROOT, sources

from dmc.base.diagnostic_codes import CODES
from dmc.cli.main import COMMANDS
from dmc.driver_api.callbacks import CALLBACKS
from dmc.driver_api.registry import NOT_MODELLED, api_functions
from dmc.lower.api_calls import CALLS
from dmc.model.atomics import ATOMIC_CALLS
from dmc.model.vocabulary import CODE_CALLS
from dmc.rules.catalogue import page_of, rule_files
from dmc.runtime.variation_points import MECHANISMS, VARIATION_POINTS

RUNTIME = ROOT / "specs" / "runtime"
README = ROOT / "README.md"
ARCHITECTURE = ROOT / "dmc" / "ARCHITECTURE.md"
MANUAL = ROOT / "specs" / "language.md"


@pytest.mark.parametrize("rule", rule_files(), ids=lambda path: path.stem)
def test_a_rule_has_a_page_and_stands_in_the_index(rule: Path) -> None:
    identifier = rule.stem[:6]

    assert page_of(identifier)
    assert f"[{identifier}]({rule.stem}.md)" in (rule.parent / "README.md").read_text(encoding="utf-8")


def test_a_function_of_the_api_is_lowered_or_refused_by_name() -> None:
    assert set(CALLS) == set(api_functions()) | set(CODE_CALLS) | set(ATOMIC_CALLS)
    assert not NOT_MODELLED & set(api_functions())


def test_a_callback_is_no_function_of_the_api() -> None:
    assert not set(CALLBACKS) & (NOT_MODELLED | set(api_functions()))


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_a_variation_point_has_an_entry_on_the_page_of_its_mechanism(mechanism: str) -> None:
    page = (RUNTIME / f"{mechanism}.md").read_text(encoding="utf-8")

    for point in MECHANISMS[mechanism]:
        assert f"## V{point.number}: `{point.name}`" in page


def test_variation_points_are_numbered_without_gaps_and_named_apart() -> None:
    numbers = {point.number for point in VARIATION_POINTS}

    assert numbers == set(range(1, max(numbers) + 1))
    assert len({point.name for point in VARIATION_POINTS}) == len(VARIATION_POINTS)


def test_each_code_is_given_by_some_module_and_each_given_one_is_registered() -> None:
    registries = ("dmc.base.diagnostic_codes", "dmc.base.model_codes")
    text = "".join(p.read_text(encoding="utf-8") for name, p in sources().items() if name not in registries)
    given = set(re.findall(r'"(E\d{3})"', text))

    assert sorted(CODES) == sorted(given)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_has_its_module_its_help_and_a_word_in_the_readme(command: str) -> None:
    module = importlib.import_module(f"dmc.cli.commands.{command.replace('-', '_')}")

    assert module.command.name == command
    assert module.command.help
    assert re.search(rf"\bdmc {command}\b", README.read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", [README, ARCHITECTURE, MANUAL], ids=lambda path: path.name)
def test_the_links_of_a_document_lead_somewhere(page: Path) -> None:
    prose = re.sub(r"```.*?```|`[^`]*`", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", prose):
        assert (page.parent / target).exists(), target


def test_the_architecture_names_only_what_exists() -> None:
    """A word in backquotes that looks like a path or a module of ours is one."""
    modules = sources()
    wrong = []
    for word in re.findall(r"`([^`\n]+)`", ARCHITECTURE.read_text(encoding="utf-8")):
        if re.fullmatch(r"(dmc|specs|models|tests)/[\w./-]*", word) and not (ROOT / word).exists():
            wrong.append(word)
        if re.fullmatch(r"dmc(\.\w+)+", word) and word not in modules and not _is_member(word):
            wrong.append(word)

    assert wrong == []


def _is_member(word: str) -> bool:
    module, _, name = word.rpartition(".")
    return module in sources() and hasattr(importlib.import_module(module), name)


def test_the_architecture_tells_of_every_package() -> None:
    text = ARCHITECTURE.read_text(encoding="utf-8")
    packages = Counter(name.split(".")[1] for name in sources() if name.count(".") >= 1)

    assert [name for name in packages if name != "__main__" and f"`{name}`" not in text] == []
