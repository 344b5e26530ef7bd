"""Every example of the language manual comes out as the manual says."""

from __future__ import annotations

from pathlib import Path

import pytest
from spec.manual import MANUAL, Example, examples, framed, of_kind

from dmc import pipeline
from dmc.base.diagnostic import Severity
from dmc.base.diagnostic_codes import CODES
from dmc.base.source import SourceFile
from dmc.driver_api.callbacks import CALLBACKS
from dmc.driver_api.registry import api_functions
from dmc.pipeline.loading import load
from dmc.syntax.unparser import format_source
from dmc.syntax.words import C_REFUSED, LATER, RESERVED

LARGEST_MODEL = 20_000
"""States: the manual shows small models."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the files that examples import."""
    for example in of_kind("file"):
        (tmp_path / example.name).write_text(example.text, encoding="utf-8")
    return tmp_path


def _write(folder: Path, text: str) -> str:
    path = folder / "example.dmc"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_every_fence_has_a_known_mark() -> None:
    assert {example.kind for example in examples()} == {"model", "fragment", "error", "frame", "file"}
    assert MANUAL.read_text(encoding="utf-8").count("```") % 2 == 0


@pytest.mark.parametrize("example", of_kind("model"), ids=lambda e: e.label)
def test_a_model_comes_out_as_it_expects(example: Example, folder: Path) -> None:
    report, _ = pipeline.check(pipeline.Request((_write(folder, example.text),)))
    unlike = [f"{p.id} {p.verdict.value}" for run in report.runs for p in run.properties if not p.as_expected]

    assert (unlike, report.diagnostics, report.exit) == ([], (), 0)
    assert all(run.states < LARGEST_MODEL for run in report.runs)


@pytest.mark.parametrize("example", [*of_kind("model"), *of_kind("file")], ids=lambda e: e.label)
def test_a_model_is_laid_out_as_the_formatter_does(example: Example) -> None:
    assert example.text == format_source(SourceFile("example.dmc", example.text))


@pytest.mark.parametrize("example", of_kind("fragment"), ids=lambda e: e.label)
def test_a_fragment_has_a_meaning_in_its_frame(example: Example, folder: Path) -> None:
    loaded = load(_write(folder, framed(example)))

    assert [f"{d.span}: {d.code} {d.message}" for d in loaded.diagnostics] == []


@pytest.mark.parametrize("example", of_kind("file"), ids=lambda e: e.label)
def test_a_file_to_be_imported_has_no_mistakes(example: Example, folder: Path) -> None:
    assert load(str(folder / example.name)).diagnostics == ()


@pytest.mark.parametrize("example", of_kind("error"), ids=lambda e: e.label)
def test_a_wrong_example_has_exactly_the_code(example: Example, folder: Path) -> None:
    loaded = load(_write(folder, framed(example)))

    assert [d.code for d in loaded.diagnostics if d.severity is Severity.ERROR] == [example.marks[1]]
    assert example.marks[1] in CODES


def test_the_lists_of_words_are_complete() -> None:
    text = MANUAL.read_text(encoding="utf-8")
    reserved = text.split("### Reserved words\n\n```text\n")[1].split("```")[0].split()

    assert sorted(reserved) == sorted(RESERVED)
    assert " ".join(sorted(C_REFUSED)) in text
    assert all(word in text.split("are kept for later")[0].rsplit("`", 2)[1] for word in LATER)


def test_the_list_of_the_api_is_complete() -> None:
    listed = MANUAL.read_text(encoding="utf-8").split("Of this version are:\n\n```text\n")[1].split("```")[0]

    assert sorted(listed.split()) == list(api_functions())


def test_the_list_of_callbacks_is_complete() -> None:
    sentence = MANUAL.read_text(encoding="utf-8").split("This version has ")[1].split(".")[0]

    assert set(sentence.replace("\n", " ").split("`")[1::2]) == {
        name for name, entry in CALLBACKS.items() if entry.supported
    }
