"""The pages of the rules: their form, and that their examples come out as they say."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest
from rule_pages import (
    FOLDER,
    HEADINGS,
    PROMISES_OF_THE_RUNTIME,
    TUTORIAL,
    Example,
    examples,
    pages,
    sections,
)

from dmc.base.diagnostic import Diagnostic
from dmc.base.source import SourceFile, Span
from dmc.model.model import Model
from dmc.model.resolver import resolve
from dmc.pipeline.selection import is_advisory
from dmc.rules.catalogue import load_catalogue
from dmc.syntax.parser import parse

EXAMPLES = list(examples())
MODELS = sorted(TUTORIAL.glob("*.dmc"))
PAGES = pages()


def _model(path: str, text: str) -> Model:
    parsed = parse(SourceFile(path, text))
    assert parsed.file is not None, [str(d) for d in parsed.diagnostics]
    resolved = resolve(parsed.file, _no_imports, load_catalogue())
    assert resolved.model is not None, [str(d) for d in resolved.diagnostics]
    assert resolved.diagnostics == ()
    return resolved.model


def _no_imports(path: str, span: Span) -> Diagnostic:
    return Diagnostic("E208", f"the example imports {path}", span)


def test_every_rule_has_its_page_and_every_page_its_rule() -> None:
    assert [page.stem for page in PAGES] == sorted(path.stem for path in FOLDER.glob("*.dmc"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_has_the_fixed_form(page: Path) -> None:
    found = sections(page)
    identifier, _, slug = page.stem.partition("_")
    title, demand = found.pop("").strip().split("\n\n")
    assert title == f"# {slug} ({identifier})"
    assert re.fullmatch(r"[A-Z`].*\.", demand)
    assert demand.count(". ") == 0
    assert tuple(found) == HEADINGS
    assert all(text.strip() for text in found.values())
    assert found["Depends on the runtime"].strip().startswith("| release | what differs |\n|---|---|\n| ")
    assert all(line.startswith(("* ", "  ")) for line in found["Sources"].strip().splitlines())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_links_of_a_page_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_shows_a_violation_and_a_way_out(page: Path) -> None:
    identifier = page.stem[:6]
    shown = {example.heading for example in EXAMPLES if example.rule == identifier}
    if identifier in PROMISES_OF_THE_RUNTIME:
        assert shown == {"Satisfies"}
        assert sections(page)["Violates"].strip().startswith("No driver")
    else:
        assert shown == {"Violates", "Satisfies"}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_an_example_resolves_and_expects_what_its_heading_says(example: Example) -> None:
    model = _model(example.name, example.text)
    (expect,) = model.expects
    assert not expect.rest_any
    violated = {line.property for line in expect.lines if line.verdict == "violated"}
    if example.heading == "Violates":
        assert example.rule in violated
    else:
        assert expect.all_verdict == "hold"


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_a_model_of_the_tutorial_resolves(path: Path) -> None:
    assert _model(str(path), path.read_text(encoding="utf-8")).expects


def test_the_tutorial_shows_its_models_as_they_are() -> None:
    readme = (TUTORIAL / "README.md").read_text(encoding="utf-8")
    models = "\n".join(path.read_text(encoding="utf-8") for path in MODELS)
    for part in re.findall(r"^```dmc-part\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL):
        assert part in models
    assert all(f"`{path.name}`" in readme for path in MODELS)


# --- the examples, executed ---------------------------------------------------------------------

_PIPELINE = importlib.util.find_spec("dmc.pipeline")
executed = pytest.mark.skipif(
    _PIPELINE is None or _PIPELINE.origin is None, reason="nothing searches models yet"
)


def _expectations_come_out(path: Path, capsys: pytest.CaptureFixture[str], *options: str) -> None:
    from dmc.cli.main import main

    code = main(["test", str(path), *options])
    told = capsys.readouterr()
    assert code == 0, f"exit {code}\n{told.out}\n{told.err}"


@executed
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_an_example_comes_out_as_it_expects(
    example: Example, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / example.name
    path.write_text(example.text, encoding="utf-8")
    _expectations_come_out(path, capsys)


ADVISORY = [rule.id for rule in load_catalogue() if is_advisory(rule)]


@executed
@pytest.mark.parametrize(
    "example", [e for e in EXAMPLES if e.rule in ADVISORY], ids=lambda example: example.name
)
def test_an_example_of_an_advisory_rule_tests_it(
    example: Example, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / example.name
    path.write_text(example.text, encoding="utf-8")
    _expectations_come_out(path, capsys, "--property", example.rule, "--strict")


@executed
@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_a_model_of_the_tutorial_comes_out_as_it_expects(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _expectations_come_out(path, capsys)
