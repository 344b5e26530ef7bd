"""Options that several commands share, and what they come to: a request to the pipeline."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any, TypeVar

import click

from dmc.base.exceptions import UsageError
from dmc.cli.values import Count, Numbers, OneOf, ReportTo, Seconds, Setting, Size, SomeOf

if TYPE_CHECKING:
    from dmc.pipeline import Request

FORMATS = ("text", "json", "junit", "sarif", "github", "github-summary", "mermaid", "itf", "erlang")
"""The names of `dmc.reporters.registry`, which is not imported for a command line's sake."""

ENGINES = ("auto", "reference", "compiled", "symbolic")
MOST_THREADS = 64

_Command = TypeVar("_Command", bound=Callable[..., Any])
_Decorator = Callable[[Any], Any]

_MODEL = (
    click.option(
        "--scenario",
        metavar="NAME",
        help="Run only this scenario; without it, all scenarios of the file are run.",
    ),
    click.option(
        "--runtime",
        metavar="RUNTIMES",
        help="Run on these runtimes instead of the model's own: presets, releases or ranges, such as"
        " otp23, R12B..otp17 or r12smp,r13smp.",
    ),
    click.option(
        "--locking",
        type=SomeOf(("port", "driver")),
        metavar="port,driver",
        help="Run with port locking, driver locking or both instead of what the driver asks for.",
    ),
    click.option(
        "--async-threads",
        type=Numbers(0, MOST_THREADS),
        metavar="NUMBERS",
        help="Run with pools of these sizes, such as 1,2 or 0..3; 0 is a runtime without a pool.",
    ),
    click.option(
        "--schedulers",
        type=Numbers(1, MOST_THREADS),
        metavar="NUMBERS",
        help="Run with these numbers of schedulers, such as 1,2 or 1..3.",
    ),
    click.option(
        "--axis",
        "axes",
        type=Setting(),
        metavar="NAME=VALUES",
        multiple=True,
        help="Run only these values of one of the model's own axes, such as fixed=true; may be repeated.",
    ),
)
_SEARCH = (
    click.option(
        "--property",
        "properties",
        metavar="ID",
        multiple=True,
        help="Check only this property, by id or name; may be repeated, and takes a list with commas.",
    ),
    click.option(
        "--engine",
        type=OneOf(ENGINES),
        default="auto",
        show_default=True,
        metavar="|".join(ENGINES),
        help="Search with this engine; all of them give the same verdicts.",
    ),
    click.option(
        "--reduce",
        "reductions",
        metavar="NAMES|none",
        help="Use only these reductions, separated by commas, or none of them.",
    ),
    click.option(
        "--max-states",
        type=Count(),
        metavar="NUMBER",
        help="End a search after this many states, such as 500000 or 2M.",
    ),
    click.option(
        "--max-depth", type=Count(), metavar="NUMBER", help="End a search at this many steps from the start."
    ),
    click.option(
        "--max-seconds",
        type=Seconds(),
        metavar="SECONDS",
        help="End a search after this time; its counts then differ from one time to the next.",
    ),
    click.option(
        "--max-memory",
        type=Size(),
        metavar="SIZE",
        help="End a search that needs more memory than this, such as 500M or 4GiB.",
    ),
)
_REPORT = (
    click.option(
        "--format",
        "format_",
        type=OneOf(FORMATS),
        default="text",
        show_default=True,
        metavar="|".join(FORMATS),
        help="Print the report in this format on standard output.",
    ),
    click.option(
        "--report",
        "reports",
        type=ReportTo(FORMATS),
        metavar="FORMAT=PATH",
        multiple=True,
        help="Write the report to a file as well, in one step; may be repeated.",
    ),
    click.option(
        "--no-color",
        is_flag=True,
        help="Print without colours, as with NO_COLOR in the environment or output that is no terminal.",
    ),
    click.option(
        "--ledger",
        is_flag=True,
        help="Show at each step of a trace what it changes in the ledger: what there is, and what it owes.",
    ),
    click.option("--verbose", "-v", is_flag=True, help="Show every trace, every run by name, and times."),
)
_AS_FOUND = (
    click.option(
        "--as-found",
        is_flag=True,
        help="Show runs as the search found them, and do not make them shorter.",
    ),
)
_STRICT = (
    click.option(
        "--strict",
        is_flag=True,
        help="Exit with 3 if anything was cut or vacuous; a fault that was expected is no cut.",
    ),
)
_JOBS = (
    click.option(
        "--jobs",
        type=click.IntRange(min=1),
        metavar="NUMBER",
        help="Search so many runs at a time, each in its own process; the answer is the same.",
    ),
)
_PROVE = (
    click.option(
        "--prove",
        is_flag=True,
        help="Look for a proof for all values and any number of steps as well, of models with large choices.",
    ),
    click.option(
        "--prove-seconds",
        type=Seconds(),
        default="60",
        show_default=True,
        metavar="SECONDS",
        help="Give up on such a proof after this time in each run.",
    ),
)
_COST = (click.option("--cost", is_flag=True, help="Show which points and variables the states come from."),)


