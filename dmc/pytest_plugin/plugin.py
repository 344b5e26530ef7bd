"""The plugin: options, the hook that collects models, the fixtures.

It does nothing to a project that does not ask: models are collected with `--dmc`, where a `[pytest]` table of
the configuration names them, or where the command line does. Nothing of the checker is imported before that.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from dmc.pytest_plugin.checked import Checked

SUFFIX = ".dmc"
PATTERNS = pytest.StashKey[tuple[str, ...]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--dmc`."""
    group = parser.getgroup("dmc", "models of Erlang drivers")
    group.addoption(
        "--dmc",
        action="store_true",
        default=False,
        help="collect every .dmc file that has expectations: one test for each property in each run",
    )


def pytest_configure(config: pytest.Config) -> None:
    """The marker of collected models, so that `-m dmc` and `-m 'not dmc'` select them."""
    config.addinivalue_line("markers", "dmc: a property of a model of an Erlang driver, in one run")
    config.stash[PATTERNS] = _patterns(config)


def _patterns(config: pytest.Config) -> tuple[str, ...]:
    """The files that the configuration names; without any such file nothing of dmc is imported."""
    here = config.rootpath
    if not any((directory / "dmc.toml").is_file() for directory in (here, *here.parents)):
        project = here / "pyproject.toml"
        if not project.is_file() or "[tool.dmc" not in project.read_text(encoding="utf-8", errors="replace"):
            return ()
    from dmc.base.exceptions import UsageError
    from dmc.cli.configuration import configuration
    from dmc.cli.main import COMMANDS

    try:
        return configuration(here, COMMANDS).pytest_files
    except UsageError as error:
        raise pytest.UsageError(str(error)) from error


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """A model, if models are asked for and it expects something."""
    if file_path.suffix != SUFFIX or not _is_asked_for(file_path, parent):
        return None
    from dmc.pytest_plugin.collecting import ModelFile

    return ModelFile.from_parent(parent, path=file_path)


def _is_asked_for(path: Path, parent: pytest.Collector) -> bool:
    config = parent.config
    if config.getoption("--dmc"):
        return True
    if path.is_relative_to(config.rootpath):
        below = path.relative_to(config.rootpath)
        if any(below.match(pattern) for pattern in config.stash[PATTERNS]):
            return True
    return parent.session.isinitpath(path)


@pytest.fixture
def dmc_model(tmp_path: Path) -> Callable[..., Path]:
    """Writes a model into the test's own folder: `dmc_model(text)` is its path."""

    def write(text: str, name: str = "model.dmc") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def dmc_check(request: pytest.FixtureRequest) -> Callable[..., Checked]:
    """Checks a model, with the options of `dmc check` as keywords: `dmc_check("a.dmc", runtime="otp23")`.

    A relative path is looked for beside the test, then below the root of the project.
    """
    from dmc.pytest_plugin.checked import check

    folders = (request.path.parent, request.config.rootpath)

    def run(model: str | Path, **options: object) -> Checked:
        path = next((f / model for f in folders if (f / model).exists()), Path(model))
        return check(path, options)

    return run
