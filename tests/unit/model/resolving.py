"""Text to model, for the tests of the model stage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dmc.base.diagnostic import Diagnostic
from dmc.base.source import SourceFile, Span
from dmc.model import model
from dmc.model.resolver import Resolution, resolve, resolve_rules
from dmc.runtime.presets import PRESETS
from dmc.runtime.release import parse_name
from dmc.syntax import ast
from dmc.syntax.parser import parse

PRESET_RELEASES = {preset.name: preset.release for preset in PRESETS}


def tree(text: str, path: str = "bdb.dmc") -> ast.File:
    """The syntax tree of a text without mistakes of syntax."""
    parsed = parse(SourceFile(path, text))
    assert parsed.file is not None, [f"{d.span} {d.code} {d.message}" for d in parsed.diagnostics]
    return parsed.file


def resolved(
    text: str,
    imports: Mapping[str, str] | None = None,
    catalogue: Sequence[model.Rule] | None = None,
    releases: bool = False,
) -> Resolution:
    """The resolution of a text; `imports` are the texts of other files by path."""

    def load(path: str, span: Span) -> ast.File | Diagnostic:
        known = imports or {}
        if path not in known:
            return Diagnostic("E140", f"there is no file `{path}`", span)
        return tree(known[path], path)

    return resolve(tree(text), load, catalogue, release_order if releases else None)


def model_of(text: str, **options: Any) -> model.Model:
    """The model of a text without mistakes."""
    result = resolved(text, **options)
    assert result.diagnostics == (), shown(result)
    assert result.model is not None
    return result.model


def codes(text: str, **options: Any) -> list[str]:
    """The codes of all diagnostics, in the order of the text."""
    return [d.code for d in resolved(text, **options).diagnostics]


def only(text: str, **options: Any) -> Diagnostic:
    """The one diagnostic."""
    result = resolved(text, **options)
    assert len(result.diagnostics) == 1, shown(result)
    return result.diagnostics[0]


def shown(result: Resolution) -> list[str]:
    return [f"{d.span} {d.code} {d.message}" for d in result.diagnostics]


def catalogue_of(text: str) -> tuple[model.Rule, ...]:
    found = resolve_rules(tree(text, "rules.dmc"))
    assert found.diagnostics == (), found.diagnostics
    return found.rules


def release_order(text: str, is_low: bool) -> Any:
    """The age of a release or preset."""
    if text in PRESET_RELEASES:
        return PRESET_RELEASES[text]
    name = parse_name(text)
    if name is None:
        return None
    return name.first if is_low else name.last
