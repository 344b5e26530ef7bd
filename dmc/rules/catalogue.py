"""The rules that every model is checked against: texts of the language, each with its page beside it.

    specs/rules/MEM001_use_after_free.dmc     the rule
    specs/rules/MEM001_use_after_free.md      what it means, with examples that are executed

Python holds the words that rules are made of, not the rules: adding one is adding these two files.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from dmc.base.diagnostic import Diagnostic
from dmc.base.exceptions import InternalError
from dmc.base.source import SourceFile
from dmc.model.model import Rule
from dmc.model.resolver import resolve_rules
from dmc.rules.catalogue_cache import resolved_catalogue
from dmc.syntax.parser import parse

_PACKAGE = Path(__file__).parents[1]
_FOLDERS = (_PACKAGE.parent / "specs" / "rules", _PACKAGE / "_data" / "specs" / "rules")
"""In a checkout `specs` stands beside the package; a wheel carries a copy inside of it."""

_FILE_NAME = re.compile(r"([A-Z]{3})(\d{3})_([a-z][a-z0-9_]*)")


@dataclass(frozen=True)
class Family:
    """Rules about one subject: their ids begin with its letters. An advisory one is checked if asked for."""

    letters: str
    title: str
    advisory: bool = False


_FAMILIES = (
    Family("MEM", "memory"),
    Family("LIF", "life of a port"),
    Family("ASY", "jobs and their completion"),
    Family("LCK", "mutexes and conditions"),
    Family("HNG", "hangs"),
    Family("RAC", "data races"),
    Family("BIN", "binaries"),
    Family("IOQ", "the IO queue"),
    Family("FDS", "file descriptors"),
    Family("SEL", "driver_select"),
    Family("TIM", "timers"),
    Family("MON", "monitors"),
    Family("RET", "what callbacks return"),
    Family("MSG", "messages to processes"),
    Family("BSY", "busy ports"),
    Family("BLK", "callbacks that take long", advisory=True),
    Family("CTX", "which call is allowed where"),
    Family("UNL", "unloading of drivers"),
    Family("VER", "releases and versions"),
    Family("DAT", "values and their ranges"),
)


def families() -> tuple[Family, ...]:
    """All families that an id may belong to, also those without a rule in this version, in order."""
    return _FAMILIES


@cache
def load_catalogue() -> tuple[Rule, ...]:
    """All rules, resolved: family by family in their order, by number within one."""
    return resolved_catalogue(rule_files(), _load)


@cache
def rule_files() -> tuple[Path, ...]:
    """The texts of all rules, in the order of the catalogue."""
    return tuple(sorted(folder().glob("*.dmc"), key=_position))


def page_of(name: str) -> str | None:
    """The page of the rule with that id (`MEM001`) or slug (`use_after_free`), or None."""
    for path in rule_files():
        identifier, _, slug = path.stem.partition("_")
        if name in (identifier, slug):
            return path.with_suffix(".md").read_text(encoding="utf-8")
    return None


@cache
def folder() -> Path:
    """The folder of the rules and their pages."""
    found = next((path for path in _FOLDERS if path.is_dir()), None)
    if found is None:
        raise InternalError("rules", f"no rules in {' or '.join(map(str, _FOLDERS))}")
    return found


def _position(path: Path) -> tuple[int, int]:
    match = _FILE_NAME.fullmatch(path.stem)
    letters = [family.letters for family in _FAMILIES]
    if match is None or match[1] not in letters:
        raise InternalError("rules", f"{path.name} is not named after a rule of a family")
    return letters.index(match[1]), int(match[2])


def _load(path: Path) -> Rule:
    source = SourceFile(str(path), path.read_text(encoding="utf-8"))
    parsed = parse(source)
    if parsed.file is None:
        raise _refused(path, parsed.diagnostics)
    resolved = resolve_rules(parsed.file)
    if len(resolved.rules) != 1:
        raise _refused(path, resolved.diagnostics)
    rule = resolved.rules[0]
    if f"{rule.id}_{rule.slug}" != path.stem:
        raise InternalError("rules", f"{path.name} holds the rule {rule.id} {rule.slug}")
    return rule


def _refused(path: Path, diagnostics: tuple[Diagnostic, ...]) -> InternalError:
    complaints = [f"{d.span}: {d.message}" for d in diagnostics] or [f"{path.name} has not exactly one rule"]
    return InternalError("rules", "\n".join(complaints))
