"""What the fixture `dmc_check` gives: verdicts by name, and the report as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dmc.base.exceptions import UsageError
from dmc.base.source import SourceFile
from dmc.results.report import PropertyResult, Report, Run

_TABLE = ("runtime", "locking", "async_threads", "schedulers", "scenario", "engine")


@dataclass(frozen=True)
class Checked:
    """A report. In an assertion that fails, `text` is worth printing."""

    report: Report
    sources: Mapping[str, SourceFile]

    @property
    def exit(self) -> int:
        """The exit code that `dmc check` would have."""
        return self.report.exit

    @property
    def text(self) -> str:
        """What `dmc check` would print."""
        from dmc.reporters.text import render

        return render(self.report, self.sources, 80, False, False, False)

    def results(self, identifier: str, **where: object) -> list[tuple[Run, PropertyResult]]:
        """A property, by id or name, in the runs with these values: `runtime="otp23"`, `fixed="true"`."""
        wanted = {name: str(value) for name, value in where.items()}
        return [
            (run, result)
            for run in self.report.runs
            if all(str(run.axes.get(name, getattr(run, name, None))) == v for name, v in wanted.items())
            for result in run.properties
            if identifier in (result.id, result.name)
        ]

    def verdict(self, identifier: str, **where: object) -> str:
        """The one verdict of a property in the runs that are meant; an error if there are several or none."""
        found = sorted({result.verdict.value for _, result in self.results(identifier, **where)})
        if len(found) != 1:
            raise AssertionError(f"{identifier} has {' and '.join(found) or 'no verdict'}\n{self.text}")
        return found[0]

    def violated(self, **where: object) -> set[str]:
        """The ids of all properties that are violated in some of the runs that are meant."""
        ids = {result.id for run in self.report.runs for result in run.properties}
        return {i for i in ids for _, r in self.results(i, **where) if r.verdict.value == "violated"}


def check(path: Path, options: Mapping[str, object]) -> Checked:
    """Check one model; a model with errors fails the test with its diagnostics."""
    from dmc import pipeline

    known = (*_TABLE, "properties", "axes")
    unknown = [name for name in options if name not in known]
    if unknown:
        raise UsageError(f"dmc_check has no option {unknown[0]}: there are {', '.join(known)}")
    given = {name: _text(value) for name, value in options.items() if name in _TABLE}
    axes = options.get("axes") or {}
    properties = options.get("properties") or ()
    if not isinstance(axes, Mapping) or not isinstance(properties, str | Sequence):
        raise UsageError("dmc_check: axes is a dictionary, properties a name or a list of them")
    request = pipeline.Request(
        (str(path),),
        runtimes=given.get("runtime"),
        locking=given.get("locking"),
        async_threads=given.get("async_threads"),
        schedulers=given.get("schedulers"),
        scenario=given.get("scenario"),
        engine=given.get("engine", "auto"),
        axes={str(name): _text(value) for name, value in axes.items()},
        properties=(properties,) if isinstance(properties, str) else tuple(map(str, properties)),
    )
    return Checked(*pipeline.check(request))


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
