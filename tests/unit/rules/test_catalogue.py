"""Names, ids and texts of the rules, and what the loader makes of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dmc.base.exceptions import InternalError
from dmc.base.source import SourceFile
from dmc.rules import catalogue, pages
from dmc.syntax import ast
from dmc.syntax.parser import parse

FOLDER = Path(__file__).parents[3] / "specs" / "rules"
FILES = sorted(FOLDER.glob("*.dmc"))
VERSION_1 = [
    *(f"MEM00{number}" for number in range(1, 6)),
    *(f"LIF00{number}" for number in range(1, 5)),
    *(f"ASY00{number}" for number in range(1, 3)),
    *(f"LCK{number:03}" for number in range(1, 11)),
    *(f"BIN00{number}" for number in range(1, 9)),
    "HNG001",
    "HNG002",
    "RAC001",
    *(f"IOQ00{number}" for number in range(1, 5)),
    *(f"CTX00{number}" for number in range(1, 4)),
    *(f"UNL00{number}" for number in range(1, 3)),
    "TIM001",
    "MON001",
    "BSY001",
    "DAT001",
    "ASY006",
    "ASY008",
    "BLK002",
    "BLK005",
]
FAULT_WORDS = """
    unset_value unset_pointer null_pointer use_after_free double_free
    out_of_range division_by_zero index_out_of_range wrong_type
    unset_lock null_lock destroyed_lock unlock_by_other destroy_in_use wait_without_mutex relock lock_kept
    forbidden_context exit_in_start second_stop stale_port pdl_held pdl_reference_missing
    queue_without_pdl queue_from_thread dequeue_beyond wait_in_atomic
    joined_twice data_kept destroyed_key wrong_thread_data
    binary_freed_again binary_kept binary_not_held binary_overfreed binary_realloc_shared binary_refc_zero
    timer_in_stop monitor_in_vain reply_not_held reply_too_long reply_wrong_kind
"""
FAULT_KINDS = frozenset(FAULT_WORDS.split())


def _rule(path: Path) -> ast.Rule:
    parsed = parse(SourceFile(path.name, path.read_text(encoding="utf-8")))
    assert parsed.file is not None, parsed.diagnostics
    (rule,) = parsed.file.items
    assert isinstance(rule, ast.Rule)
    return rule


def _faults(rule: ast.Rule) -> set[str]:
    handlers = [item for item in rule.items if isinstance(item, ast.Handler)]
    return {e.name.text for h in handlers for e in h.events if e.kind == "fault" and e.name is not None}


def test_the_rules_of_this_version_are_there() -> None:
    assert [path.stem[:6] for path in catalogue.rule_files()] == sorted(VERSION_1, key=_place)


def _place(identifier: str) -> tuple[int, int]:
    letters = [family.letters for family in catalogue.families()]
    return letters.index(identifier[:3]), int(identifier[3:])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_is_named_after_its_rule_and_begins_with_a_sentence(path: Path) -> None:
    rule = _rule(path)
    assert rule.slug is not None
    assert path.stem == f"{rule.id.text}_{rule.slug.text}"
    assert re.fullmatch(r"[A-Z]{3}\d{3}", rule.id.text)
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert re.fullmatch(r"// [A-Z`].*\.", first)
    assert first.count(". ") == 0
    assert not rule.text.value.endswith(".")


def test_ids_and_slugs_are_unique() -> None:
    rules = [_rule(path) for path in FILES]
    assert len({rule.id.text for rule in rules}) == len(rules)
    assert len({rule.slug.text for rule in rules if rule.slug is not None}) == len(rules)


def test_every_kind_of_fault_is_watched_by_exactly_one_rule() -> None:
    watched = [kind for path in FILES for kind in _faults(_rule(path))]
    assert sorted(watched) == sorted(FAULT_KINDS)


def test_families_are_three_letters_and_one_is_advisory() -> None:
    families = catalogue.families()
    assert len({family.letters for family in families}) == len(families)
    assert all(re.fullmatch(r"[A-Z]{3}", family.letters) and family.title for family in families)
    assert [family.letters for family in families if family.advisory] == ["BLK"]


def test_every_rule_resolves() -> None:
    rules = catalogue.load_catalogue()
    assert [rule.id for rule in rules] == [path.stem[:6] for path in catalogue.rule_files()]
    assert catalogue.load_catalogue() is rules


def test_a_rule_says_what_would_have_tested_it_unless_every_search_does() -> None:
    watching = [rule for rule in catalogue.load_catalogue() if not (rule.can_reach or rule.under)]
    without = {rule.id for rule in watching if not rule.triggers}
    assert without == {"HNG001", "HNG002", "DAT001"}


def test_a_page_is_found_by_id_and_by_slug() -> None:
    page = catalogue.page_of("MEM001")
    assert page is not None
    assert page.startswith("# use_after_free (MEM001)")
    assert catalogue.page_of("use_after_free") == page
    assert catalogue.page_of("MEM") is None
    assert catalogue.page_of("README") is None


def test_the_index_is_current() -> None:
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert page == pages.refreshed(page), "run: python -m dmc.rules.pages"


def test_the_index_is_rewritten_only_when_it_is_stale(tmp_path: Path) -> None:
    index = tmp_path / "README.md"
    index.write_text("# The rules\n\nBy hand.\n", encoding="utf-8")
    assert pages.write_index(index)
    assert not pages.write_index(index)
    text = index.read_text(encoding="utf-8")
    assert text.startswith("# The rules\n\nBy hand.\n\n" + pages.MARKER)
    assert all(f"[{identifier}]({identifier}_" in text for identifier in VERSION_1)


def test_the_introduction_explains_every_kind_of_fault() -> None:
    text = (FOLDER / "README.md").read_text(encoding="utf-8").partition(pages.MARKER)[0]
    assert {kind for kind in FAULT_KINDS if f"`{kind}`" not in text} == set()


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("use_after_free.dmc", "", "not named after a rule"),
        ("XYZ001_thing.dmc", "", "not named after a rule"),
        ("MEM009_thing.dmc", 'rule MEM009 other "x" { on hang { assert(false); } }', "holds the rule"),
        ("MEM009_thing.dmc", 'rule MEM009 thing "x" { on', "MEM009_thing.dmc:1"),
        ("MEM009_thing.dmc", 'rule MEM009 thing "x" { on call nobody { assert(false); } }', "nobody"),
        ("MEM009_thing.dmc", "", "not exactly one rule"),
    ],
)
def test_a_broken_catalogue_is_an_error_of_the_tool(
    name: str, text: str, complaint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.setattr(catalogue, "folder", lambda: tmp_path)
    with pytest.raises(InternalError, match=complaint):
        [catalogue._load(path) for path in catalogue.rule_files.__wrapped__()]


def test_a_missing_catalogue_is_an_error_of_the_tool(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "_FOLDERS", (Path("/nowhere/specs/rules"),))
    with pytest.raises(InternalError, match="/nowhere"):
        catalogue.folder.__wrapped__()


def test_what_an_under_names_is_there() -> None:
    names = {name for rule in catalogue.load_catalogue() for name in (rule.id, rule.slug, rule.id[:3])}
    for rule in catalogue.load_catalogue():
        for one in rule.under:
            assert set(one.rules) <= names | {"all"}
