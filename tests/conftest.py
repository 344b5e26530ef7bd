"""Golden files: `pytest --bless` rewrites those that differ, and then fails with the list of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.golden import Golden

GOLDENS = Path(__file__).parent / "data"

_BLESSED = pytest.StashKey[list[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--bless", action="store_true", help="rewrite the golden files that differ")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_BLESSED] = []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    blessed = config.stash[_BLESSED]
    if blessed:
        terminalreporter.section("golden files rewritten: read them before you commit them")
        for path in blessed:
            terminalreporter.line(path)


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """Compares a text with the file of a name below `tests/data`."""

    def compare(name: str, actual: str) -> None:
        path = GOLDENS / name
        stored = path.read_text(encoding="utf-8") if path.exists() else ""
        if actual == stored and path.exists():
            return
        if not request.config.getoption("--bless"):
            assert stored == actual, f"{name} differs; `pytest --bless` rewrites it"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(actual, encoding="utf-8", newline="\n")
        request.config.stash[_BLESSED].append(str(path))
        pytest.fail(f"{name} was rewritten", pytrace=False)

    return compare


SLOW_FOLDERS = ("tests/seeds/", "tests/oracles/", "tests/robustness/")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Whole tables of searches, and what needs SPIN, are asked for with `-m slow`."""
    root = config.rootpath
    for item in items:
        where = item.path.relative_to(root).as_posix() if item.path.is_relative_to(root) else ""
        if where.startswith(SLOW_FOLDERS):
            item.add_marker(pytest.mark.slow)