@dataclass(frozen=True)
class ReportOptions:
    """Where the report goes and how it looks there."""

    format: str
    reports: tuple[tuple[str, str], ...]
    colour: bool
    verbose: bool
    cost: bool
    width: int
    ledger: bool = False


def model_options(command: _Command) -> _Command:
    """What is run."""
    return _with(_MODEL, command)


def search_options(command: _Command) -> _Command:
    """What is run, and how it is searched."""
    return _with((*_MODEL, *_SEARCH, *_AS_FOUND, *_STRICT, *_JOBS), command)


def report_options(command: _Command) -> _Command:
    """How the answer is shown."""
    return _with(_REPORT, command)


def cost_option(command: _Command) -> _Command:
    """Whether to show where the states are."""
    return _with(_COST, command)


def prove_options(command: _Command) -> _Command:
    """Whether to look for proofs for all values."""
    return _with(_PROVE, command)


def processors() -> int:
    """How many processes can really run at a time."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1


def request_from(paths: Sequence[str], given: Mapping[str, Any], jobs: int = 1) -> Request:
    """The request that the options of a command line come to; `jobs` is the command's default."""
    from dmc.ir.outcome import Limits
    from dmc.pipeline import Request

    return Request(
        paths=tuple(paths),
        runtimes=_spaceless(given.get("runtime"), "--runtime"),
        locking=given.get("locking"),
        async_threads=given.get("async_threads"),
        schedulers=given.get("schedulers"),
        axes=_axes(given.get("axes", ())),
        engine=given.get("engine", "auto"),
        reductions=_reductions(given.get("reductions")),
        limits=Limits(
            states=given.get("max_states"),
            depth=given.get("max_depth"),
            seconds=given.get("max_seconds"),
            memory=given.get("max_memory"),
        ),
        properties=tuple(_words(given.get("properties", ()), "--property")),
        strict=bool(given.get("strict", False)),
        scenario=given.get("scenario"),
        cost=bool(given.get("cost", False)),
        jobs=given.get("jobs") or jobs,
        shorten=not given.get("as_found", False),
        prove=bool(given.get("prove", False)),
        **({"prove_seconds": given["prove_seconds"]} if given.get("prove_seconds") else {}),
    )


def report_options_from(given: Mapping[str, Any]) -> ReportOptions:
    """How the report of this command line is to look."""
    return ReportOptions(
        format=given["format_"],
        reports=tuple(given["reports"]),
        colour=wants_colour(given["no_color"]),
        verbose=given["verbose"],
        cost=bool(given.get("cost", False)),
        width=terminal_width(),
        ledger=bool(given.get("ledger", False)),
    )


def wants_colour(refused: bool) -> bool:
    """Whether standard output is a terminal that shows colours, and nobody has refused them."""
    environment = os.environ
    plain = refused or environment.get("NO_COLOR") or environment.get("TERM") == "dumb"
    return not plain and sys.stdout.isatty()


def terminal_width() -> int:
    """The width of the terminal within reason; 80 where there is none, so that a file is always the same."""
    if not sys.stdout.isatty():
        return 80
    import shutil

    return min(shutil.get_terminal_size().columns, 120)


def _with(options: Iterable[_Decorator], command: _Command) -> _Command:
    decorated: _Command = reduce(lambda inner, option: option(inner), reversed(list(options)), command)
    return decorated


def _spaceless(text: str | None, option: str) -> str | None:
    if text is None:
        return None
    stripped = "".join(text.split())
    if not stripped.strip(","):
        raise UsageError(f"{option} needs a value")
    return stripped


def _axes(settings: Iterable[tuple[str, str]]) -> dict[str, str]:
    axes: dict[str, str] = {}
    for name, value in settings:
        if name in axes:
            raise UsageError(f"--axis {name} is given twice; a list is written {name}={axes[name]},{value}")
        axes[name] = value
    return axes


def _reductions(text: str | None) -> tuple[str, ...] | None:
    if text is None:
        return None
    names = tuple(_words((text,), "--reduce"))
    if "none" in names and len(names) > 1:
        raise UsageError("--reduce takes names or `none`, not both")
    return () if names == ("none",) else names


def _words(texts: Iterable[str], option: str) -> list[str]:
    words = [word.strip() for text in texts for word in text.split(",")]
    if not all(words):
        raise UsageError(f"{option} has an empty name in its list")
    return list(dict.fromkeys(words))
