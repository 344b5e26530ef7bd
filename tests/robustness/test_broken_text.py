"""Texts that are no models: each is answered with diagnostics, and the formatter loses nothing."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from dmc.base.exceptions import ModelError
from dmc.base.source import SourceFile
from dmc.pipeline.loading import load
from dmc.syntax.unparser import format_source

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "models" / "seeds" / "2008-stop-and-async" / "reference_counted.dmc"
CONSTRUCTS = ROOT / "tests" / "data" / "syntax" / "every_construct.dmc"
STRANGE = (
    "nope",
    "NULL",
    "99999999999999999999",
    "-1",
    "0",
    "{",
    "}",
    "(",
    ";",
    '"',
    "'",
    "/*",
    "//",
    "\r\n",
)
"""What takes the place of a token."""


def answered(data: bytes, folder: Path) -> None:
    """The file is a model, or there is a diagnostic whose place is in it."""
    path = folder / "model.dmc"
    path.write_bytes(data)
    loaded = load(str(path))
    assert (loaded.model is None) == bool([d for d in loaded.diagnostics if d.severity.value == "error"])


@pytest.mark.parametrize("source", [MODEL, CONSTRUCTS], ids=["model", "constructs"])
def test_a_text_may_end_anywhere(source: Path, tmp_path: Path) -> None:
    data = source.read_bytes()

    for end in range(0, len(data), len(data) // 25):
        answered(data[:end], tmp_path)
        answered(data[end:], tmp_path)


@pytest.mark.parametrize("source", [MODEL, CONSTRUCTS], ids=["model", "constructs"])
def test_any_token_may_be_another(source: Path, tmp_path: Path) -> None:
    chance = random.Random(1)
    tokens = re.findall(r"\w+|\s+|.", source.read_text(encoding="utf-8"))

    for _ in range(40):
        changed = list(tokens)
        for _ in range(chance.choice((1, 1, 3))):
            changed[chance.randrange(len(changed))] = chance.choice((*STRANGE, chance.choice(tokens)))
        answered("".join(changed).encode(), tmp_path)


@pytest.mark.parametrize(
    "data",
    [
        b"\0" * 1000,
        bytes(range(256)) * 10,
        b"\xef\xbb\xbfint n = 0;",
        b"\xff\xfei\0n\0t\0",
        b"(" * 50_000,
        b"scenario s { thread a { " + b"{" * 2000 + b"}" * 2000 + b"} }",
        b"int n = " + b"(" * 2000 + b"1" + b")" * 2000 + b";",
        b"int n = " + b"!" * 3000 + b"1;",
        b"int n = " + b"9" * 5000 + b";",
        b'"' + b"x" * 100_000,
        b"int n = 0; // " + b"x" * 10_000_000,
    ],
    ids=["nul", "bytes", "mark", "utf16", "opened", "blocks", "brackets", "nots", "number", "text", "large"],
)
def test_a_file_may_be_anything(data: bytes, tmp_path: Path) -> None:
    answered(data, tmp_path)


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\n\t"])
def test_formatting_keeps_every_token(ending: str) -> None:
    text = CONSTRUCTS.read_text(encoding="utf-8").replace("\n", ending)

    formatted = format_source(SourceFile("model.dmc", text))

    assert re.sub(r"\s+", "", formatted) == re.sub(r"\s+", "", text)
    assert format_source(SourceFile("model.dmc", formatted)) == formatted


def test_a_broken_text_is_not_formatted() -> None:
    text = CONSTRUCTS.read_text(encoding="utf-8")

    for end in range(7, len(text), len(text) // 20):
        part = text[:end]
        try:
            formatted = format_source(SourceFile("model.dmc", part))
        except ModelError:
            continue
        assert re.sub(r"\s+", "", formatted) == re.sub(r"\s+", "", part)


class TestImports:
    """A file has one path, however imports may write it."""

    TEXT = "scenario s { thread a { n = 1; } }\n"

    def codes(self, folder: Path, text: str) -> list[str]:
        (folder / "model.dmc").write_text(text)
        return [d.code for d in load(str(folder / "model.dmc")).diagnostics]

    def test_a_circle_by_another_spelling(self, tmp_path: Path) -> None:
        assert self.codes(tmp_path, f'import "../{tmp_path.name}/model.dmc"; int n = 0; {self.TEXT}') == [
            "E141"
        ]

    def test_one_file_by_two_spellings(self, tmp_path: Path) -> None:
        (tmp_path / "names.dmc").write_text("int n = 0;\n")
        text = f'import "names.dmc"; import "../{tmp_path.name}/names.dmc"; {self.TEXT}'

        assert self.codes(tmp_path, text) == []

    @pytest.mark.parametrize("written", ["gone.dmc", "", ".", "/dev/null", "x" * 5000, "a\0b"])
    def test_what_is_no_file(self, written: str, tmp_path: Path) -> None:
        assert self.codes(tmp_path, f'import "{written}"; int n = 0; {self.TEXT}') == ["E140"]
